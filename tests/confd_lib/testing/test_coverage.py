"""Coverage, measured against templates whose places were counted by hand."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

import gotmpl
from confd_lib.testing.bench import Bench
from confd_lib.testing.coverage.measure import measure_all
from confd_lib.testing.coverage.places import Coverage, Place, counted
from confd_lib.testing.coverage.recording import Recorder
from confd_lib.testing.coverage.selection import everything
from confd_lib.testing.coverage.table import missed_lines, table
from confd_lib.testing.wiring import Wiring


@dataclass(frozen=True)
class Count:
    """A template, its values, and its places as counted by hand.

    Attributes:
        text: the template.
        values: the trees of values to render it with, one after the other.
        actions: the numbers of taken and of all actions.
        branches: the numbers of taken and of all branches; the template itself is one.
        missed: the missed lines, with the missed branches on them.
    """

    text: str
    values: tuple[dict[str, object], ...]
    actions: tuple[int, int]
    branches: tuple[int, int]
    missed: str = ""


IF = 'a\n{{if exists "/a"}}\n{{getv "/a"}}\n{{else}}\n{{getv "/b"}}\n{{end}}\n'
CHAIN = '{{if exists "/a"}}1\n{{else if exists "/b"}}\n2{{getv "/b"}}\n{{else}}\n{{print 3}}{{end}}'
RANGE = '{{range ls "/a"}}\n{{.}}\n{{end}}'
WITH = '{{with getv "/a" ""}}\n{{.}}\n{{else}}none{{end}}'
DEFINES = '{{define "x"}}{{.}}\n{{end}}\n{{define "y"}}\ny{{end}}\n{{template "x" 1}}'
LOOPS = '{{range ls "/a"}}\n{{if eq . "x"}}\n{{break}}\n{{end}}\n{{.}}{{end}}'

COUNTS = [
    pytest.param(Count("text\n", (), (0, 0), (0, 1), "1 (template)"), id="never-rendered"),
    pytest.param(Count("text\n", ({},), (0, 0), (1, 1)), id="text-alone"),
    pytest.param(Count(IF, ({"a": 1},), (1, 2), (2, 3), "4 (else), 5"), id="if-true"),
    pytest.param(Count(IF, ({"b": 1},), (1, 2), (2, 3), "2 (if), 3"), id="if-false"),
    pytest.param(Count(IF, ({"a": 1}, {"b": 1}), (2, 2), (3, 3)), id="if-both"),
    pytest.param(
        Count('{{if exists "/a"}}x{{end}}', ({"a": 1},), (0, 0), (2, 3), "1 (else)"),
        id="an-else-that-is-not-written",
    ),
    pytest.param(
        Count(CHAIN, ({"a": 1},), (0, 2), (2, 5), "2 (else, if), 3, 4 (else), 5"), id="else-if-1"
    ),
    pytest.param(Count(CHAIN, ({"b": 1}, {}), (2, 2), (4, 5), "1 (if)"), id="else-if-2-and-3"),
    pytest.param(Count(RANGE, ({"a": {"x": 1}},), (1, 1), (2, 3), "1 (empty range)"), id="range"),
    pytest.param(Count(RANGE, ({},), (0, 1), (2, 3), "1 (range), 2"), id="range-of-nothing"),
    pytest.param(Count(WITH, ({"a": 1},), (1, 1), (2, 3), "3 (empty with)"), id="with"),
    pytest.param(Count(WITH, ({},), (0, 1), (2, 3), "1 (with), 2"), id="with-nothing"),
    pytest.param(Count(DEFINES, ({},), (2, 2), (2, 3), '3 (define "y")'), id="defines"),
    pytest.param(
        Count(LOOPS, ({"a": {"w": 1}},), (1, 2), (3, 5), "1 (empty range), 2 (if), 3"), id="break"
    ),
]


def measured(count: Count, folder: Path) -> Coverage:
    (folder / "a.tmpl").write_text(count.text)
    recorder = Recorder(everything(folder))
    bench = Bench(Wiring(recorder=recorder))
    for values in count.values:
        bench.render(folder / "a.tmpl", values)
    return measure_all(recorder)


@pytest.mark.parametrize("count", COUNTS)
def test_coverage_equals_a_count_by_hand(count: Count, tmp_path: Path) -> None:
    (one,) = measured(count, tmp_path).templates
    assert counted(one.places, actions=True) == count.actions
    assert counted(one.places, actions=False) == count.branches
    assert missed_lines(one.missed) == count.missed


def test_a_template_that_cannot_be_parsed_is_one_missed_branch(tmp_path: Path) -> None:
    (tmp_path / "a.tmpl").write_text("first\n{{if}}")
    (tmp_path / ".hidden").write_text("{{if}}")
    coverage = measure_all(Recorder(everything(tmp_path)))
    assert coverage.places == (Place(2, "template", taken=False),)
    assert table(coverage).splitlines()[1:] == [
        "a.tmpl          -       0/1     0%  template: a.tmpl:2: missing value for if",
        "TOTAL           -       0/1     0%",
    ]


def test_the_table_shows_control_characters_as_escapes(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2J\n").write_text("{{if}}")
    lines = table(measure_all(Recorder(everything(tmp_path)))).splitlines()
    assert len(lines) == 3
    assert lines[1].startswith(r"a\x1b[2J\n ")


def test_delimiters_of_a_resource_are_kept(tmp_path: Path) -> None:
    for name in ("conf.d", "templates", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "templates/a").write_text('{{ [[getv "/a"]]')
    (tmp_path / "conf.d/a.toml").write_text(
        'template = {src = "a", dest = "/a", keys = ["/a"], left_delim = "[[", right_delim = "]]"}'
    )
    recorder = Recorder(everything(tmp_path / "templates"))
    bench = Bench(Wiring(recorder=recorder, temporary=lambda: tmp_path / "out"))
    assert str(bench.resource(tmp_path / "conf.d/a.toml", {"a": 1})) == "{{ 1"
    assert counted(measure_all(recorder).places, actions=True) == (1, 1)


def test_a_resource_keeps_the_owner_of_the_run_and_takes_the_mode(folder) -> None:
    resource = folder.resource(uid=12345, gid=12345, mode="0640")
    folder.template('{{getv "/a"}}')
    bench = Bench(Wiring(temporary=lambda: folder.out))
    written = bench.resource(resource, {"a": "x\ud800"})
    assert written.text == "x\ufffd"
    assert written.path is not None
    assert written.path.read_text() == "x\ufffd"
    info = written.path.stat()
    assert (info.st_uid, info.st_gid) == (os.geteuid(), os.getegid())
    assert stat.S_IMODE(info.st_mode) == 0o640


def test_one_process_adds_the_records_of_another(tmp_path: Path) -> None:
    count = COUNTS[2].values[0]
    (tmp_path / "a.tmpl").write_text(count.text)
    there, here = Recorder(everything(tmp_path)), Recorder(everything(tmp_path))
    for recorder, values in ((there, {"a": 1}), (here, {"b": 1})):
        Bench(Wiring(recorder=recorder)).render(tmp_path / "a.tmpl", values)
    here.add(there.dump())
    assert measure_all(here).percent == 100


def test_files_elsewhere_are_not_recorded(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "a.tmpl").write_text("x")
    recorder = Recorder(everything(tmp_path / "templates"))
    Bench(Wiring(recorder=recorder)).render(tmp_path / "a.tmpl", {})
    assert recorder.records == {}


def test_templates_have_no_probes_if_coverage_is_off(tmp_path: Path) -> None:
    made = gotmpl.Template("a").parse(COUNTS[0].values[0].text)
    assert "visit" not in made.python_source()
    assert (
        "visit"
        in made.observe(
            Recorder(everything(tmp_path)).record(tmp_path / "a", ("", ""))
        ).python_source()
    )
