"""Scalars of questions that YAML reads as another text than they are written as.

Knows the catalog section's place, not what its values are for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from metadata_client.compose.catalog.questions import find_section, text_of
from metadata_client.compose.options import Option
from metadata_client.compose.source import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

_FIELDS: Final = ("variable", "default")
_OPTIONS: Final = "options"
_VERSION: Final = "version"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A scalar without quotes that became another text.

    Attributes:
        path: the file.
        line: its line, from 1.
        field: the field that it is the value of.
        written: the scalar as it is written.
        became: the text that it became.
    """

    path: str
    line: int
    field: str
    written: str
    became: str


def rewritten(path: str | PathLike[str]) -> list[Rewritten]:
    """Return the names, defaults and options of questions that YAML made another text of.

    Args:
        path: a `rancher-compose.yml`.

    Raises:
        ComposeError: the file cannot be read, or is not YAML.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "rancher-compose.yml")
    ...     _ = file.write_text("catalog: {questions: [{variable: N, default: 0755}]}")
    ...     [(one.field, one.written, one.became) for one in rewritten(file)]
    [('variable', 'N', 'false'), ('default', '0755', '493')]
    """
    section = find_section(read(Path(path)))
    if section is None:
        return []
    return [*_changed(section, _VERSION), *_of_questions(section)]


def _of_questions(section: Option) -> Iterator[Rewritten]:
    for question in section.within("questions").items():
        for name in _FIELDS:
            yield from _changed(question, name)
        for option in question.within(_OPTIONS).items():
            yield from _of_scalar(option, _OPTIONS)


def _changed(option: Option, name: str) -> Iterator[Rewritten]:
    yield from _of_scalar(option.within(name), name)


def _of_scalar(option: Option, name: str) -> Iterator[Rewritten]:
    if option.value is None or isinstance(option.value, list | dict):
        return
    written, became = option.place.plain(), text_of(option)
    if written and written != became:
        place = option.place
        yield Rewritten(place.document.path, place.line(), name, written, became)
