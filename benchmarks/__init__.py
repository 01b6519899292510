"""What the packages cost, beside others that do the same; `__main__` says how to ask."""
