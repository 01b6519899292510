"""Answers as the text of a file: what is read from it again is what was written.

YAML and JSON read the text in different ways; the real service reads it as YAML.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata_client import Answers, AnswersError, MetadataServer, compose, yaml11
from tests.metadata_client.server.asking import get

TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def held(value: Any) -> Any:
    """Return a value without what no file can hold: lone surrogates."""
    if isinstance(value, str):
        return "".join("\ufffd" if 0xD800 <= ord(one) < 0xE000 else one for one in value)
    if isinstance(value, list):
        return [held(one) for one in value]
    if isinstance(value, dict):
        return {held(name): held(one) for name, one in value.items()}
    return value


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_any_tree_is_read_again_as_json_and_as_yaml(tree: dict[str, object]) -> None:
    text = Answers({"latest": {"default": tree}}).dumps()
    read = Answers.loads(text).tree("latest")
    assert read == held(tree)
    as_yaml = yaml11.load(text)
    assert isinstance(as_yaml, dict)
    assert as_yaml["latest"]["default"] == held(tree)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_clients_share_is_written_for_each_as_it_is_for_one(tree: dict[str, object]) -> None:
    shared = {"default": tree, "10.42.0.1": {"self": tree, "others": [tree, tree]}}
    apart = json.loads(json.dumps(shared))
    assert Answers({"latest": shared}).dumps() == Answers({"latest": apart}).dumps()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "yes",
            "~",
            "null",
            "0755",
            "1e3",
            "2016-07-29",
            "a: b",
            "- a",
            "#",
            "<<",
            "=",
            "!!binary",
        ),
        *("", " ", "\t", "\n", "\r\n", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe"),
        *('"', "\\", "\\u0041", "/", "é", "😀", "{{getv}}", "'"),
    ],
)
def test_a_text_stays_a_text(text: str) -> None:
    written = Answers({"latest": {"default": {text: text}}}).dumps()
    assert yaml11.load(written) == {"latest": {"default": {text: text}}}


@pytest.mark.parametrize("form", ["text/plain", "application/json", "text/yaml"])
def test_a_stack_is_served_from_its_file_as_it_is_from_memory(tmp_path, form: str) -> None:
    env = {"mysql_root_password": "s3cret"}
    stack = compose.load("examples/galera", env=env, scale={"galera": 2})
    file = tmp_path / "answers.json"
    file.write_text(stack.answers().dumps())
    address = stack.container("galera_galera_2").address
    assert Answers.load(file).tree("latest", address) == stack.answers().tree("latest", address)
    paths = [f"/{version}{path}" for version in stack.answers() for path in ("", "/", "/services/")]
    with MetadataServer(file) as of_file, MetadataServer(stack.answers()) as of_memory:
        for path in ("/", *paths):
            assert get(of_file, path, form) == get(of_memory, path, form)


@pytest.mark.parametrize("length", [1022, 1023])
def test_a_key_that_yaml_cannot_hold_is_refused(length: int) -> None:
    answers = Answers({"latest": {"default": {"a": [{"k" * length: 1}]}}})
    if length == 1022:
        assert yaml11.load(answers.dumps()) == dict(answers)
    else:
        with pytest.raises(AnswersError) as caught:
            answers.dumps()
        assert str(caught.value) == f"a key is too long for YAML: {'k' * 40}…"
