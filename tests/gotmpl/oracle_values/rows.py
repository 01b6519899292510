"""The rows of `data`: what was asked, what Go answered, and where gotmpl answers otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .ours import answer

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).parents[1] / "data"
Row = tuple[dict[str, Any], Any]
# A text that is no one number is refused by Go's lexer, before the rules of numbers are asked.
_LEXERS_OWN = ("bad number", "unterminated", "unexpected", "unrecognized", "not a number")


def is_lexers(answered: Any) -> bool:
    """Whether the answer is Go's lexer's, which is not asked here."""
    error = answered.get("error", "") if isinstance(answered, dict) else ""
    return isinstance(error, str) and error.startswith(_LEXERS_OWN)


def load(name: str, *ops: str) -> list[Row]:
    """The rows of a table, of some operations only if any are named."""
    rows = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return [(asked, answered) for asked, answered in rows if not ops or asked["op"] in ops]


def differences(rows: Iterable[Row]) -> list[tuple[dict[str, Any], Any, Any]]:
    """What was asked, Go's answer and ours, wherever they differ."""
    answers = ((asked, answered, answer(asked)) for asked, answered in rows)
    return [row for row in answers if row[1] != row[2]]
