"""The command `gotmpl` as a module: `python -m gotmpl`."""

import sys

from gotmpl.command.cli import main

if __name__ == "__main__":
    sys.exit(main())
