"""Templates that are pickled or copied render as before, whether they were executed or not."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from collections.abc import Callable

import pytest

from gotmpl import LimitError, Template

TEXT = '{{define "row"}}<{{shout .}}>{{end}}{{range .}}{{template "row" .}}{{end}}'


def shout(text: str) -> str:
    return text.upper()


def made(*, is_executed: bool) -> Template:
    template = Template("t").funcs({"shout": shout}).limits(steps=8).parse(TEXT)
    if is_executed:
        template.render(["a"])
    return template


@pytest.mark.parametrize("is_executed", [False, True])
@pytest.mark.parametrize(
    "again", [lambda one: pickle.loads(pickle.dumps(one)), copy.copy, copy.deepcopy]
)
def test_a_copy_renders_as_the_template_does(
    again: Callable[[Template], Template], is_executed: bool
) -> None:
    template = again(made(is_executed=is_executed))
    assert template.render(["a", "b"]) == "<A><B>"
    assert template.lookup("row") is not None
    with pytest.raises(LimitError):
        template.render(["a"] * 9)


def test_a_pickle_is_the_same_before_and_after_an_execution() -> None:
    template = made(is_executed=False)
    before = pickle.dumps(template)
    template.render(["a"])
    assert len(pickle.dumps(template)) <= len(before)


@pytest.mark.parametrize("again", [lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy])
def test_a_copy_has_a_set_of_its_own(again: Callable[[Template], Template]) -> None:
    template = made(is_executed=True)
    again(template).parse('{{define "row"}}{{.}}{{end}}')
    assert template.render(["a"]) == "<A>"


def test_another_process_executes_it() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(made(is_executed=True).render, (["a"],)) == "<A>"
