"""`python -m confd_lib` is the command `confd`."""

import sys

from confd_lib.cli import main

if __name__ == "__main__":
    sys.exit(main(program="confd"))
