"""The functions that every template has (Go: text/template/funcs.go). Knows no templates."""
