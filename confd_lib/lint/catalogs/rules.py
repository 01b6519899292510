"""The rules of lint for the entries of catalogs, and their run over a catalog.

The module does not know how findings are shown, nor the command line.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Final

import gotmpl
from confd_lib import regular
from confd_lib.golang.strings import from_bytes
from confd_lib.lint.catalogs.uses import Uses, uses
from confd_lib.lint.findings import Finding, Severity
from confd_lib.lint.linting import silenced
from confd_lib.lint.rules.rule import Found, Rule
from metadata_client import compose


@dataclass(frozen=True, slots=True)
class Subject:
    """A version of an entry.

    Attributes:
        version: the version.
        rancher: its `rancher-compose.yml`; None without that file.
        uses: by file, the variables that it uses outside the catalog section.
    """

    version: compose.Version
    rancher: str | None
    uses: dict[str, Uses]

    @property
    def is_deployed(self) -> bool:
        """Whether it has a docker-compose file, and so can be a stack."""
        return any(path != self.rancher for path in self.uses)


Check = Callable[[Subject], Iterator[Found]]


def lint_catalog(path: str | PathLike[str]) -> list[Finding]:
    """Find faults in the entries of a catalog: in their questions, and in the files that use them.

    A comment `lint: ignore RULE` on a line silences a rule there.

    Args:
        path: the catalog; or one of its folders of entries, or an entry.

    Returns:
        the findings, sorted by file and line.

    Raises:
        metadata_client.MetadataError: there is no such folder, or no entry in it.

    >>> lint_catalog("examples/catalog")
    []
    """
    entries = compose.Catalog(path).entries
    if not entries:
        raise compose.ComposeError("there is no entry: no folder with versions", path=str(path))
    found = [one for entry in entries for one in _of_entry(entry)]
    return sorted(set(found), key=lambda one: (one.path, one.line, one.column, one.rule))


def _of_entry(entry: compose.Entry) -> Iterator[Finding]:
    for folder, error in entry.errors.items():
        where = (error.path or str(entry.path / folder), error.line or 1)
        yield _finding(_BAD_SECTION, Found(*where, error.reason))
    for version in entry.versions:
        subject = _subject(version)
        for rule, check in _CHECKS:
            for found in check(subject):
                if rule.name not in silenced(_lines(found.path), found.line):
                    yield _finding(rule, found)


def _finding(rule: Rule, found: Found) -> Finding:
    lines = _lines(found.path)
    text = lines[found.line - 1] if found.line <= len(lines) else ""
    column = len(text) - len(text.lstrip()) + 1
    advice = found.advice or rule.advice
    place = (found.path, found.line, rule.name, rule.severity)
    return Finding(*place, found.message, advice, column)


def _lines(path: str) -> list[str]:
    try:
        return from_bytes(regular.read_file(Path(path))).split("\n")
    except OSError:
        return []


def _subject(version: compose.Version) -> Subject:
    files = compose.files_of(version.path)
    there = [str(path) for path in files if path.is_file()]
    docker = next((path for path in there if "docker-compose" in path.rpartition("/")[2]), None)
    rancher = next((path for path in there if "rancher-compose" in path.rpartition("/")[2]), None)
    texts = {path: "\n".join(_lines(path)) for path in (docker, rancher) if path}
    if rancher:
        texts[rancher] = _without_section(texts[rancher], version.section.line)
    return Subject(version, rancher, {path: uses(text) for path, text in texts.items()})


_BLANK: Final = re.compile(r"\s*(?:#.*)?")


def _without_section(text: str, line: int) -> str:
    """Return the text with the lines of the catalog section blank; it begins on a line."""
    lines = text.split("\n")
    if not line:
        return text
    indent = _indent(lines[line - 1])
    for at in range(line - 1, len(lines)):
        if at >= line and not _BLANK.fullmatch(lines[at]) and _indent(lines[at]) <= indent:
            break
        lines[at] = ""
    return "\n".join(lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


# -- Questions


def _unused(subject: Subject) -> Iterator[Found]:
    used = subject.uses.values()
    if not subject.is_deployed or any(one.is_whole for one in used):
        return
    names = {name for one in used for name in (*one.lines, *one.listed)}
    for question in subject.version.questions:
        if question.variable and question.variable not in names:
            message = f"no file uses the answer to {question.variable}"
            yield Found(question.path, question.line, message)


def _unasked(subject: Subject) -> Iterator[Found]:
    asked = {question.variable for question in subject.version.questions}
    for path, found in subject.uses.items():
        for name, line in found.lines.items():
            if name not in asked:
                yield Found(path, line, f"no question asks for {name}, which is blank")


def _twice(subject: Subject) -> Iterator[Found]:
    seen = set()
    for question in subject.version.questions:
        if question.variable in seen:
            message = f"{question.variable} is asked for twice, and the later default counts"
            yield Found(question.path, question.line, message)
        seen.add(question.variable)


def _defaults(subject: Subject) -> Iterator[Found]:
    for question in subject.version.questions:
        for doubt in compose.doubts(question, question.default) if question.default else ():
            yield Found(question.path, question.line, f"the default of {doubt.reason}")


# -- Scalars that YAML reads as something else


def _booleans(subject: Subject) -> Iterator[Found]:
    for one in compose.rewritten(subject.rancher) if subject.rancher else ():
        if one.became in ("true", "false"):
            yield Found(one.path, one.line, f"{one.field}: {one.written} becomes {one.became}")


def _numbers(subject: Subject) -> Iterator[Found]:
    for one in compose.rewritten(subject.rancher) if subject.rancher else ():
        if one.became not in ("true", "false"):
            yield Found(one.path, one.line, f"{one.field}: {one.written} becomes {one.became}")


# -- Deployment


def _error(subject: Subject) -> compose.ComposeError | None:
    """Return the error of a deployment with the defaults as answers."""
    if not subject.is_deployed:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            compose.load(subject.version)
        except compose.ComposeError as error:
            return error
    return None


def _bad_template(subject: Subject) -> Iterator[Found]:
    error = _error(subject)
    if error and isinstance(error.__cause__, gotmpl.TemplateError):
        yield Found(error.path, error.line, error.reason)


def _fails(subject: Subject) -> Iterator[Found]:
    error = _error(subject)
    if error and not isinstance(error.__cause__, gotmpl.TemplateError):
        yield Found(error.path, error.line or 1, f"with the defaults as answers: {error.reason}")


_BAD_SECTION: Final = Rule(
    "bad-catalog-section",
    Severity.ERROR,
    "give the catalog section a version, and each field a value of its type",
)
_QUOTE: Final = "put it in quotes to keep it as it is written"
_CHECKS: Final[tuple[tuple[Rule, Check], ...]] = (
    (
        Rule("unused-question", Severity.WARNING, "use the answer, or remove the question"),
        _unused,
    ),
    (
        Rule("no-question", Severity.WARNING, "ask for it, or write $$ for a dollar sign"),
        _unasked,
    ),
    (Rule("asked-twice", Severity.WARNING, "remove one of the questions"), _twice),
    (
        Rule("bad-default", Severity.WARNING, "choose a default that the question allows"),
        _defaults,
    ),
    (Rule("yaml-boolean", Severity.ERROR, _QUOTE), _booleans),
    (Rule("yaml-number", Severity.WARNING, _QUOTE), _numbers),
    (
        Rule(
            "bad-template",
            Severity.ERROR,
            "correct the template, or begin the text with # notemplating",
        ),
        _bad_template,
    ),
    (
        Rule("fails-with-defaults", Severity.WARNING, "give the questions defaults that deploy"),
        _fails,
    ),
)
RULES: Final = (_BAD_SECTION, *(rule for rule, _ in _CHECKS))
"""The rules of catalogs."""
