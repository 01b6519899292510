"""The command `confd`: what was asked for, answered as cheaply as it can be.

Only the version and the list of flags are given here, and what cannot even be read; everything
else is `command`'s, which is not imported for those.
"""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING, Final, NoReturn

from confd_lib import __version__, escapes, flags
from confd_lib.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEW_OBJECTS: Final = 50_000


def script(program: str | None = None) -> NoReturn:
    """Be the process of the command: what the script `confd` calls.

    Modules, resources and templates stay, so garbage is looked for less often than after every 700
    new objects, and not once more on the way out: together a twentieth of a first pass.

    Args:
        program: the name of the command, as it stands in log lines.
    """
    gc.set_threshold(_NEW_OBJECTS)
    status = main(program=program)
    gc.freeze()
    sys.exit(status)


def main(args: Sequence[str] | None = None, program: str | None = None) -> int:
    """Run the command.

    Args:
        args: the words after its name; those of this process if there are none.
        program: its name, as it stands in log lines.

    Returns:
        the exit status: 0, 1 if something failed, 2 if the flags are wrong or, where that was asked
        for, if files differed.

    >>> main(["-version"])
    confd 0.1.0 (confd-lib, by the rules of confd 0.16)
    0
    """
    program = program or sys.argv[0]
    try:
        given, words = flags.parse(sys.argv[1:] if args is None else args)
    except ConfigError as error:
        sys.stderr.write(f"{escapes.one_line(str(error))}\n{flags.usage(program)}")
        return 2
    if given is None:
        sys.stderr.write(flags.usage(program))
        return 0
    if given.get("version"):
        print(f"confd {__version__} (confd-lib, by the rules of confd 0.16)")  # noqa: T201 - the answer
        return 0
    from confd_lib import command  # noqa: PLC0415 - dear to import, and not needed above

    return command.run(given, words, program)
