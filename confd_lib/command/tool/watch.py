"""`confd-lib render --watch`: renders again after each save, and shows what that has changed.

Knows nothing of templates and values: it is given a function that renders.
"""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

from confd_lib import escapes
from confd_lib.command import stdout
from confd_lib.command.tool.following import POLL_S, Followed
from confd_lib.diffs import unified_diff
from confd_lib.tracing import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_COLOURS: Final = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}
_RESET: Final = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Render:
    """A render that succeeded.

    Attributes:
        number: how many renders there had been, this one included.
        text: its output.
    """

    number: int
    text: str


def run(
    render: Callable[[], str | None],
    files: Callable[[], Iterable[Path]],
    say: Callable[[str], None],
) -> int:
    """Render at once and after each save, until SIGINT or SIGTERM.

    The first output is printed as it is, and of each later one the difference from the last. After
    an error the last output stays the one to compare with.

    Args:
        render: returns the output; None after an error, which it has reported.
        files: returns the files to follow.
        say: prints a line about a render that has changed nothing.

    Returns:
        the exit status, 0.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _renders(render, Followed(files), say)
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)


def _renders(
    render: Callable[[], str | None], followed: Followed, say: Callable[[str], None]
) -> NoReturn:
    last: Render | None = None
    number = 1
    while True:
        last = _shown(last, number, render(), say)
        while not followed.have_changed():
            time.sleep(POLL_S)
        number += 1


def difference(old: Render, new: Render) -> str:
    r"""Return a unified diff of two renders; empty if they are the same.

    >>> print(difference(Render(1, "port 80\n"), Render(3, "port 81\n")), end="")
    --- render-1
    +++ render-3
    @@ -1 +1 @@
    -port 80
    +port 81
    """
    names = (f"render-{old.number}", f"render-{new.number}")
    return "".join(unified_diff(old.text, new.text, *names))


def _shown(
    last: Render | None, number: int, text: str | None, say: Callable[[str], None]
) -> Render | None:
    """Print what a render has changed, and return the render to compare the next one with."""
    if text is None:
        return last
    new = Render(number, text)
    if last is None:
        stdout.show(text if text.endswith("\n") else f"{text}\n")
        return new
    changed = difference(last, new)
    if changed:
        stdout.write(_for_stdout(changed))
    else:
        say(f"render {number} is the same as render {last.number}")
    return new


def _for_stdout(diff: str) -> str:
    if not sys.stdout.isatty():
        return diff
    safe = escapes.lines(diff)
    if not terminal.wants_colour(sys.stdout):
        return safe
    return "".join(map(_coloured, safe.splitlines(keepends=True)))


def _coloured(line: str) -> str:
    code, text = _COLOURS.get(line[0]), line.removesuffix("\n")
    return f"{code}{text}{_RESET}\n" if code else line
