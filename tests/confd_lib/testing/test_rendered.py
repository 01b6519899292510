"""A rendered text as a text, and what explains that it is not the expected one."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from confd_lib.backends.simulated import View
from confd_lib.confdir.resource import TemplateResource
from confd_lib.testing import Bench, Rendered
from confd_lib.testing.rendered import compared, explain
from metadata_client.compose import Environment, load

TEXT = "[server]\nport = 80\n\nname = web\n"
OUT = Rendered(TEXT, "a.tmpl")


# -- As text


@pytest.mark.parametrize(
    ("mine", "of_a_text"),
    [
        pytest.param(OUT == TEXT, True, id="equal"),
        pytest.param(TEXT == OUT, True, id="equal-from-the-other-side"),
        pytest.param(Rendered(TEXT, "b.tmpl") == OUT, True, id="equal-to-another"),
        pytest.param(OUT == "x", False, id="not-equal"),
        pytest.param("port" in OUT, True, id="contains"),
        pytest.param("prot" in OUT, False, id="does-not-contain"),
        pytest.param(list(OUT), ["[server]", "port = 80", "", "name = web"], id="lines"),
        pytest.param(OUT.splitlines(), TEXT.splitlines(), id="splitlines"),
        pytest.param(OUT.splitlines(keepends=True), TEXT.splitlines(keepends=True), id="keepends"),
        pytest.param(str(OUT), TEXT, id="str"),
        pytest.param(hash(OUT), hash(TEXT), id="hash"),
        pytest.param(list(Rendered("", "a.tmpl")), [], id="no-lines"),
        pytest.param(list(Rendered("a\n\n", "a.tmpl")), ["a", ""], id="an-empty-line"),
    ],
)
def test_a_rendered_text_is_a_text(mine: object, of_a_text: object) -> None:
    assert mine == of_a_text


@pytest.mark.parametrize(
    ("text", "read", "value"),
    [
        pytest.param("[a]\nb = 1\n", Rendered.ini, {"a": {"b": "1"}}, id="ini"),
        pytest.param(
            "[a]\r\nb = x\x0cy\u2028z\x85\n",
            Rendered.ini,
            {"a": {"b": "x\x0cy\u2028z"}},
            id="ini: only a newline ends a line",
        ),
        pytest.param("a: [1, 2]\n", Rendered.yaml, {"a": [1, 2]}, id="yaml"),
        pytest.param('{"a": null}', Rendered.json, {"a": None}, id="json"),
        pytest.param("[a]\nb = 1\n", Rendered.toml, {"a": {"b": 1}}, id="toml"),
        pytest.param("<a><b/></a>", lambda out: ET.tostring(out.xml()), b"<a><b /></a>", id="xml"),
    ],
)
def test_a_rendered_text_is_read(text: str, read, value: object) -> None:
    assert read(Rendered(text, "a.tmpl")) == value


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("= \x1b\n", Rendered.ini, id="ini"),
        pytest.param("[a: {\x1b\n", Rendered.yaml, id="yaml"),
        pytest.param("[a: {\x1b\n", Rendered.json, id="json"),
        pytest.param("[a: {\x1b\n", Rendered.toml, id="toml"),
        pytest.param("[a: {\x1b\n", Rendered.xml, id="xml"),
    ],
)
def test_a_text_that_cannot_be_read_is_shown_in_a_note(text: str, read) -> None:
    with pytest.raises(Exception, match=r".") as caught:
        read(Rendered(text, "a.tmpl"))
    shown = text.replace("\x1b", r"\x1b").rstrip()
    assert caught.value.__notes__ == [f"a.tmpl rendered:\n   1 | {shown}"]


# -- Explained


@pytest.mark.parametrize(
    ("op", "left", "right"),
    [
        pytest.param("==", OUT, 1, id="a-number"),
        pytest.param("==", "a", "b", id="two-texts"),
        pytest.param("<", OUT, "a", id="an-order"),
        pytest.param("in", 1, OUT, id="a-number-in"),
    ],
)
def test_other_comparisons_are_left_to_pytest(op: str, left: object, right: object) -> None:
    assert compared(op, left, right) is None


def test_without_a_difference_there_is_nothing_to_explain() -> None:
    assert explain(OUT, TEXT) == []


@pytest.mark.parametrize(("text", "expected"), [("a", "a\n"), ("a\n", "a"), ("", "\n")])
def test_a_newline_at_the_end_has_no_origin(tmp_path: Path, text: str, expected: str) -> None:
    out = rendered(text, {}, tmp_path)
    assert explain(out, expected)[-1] == "only the newline at the end differs"


def rendered(text: str, values: object, folder: Path, **options: object) -> Rendered:
    (folder / "a.tmpl").write_text(text)
    return Bench().render(folder / "a.tmpl", values, **options)


def origins(out: Rendered, expected: str) -> list[str]:
    """Return what follows the diff, without indentation."""
    lines = [line.strip() for line in explain(out, expected)]
    return lines[lines.index("where the wrong lines come from:") + 1 :]


def test_a_wrong_line_has_its_template_line_and_keys(tmp_path: Path) -> None:
    out = rendered('a\nport {{getv "/port"}} {{getv "/x" "1"}}\n', {"port": 80}, tmp_path)
    assert origins(out, "a\nport 81\n") == [
        "2 | port 80 1",
        f'{tmp_path}/a.tmpl:2: port {{{{getv "/port"}}}} {{{{getv "/x" "1"}}}}',
        '/port = "80"',
        "/x, which does not exist",
    ]


def test_a_line_that_a_condition_leaves_out_has_the_condition(tmp_path: Path) -> None:
    text = '{{range ls "/on"}}{{if eq . "b"}}\nlisten {{.}}\n{{end}}{{end}}'
    out = rendered(text, {"on": {"a": 1}}, tmp_path)
    assert origins(out, "\nlisten b\n") == [
        "- | listen b",
        "is missing; a line of the template is like it",
        f"{tmp_path}/a.tmpl:2: listen {{{{.}}}}",
        f'in {tmp_path}/a.tmpl:1: {{{{range ls "/on"}}}}{{{{if eq . "b"}}}}',
        "/on",
        f'in {tmp_path}/a.tmpl:1: {{{{range ls "/on"}}}}{{{{if eq . "b"}}}}',
        "/on",
    ]


def test_only_some_lines_and_keys_are_explained(tmp_path: Path) -> None:
    values = {"k": {f"{number:02}": "x" * 100 for number in range(20)}}
    out = rendered('{{range gets "/k/*"}}{{.Value}}\n{{end}}{{getvs "/k/*"}}', values, tmp_path)
    said = origins(out, "")
    assert said[-1] == "... and 11 more wrong lines"
    assert len(said) == 10 * 3 + 1
    assert said[2] == f'/k/00 = "{"x" * 60}…"'
    said = origins(out, "".join(f"{'x' * 100}\n" for _ in range(20)))
    assert said[-1] == "16 more keys"


def test_a_template_that_is_gone_explains_nothing(tmp_path: Path) -> None:
    out = rendered("a", {}, tmp_path)
    (tmp_path / "a.tmpl").unlink()
    assert explain(out, "b") == [
        *explain(Rendered("a", "a.tmpl"), "b"),
    ]


def test_a_difference_of_many_lines_is_cut(tmp_path: Path) -> None:
    del tmp_path
    lines = explain(Rendered("a\n" * 1000, "a.tmpl"), "")
    assert lines[-1] == "... and 803 more lines"
    assert len(lines) == 201


# -- Where values were written

STACK = "examples/galera"


def test_a_key_of_a_resource_with_a_prefix_has_its_place() -> None:
    stack = load(STACK, env={"mysql_root_password": "x"})
    view = View(stack, "galera_galera_1")
    wanted = ("examples/galera/rancher-compose.yml", 2)
    assert view.place("/self/service/scale") == wanted
    assert View(Environment((stack,)), "galera_galera_1").place("/self/service/scale") == wanted
    for prefix in ("/self", "/latest/self", "/2015-12-19/self"):
        resource = TemplateResource("a.toml", "a.tmpl", prefix=prefix)
        assert view.place("/service/scale", resource) == wanted
    assert view.place("/self/container/primary_ip") is None


def test_a_key_of_a_tree_has_no_place() -> None:
    assert View({"/self/service/scale": 2}).place("/self/service/scale") is None
