"""Trials: each mutant with the tests that could notice it.

The module does not know how tests are run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import gotmpl
from confd_lib.confdir import templates
from confd_lib.errors import TemplateFileError
from confd_lib.golang.strings import to_bytes
from confd_lib.mutation.mutants import Mutant, mutants
from confd_lib.testing.coverage.recording import Record, Recorder


@dataclass(frozen=True, slots=True)
class Baseline:
    """A run of the tests without a mutant.

    Attributes:
        recorder: which test passed which places.
        readers: by the path of a template, the ids of the tests that read its file.
        seconds: the time of each test, by its id, in the order of the tests.
    """

    recorder: Recorder
    readers: Mapping[str, list[str]]
    seconds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant of a template, and the tests that could notice it.

    Attributes:
        path: the file of the template.
        data: its content with the fault; empty if the template cannot be parsed.
        tests: the ids of the tests; those that pass the place come first.
        facts: what a report says: `file`, `line`, `what`, `before`, `after` and `tests`, the number
            of tests that pass the place.
    """

    path: Path
    data: bytes
    tests: tuple[str, ...]
    facts: Mapping[str, object]


def trials(baseline: Baseline) -> Iterator[Trial]:
    """Yield the trials of all templates; a template that cannot be parsed is one, without tests."""
    selection = baseline.recorder.selection
    for path in selection.files():
        record = baseline.recorder.of(path)
        try:
            text = templates.read_text(path)
            found = mutants(path, text, record)
        except (gotmpl.ParseError, TemplateFileError) as error:
            line = getattr(error, "line", 1)
            facts = {"file": str(path), "line": line, "what": str(error)}
            yield Trial(path, b"", (), facts)
            continue
        passed = record.tests()
        for mutant in found:
            reached = passed.get(mutant.place, ())
            tests = _tests(reached, path, record, baseline)
            changed = mutant.edit.apply(text)
            facts = {"tests": len(reached or tests), **_facts(path, text, changed, mutant)}
            yield Trial(path, to_bytes(changed), tests, facts)


def _tests(
    reached: tuple[str, ...], path: Path, record: Record, baseline: Baseline
) -> tuple[str, ...]:
    """Return the tests that could notice a mutant, the likely and quick ones first.

    Those that pass its place come first. What one of them renders may be kept for others of its
    file, in a fixture or a variable, so these follow. A test that reads the template by another way
    than the fixture `confd` passes places that no record has.
    """
    files = {test.partition("::")[0] for test in reached}
    beside = {test for test in baseline.seconds if test.partition("::")[0] in files}
    unrecorded = set(baseline.readers.get(str(path.resolve()), ())) - record.passed.keys()
    others = (beside | unrecorded) - set(reached)
    by_time = baseline.seconds.get
    return (
        *sorted(reached, key=lambda test: by_time(test, 0)),
        *sorted(others & baseline.seconds.keys(), key=lambda test: by_time(test, 0)),
    )


def _facts(path: Path, text: str, changed: str, mutant: Mutant) -> dict[str, object]:
    line = text.count("\n", 0, mutant.edit.span.start)
    before, after = (one.split("\n")[line].strip() for one in (text, changed))
    whole_lines = "\n" in mutant.edit.span.of(text)
    return {
        "file": str(path),
        "line": line + 1,
        "what": mutant.what,
        "before": before,
        # What is dropped with its lines is not worth a comment of line feeds.
        "after": "" if whole_lines else after,
    }
