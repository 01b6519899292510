"""What a rule is, and the table of all of them.

Each theme has its file; a rule is a row: its name, how bad it is, what to do, and a function that
yields what it finds. Knows nothing of how findings are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from confd_lib.lint.findings import Finding, Severity
from confd_lib.lint.subjects import Project, Subject


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule found.

    Attributes:
        path: the file.
        line: the line, from 1.
        message: what is wrong.
        advice: what to do about it, where that depends on the value; empty for the rule's advice.
    """

    path: str
    line: int
    message: str
    advice: str = ""


Check = Callable[[Subject, Project], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        name: its name, in findings and in comments that silence it.
        severity: how bad it is.
        advice: what to do about a finding.
        check: finds what breaks it, in one resource and its template.
    """

    name: str
    severity: Severity
    advice: str
    check: Check

    def findings(self, subject: Subject, project: Project) -> Iterator[Finding]:
        """Yield what breaks the rule in a resource."""
        for one in self.check(subject, project):
            advice = one.advice or self.advice
            yield Finding(one.path, one.line, self.name, self.severity, one.message, advice)
