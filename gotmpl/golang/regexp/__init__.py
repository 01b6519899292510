"""Go's package `regexp`: expressions as Go checks and applies them, with RE2 to find the matches.

Knows no templates.
"""
