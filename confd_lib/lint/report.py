"""Findings as text, as JSON, as annotations of GitHub, and as SARIF; rules as text.

The module knows no rule by name.
"""

from __future__ import annotations

import json
import os
import urllib.parse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Final

from confd_lib import escapes
from confd_lib.lint.examples import EXAMPLES, Example
from confd_lib.lint.findings import Finding, Severity
from confd_lib.lint.rules.rule import Rule
from confd_lib.version import __version__

_TARGET: Final = "0.16"
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_GITHUB: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}


def as_text(findings: Sequence[Finding]) -> str:
    """Return findings as text: two lines for each, and the totals.

    >>> one = Finding("a.toml", 3, "no-dest", Severity.ERROR, "there is no dest", "name it")
    >>> print(as_text([one]))
    a.toml:3:1: error: there is no dest [no-dest]
        name it
    1 error
    """
    lines = [line for one in findings for line in _lines(one)]
    return "\n".join([*map(escapes.one_line, lines), _sum(findings)])


def _lines(one: Finding) -> tuple[str, str]:
    place = f"{one.path}:{one.line}:{one.column}"
    return f"{place}: {one.severity}: {one.message} [{one.rule}]", f"    {one.advice}"


def _sum(findings: Sequence[Finding]) -> str:
    counts = {severity: sum(one.severity is severity for one in findings) for severity in Severity}
    parts = [
        f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items() if count
    ]
    return ", ".join(parts) or "nothing found"


def as_json(findings: Sequence[Finding]) -> str:
    """Return findings as JSON: a list of objects with the fields of `Finding`, but `fix`."""
    return json.dumps([_fields(one) for one in findings], indent=2)


def _fields(one: Finding) -> dict[str, object]:
    return {name: value for name, value in asdict(one).items() if name != "fix"}


def as_github(findings: Sequence[Finding]) -> str:
    """Return findings as commands of a GitHub workflow, which annotates the lines."""
    return "\n".join(
        f"::{_GITHUB[one.severity]} file={_property(one.path)},line={one.line},"
        f"col={one.column},"
        f"title={_property(one.rule)}::{_escaped(f'{one.message}: {one.advice}')}"
        for one in findings
    )


def as_sarif(findings: Sequence[Finding]) -> str:
    """Return findings as SARIF 2.1.0, which code scanners read; columns count characters."""
    advice = {one.rule: one.advice for one in findings}
    rules = [{"id": name, "help": {"text": text}} for name, text in sorted(advice.items())]
    driver = {"name": "confd-lib", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one) for one in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(one: Finding) -> dict[str, object]:
    place = {
        "artifactLocation": {"uri": _uri(one.path)},
        "region": {"startLine": one.line, "startColumn": one.column},
    }
    return {
        "ruleId": one.rule,
        "level": one.severity.value,
        "message": {"text": f"{one.message}: {one.advice}"},
        "locations": [{"physicalLocation": place}],
    }


def _uri(path: str) -> str:
    quoted = urllib.parse.quote(os.fsencode(os.path.normpath(path)))
    return f"file://{quoted}" if quoted.startswith("/") else quoted


def _escaped(text: str) -> str:
    return escapes.lines(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def rules_as_text(rules: Iterable[Rule]) -> str:
    """Return rules as text, each with an example of wrong and right."""
    return "\n\n".join(_rule(one, EXAMPLES[one.name]) for one in rules)


def _rule(one: Rule, example: Example) -> str:
    target = f", with --for {example.target}" if example.target != _TARGET else ""
    stack = ", with a stack that lacks the key" if example.has_stack else ""
    return "\n".join(
        (
            f"{one.name} ({one.severity}): {one.advice}",
            f"    {example.kind}{target}{stack}:",
            f"    wrong:  {_indented(example.wrong)}",
            f"    right:  {_indented(example.right)}",
        )
    )


def _indented(text: str) -> str:
    return text.replace("\n", f"\n{' ' * 12}")


FORMATS: Final[dict[str, Callable[[Sequence[Finding]], str]]] = {
    "github": as_github,
    "json": as_json,
    "sarif": as_sarif,
    "text": as_text,
}
