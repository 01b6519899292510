"""From a tree of values to keys, and from keys to the answers that templates get."""
