"""The nodes of a tree are parsed again where they are asked for after an execution."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

import gotmpl
from gotmpl import Template
from gotmpl.syntax.blocks import _Parser
from gotmpl.syntax.lexer import Piece
from gotmpl.syntax.nodes import Tree

TEXT = '{{define "x"}}{{/* c */}}{{.a.b}}{{end}}<{{template "x" .}}{{fail .c}}>'


def fail(_: object) -> str:
    raise ValueError("no")


def rendered(text: str = TEXT) -> Template:
    template = Template("t").funcs({"fail": fail, "break": str}).parse(text)
    with pytest.raises(gotmpl.ExecError):
        template.render({"a": {"b": 1}, "c": 2})
    return template


def trees(template: Template) -> dict[str, Tree]:
    return {one.name: one.tree for one in template.templates() if one.tree}


def test_what_is_executed_lets_go_of_its_nodes() -> None:
    for tree in trees(rendered()).values():
        assert tree._root is None
        assert tree.root is tree.root


def test_they_are_the_same_again() -> None:
    before = trees(Template("t").funcs({"fail": fail}).parse(TEXT))
    for name, tree in trees(rendered()).items():
        assert str(tree) == str(before[name])
        assert str(tree.root) == str(before[name].root)
        assert [node.pos for node in tree.root.nodes] == [n.pos for n in before[name].root.nodes]
        assert not tree.is_empty


def test_functions_that_are_named_as_keywords_stay_functions() -> None:
    tree = trees(rendered("{{range .a}}{{break .}}{{end}}{{fail 1}}"))["t"]
    assert str(tree.root) == "{{range .a}}{{break .}}{{end}}{{fail 1}}"


def test_nodes_that_were_asked_for_before_stay() -> None:
    template = Template("t").parse("{{.}}")
    assert template.tree
    root = template.tree.root
    template.render(1)
    assert template.tree.root is root


def test_nodes_of_the_users_stay() -> None:
    source = gotmpl.nodes.Source("t", "")
    text = gotmpl.nodes.TextNode(0, "a")
    tree = Tree("t", source, gotmpl.nodes.ListNode(0, (text,)))
    template = Template("t").add_parse_tree("t", tree)
    assert template.render() == "a"
    assert tree.root.nodes == (text,)


def test_code_is_generated_again_for_other_functions() -> None:
    template = rendered()
    template.funcs({"fail": lambda value: f"{value}!"})
    assert template.render({"a": {"b": 1}, "c": 2}) == "<12!>"
    assert template.clone().parse('{{define "x"}}y{{end}}').render({"c": 2}) == "<y2!>"


def test_a_source_is_parsed_once_for_all_its_templates(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f'{{{{define "x{n}"}}}}{n}{{{{end}}}}{{{{template "x{n}"}}}}' for n in range(9))
    Template("t").parse(text).render()
    template = Template("t").limits(steps=100).parse(text)
    parse, parsed = _Parser.parse, []

    def counted(parser: _Parser, pieces: Iterable[Piece]) -> dict[str, Tree]:
        parsed.append(parser)
        return parse(parser, pieces)

    monkeypatch.setattr(_Parser, "parse", counted)
    assert template.render() == "012345678"
    assert len(parsed) == 1
