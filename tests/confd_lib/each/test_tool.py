"""`confd-lib render` of a resource: how its failures are explained, `--name` and `--watch`."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib.command.tool import cli, targets

VALUES = "services: {web: {port: 80}, db: {port: 5432}}\nother: 1\n"


@pytest.fixture
def render(folder, tmp_path, capfd):
    """Render a resource with these templates, and return the status, the output and the errors."""
    values = tmp_path / "values.yml"
    values.write_text(VALUES)

    def run(text: str, *flags: str, head: str = "# {{.}}\n") -> tuple[int, str, list[str]]:
        folder.template(head, "head")
        fields = {"dest": "/{{.}}", "keys": ["/services"], "templates": ["head.tmpl"]}
        folder.both(text, each="/services/*", **fields)
        file = folder.path / "conf.d/a.toml"
        status = cli.main(["render", str(file), "--values", str(values), *flags])
        said = capfd.readouterr()
        return status, said.out, said.err.splitlines()

    return run


def test_a_failure_of_a_name_is_explained(render):
    status, out, said = render('{{getv (printf "/services/%s/prt" .)}}', "--each", "web")
    assert (status, out) == (1, "")
    assert 'printf "/services/%s/prt" . = "/services/web/prt" (string)' in "\n".join(said)
    assert said[-1] == "did you mean /services/web/port?"


def test_a_key_that_the_resource_does_not_list_is_named_as_such(render):
    said = render('{{getv "/other"}}', "--each", "web")[2]
    assert said[-1].startswith("the store has it, but it is not below any of the resource's keys")


def test_a_failure_in_a_shared_template_shows_the_line_of_that_one(render):
    said = render('\n\n{{template "head.tmpl" .}}', "--each", "web", head="a\n{{.x}}\n")[2]
    assert "  2 | {{.x}}" in said
    assert "head.tmpl:2" in said
    assert '  . = "web" (string)' in said


def test_the_name_of_the_template_in_errors_is_another_flag(render):
    said = render('{{getv "/none"}}', "--each", "web", "--name", "shown.tmpl")[2]
    assert 'executing "shown.tmpl"' in said[0]


def test_a_watch_follows_the_resource_and_all_of_its_templates(render, folder):
    assert render('{{template "head.tmpl" .}}', "--each", "web")[:2] == (0, "# web\n")
    conf, found = folder.path, targets.files(str(folder.path / "conf.d/a.toml"))
    names = ("conf.d/a.toml", "templates/head.tmpl", "templates/a.tmpl")
    assert list(found) == [conf / name for name in names]
    assert list(targets.files("templates/a.tmpl")) == [Path("templates/a.tmpl")]
