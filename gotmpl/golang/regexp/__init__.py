"""Go's package `regexp`: RE2's syntax, translated to that of Python's `re`, and how it is applied.

Knows no templates.
"""
