"""Findings of lint as data.

The module does not know rules, nor how findings are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    """

    path: str
    line: int
    rule: str
    severity: Severity
    message: str
    advice: str
    column: int = 1
