"""The parser of flags that the commands share.

Knows no flags.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from gotmpl.command import stdout

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


class Parser(argparse.ArgumentParser):
    """A parser whose help and version are written as all other output is.

    Attributes:
        write: writes to standard output; `parse_args` raises what it raises.
    """

    write = staticmethod(stdout.write)

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        if file is sys.stdout:
            self.write(message)
        else:
            super()._print_message(message, file)
