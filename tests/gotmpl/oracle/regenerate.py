"""Write Go's answer to every case: `python -m tests.gotmpl.oracle.regenerate`.

The rows of a theme in families/ replace its file; of any other file the inputs stay, and Go writes
the expected side again. The reason in a row that is `known` to differ stays with its question.
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
from .verdict import ADDRESS, ADDRESSED, comparable

CASES: Final = Path(__file__).parents[1] / "cases"
# A longer answer adds nothing to its beginning, and makes every clone larger.
LONGEST: Final = 20_000


def inputs() -> dict[str, list[Row]]:
    """Return the rows of every file, without their expected side."""
    found = {path.stem: strip(read(path)) for path in sorted(CASES.glob("*.json"))}
    return {**found, **{name: distinct(theme()) for name, theme in THEMES.items()}}


def read(path: Path) -> list[Row]:
    rows: list[Row] = json.loads(path.read_text("ascii"))
    return rows


def load(file: str, **wanted: object) -> list[Row]:
    """Return the rows of a file; with `op="print"`, for instance, those with this field only."""
    rows = read(CASES / f"{file}.json")
    return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]


def strip(rows: list[Row]) -> list[Row]:
    """Return the rows as they are asked, without answers and reasons."""
    beside = {"known", "expect"}
    return [{key: row[key] for key in row if key not in beside} for row in rows]


def question(row: Row) -> str:
    """Return what a row asks, as text; equal for rows that differ in their id only."""
    return json.dumps({key: value for key, value in row.items() if key != "id"})


def reasons() -> dict[str, str]:
    """Return the reasons of the committed rows that are known to differ, by their questions."""
    rows = [row for path in CASES.glob("*.json") for row in read(path) if "known" in row]
    return {question(strip([row])[0]): row["known"] for row in rows}


def distinct(rows: list[Row]) -> list[Row]:
    """Return the rows without repetitions."""
    kept: dict[str, Row] = {}
    for row in rows:
        kept.setdefault(question(row), row)
    return list(kept.values())


def expected(answer: Answer) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "id"}


def settled(row: Row, answer: Answer, again: Answer) -> bool:
    """Return whether Go would give the same answer on any machine."""
    said = json.dumps(expected(answer))
    if "stopped" in answer or expected(answer) != expected(again) or len(said) > LONGEST:
        return False
    if row.get("mode") == "value":
        return comparable(row, answer)
    return not (ADDRESS.search(said) and ADDRESSED.search(json.dumps(row)))


def answered(judges: list[Judge], rows: list[Row], known: dict[str, str]) -> Iterator[Row]:
    """Yield the rows with Go's answers; print and leave out those without a stable one."""
    answers = [judge.ask_all(rows) for judge in judges]
    for row, answer, again in zip(rows, *answers, strict=True):
        if settled(row, answer, again):
            reason = known.get(question(row))
            beside = {} if reason is None else {"known": reason}
            yield {**row, **beside, "expect": expected(answer)}
        else:
            sys.stderr.write(f"left out: {json.dumps(row)[:150]}\n")


def written(rows: list[Row]) -> str:
    """Return a JSON list with a row on each line."""
    return "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"


def main() -> None:
    total, known = 0, reasons()
    with Judge() as judge, Judge() as other:
        for name, rows in inputs().items():
            full = list(answered([judge, other], rows, known))
            (CASES / f"{name}.json").write_text(written(full), "ascii")
            sys.stdout.write(f"{len(full):6} {name}\n")
            total += len(full)
    sys.stdout.write(f"{total:6} rows\n")


if __name__ == "__main__":
    main()
