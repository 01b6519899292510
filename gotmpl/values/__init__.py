"""How a Python value or function looks to Go: kind, fields, types (Go: reflect). Knows no trees."""
