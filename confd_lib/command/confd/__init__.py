"""The command `confd`: its flags, its loop, its signals, its end."""
