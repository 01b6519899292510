"""`templates`: templates that several resources share, called by their base names as in Go."""

from __future__ import annotations

import pytest

from tests.confd_lib.outcomes import statuses


def test_a_template_is_shared_by_its_base_name(folder):
    (folder.path / "templates/parts").mkdir()
    folder.template("# {{.}}\n", "parts/head")
    for name in ("a", "b"):
        folder.both(f'{{{{template "head.tmpl" "{name}"}}}}x', name, templates=["parts/head.tmpl"])
    folder.confd().run_once()
    assert [folder.dest(name).read_text() for name in ("a", "b")] == ["# a\nx", "# b\nx"]


def test_definitions_in_it_may_be_called_too(folder):
    folder.template('{{define "row"}}<{{.}}>{{end}}ignored', "part")
    folder.both('{{range ls "/"}}{{template "row" .}}{{end}}', templates=["part.tmpl"])
    folder.confd({"/a": 1, "/b": 2}).run_once()
    assert folder.dest().read_text() == "<a><b>"


def test_a_definition_of_the_template_itself_counts_before_that_of_a_part(folder):
    folder.template('{{define "row"}}part{{end}}', "part")
    folder.both('{{define "row"}}own{{end}}{{template "row"}}', templates=["part.tmpl"])
    folder.confd().run_once()
    assert folder.dest().read_text() == "own"


def test_functions_and_delims_are_those_of_the_resource(folder):
    folder.template('<<getv "/v">>', "part")
    folder.both(
        '<<template "part.tmpl">>', templates=["part.tmpl"], left_delim="<<", right_delim=">>"
    )
    folder.confd({"/v": "x"}).run_once()
    assert folder.dest().read_text() == "x"


def test_a_change_of_a_part_is_seen_by_the_next_pass(folder):
    folder.template("one", "part")
    folder.both('{{template "part.tmpl"}}', templates=["part.tmpl"])
    confd = folder.confd()
    confd.run_once()
    folder.template("two", "part")
    assert statuses(confd.run_once()) == {"a": "updated"}
    assert folder.dest().read_text() == "two"


def test_a_part_that_a_resource_writes_is_read_after_it_was_swapped(folder):
    part = folder.path / "templates/part.tmpl"
    part.write_text("old")
    folder.both("new", "a", dest=str(part))
    folder.both('{{template "part.tmpl"}}', "b", templates=["part.tmpl"])
    folder.confd().run_once()
    assert folder.dest("b").read_text() == "new"


@pytest.mark.parametrize(
    ("parts", "text", "words"),
    [
        (["gone.tmpl"], "x", "Missing template: "),
        (["bad.tmpl"], "x", "template: bad.tmpl:1: unclosed action"),
        (["a.tmpl"], "x", "templates: two files have the name a.tmpl; rename one"),
        (["x/p.tmpl", "y/p.tmpl"], "x", "templates: two files have the name p.tmpl; rename one"),
        ([], '{{template "bad.tmpl"}}', 'template "bad.tmpl" not defined'),
    ],
)
def test_a_fault_is_one_error_that_names_the_file(folder, parts, text, words):
    folder.template("{{", "bad")
    folder.both(text, templates=parts)
    (result,) = folder.confd().run_once()
    assert words in str(result.error)
    assert "\n" not in str(result.error)
