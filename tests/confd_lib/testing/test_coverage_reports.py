"""Reports of coverage, read back by real readers, and what they are made of: tests, patterns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree
from pycobertura import Cobertura

from confd_lib.confdir import templates
from confd_lib.errors import TemplateFileError
from confd_lib.testing.bench import Bench
from confd_lib.testing.coverage import cobertura, jsonfile, lcov
from confd_lib.testing.coverage.measure import measure_all
from confd_lib.testing.coverage.places import Coverage, Place, TemplateCoverage
from confd_lib.testing.coverage.recording import Recorder
from confd_lib.testing.coverage.selection import Selection, everything
from confd_lib.testing.coverage.table import missed_lines, table
from confd_lib.testing.wiring import Wiring
from tests.confd_lib.testing.test_plugin import Project

pytest_plugins = ["pytester"]

IF = 'a\n{{if exists "/a"}}\n{{getv "/a"}}\n{{else}}\n{{getv "/b"}}\n{{end}}\n'
DEFINES = '{{define "x"}}x{{end}}\n{{define "<y>"}}y{{end}}\n{{template "x"}}'


def measured(
    folder: Path, *trees: dict[str, object], text: str = IF, **options: object
) -> Coverage:
    """Write a template, render it with each tree, and measure it."""
    (folder / "a.tmpl").write_text(text)
    recorder = Recorder(everything(folder))
    bench = Bench(Wiring(recorder=recorder))
    for values in trees:
        bench.render(folder / "a.tmpl", values, **options)
    return measure_all(recorder)


# -- Cobertura


def read_cobertura(coverage: Coverage, root: Path) -> Cobertura:
    file = root / "coverage.xml"
    file.write_text(cobertura.text(coverage, root, 1.5))
    return Cobertura(str(file))


def test_a_reader_of_cobertura_finds_lines_and_branches(tmp_path):
    (tmp_path / "templates").mkdir()
    found = read_cobertura(measured(tmp_path / "templates", {"a": 1}), tmp_path)
    assert found.files() == ["templates/a.tmpl"]
    assert found.total_statements("templates/a.tmpl") == 5
    assert [line for line, _ in found.missed_lines("templates/a.tmpl")] == [4, 5]
    statuses = dict(found.line_statuses("templates/a.tmpl"))
    assert {line: str(status) for line, status in statuses.items()} == {
        1: "hit",
        2: "hit",
        3: "hit",
        4: "miss",
        5: "miss",
    }
    assert found.version.startswith("confd-lib ")


def test_a_branch_taken_one_way_is_partial(tmp_path):
    coverage = measured(tmp_path, {"a": 1}, text='x\n{{if exists "/a"}}y{{end}}\n')
    found = read_cobertura(coverage, tmp_path)
    assert str(dict(found.line_statuses("a.tmpl"))[2]) == "partial"


def test_a_template_that_cannot_be_parsed_is_a_missed_line(tmp_path):
    found = read_cobertura(measured(tmp_path, text="first\n{{if}}"), tmp_path)
    assert [line for line, _ in found.missed_lines("a.tmpl")] == [2]
    assert found.line_rate() == 0


# The elements and attributes of Cobertura's DTD, version 04, that it requires.
REQUIRED = {
    "coverage": {
        *("line-rate", "branch-rate", "lines-covered", "lines-valid", "branches-covered"),
        *("branches-valid", "complexity", "version", "timestamp"),
    },
    "package": {"name", "line-rate", "branch-rate", "complexity"},
    "class": {"name", "filename", "line-rate", "branch-rate", "complexity"},
    "method": {"name", "signature", "line-rate", "branch-rate", "complexity"},
    "line": {"number", "hits"},
}
CHILDREN = {
    "coverage": ["sources", "packages"],
    "package": ["classes"],
    "class": ["methods", "lines"],
    "method": ["lines"],
}


def test_the_document_has_what_the_format_requires(tmp_path):
    text = cobertura.text(measured(tmp_path, {}, text=DEFINES), tmp_path, 1.5)
    root = etree.fromstring(text.encode())
    for element in root.iter():
        assert set(element.attrib) >= REQUIRED.get(element.tag, set())
        assert [one.tag for one in element] == CHILDREN.get(
            element.tag, [one.tag for one in element]
        )
    assert root.get("timestamp") == "1500"
    assert {one.get("name") for one in root.iter("method")} == {
        "template",
        'define "x"',
        'define "<y>"',
    }
    assert root.find("sources/source").text == str(tmp_path)


def test_names_with_control_characters_are_escaped_in_xml(tmp_path):
    one = TemplateCoverage("a\x1b&<.tmpl", "", (Place(1, "template", taken=True),))
    root = etree.fromstring(cobertura.text(Coverage((one,)), tmp_path, 0).encode())
    assert root.find(".//class").get("filename") == r"a\x1b&<.tmpl"


def test_totals_count_lines_and_branches(tmp_path):
    root = etree.fromstring(cobertura.text(measured(tmp_path, {"a": 1}), tmp_path, 0).encode())
    shown = {
        name: root.get(name)
        for name in ("lines-valid", "lines-covered", "branches-valid", "branches-covered")
    }
    assert shown == {
        "lines-valid": "5",
        "lines-covered": "3",
        "branches-valid": "2",
        "branches-covered": "1",
    }
    assert (root.get("line-rate"), root.get("branch-rate")) == ("0.6", "0.5")


# -- LCOV and JSON


def test_lcov_counts_functions_branches_and_lines(tmp_path):
    coverage = measured(tmp_path, {"a": 1}, text=IF + '{{define "x"}}{{.}}{{end}}')
    assert lcov.text(coverage, tmp_path).splitlines() == [
        *("TN:", "SF:a.tmpl", "FN:1,template", 'FN:7,define "x"'),
        *("FNDA:1,template", 'FNDA:0,define "x"', "FNF:2", "FNH:1"),
        *("BRDA:2,0,0,1", "BRDA:4,0,0,0", "BRF:2", "BRH:1"),
        *("DA:1,1", "DA:2,1", "DA:3,1", "DA:4,0", "DA:5,0", "DA:7,0", "LF:6", "LH:3"),
        "end_of_record",
    ]


def test_each_branch_of_a_line_has_its_number_in_lcov(tmp_path):
    text = '{{if exists "/a"}}{{if exists "/b"}}x{{end}}{{end}}'
    lines = lcov.text(measured(tmp_path, {"a": 1}, text=text), tmp_path).splitlines()
    assert [line for line in lines if line.startswith("BRDA")] == [
        *("BRDA:1,0,0,1", "BRDA:1,0,1,0", "BRDA:1,0,2,1", "BRDA:1,0,3,0"),
    ]


def test_json_names_the_tests_of_each_place(tmp_path):
    (tmp_path / "a.tmpl").write_text(IF)
    recorder = Recorder(everything(tmp_path))
    bench = Bench(Wiring(recorder=recorder))
    for test, values in (("test_b", {"a": 1}), ("test_a", {"a": 1}), ("", {"b": 1})):
        recorder.test = test
        bench.render(tmp_path / "a.tmpl", values)
    found = json.loads(jsonfile.text(measure_all(recorder), tmp_path))
    assert found["totals"] == {
        "percent": 100.0,
        "actions": {"taken": 2, "all": 2},
        "branches": {"taken": 3, "all": 3},
    }
    places = found["templates"]["a.tmpl"]["places"]
    assert [(one["line"], one["label"], one["tests"]) for one in places] == [
        (1, "template", ["test_a", "test_b"]),
        (2, "if", ["test_a", "test_b"]),
        (3, "action", ["test_a", "test_b"]),
        (4, "else", []),
        (5, "action", []),
    ]


# -- Functions of the user


def test_a_template_with_functions_of_a_test_is_parsed_with_them(tmp_path):
    coverage = measured(tmp_path, {}, text="{{shout}}", funcs={"shout": lambda: "HEY"})
    assert coverage.percent == 100


# -- What is left out

# In these texts @ stands for the comment.
NO = "{{/* confd: no cover */}}"
LEFT_OUT = [
    pytest.param('x\n{{getv "/n"}}@\n', "1 (template)", id="an-action"),
    pytest.param('x\n{{if exists "/a"}}@\n{{getv "/a"}}{{end}}', "1 (template)", id="if"),
    pytest.param(
        'x\n{{if exists "/a"}}\n{{getv "/a"}}\n{{else}}@\n{{getv "/b"}}{{end}}',
        "1 (template), 2 (if), 3",
        id="else",
    ),
    pytest.param(
        'x\n{{range ls "/"}}{{- /* confd: no cover: for old images */ -}}\n'
        "{{if .}}\n{{.}}{{end}}\n{{end}}\n{{.}}",
        "1 (template), 6",
        id="range-with-a-reason-and-what-is-in-it",
    ),
    pytest.param('x\n{{define "y"}}@\n{{.}}{{end}}\n{{.}}', "1 (template), 4", id="define"),
    pytest.param(
        "x\n{{if .}}\n  @\n{{.}}\n{{else}}\n{{.}}\n{{end}}",
        "1 (template), 5 (else), 6",
        id="alone-in-a-branch",
    ),
    pytest.param("@\n{{if .}}{{.}}{{end}}\n", "", id="alone-in-a-template"),
    pytest.param("{{.}}@\n{{.}}", "1 (template), 2", id="beside-an-action-on-line-1"),
    pytest.param("x\n{{.}}{{/* confd: no coverage */}}", "1 (template), 2", id="another-comment"),
    pytest.param('x\n{{print "/* confd: no cover */"}}', "1 (template), 2", id="in-a-string"),
]


@pytest.mark.parametrize(("text", "missed"), LEFT_OUT)
def test_a_comment_leaves_places_out(tmp_path, text, missed):
    (one,) = measured(tmp_path, text=text.replace("@", NO)).templates
    assert one.error == ""
    assert missed_lines(one.missed) == missed


def test_delimiters_of_a_resource_hold_the_comment_too(tmp_path):
    (tmp_path / "a.tmpl").write_text("x\n[[.]][[/* confd: no cover */]]")
    recorder = Recorder(everything(tmp_path))
    recorder.record(tmp_path / "a.tmpl", ("[[", "]]"))
    (one,) = measure_all(recorder).templates
    assert missed_lines(one.missed) == "1 (template)"
    assert one.left_out == {2}


def test_a_template_that_cannot_be_parsed_is_missed_in_spite_of_a_comment(tmp_path):
    coverage = measured(tmp_path, text=f"{NO}\n{{{{if}}}}")
    assert coverage.percent == 0


def test_one_missed_place_of_many_is_not_shown_as_all():
    places = (
        *(Place(i, "action", taken=True) for i in range(999)),
        Place(1000, "else", taken=False),
    )
    assert " 99%" in table(Coverage((TemplateCoverage("a", "", places),)))


def test_a_link_counts_where_it_stands(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "a").write_text("{{.}}")
    (tmp_path / "templates" / "a.tmpl").symlink_to("../a")
    (tmp_path / "templates" / "nowhere.tmpl").symlink_to("../b")
    recorder = Recorder(everything(tmp_path / "templates"))
    Bench(Wiring(recorder=recorder)).render(tmp_path / "templates" / "a.tmpl", {})
    (one,) = measure_all(recorder).templates
    assert (one.name, one.missed) == ("a.tmpl", ())


def test_a_template_that_cannot_be_read_is_missed(tmp_path, monkeypatch):
    recorder = Recorder(everything(tmp_path))
    (tmp_path / "a.tmpl").write_text("x")

    def refused(path: Path) -> bytes:
        raise TemplateFileError(str(path), f"open {path}: permission denied")

    monkeypatch.setattr(templates, "read", refused)
    (one,) = measure_all(recorder).templates
    assert one.places == (Place(1, "template", taken=False),)
    assert one.error.endswith("a.tmpl: permission denied")


# -- The choice of files

TREE = ("a.tmpl", "b.conf", "README.md", "d/c.tmpl", "d/e/f.tmpl", "d/e/g.md", ".h/i.tmpl", "[x]/j")
CHOICES = [
    (["d"], "c.tmpl e/f.tmpl e/g.md"),
    (["d/"], "c.tmpl e/f.tmpl e/g.md"),
    (["."], "README.md [x]/j a.tmpl b.conf d/c.tmpl d/e/f.tmpl d/e/g.md"),
    (["*.tmpl"], "a.tmpl d/c.tmpl d/e/f.tmpl"),
    (["d/*.tmpl"], "d/c.tmpl"),
    (["d/**/*.tmpl"], "d/c.tmpl d/e/f.tmpl"),
    (["**/e/*"], "d/e/f.tmpl d/e/g.md"),
    (["d/?.tmpl", "b.conf"], "b.conf d/c.tmpl"),
    (["d", "!*.md"], "c.tmpl e/f.tmpl"),
    (["d", "!d/e"], "c.tmpl"),
    (["!*.md", "!d/e/*"], "[x]/j a.tmpl b.conf d/c.tmpl"),
    (["[x]"], "j"),
    (["[ab].*"], "a.tmpl b.conf"),
    ([".h"], "i.tmpl"),
    (["a.tmpl", "d/../d/c.tmpl"], "a.tmpl d/c.tmpl"),
]


@pytest.fixture
def tree(tmp_path):
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize(("words", "expected"), CHOICES, ids=[" ".join(one) for one, _ in CHOICES])
def test_words_choose_files(tree, words, expected):
    chosen = Selection.parse(words, tree)
    assert " ".join(map(chosen.name, chosen.files())) == expected
    assert all(path in chosen for path in chosen.files())


def test_an_absolute_path_chooses_as_a_relative_one_does(tree):
    assert Selection.parse([str(tree / "d")], Path("/")).files() == (
        Selection.parse(["d"], tree).files()
    )
    assert Selection.parse([f"{tree}/d/*.tmpl"], Path("/")).files() == [tree / "d/c.tmpl"]


REFUSED = [
    ("b.cnf", "there is no folder or file {}/b.cnf; did you mean b.conf?"),
    ("d/c.tml", "there is no folder or file {}/d/c.tml; did you mean d/c.tmpl?"),
    ("zzz/yyy", "there is no folder or file {}/zzz/yyy"),
    ("*.tpl", "no file below {} matches *.tpl"),
    ("d/*.conf", "no file below {}/d matches d/*.conf"),
]


@pytest.mark.parametrize(("word", "message"), REFUSED, ids=[word for word, _ in REFUSED])
def test_a_word_that_matches_nothing_is_refused_with_the_nearest_name(tree, word, message):
    with pytest.raises(ValueError, match="no f") as caught:
        Selection.parse([word], tree)
    assert str(caught.value) == message.format(tree)


# -- The options


@pytest.fixture
def project(pytester):
    made = Project(pytester)
    made.write({"templates/a.tmpl": IF, "templates/README.md": "{{if"})
    made.test(
        "confd.render('templates/a.tmpl', {'a': 1})", "confd.render('templates/a.tmpl', {'b': 1})"
    )
    return made


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["one", "two"])
def test_reports_are_written_with_and_without_workers(project, workers):
    reports = [
        f"--confd-cov-report={kind}" for kind in ("xml", "lcov:out/l", "json", "html", "term")
    ]
    result = project.run(*workers, "--confd-cov=templates/*.tmpl", *reports)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "wrote */confd-coverage.xml",
            "wrote */out/l",
            "wrote */confd-coverage.json",
            "wrote */confd-coverage.html",
            "templates/a.tmpl * 100%",
        ]
    )
    found = json.loads((project.path / "confd-coverage.json").read_text())
    places = found["templates"]["templates/a.tmpl"]["places"]
    assert [one["tests"] for one in places] == [
        ["test_it.py::test_0", "test_it.py::test_1"],
        ["test_it.py::test_0"],
        ["test_it.py::test_0"],
        ["test_it.py::test_1"],
        ["test_it.py::test_1"],
    ]
    read = Cobertura(str(project.path / "confd-coverage.xml"))
    assert read.files() == ["templates/a.tmpl"]
    assert read.total_misses() == 0
    assert "SF:templates/a.tmpl" in (project.path / "out" / "l").read_text()


def test_a_broken_template_fails_the_gate_unless_it_is_left_out(project):
    gate = ("--confd-cov=templates", "--confd-cov-fail-under=100")
    assert project.run(*gate).ret == 1
    assert project.run(*gate, "--confd-cov=!*.md").ret == 0


def test_an_unknown_report_names_those_that_there_are(project):
    result = project.run("--confd-cov-report=yaml")
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["*'yaml' is not term, html, xml, lcov, json, or one of them with :FILE"]
    )


def test_a_folder_that_is_not_there_is_refused(project):
    result = project.run("--confd-cov=template")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--confd-cov: there is no folder*; did you mean templates?"])
