"""The commands `confd` and `confd-lib`: flags, settings, signals, what is printed."""
