"""The rules: a file for each subject, each with a table."""
