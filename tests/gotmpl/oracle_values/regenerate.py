"""Write Go's answers to the tables again: `python -m tests.gotmpl.oracle_values.regenerate`."""

from __future__ import annotations

import json

from .judge import ask
from .questions import TABLES
from .rows import DATA, is_lexers


def regenerate() -> None:
    """Write each table as JSON, one `[question, answer]` a line."""
    for name, questions in TABLES.items():
        asked = questions()
        rows = zip(asked, ask(asked), strict=True)
        lines = [json.dumps(row) for row in rows if not is_lexers(row[1])]
        (DATA / f"{name}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    regenerate()
