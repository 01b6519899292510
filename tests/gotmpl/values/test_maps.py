"""Maps that know the Go type of their values."""

from __future__ import annotations

import copy
import pickle

import pytest

from gotmpl import ExecError, Map, Template, render

TAGS = Map("string", {"b": "2", "a": "1"})


@pytest.mark.parametrize(
    ("template", "output"),
    [
        ("{{.}}", "map[a:1 b:2]"),
        ('{{printf "%T" .}}', "map[string]string"),
        ('{{.c}}|{{index . "c"}}|{{index . "a"}}', "<no value>||1"),
        ("{{range $k, $v := .}}{{$k}}{{$v}}{{end}}", "a1b2"),
        ("{{len .}}{{if .}} yes{{end}}", "2 yes"),
    ],
)
def test_a_template_sees_a_map(template: str, output: str) -> None:
    assert render(template, TAGS) == output


@pytest.mark.parametrize(
    ("elem", "zero"), [("string", ""), ("int", "0"), ("bool", "false"), ("float64", "0")]
)
def test_index_of_a_key_that_is_not_there_is_go_s_zero(elem: str, zero: str) -> None:
    assert render('{{index . "a"}}', Map(elem)) == zero


def test_it_is_no_map_of_any_values() -> None:
    def keys(items: dict[str, object]) -> int:
        return len(items)

    template = Template("t").funcs({"keys": keys}).parse("{{keys .}}")
    assert template.render({"a": 1}) == "1"
    with pytest.raises(ExecError, match=r"expected map\[string\]interface \{\}; got map\[string\]"):
        template.render(TAGS)


def test_it_is_copied_and_pickled() -> None:
    for again in (copy.deepcopy(TAGS), pickle.loads(pickle.dumps(TAGS))):
        assert (again, again.elem) == (TAGS, "string")
