"""A difference between a rendered text and the expected one, and where each wrong line comes from.

The render is repeated with a trace, only here. Knows texts and traces, neither files nor pytest.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import gotmpl
from confd_lib import escapes
from confd_lib.confdir import templates
from confd_lib.diffs import unified_diff
from confd_lib.errors import ConfdError
from confd_lib.funcs import functions as available
from confd_lib.testing.files import shown
from confd_lib.tracing.origins import facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from confd_lib.testing.scene import Scene
    from confd_lib.tracing.records import OutputLine
    from confd_lib.tracing.traces import Trace

# The most lines of a difference, the most lines whose origin is shown, and the most keys of one.
_MOST_LINES: Final = 200
_MOST_EXPLAINED: Final = 10
_MOST_KEYS: Final = 4
_LONGEST_VALUE: Final = 60
# How much a missing line must resemble another one, from 0 to 1.
_ALIKE: Final = 0.6


class _Wrong(NamedTuple):
    """A wrong line.

    Attributes:
        text: the line.
        number: its number in the output, counted from 1; of an expected line that is missing, the
            number of the line before it.
        missing: whether it is missing in the output.
    """

    text: str
    number: int
    missing: bool = False


def explain(text: str, expected: str, scene: Scene | None, names: tuple[str, str]) -> list[str]:
    """Return the lines that explain how a rendered text differs from the expected one.

    Args:
        text: the rendered text.
        expected: the expected text.
        scene: the template and its store; None if they are not known.
        names: the name of the expected text, and the name of the template.

    Returns:
        a unified diff; then for each wrong line the line of the template and the keys that made it.
        Without a difference, nothing.
    """
    old, new = names[0], f"{names[1]}, rendered"
    difference = list(map(visible, unified_diff(expected, text, old, new)))
    if not difference:
        return []
    more = len(difference) - _MOST_LINES
    if more > 0:
        difference[_MOST_LINES:] = [f"... and {more} more lines"]
    if f"{text}\n" == expected or f"{expected}\n" == text:
        return [*difference, "only the newline at the end differs"]
    return [*difference, *(_origins(text, expected, scene) if scene is not None else ())]


def visible(line: str) -> str:
    r"""Return a line of a diff with visible trailing white space and escaped control characters.

    >>> visible("+a \t\n")
    '+a·→'
    """
    bare = line.rstrip("\n")
    ending = bare[len(bare.rstrip()) :]
    if line[0] in "+-" and ending and not bare.startswith(("+++", "---")):
        bare = bare.rstrip() + ending.replace(" ", "·").replace("\t", "→").replace("\r", "␍")
    return escapes.one_line(bare)


def _origins(text: str, expected: str, scene: Scene) -> Iterator[str]:
    try:
        trace = scene.trace()
    except (ConfdError, gotmpl.TemplateError):  # the file has changed since
        return
    every = list(_wrong(text.split("\n"), expected.split("\n")))
    wrong = [one for one in every if one.text.strip()] or every
    yield "where the wrong lines come from:"
    for one in wrong[:_MOST_EXPLAINED]:
        number = "-" if one.missing else one.number
        yield f"{number:>5} | {escapes.one_line(one.text)}".rstrip()
        yield from _of_missing(one, trace, scene) if one.missing else _of_line(one, trace, scene)
    if len(wrong) > _MOST_EXPLAINED:
        yield f"  ... and {len(wrong) - _MOST_EXPLAINED} more wrong lines"


def _wrong(lines: Sequence[str], expected: Sequence[str]) -> Iterator[_Wrong]:
    """Yield the wrong lines of the output, and the expected lines that no line stands for."""
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, expected, lines).get_opcodes():
        if kind != "equal":
            yield from (_Wrong(lines[j], j + 1) for j in range(j1, j2))
            rest = expected[i1 + (j2 - j1) : i2]
            yield from (_Wrong(line, j2, missing=True) for line in rest)


def _of_line(one: _Wrong, trace: Trace, scene: Scene) -> Iterator[str]:
    found = next((line for line in trace.lines if line.number == one.number), None)
    if found is not None:
        yield from _origin(found, trace, scene)


def _of_missing(one: _Wrong, trace: Trace, scene: Scene) -> Iterator[str]:
    """Yield what resembles a missing line most: a line of the output, or else of the template."""
    if not one.text.strip():
        yield f"        is missing after line {one.number}"
        yield from _of_line(one, trace, scene)
        return
    rendered = {line.text: line for line in trace.lines if line.text.strip()}
    if alike := get_close_matches(one.text, rendered, 1, _ALIKE):
        found = rendered[alike[0]]
        yield f"        is missing; line {found.number} is like it"
        yield from _origin(found, trace, scene)
    elif number := _like(one.text, trace.source, scene.delims):
        yield "        is missing; a line of the template is like it"
        yield _source(number, trace, scene)
        yield from _around(number, trace, scene)
    else:
        yield "        is missing; no line of the template is like it"


def _like(text: str, source: str, delims: tuple[str, str]) -> int:
    """Return the line of a template whose text beside its actions is most like a line, or 0."""
    plain = [_without_actions(line, delims).strip() for line in source.split("\n")]
    alike = get_close_matches(text, filter(None, plain), 1, _ALIKE)
    return plain.index(alike[0]) + 1 if alike else 0


def _without_actions(line: str, delims: tuple[str, str]) -> str:
    left, right = delims
    first, *others = line.split(left)
    return first + "".join(part.partition(right)[2] for part in others)


def _around(number: int, trace: Trace, scene: Scene) -> Iterator[str]:
    """Yield the blocks around a line of the template, with the keys that decided about them."""
    functions = dict.fromkeys(available(scene.store, scene.compat, scene.funcs, scene.without), id)
    tree = templates.parse(trace.name, trace.source, functions, scene.delims).tree
    if tree is None:
        return
    for node, fact in facts(tree).items():
        if tree.source.line(node.pos) == number and fact.inside:
            for branch in reversed(fact.inside):
                line = tree.source.line(branch.pos)
                yield f"        in {_source(line, trace, scene).strip()}"
                keys = (read.argument for read in trace.reads if read.line == line)
                yield from _keys("", dict.fromkeys(keys), scene)
            return


def _origin(line: OutputLine, trace: Trace, scene: Scene) -> Iterator[str]:
    for number in line.template_lines:
        yield _source(number, trace, scene)
    yield from _keys("", line.keys, scene)
    yield from _keys("if ", (key for key in line.conditions if key not in line.keys), scene)


def _source(number: int, trace: Trace, scene: Scene) -> str:
    text = trace.source.split("\n")[number - 1].strip()
    return f"        {shown(scene.path)}:{number}: {escapes.one_line(text)}"


def _keys(head: str, keys: Iterable[str], scene: Scene) -> Iterator[str]:
    found = list(keys)
    for key in found[:_MOST_KEYS]:
        yield f"        {head}{_key(key, scene)}"
    if len(found) > _MOST_KEYS:
        yield f"        {head}{len(found) - _MOST_KEYS} more keys"


def _key(key: str, scene: Scene) -> str:
    """Return a key with its value, and with the place where that was written."""
    said = escapes.one_line(key)
    if scene.store.exists(key):
        value = scene.store.getv(key)
        cut = f"{value[:_LONGEST_VALUE]}…" if len(value) > _LONGEST_VALUE else value
        said = f"{said} = {escapes.one_line(gotmpl.quote(cut))}"
    elif not scene.store.ls(key):
        said = f"{said}, which does not exist"
    place = scene.origin(key)
    return f"{said} ({shown(Path(place[0]))}:{place[1]})" if place else said
