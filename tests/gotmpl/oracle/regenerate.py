"""Write what Go says to every case: `python -m tests.gotmpl.oracle.regenerate`.

The rows of a theme in families/ replace its file; the inputs of any other file stay as they are,
and only what is expected of them is asked anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from .families import THEMES
from .families.rows import Row
from .judge import Answer, Judge
from .verdict import ADDRESS, ADDRESSED

CASES: Final = Path(__file__).parents[1] / "cases"
# A longer answer says no more than its beginning, and costs every clone of the repository.
LONGEST: Final = 20_000


def inputs() -> dict[str, list[Row]]:
    """The rows of every file, without what is expected of them."""
    found = {path.stem: strip(read(path)) for path in sorted(CASES.glob("*.json"))}
    return {**found, **{name: distinct(theme()) for name, theme in THEMES.items()}}


def read(path: Path) -> list[Row]:
    rows: list[Row] = json.loads(path.read_text("ascii"))
    return rows


def strip(rows: list[Row]) -> list[Row]:
    return [{key: value for key, value in row.items() if key != "expect"} for row in rows]


def distinct(rows: list[Row]) -> list[Row]:
    """The rows without those that ask what an earlier one asked."""
    seen: dict[str, Row] = {}
    for row in rows:
        question = json.dumps({key: value for key, value in row.items() if key != "id"})
        seen.setdefault(question, row)
    return list(seen.values())


def expected(answer: Answer) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "id"}


def settled(row: Row, answer: Answer, again: Answer) -> bool:
    """Whether Go gave an answer that it would give on any machine."""
    said = json.dumps(expected(answer))
    if "stopped" in answer or expected(answer) != expected(again) or len(said) > LONGEST:
        return False
    return not (ADDRESS.search(said) and ADDRESSED.search(json.dumps(row)))


def answered(judges: list[Judge], rows: list[Row]) -> Iterator[Row]:
    """The rows with Go's answers; those that cannot have one are named and left out."""
    answers = [judge.ask_all(rows) for judge in judges]
    for row, answer, again in zip(rows, *answers, strict=True):
        if settled(row, answer, again):
            yield {**row, "expect": expected(answer)}
        else:
            sys.stderr.write(f"left out: {json.dumps(row)[:150]}\n")


def written(rows: list[Row]) -> str:
    """A JSON list with a row on each line."""
    return "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"


def main() -> None:
    total = 0
    with Judge() as judge, Judge() as other:
        for name, rows in inputs().items():
            full = list(answered([judge, other], rows))
            (CASES / f"{name}.json").write_text(written(full), "ascii")
            sys.stdout.write(f"{len(full):6} {name}\n")
            total += len(full)
    sys.stdout.write(f"{total:6} rows\n")


if __name__ == "__main__":
    main()
