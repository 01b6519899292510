"""docs/performance.md: what it reads from benchmarks/RESULTS.md can be read from it."""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.layers import ROOT

PAGE: Final = " ".join((ROOT / "docs/performance.md").read_text("utf-8").split())
RESULTS: Final = (ROOT / "benchmarks/RESULTS.md").read_text("utf-8")


def table(heading: str) -> dict[str, list[str]]:
    """Return the cells of the table under a heading by the first one of their row."""
    section = RESULTS.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    return {row[0]: row[1:] for row in rows if not row[0].startswith("---")}


def column(name: str) -> list[float]:
    """Return the ratios of an engine to Go."""
    head, *rows = table("Rendering").values()
    return [float(row[head.index(name)]) for row in rows]


def milliseconds(text: str) -> float:
    number, unit = text.split()[:2]
    return float(number) * {"µs": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def test_rendering() -> None:
    gotmpl = column("gotmpl")
    names = [name for name in table("Rendering") if name != "workload"]
    assert "than Go's own engine on each of these workloads but that of lists and maps" in PAGE
    assert "and less than Jinja2 on each" in PAGE
    for other, slow in (
        ([1.0] * len(names), {"lists and maps as a whole"}),
        (column("Jinja2"), set()),
    ):
        slower = {name for name, ours, its in zip(names, gotmpl, other, strict=True) if ours >= its}
        assert slower == slow
    assert "less than a seventh of the time of gotpl on each of them" in PAGE
    assert all(ours < theirs / 7 for ours, theirs in zip(gotmpl, column("gotpl"), strict=True))
    assert "which is written in Rust, are faster on some" in PAGE
    for engine in ("Mako", "MiniJinja"):
        assert any(ours > its for ours, its in zip(gotmpl, column(engine), strict=True))


def test_one_kind_at_a_time() -> None:
    section = RESULTS.split("\n## One kind at a time\n", 1)[1].split("```")[1]
    lines = [line.rsplit(maxsplit=3) for line in section.strip().splitlines()]
    slower = {name.strip() for name, *_, ratio in lines if float(ratio) > 1}
    assert "a fraction with all its digits" in PAGE
    assert "a condition on a key that a map lacks" in PAGE
    assert "a list or a map that is printed as a whole" in PAGE
    assert slower >= {"float", "if missing", "list", "map"}
    assert "Four of five kinds take less" in PAGE
    assert len(slower) <= len(lines) / 5


def test_the_first_time() -> None:
    head, *rows = table("Parse and render once").values()
    assert "in less time than gotpl, Mako and Jinja2 take" in PAGE
    assert "in more than ten times what Go takes" in PAGE
    for row in rows:
        times = {name: milliseconds(cell) for name, cell in zip(head[:6], row, strict=False)}
        assert times["gotmpl"] < min(times[name] for name in ("gotpl", "Mako", "Jinja2"))
        assert times["gotmpl"] > 10 * times["Go"]


def test_memory() -> None:
    head, *rows = table("Memory").values()
    assert "up to about three times the memory that Go's takes" in PAGE
    ratios = [float(row[head.index("gotmpl")]) / float(row[head.index("Go")]) for row in rows]
    assert 2.5 < max(ratios) < 3.5


@pytest.mark.parametrize(
    ("row", "pattern", "least", "most"),
    [
        ("`confd --version`", r"([\d.]+) ms", 0.0, 1.0),
        ("nested `ls`, 10 000 containers", r"([\d.]+) s CPU", 100.0, 10_000.0),
    ],
)
def test_the_command(row: str, pattern: str, least: float, most: float) -> None:
    """Go's time is so many times ours."""
    ours, _, theirs = table("The confd command")[row]
    times = [float(found[1]) for text in (ours, theirs) if (found := re.search(pattern, text))]
    assert least < times[1] / times[0] < most


def test_requests_do_not_grow_with_the_resources() -> None:
    ours, _, theirs = table("The confd command")["500 resources, keys `/self`, on this disk"]
    requests = [
        int(found[1]) for text in (ours, theirs) if (found := re.search(r"requests: (\d+)", text))
    ]
    assert (requests[0] < 10, requests[1] > 500) == (True, True)
