"""The types of the expressions of a template, as far as they are known before it runs."""
