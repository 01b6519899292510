"""Laws of the engine, over templates and data that our grammar invents.

* Ours is Go's: output, error text, and the output before the error ("all of text/template").
* Any text parses or raises ParseError.
* `str(tree)` parses to a tree that prints the same.
* A walk meets the nodes that a tree prints, in the order of the text.
* Any data renders or raises ExecError; no other exception escapes.
* Rendering is deterministic: the same template and data give the same text.
* Actions do the same at any place: at the top, in a loop, nested deep, in another template.
* No two variables share a Python variable.
* Errors survive pickle.
* No text that a template writes or hands to a function holds bytes that are a rune together.
"""

from __future__ import annotations

import ast
import copy
import pickle
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import gotmpl
from gotmpl.syntax.walk import walk

from .oracle import ours
from .oracle.judge import Case, Judge
from .oracle.mirror import FUNCTIONS, decode
from .oracle.verdict import ADDRESS, comparable, plain
from .strategies import bodies, broken_templates, cases, executions, templates, texts

KNOWN = gotmpl.BUILTINS.keys() | set(FUNCTIONS)

slow = settings(
    deadline=None,
    suppress_health_check=[
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
        HealthCheck.too_slow,
    ],
)


def from_bytes(text: str) -> str:
    """Return a text with surrogates only for bytes that are no part of a rune."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


@slow
@given(asked=cases())
def test_ours_is_gos(judge: Judge, asked: Case) -> None:
    go = judge.ask(asked)
    assume(comparable(asked, go))
    assert plain(ours.answer(asked)) == plain(go)


@slow
@given(text=texts() | broken_templates())
def test_any_text_parses_or_raises_parse_error(text: str) -> None:
    error = raised({"template": text, "funcs": list(FUNCTIONS)}, executes=False)
    assert error is None or str(error).startswith("template: t:")


@slow
@given(text=templates())
def test_a_printed_tree_is_a_fixed_point(text: str) -> None:
    for tree in parsed(text).values():
        assume("{{{" not in str(tree))  # a trimmed "{ " before an action: Go's String loses it too
        again = gotmpl.parse("t", str(tree), funcs=KNOWN)["t"]
        assert str(again) == str(tree)


@slow
@given(text=templates())
def test_a_walk_meets_what_is_printed(text: str) -> None:
    for tree in parsed(text).values():
        assert list(walk(tree.root)) == list(printed(tree.root))


def printed(node: gotmpl.nodes.Node) -> Iterator[gotmpl.nodes.Node]:
    yield node
    for piece in node.pieces():
        if isinstance(piece, gotmpl.nodes.Node):
            yield from printed(piece)


def parsed(text: str) -> dict[str, gotmpl.nodes.Tree]:
    try:
        return gotmpl.parse("t", text, funcs=KNOWN)
    except gotmpl.ParseError:
        assume(condition=False)
        raise


@slow
@given(asked=executions())
def test_rendering_is_deterministic(asked: Case) -> None:
    """Also when the data are built again, with their keys in another order."""
    answer = ours.answer(asked)
    assume(comparable(asked, answer))  # the address of a channel is another each time
    other = {**asked, "data": backwards(copy.deepcopy(asked["data"]))}
    assert ours.answer(other) == answer


def backwards(value: object) -> object:
    if isinstance(value, dict):
        return {key: backwards(value[key]) for key in reversed(value)}
    if isinstance(value, list):
        return [backwards(item) for item in value]
    return value


# Each keeps `$` for its content, and also dot if dot is true.
PLACES = {
    "loop": "{{range 1}}{{with $}}@{{end}}{{end}}",
    "depth": "{{if 1}}" * 16 + "@" + "{{end}}" * 16,
    "depth of a loop": "{{range 1}}{{with $}}" + "{{if 1}}" * 16 + "@" + "{{end}}" * 18,
    "long list": "{{if 0}}{{end}}" * 61 + "@" + "{{if 0}}{{end}}" * 61,
    "template": '{{define "in"}}@{{end}}{{template "in" .}}',
}


@slow
@given(asked=bodies())
def test_actions_do_the_same_everywhere(asked: Case) -> None:
    """Code that runs once has nothing inlined, and deep or long code becomes functions."""
    assume(comparable(asked, {}))
    text = f"[{asked['template']}]"
    assume(raised({**asked, "template": text}, executes=False) is None)
    expected = outcome({**asked, "template": text})
    assume(not ADDRESS.search(str(expected)))
    there = {
        place: outcome({**asked, "template": around.replace("@", text)})
        for place, around in PLACES.items()
    }
    assert there == dict.fromkeys(PLACES, expected)


def outcome(asked: Case) -> tuple[str, ...]:
    """Return the output, and the error text without its place."""
    template = gotmpl.Template("t").funcs(FUNCTIONS).parse(asked["template"])
    try:
        return (template.render(decode(asked["data"])),)
    except gotmpl.ExecError as error:
        return error.partial, error.reason, error.context


@slow
@given(names=st.lists(st.text("0123xé", min_size=1, max_size=3), max_size=40))
@example(["23", *["f"] * 19, "3"])
def test_no_two_variables_share_a_python_variable(names: list[str]) -> None:
    text = "".join(f"{{{{${name} := .}}}}" for name in names)
    source = ast.parse(gotmpl.Template("t").parse(text).python_source())
    stored = [
        node.id
        for node in ast.walk(source)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    assert len(stored) >= len(names)
    assert len(stored) == len(set(stored))


@slow
@given(asked=executions())
def test_errors_survive_pickle(asked: Case) -> None:
    error = raised(asked)
    assume(error is not None)
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is type(error)
    assert str(copied) == str(error)
    assert vars(copied) == vars(error)


def raised(asked: Case, *, executes: bool = True) -> gotmpl.TemplateError | None:
    """Return the TemplateError that a case raises; any other exception escapes."""
    template = gotmpl.Template("t").funcs(ours.functions(asked["funcs"]))
    try:
        template.parse(asked["template"])
        if executes:
            template.render(decode(asked["data"]))
    except gotmpl.TemplateError as error:
        return error
    return None


@pytest.mark.parametrize("text", ["{{.x.y}}", "{{", '{{template "no"}}'])
def test_errors_of_each_sort_are_pickled(text: str) -> None:
    error = raised({"template": text, "funcs": [], "data": {"x": 1}})
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


JOINING = [
    "print $.a $.b $.c",
    'printf "%s%v%s" $.a $.b $.c',
    'printf "\\xc3%s\\xa9%s" $.a $.b',
    'printf "%.1s%-2s" $.a $.b | printf "%s%s" $.c',
    "html $.a $.b",
    "urlquery $.a $.b",
    "slice (print $.a $.b) 0 | print $.c",
    "print (printf `%s` $.a) (index $.l 0)",
]
bytes_and_runes = st.text(["\udcc3", "\udca9", "\udce6", "\udc97", "a", "é", "日"], max_size=4).map(
    from_bytes
)


@slow
@given(
    a=bytes_and_runes,
    b=bytes_and_runes,
    c=bytes_and_runes,
    joining=st.sampled_from(JOINING),
    around=st.sampled_from(["@", *PLACES.values()]),
)
@example("\udcc3", "\udca9", "", JOINING[1], PLACES["loop"])
def test_texts_side_by_side_are_one_text(a: str, b: str, c: str, joining: str, around: str) -> None:
    seen: list[str] = []

    def see(text: str) -> str:
        seen.append(text)
        return text

    text = around.replace("@", f"{{{{{joining} | see}}}}{{{{$.b}}}}{{{{$.a}}}}")
    template = gotmpl.Template("t").funcs({"see": see}).parse(text)
    data = {"a": a, "b": b, "c": c, "l": [a]}
    for limits in ({}, {"seconds": 60.0, "output": 10**6}):
        written = template.limits(**limits).render(data)  # type: ignore[arg-type]  # numbers
        assert all(one == from_bytes(one) for one in (*seen, written))
