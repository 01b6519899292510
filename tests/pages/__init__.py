"""The pages of docs/: what they say is run, or held against the code."""
