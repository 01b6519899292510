"""Prometheus' text format, version 0.0.4: families of samples as text.

Knows nothing of what is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class Sample:
    """One number.

    Attributes:
        value: the number.
        labels: what it is about.
        suffix: what follows the name of the family, as `_bucket` in a histogram.
    """

    value: float
    labels: Mapping[str, str]
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Family:
    """The samples of one name.

    Attributes:
        name: the name; that of a counter ends in `_total`.
        kind: `counter`, `gauge` or `histogram`.
        help: one line about it.
        samples: its samples, each with other labels.
    """

    name: str
    kind: str
    help: str
    samples: tuple[Sample, ...]


def single(name: str, kind: str, text: str, value: float) -> Family:
    """Return a family of one sample without labels."""
    return Family(name, kind, text, (Sample(value, {}),))


def text(families: Iterable[Family]) -> str:
    r"""Return families as text; those without samples are left out.

    >>> print(text([Family("ups_total", "counter", "Ups.", (Sample(2, {"of": 'a"b'}),))]), end="")
    # HELP ups_total Ups.
    # TYPE ups_total counter
    ups_total{of="a\"b"} 2
    """
    return "".join(line for family in families if family.samples for line in _lines(family))


def _lines(family: Family) -> Iterable[str]:
    yield f"# HELP {family.name} {family.help}\n"
    yield f"# TYPE {family.name} {family.kind}\n"
    for sample in family.samples:
        inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in sample.labels.items())
        labels = f"{{{inner}}}" if inner else ""
        yield f"{family.name}{sample.suffix}{labels} {sample.value!r}\n"


def _escaped(value: str) -> str:
    """Return a label's value as it is written; a byte of a path that is not UTF-8 is escaped."""
    return value.encode("utf-8", "backslashreplace").decode().translate(_ESCAPES)
