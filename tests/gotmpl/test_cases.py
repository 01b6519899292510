"""Every committed case gives what Go gave: output, error text, and the output before the error."""

from __future__ import annotations

from pathlib import Path

import pytest

from .oracle import ours
from .oracle.families import THEMES
from .oracle.judge import Answer, Case, Judge
from .oracle.regenerate import CASES, answered, distinct, expected, read, reasons, strip
from .oracle.verdict import wrong

FILES = sorted(CASES.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rows_give_what_go_gave(path: Path) -> None:
    """One test for each file, not for each row: pytest would take longer than the rows."""
    assert wrong(read(path)) == []


@pytest.mark.parametrize(
    ("row", "is_wrong"),
    [
        pytest.param({"expect": {"output": "a"}}, False, id="the same"),
        pytest.param({"expect": {"output": "b"}}, True, id="differs"),
        pytest.param({"expect": {"output": "b"}, "known": "a reason"}, False, id="known"),
        pytest.param({"expect": {"output": "a"}, "known": "a reason"}, True, id="known, but same"),
    ],
)
def test_only_a_known_row_differs_and_it_must(row: Case, is_wrong: bool) -> None:
    row = {"id": "x", "template": "a", **row}
    assert wrong([row]) == ([("x", {"output": "a"}, row["expect"])] if is_wrong else [])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_known_has_a_reason(path: Path) -> None:
    assert [row["id"] for row in read(path) if not row.get("known", "no")] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rows_give_the_same_in_a_definition(path: Path) -> None:
    """The code of the executed template runs once, so nothing is inlined in it."""
    rows = [{**row, "template": ours.text_of(row)} for row in read(path) if is_plain(row)]
    assert [row["id"] for row in rows if placeless(defined(row)) != placeless(row["expect"])] == []


def is_plain(row: Case) -> bool:
    """Whether a row executes a template that can stand in a definition, and is not too deep."""
    if row.get("mode", "exec") != "exec" or "output" not in row["expect"] or "delims" in row:
        return False
    text = ours.text_of(row)
    # The end of an endless recursion depends on the number of templates in it.
    recurses = "exceeded maximum template depth" in row["expect"].get("error", "")
    if "define" in text or recurses or text.endswith("{") or len(text) > 2000:
        return False
    return "known" not in row


def defined(row: Case) -> Answer:
    text = f'{{{{define "in"}}}}{row["template"]}{{{{end}}}}{{{{template "in" .}}}}'
    return ours.answer({**row, "template": text})


def placeless(answer: Answer) -> tuple[str, str]:
    """Return the output, and the error text without its place."""
    return answer["output"], answer.get("error", "").partition(" at <")[2]


def test_there_are_as_many_rows_as_families_make() -> None:
    """A family that loses its rows would be noticed by nothing else."""
    assert sum(len(read(path)) for path in FILES) >= 25_400
    assert all(len(read(path)) >= 30 for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_go_still_says_so(path: Path, judge: Judge) -> None:
    rows = read(path)
    answers = judge.ask_all(strip(rows))
    assert [expected(answer) for answer in answers] == [row["expect"] for row in rows]


def test_regenerating_keeps_the_reasons(judge: Judge) -> None:
    rows = [row for path in FILES for row in read(path) if "known" in row]
    assert list(answered([judge, judge], strip(rows), reasons())) == rows != []


@pytest.mark.parametrize("theme", THEMES)
def test_files_hold_their_families(theme: str) -> None:
    """An edit of a family needs `regenerate`; rows without a stable answer are left out."""
    made = {row["id"]: row for row in distinct(THEMES[theme]())}
    for row in strip(read(CASES / f"{theme}.json")):
        assert made[row["id"]] == row


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_ids_are_unique(path: Path) -> None:
    ids = [row["id"] for row in read(path)]
    assert len(ids) == len(set(ids))
