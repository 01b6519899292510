"""Read the rows of `data`, questions with Go's answers, and find where gotmpl differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .ours import answer

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).parents[1] / "data"
Row = tuple[dict[str, Any], Any]
# Go's lexer refuses a text that is not one number, before the rules of numbers apply.
_LEXERS_OWN = ("bad number", "unterminated", "unexpected", "unrecognized", "not a number")


def is_lexers(answered: Any) -> bool:
    """Return whether the answer is that of Go's lexer, which is not tested here."""
    error = answered.get("error", "") if isinstance(answered, dict) else ""
    return isinstance(error, str) and error.startswith(_LEXERS_OWN)


def load(name: str, *ops: str) -> list[Row]:
    """Return the rows of a table; only those of the operations, if any are named."""
    rows = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return [(asked, answered) for asked, answered in rows if not ops or asked["op"] in ops]


def differences(rows: Iterable[Row]) -> list[tuple[dict[str, Any], Any, Any]]:
    """Return each question on which Go and gotmpl differ, with both answers."""
    answers = ((asked, answered, answer(asked)) for asked, answered in rows)
    return [row for row in answers if row[1] != row[2]]
