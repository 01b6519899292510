"""Text to tree: lexer, tokens, pipelines and blocks (Go: text/template/parse). Knows no values."""
