"""Functions of environment variables. The variables come from outside. Knows no versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Go: os.Expand. `${` without an end is left out, a dollar before anything else stays.
_PLAIN: Final = r"(?P<special>[*#$@!?\-0-9])|(?P<bare>[A-Za-z_][A-Za-z0-9_]*)"
_VARIABLE: Final = re.compile(rf"\$(?:\{{(?P<braced>[^}}]*+)(?P<end>\}}?)|{_PLAIN})")
_UNCLOSED: Final = re.compile(rf"\$(?:\{{|{_PLAIN})")


def environment(env: Mapping[str, str]) -> dict[str, Callable[..., object]]:
    """Return the functions that read the variables."""

    def variable(name: str) -> str:
        """Return a variable of the environment; an empty text if it is not set."""
        return env.get(name, "")

    def plain(match: re.Match[str]) -> str:
        return variable(match["special"] or match["bare"] or "")

    def expanded(match: re.Match[str]) -> str:
        if match["braced"] is None:
            return plain(match)
        return variable(match["braced"]) if match["end"] else _UNCLOSED.sub(plain, match["braced"])

    def expandenv(text: str) -> str:
        """Return the text with the variables of the environment in it."""
        return _VARIABLE.sub(expanded, text)

    return {"env": variable, "expandenv": expandenv}
