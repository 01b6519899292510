"""The metadata of stacks served, scaled and written, as rancher-metadata serves and reads them."""
