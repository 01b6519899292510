"""The parts beside the loop of `confd`: its child process, its HTTP pages, and systemd."""
