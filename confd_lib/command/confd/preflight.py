"""`confd -preflight`: prints what was checked before a run, and what is wrong.

Knows nothing of how a check is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confd_lib import escapes
from confd_lib.command import stdout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confd_lib.run.preflight import Check


def show(checks: Sequence[Check]) -> int:
    """Print checks, a line each and one for each fault.

    Returns:
        the exit status: 0 if nothing is wrong, else 1.
    """
    stdout.write("".join(f"{escapes.one_line(line)}\n" for one in checks for line in _lines(one)))
    return int(not all(one.is_good for one in checks))


def _lines(check: Check) -> list[str]:
    place = f"{check.about}: {check.question}"
    return (
        [f"ok     {place}"]
        if check.is_good
        else [f"FAULT  {place}: {fault}" for fault in check.faults]
    )
