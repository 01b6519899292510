"""The builtin functions against text/template: comparisons, index, slice, len and the escapers."""

from __future__ import annotations

import types
from dataclasses import dataclass

import pytest

import gotmpl
from gotmpl.builtins.functions import BUILTINS
from gotmpl.errors import FuncError
from gotmpl.values.kinds import Slice
from tests.gotmpl.oracle.regenerate import load
from tests.gotmpl.oracle.verdict import wrong


@pytest.mark.parametrize("name", sorted(set(BUILTINS) - {"and", "call", "or", "printf"}))
def test_functions_are_gos(name: str) -> None:
    rows = load("values_functions", text=name)
    assert len(rows) > 20
    assert wrong(rows) == []


@pytest.mark.parametrize(
    ("name", "args", "result"),
    [
        pytest.param("and", (1, 0, 2), 0, id="and gives the first false value"),
        pytest.param("and", (1, "x"), "x", id="and gives the last value"),
        pytest.param("or", (0, "", "x", 2), "x", id="or gives the first true value"),
        pytest.param("or", (0, None), None, id="or gives the last value"),
        pytest.param("printf", ("%s-%d", "a", 1), "a-1", id="printf"),
        pytest.param("eq", ("日", "\udce6\udc97\udca5"), True, id="bytes decide"),
        pytest.param("lt", ("\udcff", "\U0001f600"), False, id="bytes order, not code points"),
    ],
)
def test_results(name: str, args: tuple[object, ...], result: object) -> None:
    assert BUILTINS[name](*args) == result


def test_a_part_of_a_typed_list_keeps_its_type() -> None:
    part = BUILTINS["slice"](Slice("string", ["a", "b"]), 1)
    assert isinstance(part, Slice)
    assert (part.elem, part) == ("string", ["b"])


@pytest.mark.parametrize("key", [True, 1.0])
def test_one_true_and_1_0_are_three_keys(key: object) -> None:
    assert BUILTINS["index"]({1: "one", "s": 2}, key) is None
    with pytest.raises(FuncError, match=r"^value has type \w+; should be int$"):
        BUILTINS["index"]({1: "one"}, key)


@dataclass
class Job:
    """A class with an annotation that cannot be evaluated, and a field named as one of partials."""

    owner: types.Nobody  # type: ignore[name-defined]  # the undefined name is the point
    done: list  # type: ignore[type-arg]  # older code writes it so
    func: str = "run"


def test_annotations_that_are_not_types_accept_any_value() -> None:
    def shout(text: object, mark: object = "!") -> str:
        return f"{text}{mark}"

    shout.__annotations__ = {"text": ["a", "list"], "mark": {"a": "map"}, "return": str}
    template = gotmpl.Template("t").funcs({"shout": shout})
    assert template.parse('{{shout "a"}} {{shout 1 2}}').render() == "a! 12"


def test_annotations_that_cannot_be_evaluated_are_read_as_they_stand() -> None:
    with pytest.raises(
        gotmpl.ExecError, match=r"non-comparable type {ann .. run}: test_functions\.Job"
    ):
        gotmpl.render("{{eq . .}}", Job("ann", []))
    with pytest.raises(gotmpl.ExecError, match="can't evaluate field x in type string"):
        gotmpl.render("{{.func.x}}", Job("ann", []))
