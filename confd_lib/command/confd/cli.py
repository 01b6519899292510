"""The entry point of `confd`: prints the version, the flags, and errors in flags.

Everything else is done by `confd_lib.command.confd.run`, which is not imported for those.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from confd_lib import escapes
from confd_lib.command import coercion, stdout
from confd_lib.command.settings import flags
from confd_lib.errors import ConfigError, DestinationError
from confd_lib.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence


def script(program: str | None = None) -> NoReturn:
    """Run the command as this process; the script `confd` calls it.

    Args:
        program: the name of the command, as it stands in log lines.
    """
    _take_signals()
    coercion.undo()
    sys.exit(main(program=program))


def _take_signals() -> None:
    """Handle signals while modules are imported.

    Python would print a traceback for SIGINT, and the kernel does not end process 1 by a signal
    without a handler. SIGHUP is ignored, since the first pass is still to come. A parent may have
    had SIGCHLD ignored, which is inherited: then no command would have an exit status.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: os._exit(128 + number))
    signal.signal(signal.SIGHUP, lambda *_: None)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _usage(program: str) -> str:
    from confd_lib.command.settings import usage  # noqa: PLC0415 - `--version` needs none of it

    return usage.usage(program)


def _show_version() -> int:
    try:
        stdout.write(f"confd {__version__} (confd-lib, by the rules of confd 0.16)\n")
    except DestinationError as error:
        if not stdout.is_unread(error):
            sys.stderr.write(f"{error}\n")
        return error.status
    return 0


def main(args: Sequence[str] | None = None, program: str | None = None) -> int:
    """Run the command.

    Args:
        args: the words after its name; None for those of this process.
        program: its name, as it stands in log lines.

    Returns:
        the exit status: 0 for success; 1 if something failed; 2 if the flags are wrong or, with
        `-diff-exit-code`, if files differed; 128 and the number of the signal that cut `-onetime`
        short.
    """
    stdout.reopen()
    program = program or sys.argv[0]
    try:
        given, words = flags.parse(sys.argv[1:] if args is None else args)
    except ConfigError as error:
        sys.stderr.write(f"{escapes.one_line(str(error))}\n{_usage(program)}")
        return 2
    if given is None:
        sys.stderr.write(_usage(program))
        return 0
    if given.get("version"):
        return _show_version()
    from confd_lib.command.confd import run as command  # noqa: PLC0415 - slow to import, and not needed above

    return command.run(given, words, program)
