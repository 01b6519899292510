"""Findings: what lint has to say about a line, as data.

Knows nothing of rules or of how findings are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is; only errors make the command fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is wrong with a line.

    Attributes:
        path: the file.
        line: the line, from 1.
        rule: the name of the rule.
        severity: how bad it is.
        message: what is wrong.
        advice: what to do about it.
    """

    path: str
    line: int
    rule: str
    severity: Severity
    message: str
    advice: str
