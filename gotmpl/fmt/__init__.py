"""Values as text (Go: fmt). Knows no templates."""
