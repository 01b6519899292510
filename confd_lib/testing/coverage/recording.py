"""The recorder of a test run: which test passed which places of which template.

The module does not know how templates are parsed, pytest or reports.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import gotmpl
from confd_lib.testing.coverage.selection import Selection

Mark: TypeAlias = tuple[str, str, int, str]
"""A place in a template: name of the template, kind of node, position, branch."""

# The test of what is rendered while tests are collected, or without pytest.
NO_TEST: Final = ""


def mark(visit: gotmpl.Visit) -> Mark:
    """Return the mark of a place."""
    return visit.tree.name, type(visit.node).__name__, visit.node.pos, visit.branch


@dataclass(slots=True)
class Record:
    """The places that executions of one file passed; an observer of these executions.

    Attributes:
        delims: the delimiters of its actions.
        functions: the names of the functions that it may call, beside those of Go.
        passed: the places that were passed, by the id of the test.
        now: the places of the test that runs.
    """

    delims: tuple[str, str] = ("{{", "}}")
    functions: set[str] = field(default_factory=set)
    passed: dict[str, set[Mark]] = field(default_factory=dict)
    now: set[Mark] = field(default_factory=set)

    def visit(self, visit: gotmpl.Visit) -> None:
        """Note that a place is passed."""
        self.now.add(mark(visit))

    def write(self, text: str) -> None:
        """Ignore what is written."""

    def tests(self) -> dict[Mark, tuple[str, ...]]:
        """Return the places that were passed, each with the tests that passed it."""
        found: dict[Mark, list[str]] = {}
        for test in sorted(self.passed):
            for one in self.passed[test]:
                found.setdefault(one, []).append(test)
        return {one: tuple(filter(None, tests)) for one, tests in found.items()}


class Recorder:
    """The records of the chosen files.

    Args:
        selection: the files.

    Attributes:
        test: the id of the test that runs.
        records: the records, by the path of the file without links.
    """

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.test = NO_TEST
        self.records: dict[str, Record] = {}

    def record(
        self, path: Path, delims: tuple[str, str], functions: Iterable[str] = ()
    ) -> Record | None:
        """Return the observer of a file for the test that runs; None if the file is not chosen.

        Args:
            path: the file.
            delims: the delimiters of its actions.
            functions: the names of the functions that it may call.
        """
        file = path.resolve()
        # A link counts where it stands, and where it leads to.
        link = path.parent.resolve() / path.name
        if file not in self.selection and link not in self.selection:
            return None
        record = self.records.setdefault(str(file), Record(delims))
        record.functions.update(functions)
        record.now = record.passed.setdefault(self.test, set())
        return record

    def of(self, path: Path) -> Record:
        """Return the record of a file; an empty one if it was never rendered."""
        return self.records.get(str(path.resolve()), Record())

    def dump(self) -> str:
        """Return all records as JSON, for another process."""
        return json.dumps(
            {
                path: {
                    "delims": one.delims,
                    "functions": sorted(one.functions),
                    "passed": {test: sorted(marks) for test, marks in one.passed.items()},
                }
                for path, one in self.records.items()
            }
        )

    def add(self, dumped: str) -> None:
        """Add the records that another process dumped."""
        for path, sent in json.loads(dumped).items():
            left, right = sent["delims"]
            record = self.records.setdefault(path, Record((left, right)))
            record.functions.update(sent["functions"])
            for test, marks in sent["passed"].items():
                record.passed.setdefault(test, set()).update(map(tuple, marks))
