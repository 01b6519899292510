"""The benchmarks measure equal work: every installed engine renders what Go renders.

Nothing is timed. An engine that is not installed is skipped with that reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from benchmarks import cold, kinds, report, workloads
from benchmarks.cold import Series
from benchmarks.comparison import Row, Run, compare, middle
from benchmarks.engines import Cannot, python_engines
from benchmarks.golang import Go
from benchmarks.timing import Effort
from benchmarks.workloads import Workload

ENGINES = {engine.name: engine for engine in python_engines()[0]}
WORKLOADS = workloads.workloads()
PEERS = ["gotmpl", "Jinja2", "MiniJinja", "Mako", "gotpl"]


@pytest.fixture(scope="module")
def go() -> Iterator[Go]:
    try:
        engine = Go()
    except Cannot as reason:
        pytest.skip(str(reason))
    with engine:
        yield engine


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_every_engine_renders_what_go_renders(go: Go, workload: Workload, name: str) -> None:
    if name not in ENGINES:
        pytest.skip(f"{name} is not installed")
    assert ENGINES[name].render(workload).output() == go.render(workload).output()


@pytest.mark.parametrize("kind", kinds.kinds(rows=20), ids=lambda kind: kind.title)
def test_gotmpl_renders_each_kind_as_go_does(go: Go, kind: Workload) -> None:
    assert ENGINES["gotmpl"].render(kind).output() == go.render(kind).output()


def test_each_kind_gets_a_line(go: Go, capsys: pytest.CaptureFixture[str]) -> None:
    assert go.version
    kinds.main(["printf"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == sum("printf" in kind.title for kind in kinds.kinds(rows=1))
    assert all(re.search(r" µs +\d+\.\d\d$", line) for line in lines)


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.parametrize("series", cold.series().values(), ids=cold.series())
def test_every_engine_renders_unseen_texts_as_go_does(go: Go, series: Series, name: str) -> None:
    if name not in ENGINES:
        pytest.skip(f"{name} is not installed")
    assert ENGINES[name].cold(series).output() == go.cold(series).output()


@pytest.mark.parametrize("series", cold.series().values(), ids=cold.series())
def test_no_action_of_a_series_comes_twice(series: Series) -> None:
    def actions(turn: int) -> list[str]:
        return re.findall(r"{{.*?\.(?:name|rows)\w*\d.*?}}", series(turn).texts[".tmpl"])

    assert actions(0)
    assert not set(actions(0)) & set(actions(1))


@pytest.mark.parametrize("op", ["render", "cold"])
def test_go_times_what_it_is_asked_to(go: Go, op: str) -> None:
    task = go.render(WORKLOADS[0]) if op == "render" else go.cold(cold.forty)
    assert task.time(3) > 0
    assert go.memory(WORKLOADS[0], count=5) > 0


@dataclass(frozen=True)
class Pretender:
    """An engine whose calls take the times that it is given."""

    name: str
    says: str
    takes: float
    version: str = "1"

    def render(self, workload: Workload) -> Pretender:
        if not self.says:
            raise Cannot("it has no words")
        return self

    def cold(self, series: Series) -> Pretender:
        return self.render(series(0))

    def output(self) -> str:
        return self.says

    def time(self, count: int) -> float:
        return self.takes


def test_only_equal_output_has_a_time() -> None:
    engines = [
        Pretender("Go", "x", 2e6),
        Pretender("fast", "x", 1e6),
        Pretender("wrong", "y", 1e6),
        Pretender("mute", "", 1e6),
    ]
    effort = Effort(rounds=3, slice_ms=5)
    (row,) = compare(lambda engine, work: engine.render(work), engines, WORKLOADS[:1], effort)
    assert row.ratio("fast") == 0.5
    assert row.ratio("wrong") is None
    assert row.faults == {"wrong": "its output differs", "mute": "it has no words"}
    _, cells = report.ratios([row], ["Go", "fast", "wrong", "mute"])
    assert cells == ["tiny config, 12 getv", "2 ms", "0.50", "-", "-", "0.20", "0.15"]


def test_the_middle_run_is_the_median_of_mean_ratios() -> None:
    def run(ratio: float) -> Run:
        row = Row(WORKLOADS[0], {"Go": 1.0, "gotmpl": ratio}, {})
        return Run([row, replace(row, times={"Go": 1.0, "gotmpl": 4 * ratio})], [])

    assert middle([run(0.9), run(0.1), run(0.5)]).mean() == pytest.approx(1.0)
