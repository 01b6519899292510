"""Rows on sets of templates, played step by step."""

from __future__ import annotations

import json
from typing import Final

from tests.gotmpl.oracle.texts import lines

from .rows import Row

# What the plays are about; each play is a line of JSON in texts/plays.txt.
PLAYS: Final = (
    "parse",
    "new-in",
    "clone",
    "lookup",
    "option",
    "delims",
    "funcs",
    "add-parse-tree",
    "files",
)


def sets() -> list[Row]:
    return [row for about in PLAYS for row in play(about)]


def play(about: str) -> list[Row]:
    return [
        {"id": f"{about}-{i:03}", "mode": "steps", "steps": json.loads(line)}
        for i, line in enumerate(lines("plays", about), 1)
    ]


THEMES: Final = (sets,)
