"""Failures of templates, explained: the place, the output before it, the values, near names."""
