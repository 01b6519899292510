"""`confd-lib preview`: the flags, where values come from, and the loop that follows files."""
