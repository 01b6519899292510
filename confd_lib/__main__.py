"""`python -m confd_lib` is the command `confd`."""

from confd_lib.command.cli import script

if __name__ == "__main__":
    script("confd")
