"""The commands as data, and the scripts by which shells complete them."""
