"""Go as the judge of values: `main.go` answers questions, and `ours` the same with gotmpl."""
