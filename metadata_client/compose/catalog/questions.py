"""The catalog section of a `rancher-compose.yml`: names, versions and questions.

It is read from the text as it stands, before any template in it is expanded. Knows nothing of
answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from metadata_client import float32
from metadata_client.compose.dialects.readers import CATALOG_NAMES, EXECUTOR, is_version_2
from metadata_client.compose.options import Option
from metadata_client.compose.source import Document, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_INT64: Final = 1 << 63
_EXPONENTS: Final = range(-4, 6)  # of floats that Go writes without one


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of a catalog entry, whose answer is the value of a variable.

    Attributes:
        variable: the name of the variable.
        label: the name of the field that the user fills.
        description: a text beside it.
        type: `string`, `int`, `boolean`, `enum`, `multiline`, `password`, `service` and others;
            empty for a text.
        required: whether Rancher's page refuses an empty answer.
        default: the answer if there is no other.
        group: the name of a group of questions.
        options: the answers of an `enum`.
        min: the least number; 0 for no bound.
        max: the greatest number; 0 for no bound.
        min_length: the least number of characters; 0 for no bound.
        max_length: the greatest number of characters; 0 for no bound.
        valid_chars: the characters of an answer, as between the brackets of a regular expression.
        invalid_chars: the characters that no answer has, written likewise.
        path: the file in which it is asked.
        line: the line on which it begins, from 1.
    """

    variable: str = ""
    label: str = ""
    description: str = ""
    type: str = ""
    required: bool = False
    default: str = ""
    group: str = ""
    options: tuple[str, ...] = ()
    min: int = 0
    max: int = 0
    min_length: int = 0
    max_length: int = 0
    valid_chars: str = ""
    invalid_chars: str = ""
    path: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The catalog section of one version.

    Attributes:
        name: the name of the entry.
        version: the name of the version.
        description: a text about it.
        uuid: a uuid.
        minimum_rancher_version: the first version of Rancher that is offered it; empty for any.
        maximum_rancher_version: the last one; empty for any.
        upgrade_from: the range of versions that can be upgraded to this one; empty for any.
        labels: labels of the entry.
        questions: its questions, in their order.
        path: the file.
        line: the line on which the section begins; 0 for a file without one.
    """

    name: str = ""
    version: str = ""
    description: str = ""
    uuid: str = ""
    minimum_rancher_version: str = ""
    maximum_rancher_version: str = ""
    upgrade_from: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    path: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


def read_section(document: Document) -> Section:
    """Return the catalog section of a file.

    Raises:
        ComposeError: the file is not YAML, or something in the section is of the wrong type.

    >>> text = "catalog: {questions: [{variable: port, default: 0x50}]}"
    >>> (question,) = read_section(Document("rancher-compose.yml", text)).questions
    >>> question.variable, question.default
    ('port', '80')
    """
    found = find_section(document)
    if found is None:
        return Section(path=document.path)
    fields = _fields(found, "model.RancherCompose", _SECTION)
    questions = found.within("questions")
    if questions.value is not None and not isinstance(questions.value, list):
        raise questions.mismatch("[]model.Question")
    asked = tuple(_question(item) for item in questions.items())
    place = {"path": document.path, "line": found.place.line()}
    return Section(questions=asked, **fields, **place)  # type: ignore[arg-type]  # by the table


def find_section(document: Document) -> Option | None:
    """Return the catalog section of a file; None if it has no such section.

    Raises:
        ComposeError: the file is not YAML, or of a version that the executor does not read.
    """
    value, _ = document.values(warn=False)
    if value is None:
        return None
    top = Option(Place(document), value)
    EXECUTOR.check_version(top)
    services = top.within("services")
    inner = [services.within(CATALOG_NAMES[1])] if is_version_2(top) else []
    options = [*(top.within(name) for name in CATALOG_NAMES), *inner]
    return next((option for option in options if option.value is not None), None)


def _question(option: Option) -> Question:
    place = {"path": option.place.document.path, "line": option.place.line()}
    if option.value is None:
        return Question(**place)  # type: ignore[arg-type]  # a path and a line
    fields = _fields(option, "model.Question", _QUESTION)
    return Question(**fields, **place)  # type: ignore[arg-type]  # by the table


# -- Fields of the types that go-yaml reads


def _fields(
    option: Option, wanted: str, readers: Mapping[str, Callable[[Option], object]]
) -> dict[str, object]:
    if not isinstance(option.value, dict):
        raise option.mismatch(wanted)
    return {name: read(option.within(name)) for name, read in readers.items()}


def text_of(option: Option) -> str:
    """Return a scalar as go-yaml writes it; what is not given is empty.

    >>> top = Option(Place(Document("rancher-compose.yml", "")))
    >>> [text_of(Option(top.place, value)) for value in (True, 493, 1.10, 1e7, None)]
    ['true', '493', '1.1', '1e+07', '']
    """
    if isinstance(option.value, float):
        return _float_text(float32.shortest(option.value))
    return option.text() or ""


def _float_text(number: float) -> str:
    """Go: strconv.FormatFloat(number, 'g', -1, 32), and go-yaml's words for what is no number."""
    if not math.isfinite(number):
        return ".nan" if math.isnan(number) else ".inf" if number > 0 else "-.inf"
    digits, _, _ = f"{number!r}".lower().partition("e")
    count = len(digits.strip("-0.").replace(".", "")) or 1
    mantissa, _, exponent = f"{number:.{count - 1}e}".partition("e")
    if number == 0 or int(exponent) in _EXPONENTS:
        return f"{number:.{max(count - 1 - int(exponent), 0)}f}" if number else "0"
    return f"{mantissa}e{exponent}"


def _flag(option: Option) -> bool:
    if option.value is not None and not isinstance(option.value, bool):
        raise option.mismatch("bool")
    return bool(option.value)


def _whole(option: Option) -> int:
    value = option.value
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT64 <= value < _INT64:
        raise option.mismatch("int")
    return value


def _texts(option: Option) -> tuple[str, ...]:
    if option.value is not None and not isinstance(option.value, list):
        raise option.mismatch("[]string")
    return tuple(map(text_of, option.items()))


def _labels(option: Option) -> dict[str, str]:
    if option.value is None:
        return {}
    if not isinstance(option.value, dict):
        raise option.mismatch("map[string]string")
    return {str(name): text_of(option.within(str(name))) for name in option.value}


_SECTION: Final[Mapping[str, Callable[[Option], object]]] = {
    **dict.fromkeys(("name", "version", "description", "uuid", "upgrade_from"), text_of),
    **dict.fromkeys(("minimum_rancher_version", "maximum_rancher_version"), text_of),
    "labels": _labels,
}
_QUESTION: Final[Mapping[str, Callable[[Option], object]]] = {
    **dict.fromkeys(("variable", "label", "description", "type", "default", "group"), text_of),
    **dict.fromkeys(("valid_chars", "invalid_chars"), text_of),
    **dict.fromkeys(("min", "max", "min_length", "max_length"), _whole),
    "required": _flag,
    "options": _texts,
}
