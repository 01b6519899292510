"""The settings that confd does not have: `each`, shared templates, formats, spans of time."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib.lint import lint
from confd_lib.store.store import Store

READ = '{{getv "/app/port"}}\n'
DEST = 'dest = "/etc/{{.}}"\neach = "/app/*"\n'


def findings(
    folder: Path,
    settings: str,
    template: str = READ,
    target: str = "confd-lib",
    stores: tuple[Store, ...] = (),
    **parts: str,
) -> list[tuple[str, str, int]]:
    """Return the rule, the file and the line of each finding in a confd folder."""
    for name in ("conf.d", "templates"):
        (folder / name).mkdir()
    head = '[template]\nsrc = "a.tmpl"\nkeys = ["/app"]\n'
    dest = "" if "dest" in settings else 'dest = "/etc/a"\n'
    (folder / "conf.d/a.toml").write_text(head + dest + settings)
    (folder / "templates/a.tmpl").write_text(template)
    for name, text in parts.items():
        (folder / f"templates/{name}.tmpl").write_text(text)
    found = lint(folder, target=target, stores=stores)
    return [(one.rule, Path(one.path).name, one.line) for one in found]


@pytest.mark.parametrize(
    ("settings", "template"),
    [
        (DEST, '{{.}} {{getv (printf "/app/%s" .)}}'),
        (DEST, '{{range split . ","}}{{.}}{{end}}{{$}}'),
        (DEST, "no reads at all"),
        ('dest = "/etc/{{toLower .}}"\neach = "/app/x*"\n', "{{.}}"),
        ('output_format = "json"\ndebounce = "2s"\nmin_reload_interval = 30\n', READ),
    ],
)
def test_what_is_right_is_not_reported(tmp_path, settings, template):
    assert findings(tmp_path, settings, template) == []


@pytest.mark.parametrize(
    ("settings", "template", "expected"),
    [
        (DEST, "{{.Name}}", ("unknown-field", "a.tmpl", 1)),
        (DEST, "{{range .}}{{end}}", ("range-type", "a.tmpl", 1)),
        ('dest = "/etc/{{.}}"\neach = "/db/*"\n', READ, ("each-not-listed", "a.toml", 5)),
        ('dest = "/etc/{{.}"\neach = "/app/*"\n', READ, ("dest-template", "a.toml", 4)),
        ('dest = "/etc/{{getv .}}"\neach = "/app/*"\n', READ, ("dest-template", "a.toml", 4)),
        ('dest = "/etc/a"\neach = "/app/*"\n', READ, ("wrong-value", "a.toml", 4)),
        ('dest = "/etc/{{.}}"\neach = "app/*"\n', READ, ("wrong-value", "a.toml", 5)),
        ('dest = "/etc/{{.}}"\neach = "/app/["\n', READ, ("wrong-value", "a.toml", 5)),
        ('dest = "/etc/{{.}}"\n', READ, ("dest-action", "a.toml", 4)),
        ('templates = ["gone.tmpl"]\n', READ, ("missing-part", "a.toml", 5)),
        ('templates = ["a.tmpl"]\n', READ, ("wrong-value", "a.toml", 5)),
        ('output_format = "jsn"\n', READ, ("wrong-value", "a.toml", 5)),
        ('debounce = "soon"\n', READ, ("wrong-value", "a.toml", 5)),
        ("min_reload_interval = -1\n", READ, ("wrong-value", "a.toml", 5)),
    ],
)
def test_what_is_wrong_is_reported_once(tmp_path, settings, template, expected):
    assert findings(tmp_path, settings, template) == [expected]


@pytest.mark.parametrize(
    "setting", ["each", "templates", "output_format", "min_reload_interval", "debounce"]
)
def test_confd_itself_knows_none_of_them(tmp_path, setting):
    lines = {
        "each": DEST,
        "templates": 'templates = ["p.tmpl"]\n',
        "output_format": 'output_format = "json"\n',
        "min_reload_interval": 'min_reload_interval = "1s"\n',
        "debounce": 'debounce = "1s"\n',
    }
    found = findings(tmp_path, lines[setting], target="0.16", p=READ)
    assert [rule for rule, *_ in found if rule != "unused-template"] == ["only-confd-lib"]


PART = 'templates = ["p.tmpl"]\n'


def test_reads_definitions_and_calls_of_a_shared_template_count(tmp_path):
    text = '{{template "p.tmpl" "x"}}{{template "row" 1}}{{define "mine"}}x{{end}}'
    part = '{{define "row"}}{{.}}{{end}}{{.}}{{getv "/app/port"}}{{template "mine"}}'
    assert findings(tmp_path, PART, text, p=part) == []


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("{{if}}", ("template-syntax", "p.tmpl", 1)),
        ("{{getvv .}}", ("unknown-function", "p.tmpl", 1)),
        ("{{toUpper}}", ("wrong-arguments", "p.tmpl", 1)),
    ],
)
def test_a_fault_of_a_shared_template_is_reported_there(tmp_path, part, expected):
    found = findings(tmp_path, PART, '{{template "p.tmpl" "x"}}' + READ, p=part)
    assert found == [expected]


def test_a_template_that_only_shares_is_no_fault_without_each(tmp_path):
    assert findings(tmp_path, PART, READ, p="x") == []


def test_each_name_of_a_stack_is_rendered(tmp_path):
    text = '{{getv (printf "/app/%s/ip" .)}}'
    good, bad = Store({"app": {"a": {"ip": 1}}}), Store({"app": {"a": {"ip": 1}, "b": {"x": 1}}})
    for name, store, expected in (("good", good, []), ("bad", bad, ["fails-on-stack"])):
        (tmp_path / name).mkdir()
        found = findings(tmp_path / name, DEST, text, stores=(store,))
        assert [rule for rule, *_ in found] == expected
