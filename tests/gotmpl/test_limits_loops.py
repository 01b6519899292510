"""Loops within limits, over collections of each kind and length: what their turns cost."""

from __future__ import annotations

from collections import OrderedDict, UserDict, defaultdict
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from gotmpl import LimitError, Template

# Below and above the steps before the first check, the turns that may go uncounted, and one lot.
LENGTHS: Final = [0, 1, 16, 17, 255, 256, 1500, 20_000]


def generator_function(count: int) -> Callable[[], Iterator[object]]:
    def yields() -> Iterator[object]:
        yield from enumerate(range(count))

    return yields


ENDLESSLY_OFTEN: Final[dict[str, Callable[[int], object]]] = {
    "list": lambda count: list(range(count)),
    "tuple": lambda count: tuple(range(count)),
    "dict": lambda count: {f"{n:06}": n for n in range(count)},
    "dict in order": lambda count: OrderedDict.fromkeys(range(count)),
    "dict with a default": lambda count: defaultdict(int, dict.fromkeys(range(count), 1)),
    "mapping": lambda count: UserDict({f"{n:06}": n for n in range(count)}),
    "bytes": bytes,
    "generator function": generator_function,
}
KINDS: Final = {**ENDLESSLY_OFTEN, "iterator": lambda count: iter(range(count))}
# Loops, quick ones and others, with the steps of a turn.
BODIES: Final = [
    ("{{range .}}x{{end}}", 1),
    ("{{range .}}{{one}}{{end}}", 1),
    ('{{range .}}{{template "a"}}{{end}}', 2),
    ("{{range .}}x{{else}}y{{end}}", 1),
    ("{{range .}}{{if false}}{{break}}{{end}}{{end}}", 1),
    ("{{range $i, $x := .}}{{$i}}={{$x}} {{end}}", 1),
    ("{{range $i, $x := .}}{{one}}{{end}}", 1),
    ('{{range $i, $x := .}}{{template "a"}}{{template "a"}}{{end}}', 3),
]


def template(text: str) -> Template:
    return Template("t").funcs({"one": lambda: 1}).parse(f'{{{{define "a"}}}}{{{{end}}}}{text}')


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(("text", "cost"), BODIES)
def test_a_loop_costs_its_turns_whatever_it_iterates_over(
    text: str, cost: int, make: Callable[[int], object]
) -> None:
    loop = template(text)
    for length in LENGTHS:
        expected = loop.limits().render(make(length))
        steps = length * cost
        assert loop.limits(seconds=1e9, output=10**9).render(make(length)) == expected
        assert loop.limits(steps=max(steps, 1)).render(make(length)) == expected
        if steps > 1:
            with pytest.raises(LimitError, match=f": limit of {steps - 1} steps? exceeded$"):
                loop.limits(steps=steps - 1).render(make(length))


@pytest.mark.parametrize("make", ENDLESSLY_OFTEN.values(), ids=ENDLESSLY_OFTEN)
@pytest.mark.parametrize("begin", ["{{range $}}", "{{range $i, $x := $}}"])
@pytest.mark.parametrize("body", ["", "x", "{{one}}", '{{template "a"}}'])
@pytest.mark.parametrize("length", [10, 300])
def test_nested_loops_end_at_the_deadline_whatever_they_iterate_over(
    make: Callable[[int], object], begin: str, body: str, length: int
) -> None:
    loop = template(begin * 14 + body + "{{end}}" * 14).limits(seconds=0.01)
    with pytest.raises(LimitError, match=r": limit of 0\.01 seconds exceeded$"):
        loop.render(make(length))
