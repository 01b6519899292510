"""Measure the packages beside others that do the same; `__main__` has the commands."""
