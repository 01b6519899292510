"""The command `confd-lib`: rendering, dumping and checking by hand and in CI."""
