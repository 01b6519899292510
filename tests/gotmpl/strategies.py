"""Hypothesis strategies over the grammar in oracle/author.py: its `Random` is hypothesis's own.

So hypothesis shrinks the author's random choices, and a template stays one of the grammar.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

from .oracle.author import WRONG, Author, case, with_fault
from .oracle.invention import Inventor
from .oracle.judge import Case
from .oracle.mirror import FUNCTIONS

randoms = st.randoms(use_true_random=False)


def cases() -> st.SearchStrategy[Case]:
    """Return whole cases: mostly a template, its data, options and delimiters; some are broken."""
    return randoms.map(case)


def executions() -> st.SearchStrategy[Case]:
    """Return the cases that execute a template."""
    return cases().filter(lambda asked: "data" in asked)


def bodies() -> st.SearchStrategy[Case]:
    """Return executions of templates that define nothing, with maps for data."""
    return randoms.map(body)


def body(random: Random) -> Case:
    root = {"a": Inventor(random).value(1), "b": Inventor(random).value(2)}
    return {"template": Author(random, root).body(), "funcs": list(FUNCTIONS), "data": root}


def data() -> st.SearchStrategy[Any]:
    """Return JSON values, tags included, as the judge takes them."""
    return randoms.map(lambda random: Inventor(random).root())


def templates() -> st.SearchStrategy[str]:
    """Return templates of the grammar, written for some data."""
    return randoms.map(written)


def written(random: Random) -> str:
    return Author(random, Inventor(random).root()).template()


def broken_templates() -> st.SearchStrategy[str]:
    """Return templates of the grammar with faults."""
    return randoms.map(lambda random: with_fault(random, with_fault(random, written(random))))


def texts() -> st.SearchStrategy[str]:
    """Return any text, with many delimiters, quotes and undecodable bytes."""
    pieces = st.one_of(
        st.sampled_from(["{{", "}}", "{{- ", " -}}", "/*", "*/", "if ", "end", '"', "`", *WRONG]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
        st.sampled_from(["\udc80", "\udcff"]),
    )
    return st.lists(pieces, max_size=12).map("".join)
