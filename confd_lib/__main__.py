"""`python -m confd_lib` runs the command `confd`."""

from confd_lib.command.confd.cli import script

if __name__ == "__main__":
    script("confd")
