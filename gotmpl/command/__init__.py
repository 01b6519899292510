"""The command `gotmpl`, which renders templates with values of files. Knows nothing of confd."""
