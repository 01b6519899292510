"""Generated code bound to functions and data, executed, its failures explained."""
