"""Functions of environment variables. The variables come from outside. Knows no versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Go: os.Expand. `${` without an end is left out, a dollar before anything else stays.
_VARIABLE: Final = re.compile(
    r"\$(?:\{(?P<braced>[^}]*)\}|\{|(?P<special>[*#$@!?\-0-9])|(?P<bare>[A-Za-z_][A-Za-z0-9_]*))"
)


def environment(env: Mapping[str, str]) -> dict[str, Callable[..., object]]:
    """Return the functions that read the variables."""

    def variable(name: str) -> str:
        return env.get(name, "")

    def expanded(match: re.Match[str]) -> str:
        return variable(match["braced"] or match["special"] or match["bare"] or "")

    def expandenv(text: str) -> str:
        return _VARIABLE.sub(expanded, text)

    return {"env": variable, "expandenv": expandenv}
