"""Literals and numbers as text, as Go reads and writes them (Go: strconv). Knows no values."""
