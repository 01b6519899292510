"""The model of the preview: what is shown of a state of the address, without HTTP and pages."""
