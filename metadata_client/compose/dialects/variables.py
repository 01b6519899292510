"""`$VAR`, `${VAR:-default}` and the other forms of variables that the Compose Specification has.

Works on strings that were already parsed from YAML. Knows nothing of what an option means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from metadata_client.compose.source import substituted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metadata_client.compose.source import Place

_DOLLAR: Final = re.compile(r"\$(?:(?P<dollar>\$)|(?P<bare>[A-Za-z_][A-Za-z0-9_]*)|(?P<open>\{)|)")
_NAME: Final = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<operator>:?[-+?])?")


@dataclass(frozen=True, slots=True)
class Variables:
    """The substitution of variables in one document.

    Attributes:
        env: the variables.
    """

    env: Mapping[str, str]

    def apply(self, place: Place, value: object) -> object:
        """Return `value` with the variables in its strings substituted, but not in keys of maps.

        A variable that is not set is blank, with a warning.

        Args:
            place: the place of the value.
            value: the value that was read from YAML.

        Raises:
            ComposeError: a `$` begins no variable, or one that must be set is not.
        """
        return substituted(place, value, self._text)

    def _text(self, place: Place, text: str) -> str:
        made, at = list[str](), 0
        for match in _DOLLAR.finditer(text):
            if match.start() < at:  # inside braces that were read already
                continue
            made.append(text[at : match.start()])
            at = match.end()
            if match["dollar"]:
                made.append("$")
            elif match["bare"]:
                made.append(self._value(place, match["bare"]))
            elif match["open"]:
                end = _closing(text, at)
                inside = _NAME.match(text, at, end) if end else None
                if inside is None or (inside.end() < end and not inside["operator"]):
                    raise _invalid(place, text)
                made.append(self._braced(place, inside, text[inside.end() : end]))
                at = end + 1
            else:
                raise _invalid(place, text)
        return "".join([*made, text[at:]])

    def _braced(self, place: Place, inside: re.Match[str], rest: str) -> str:
        name, operator = inside["name"], inside["operator"] or ""
        value = self.env.get(name)
        # With a colon, an empty value counts as if it were not set.
        is_set = bool(value) if operator.startswith(":") else value is not None
        kind = operator[-1:]
        if kind == "+":
            return self._text(place, rest) if is_set else ""
        if is_set or (not kind and value is not None):
            return value or ""
        if kind == "-":
            return self._text(place, rest)
        if kind == "?":
            reason = self._text(place, rest) or "it must be set"
            raise place.fault(f"required variable {name} is missing a value: {reason}")
        return self._value(place, name)

    def _value(self, place: Place, name: str) -> str:
        if name not in self.env:
            place.warn_unset(name)
        return self.env.get(name, "")


def _closing(text: str, at: int) -> int:
    """Return the place of the brace that closes the one before `at`; 0 if none does."""
    depth = 1
    while at < len(text):
        if text.startswith("${", at):
            depth += 1
            at += 1
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at
        at += 1
    return 0


def _invalid(place: Place, text: str) -> Exception:
    return place.fault(f'invalid interpolation format: "{text}"; write $$ for a dollar sign')
