"""Each regular expression needs steps that grow with the text, not with its square."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.regexes import ENOUGH, Matcher, Regex, regexes, subjects

COUNT = 20
# Twice the text may take this much more: 2 for what is linear, 4 for what is quadratic.
MOST = 3.0


@pytest.fixture(autouse=True)
def deep() -> Iterator[None]:
    """The matcher recurses for each character."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    yield
    sys.setrecursionlimit(before)


def superlinear(regex: Regex) -> list[tuple[str, str]]:
    """Return a method and a text, if twice the text takes far more than twice the steps."""
    matcher = Matcher(regex)
    texts = (subjects(matcher.tree, COUNT << doubled) for doubled in range(3))
    for short, long, longest in zip(*texts, strict=True):
        for method in sorted(regex.methods):
            steps = matcher.count(method, short)
            if steps < COUNT or grown(matcher.count(method, long), steps) < MOST:
                continue
            if grown(matcher.count(method, longest), matcher.count(method, long)) >= MOST:
                return [(method, short)]
    return []


def grown(steps: int, before: int) -> float:
    return MOST if steps >= ENOUGH else steps / before


@pytest.mark.parametrize("regex", regexes(), ids=lambda regex: regex.place)
def test_twice_the_text_takes_twice_the_steps(regex: Regex) -> None:
    assert superlinear(regex) == []


@pytest.mark.parametrize(
    ("pattern", "method"),
    [
        ("(a+)+b", "match"),
        ("a*a*b", "match"),
        (r"\s*,", "search"),
        (r"(?:a|ab|b)*c", "fullmatch"),
        (r"x[^y]*y", "sub"),
        (r"x.*?y", "finditer"),
    ],
)
def test_a_pattern_of_more_steps_is_found(pattern: str, method: str) -> None:
    assert superlinear(Regex("here", pattern, 0, frozenset({method})))


@pytest.mark.parametrize("pattern", ["(?>a+)+b", "(?:a++)*+b", "[^b]*b", "a?b{2,3}c*", r"(a)\1*"])
def test_a_pattern_of_few_steps_is_not_reported(pattern: str) -> None:
    assert superlinear(Regex("here", pattern, 0, frozenset({"match", "fullmatch"}))) == []


def test_the_packages_are_searched() -> None:
    found = regexes()
    assert len(found) > 80
    assert {"search", "sub", "fullmatch", "match"} <= {
        one for regex in found for one in regex.methods
    }
