"""The inputs of the committed cases, by theme. Go writes the expected outputs.

`THEMES` maps the name of a file in cases/ to the function that lists its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from . import actions, builtins, expressions, formatting, limits, parsing, questions, sets, values
from .rows import Row

THEMES: Final[dict[str, Callable[[], list[Row]]]] = {
    theme.__name__: theme
    for module in (
        *(parsing, actions, values, builtins, formatting, questions, expressions, sets, limits),
    )
    for theme in module.THEMES
}
