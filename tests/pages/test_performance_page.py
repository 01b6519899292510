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
    assert "gotmpl takes less time than Go's own engine on each" in PAGE
    assert all(ratio < 1 for ratio in gotmpl)
    assert "less time than Jinja2 on each of them, and less than a tenth of gotpl's" in PAGE
    assert all(ours < theirs for ours, theirs in zip(gotmpl, column("Jinja2"), strict=True))
    assert all(ours < theirs / 10 for ours, theirs in zip(gotmpl, column("gotpl"), strict=True))
    assert "Mako, whose templates are Python code, is faster on some" in PAGE
    assert any(ours > theirs for ours, theirs in zip(gotmpl, column("Mako"), strict=True))


def test_parsing_and_compiling() -> None:
    times = {
        name: milliseconds(row[0])
        for name, row in table("Parse and compile, 100 KB").items()
        if name != "engine"
    }
    assert "more than twenty times what Go takes" in PAGE
    assert times["gotmpl"] > 20 * times["Go"]
    assert "and less than Jinja2" in PAGE
    assert times["gotmpl, cold"] < times["Jinja2"]


def test_memory() -> None:
    head, *rows = table("Memory").values()
    assert "several times the memory that Go's takes" in PAGE
    assert all(
        2 < float(row[head.index("gotmpl")]) / float(row[head.index("Go")]) < 10 for row in rows
    )


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
