"""Tree to Python source: pure, runs nothing (in the place of Go: text/template/exec.go)."""
