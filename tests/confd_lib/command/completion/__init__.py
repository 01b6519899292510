"""The completion of the commands, by the shells themselves."""
