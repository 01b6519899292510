"""One pass over the resources of a conf.d, and the loops that repeat it."""
