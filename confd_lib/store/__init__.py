"""Makes keys of a tree of values, and answers the store functions of templates from them."""
