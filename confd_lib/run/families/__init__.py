"""The files of resources with `each`: which there are, and which were written."""
