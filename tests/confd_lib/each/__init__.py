"""`each` and what else knows the results of a pass: observers, children, trees of tests."""
