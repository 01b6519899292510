"""The functions of the front door: what they take, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import confd_lib
import gotmpl
from gotmpl import Template


def test_render_takes_what_a_missing_key_gives() -> None:
    assert gotmpl.render("{{.a}}", {}) == "<no value>"
    with pytest.raises(gotmpl.ExecError, match='map has no entry for key "a"'):
        gotmpl.render("{{.a}}", {}, missingkey="error")
    with pytest.raises(gotmpl.TemplateError, match="unrecognized option: missingkey=no"):
        gotmpl.render("{{.a}}", {}, missingkey="no")


NO_TEXTS = [
    (Path("t.tmpl"), "a template is a str, not a path: use Template(name).parse_files(path)"),
    (b"{{.}}", 'a template is a str, not bytes: use text.decode("utf-8", "surrogateescape")'),
    (
        bytearray(b"x"),
        'a template is a str, not bytes: use text.decode("utf-8", "surrogateescape")',
    ),
    (None, "a template is a str, not NoneType"),
]


@pytest.mark.parametrize(("text", "message"), NO_TEXTS)
@pytest.mark.parametrize(
    "parse",
    [gotmpl.render, Template("t").parse, lambda text: gotmpl.parse("t", text), confd_lib.render],
    ids=["render", "Template.parse", "parse", "confd_lib.render"],
)
def test_a_template_is_a_text(
    parse: Callable[[object], object], text: object, message: str
) -> None:
    with pytest.raises(TypeError) as caught:
        parse(text)
    assert str(caught.value) == message


NO_FUNCTIONS = "funcs is a mapping of functions by name, not"
ARGUMENTS: list[tuple[Callable[[], object], str]] = [
    (lambda: Template(None), "the name of a template is a str, not NoneType"),
    (lambda: Template("t").new(1), "the name of a template is a str, not int"),
    (lambda: gotmpl.render("x", name=b"t"), "the name of a template is a str, not bytes"),
    (lambda: Template("t").option(None), "an option is a str, not NoneType"),
    (lambda: Template("t").funcs(None), f"{NO_FUNCTIONS} None"),
    (lambda: gotmpl.render("x", funcs=[len]), f"{NO_FUNCTIONS} a list"),
    (lambda: gotmpl.render("x", funcs={1: len}), "the name of a function is a str, not an int"),
    (lambda: Template("t").delims(b"<", ">"), "left is a str, not bytes"),
    (lambda: Template("t").delims("<", None), "right is a str, not None"),
    (lambda: Template("t").limits(seconds="1"), "seconds is a number or None, not a str"),
    (lambda: Template("t").limits(output=1.5), "output is an int or None, not a float"),
    (lambda: Template("t").add_parse_tree("t", "{{.}}"), "tree is a Tree, not a str"),
    (lambda: Template("t").observe(5), "observer is an observer or None, not an int"),
    (lambda: Template("t").parse_glob(5), "pattern is a str or a path, not an int"),
]


@pytest.mark.parametrize(("call", "message"), ARGUMENTS)
def test_an_argument_of_another_type_is_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == message
