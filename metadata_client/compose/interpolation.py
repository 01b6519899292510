"""`$VAR` and `${VAR}` in compose files, as rancher-compose substitutes them.

Works on strings that were already parsed from YAML, so a value with quotes or newlines is safe, and
a number that came from a variable stays a string. Knows nothing of what an option means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .dialects.readers import RANCHER_COMPOSE, Reader
from .source import substituted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .source import Place

# The last alternative is empty, for any other dollar. That is an error, also at the very end of a
# string, where rancher-compose crashes.
_DOLLAR: Final = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<braced>[A-Za-z0-9_]+)\}|(?P<bare>[A-Za-z_][A-Za-z0-9_]*)|)"
)


@dataclass(frozen=True, slots=True)
class Interpolation:
    """The substitution of variables in one option of one service.

    Attributes:
        env: the variables.
        service: the name of the service, for messages.
        option: the name of the option, for messages.
        reader: the program whose words messages have.
    """

    env: Mapping[str, str]
    service: str
    option: str
    reader: Reader = RANCHER_COMPOSE

    def apply(self, place: Place, value: object) -> object:
        """Return `value` with the variables in its strings substituted, but not in keys of maps.

        A variable that is not set is blank, with a warning.

        Args:
            place: the place of the value.
            value: the value that was read from YAML.

        Raises:
            ComposeError: a `$` begins neither a name nor a `$$`.
        """
        return substituted(place, value, self._text)

    def _text(self, place: Place, text: str) -> str:
        def replacement(match: re.Match[str]) -> str:
            if match["dollar"]:
                return "$"
            variable = match["braced"] or match["bare"]
            if variable is None:
                reason = self.reader.bad_dollar.format(
                    option=self.option, service=self.service, text=text
                )
                raise place.fault(f"{reason}; write $$ for a dollar sign")
            if variable not in self.env:
                place.warn_unset(variable)
            return self.env.get(variable, "")

        return _DOLLAR.sub(replacement, text)
