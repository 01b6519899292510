"""Rules of lint: a name, a severity, advice, and a function that yields faults.

Each theme has a file with a table of its rules. The module does not know how findings are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from confd_lib.lint.findings import Finding, Severity
from confd_lib.lint.fixes import Fix
from confd_lib.lint.subjects import Project, Subject


@dataclass(frozen=True, slots=True)
class Found:
    """A fault that a rule found.

    Attributes:
        path: the file.
        line: the line, from 1.
        message: the fault.
        advice: the way to fix it, if that depends on the value; empty for the advice of the rule.
        column: the column, from 1, in characters; 0 for the first that is no space.
        fix: the edit that removes the fault; None if it takes a decision.
    """

    path: str
    line: int
    message: str
    advice: str = ""
    column: int = 0
    fix: Fix | None = None


Check = Callable[[Subject, Project], Iterator[Found]]
FolderCheck = Callable[[Project], Iterator[Found]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        name: its name, in findings and in comments that silence it.
        severity: the severity of its findings.
        advice: the way to fix a finding.
        check: yields the faults of one resource and its template.
        folder_check: yields the faults of the confd folder as a whole.
    """

    name: str
    severity: Severity
    advice: str
    check: Check | None = None
    folder_check: FolderCheck | None = None

    def findings(self, project: Project) -> Iterator[Finding]:
        """Yield the findings of the rule in a confd folder."""
        for one in self._found(project):
            advice = one.advice or self.advice
            place = (one.path, one.line, self.name, self.severity)
            yield Finding(*place, one.message, advice, one.column, one.fix)

    def _found(self, project: Project) -> Iterator[Found]:
        if self.folder_check:
            yield from self.folder_check(project)
        for subject in project.subjects if self.check else ():
            yield from self.check(subject, project)  # type: ignore[misc]  # tested above
