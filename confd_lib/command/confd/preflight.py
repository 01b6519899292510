"""`confd -preflight`: prints what was checked before a run, and what is wrong.

Knows nothing of how a check is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confd_lib import escapes
from confd_lib.command import stdout

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def show(checks: Mapping[str, Sequence[str]]) -> int:
    """Print what was checked, a line each and one for each fault.

    Args:
        checks: the faults by what was checked.

    Returns:
        the exit status: 0 if nothing is wrong, else 1.
    """
    lines = [line for checked, faults in checks.items() for line in _lines(checked, faults)]
    stdout.write("".join(f"{escapes.one_line(line)}\n" for line in lines))
    return int(any(checks.values()))


def _lines(checked: str, faults: Sequence[str]) -> list[str]:
    return [f"FAULT  {checked}: {fault}" for fault in faults] or [f"ok     {checked}"]
