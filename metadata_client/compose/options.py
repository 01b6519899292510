"""One option of a service, read as the type that rancher-compose requires.

Each method returns a value, or raises the error of go-yaml or rancher-compose with the place. Knows
the types of options, not their names.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import gotmpl

from .convert import converted, scalar_text
from .service import Port

if TYPE_CHECKING:
    from collections.abc import Container

    from .errors import ComposeError
    from .source import Place

_TAGS: Final[tuple[tuple[type, str], ...]] = (
    (bool, "bool"),
    (int, "int"),
    (float, "float"),
    (str, "str"),
    (list, "seq"),
    (dict, "map"),
)
# Go: yaml.v2 decode.go terror cuts longer scalars
_SHOWN: Final = 10

_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_PORT: Final = re.compile(
    r"(?:(?:(?P<ip>\d+(?:\.\d+){3}):)?(?P<public>\d{0,5}):)?(?P<private>\d{1,5})(?:/(?P<protocol>tcp|udp))?",
    re.ASCII,
)
_LAST_PORT: Final = 65535
_INT64: Final = 1 << 63
_LONGEST: Final = 1000  # well below the 4 300 digits that Python refuses to read


@dataclass(frozen=True, slots=True)
class Option:
    """The interpolated value of an option, and its place.

    Attributes:
        place: its place; for an option that is not given, the place where it would be.
        value: the value; None for an option that is not given.
    """

    place: Place
    value: object = None

    def within(self, name: str) -> Option:
        """Return a value of a map by its key; one without a value if there is no such key."""
        held = self.value.get(name) if isinstance(self.value, dict) else None
        return Option(self.place.at(name), held)

    def text(self) -> str | None:
        """Return a scalar as text; None if the option is not given."""
        if isinstance(self.value, list | dict):
            raise self.mismatch("string")
        return None if self.value is None else scalar_text(self.value)

    def integer(self) -> int:
        """Return a number, also from a string; 0 if the option is not given.  Go: StringorInt."""
        if isinstance(self.value, list | dict):
            raise self.place.fault("Failed to unmarshal Stringorint")
        text = self.text() or "0"
        if not _INTEGER.fullmatch(text):
            raise self._no_number(text, "invalid syntax")
        number = int(text) if len(text) <= _LONGEST else _INT64
        if not -_INT64 <= number < _INT64:
            raise self._no_number(text, "value out of range")
        return number

    def _no_number(self, text: str, reason: str) -> ComposeError:
        return self.place.fault(f"strconv.ParseInt: parsing {gotmpl.quote(text)}: {reason}")

    def items(self) -> list[Option]:
        """Return the elements of a list; a scalar is a list of one.  Go: Stringorslice."""
        if isinstance(self.value, dict):
            raise self.mismatch("[]string")
        if isinstance(self.value, list):
            return [Option(self.place.at(i), item) for i, item in enumerate(self.value)]
        return [] if self.value is None else [self]

    def texts(self) -> tuple[str, ...]:
        """Return the elements of a list of strings."""
        return tuple(item.text() or "" for item in self.items())

    def pairs(self) -> dict[str, str]:
        """Return the pairs of a map, or of a list of `name=value`.  Go: SliceorMap."""
        if isinstance(self.value, dict):
            named = ((scalar_text(key), item) for key, item in self.value.items())
            return {key: Option(self.place.at(key), item).text() or "" for key, item in named}
        split = (text.partition("=") for text in self.texts())
        return {name.strip(): value.strip() for name, _, value in split}

    def mapping(self) -> dict[str, object] | None:
        """Return a map as the metadata service will hold it; None if the option is not given."""
        if self.value is None:
            return None
        if not isinstance(self.value, dict):
            raise self.mismatch("map[string]interface {}")
        try:
            held = converted(self.value)
        except ValueError as error:
            raise self.place.fault(str(error)) from error
        return held if isinstance(held, dict) else {}

    def record(self, numbers: Container[str]) -> dict[str, object] | None:
        """Return a map as `mapping` does, in which the fields named by `numbers` are numbers.

        Also in the maps in it.  Go: TryConvertStringsToInts, then the fields of a struct.
        """
        held = self.mapping()
        if held is None:
            return None
        return {
            name: Option(self.place.at(name), value)._field(name, numbers)
            for name, value in held.items()
        }

    def _field(self, name: str, numbers: Container[str]) -> object:
        if name in numbers:
            return self.number()
        return self.record(numbers) if isinstance(self.value, dict) else self.value

    def number(self) -> int | None:
        """Return a whole number, also from a string; None if the option is not given."""
        value = self.value
        if isinstance(value, str) and _INTEGER.fullmatch(value) and len(value) <= _LONGEST:
            value = int(value)
        if isinstance(value, float) and math.isfinite(value):
            value = int(value)  # Go: decode.go scalar takes a float for an int64
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not -_INT64 <= value < _INT64:
            raise self.fault(f"cannot unmarshal {_shown(self.value)} into int64")
        return value

    def port(self) -> Port:
        """Return a port, written `[[IP:]PUBLIC:]PRIVATE[/PROTOCOL]`."""
        text = self.text() or ""
        match = _PORT.fullmatch(text)
        if not match or int(match["private"]) > _LAST_PORT:
            raise self.place.fault(f"Invalid containerPort: {text}")
        public = match["public"]
        if public and int(public) > _LAST_PORT:
            raise self.place.fault(f"Invalid hostPort: {public}")
        return Port(
            private=int(match["private"]),
            public=int(public) if public else None,
            ip=match["ip"] or "",
            protocol=match["protocol"] or "",
        )

    def fault(self, reason: str) -> ComposeError:
        """Return the error that gives `reason`, and the value as it is written with variables."""
        written = self.place.written()
        return self.place.fault(f"{reason} (written {written})" if "$" in written else reason)

    def mismatch(self, wanted: str) -> ComposeError:
        """Return the error that go-yaml gives for a value of the wrong type."""
        return self.place.fault(f"cannot unmarshal {_shown(self.value)} into {wanted}")


def _shown(value: object) -> str:
    tag = next((name for kind, name in _TAGS if isinstance(value, kind)), "null")
    if isinstance(value, list | dict):
        return f"!!{tag}"
    text = scalar_text(value)
    return f"!!{tag} `{f'{text[:7]}...' if len(text) > _SHOWN else text}`"
