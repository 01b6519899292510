"""Findings of lint as data.

The module does not know rules, nor how findings are shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confd_lib.lint.fixes import Fix


class Severity(StrEnum):
    """The severity of a finding."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A fault in a line.

    Attributes:
        path: the file.
        line: the line, from 1.
        rule: the name of the rule.
        severity: how bad it is.
        message: the fault.
        advice: the way to fix it.
        column: the column, from 1, in characters.
        fix: the edit that removes the fault; None if it takes a decision.
    """

    path: str
    line: int
    rule: str
    severity: Severity
    message: str
    advice: str
    column: int = 1
    fix: Fix | None = field(default=None, compare=False)
