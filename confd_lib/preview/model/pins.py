"""A view as a test for pytest, which pins what is shown.

The test uses the fixture `confd`. Knows nothing of stacks and stores: how the values of a test are
made is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from confd_lib.preview.model import masks
from confd_lib.preview.model.paths import shown_path
from confd_lib.preview.model.states import LATEST

if TYPE_CHECKING:
    from confd_lib.preview.model.renderings import Rules
    from confd_lib.preview.model.scene import Scene

_WIDTH: Final = 88


class Code(str):
    """An expression of Python, as it is written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function in a test.

    Attributes:
        function: the function.
        arguments: its arguments, as they are written.
        named: the values of its named arguments; empty ones are left out.
    """

    function: str
    arguments: tuple[str, ...] = ()
    named: Mapping[str, object] = field(default_factory=dict)

    def lines(self, before: str, indent: str) -> Iterator[str]:
        """Yield the call, on one line where it fits.

        >>> print(*Call("confd.compose", (quoted("."),), {"name": "shop"}).lines("stack = ", ""))
        stack = confd.compose(".", name="shop")
        """
        given = ((name, value) for name, value in self.named.items() if value not in ({}, "", None))
        parts = [*self.arguments, *(f"{name}={quoted(value)}" for name, value in given)]
        line = f"{indent}{before}{self.function}({', '.join(parts)})"
        if len(line) <= _WIDTH:
            yield line
            return
        yield f"{indent}{before}{self.function}("
        yield from (f"{indent}    {part}," for part in parts)
        yield f"{indent})"


@dataclass(frozen=True, slots=True)
class Values:
    """How a test makes the values of a view.

    Attributes:
        name: the name of the variable that holds them.
        lines: the lines that make it.
        as_: the choices of the rendering that go with them.
    """

    name: str
    lines: tuple[str, ...]
    as_: Mapping[str, object] = field(default_factory=dict)


INDENT: Final = "    "
# The functions beside those of confd, as a test names them.
_FUNCTIONS: Final = {
    "": "",
    "sprig": Code("confd_lib.sprig_functions()"),
    "sprig:bare": Code("confd_lib.sprig_functions(bare=True)"),
}


def of_stack(compose: Call, scene: Scene) -> Values:
    """Return the values of a stack.

    Args:
        compose: the call that loads it.
        scene: what is shown.
    """
    state = scene.state
    hidden = scene.masked.shown if scene.masked else {}
    choices = {
        "as_": state.container,
        "version": "" if state.version == LATEST else state.version,
        "changed": {**dict(state.changed), **hidden},
    }
    return Values("stack", tuple(compose.lines("stack = ", INDENT)), choices)


def of_store(scene: Scene) -> Values:
    """Return the values that the resource sees, written one by one."""
    values: dict[str, str] = {}
    if scene.masked and scene.entry and scene.entry.resource:
        prefix = scene.entry.resource.full_prefix("", joined=False).rstrip("/")
        values = {f"{prefix}{key}": value for key, value in sorted(scene.masked.store.items())}
    pairs = (f"{INDENT}    {quoted(key)}: {quoted(value)}," for key, value in values.items())
    lines = (
        (f"{INDENT}values = {{", *pairs, f"{INDENT}}}") if values else (f"{INDENT}values = {{}}",)
    )
    return Values("values", lines)


def test(scene: Scene, values: Values, rules: Rules) -> str:
    """Return the lines of a test that renders what is shown, and compares.

    Args:
        scene: what is shown.
        values: how its values are made.
        rules: the rules by which it is rendered.
    """
    if (
        scene.error
        or scene.rendering is None
        or scene.entry is None
        or scene.entry.resource is None
    ):
        return f"# There is nothing to pin: {scene.error}\n"
    chosen = {
        "name": scene.entry.data,
        "check": False,
        **values.as_,
        "compat": rules.compat,
        "funcs": _FUNCTIONS[rules.functions],
    }
    path = quoted(shown_path(scene.entry.resource.path))
    call = Call("confd.resource", (path, values.name), chosen)
    failure = scene.rendering.failure
    body = _failing(call, failure.message) if failure else _passing(call, scene.rendering.text)
    imports = [
        *(["import gotmpl", "import pytest"] if failure else []),
        *(["import confd_lib"] if rules.functions else []),
    ]
    imports += ["", ""] if imports else []
    head = f"def test_{_slug(scene.state.resource, scene.state.container)}(confd):"
    return "\n".join((*imports, head, *values.lines, *body, ""))


def _passing(call: Call, text: str) -> Iterator[str]:
    yield from call.lines("out = ", INDENT)
    short = f"{INDENT}assert out == {quoted(text)}"
    if len(short) <= _WIDTH:
        yield short
        return
    yield f"{INDENT}assert out == ("
    yield from (f"{INDENT}    {quoted(line)}" for line in text.splitlines(keepends=True))
    yield f"{INDENT})"


def _failing(call: Call, message: str) -> Iterator[str]:
    yield f"{INDENT}with pytest.raises(gotmpl.TemplateError) as failed:"
    yield from call.lines("", INDENT * 2)
    yield f"{INDENT}assert str(failed.value) == {quoted(message)}"


def quoted(value: object) -> str:
    r"""Return a value as Python writes it, in double quotes where they need no escape.

    >>> print(quoted("it's\n"), quoted('"'), quoted({"a": 1}), quoted(("b",)))
    "it's\n" '"' {"a": 1} ["b"]
    """
    if isinstance(value, Code):
        return value
    if isinstance(value, str):
        return repr(value) if '"' in value else f'"{repr(chr(39) + value)[2:]}'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(key)}: {quoted(one)}" for key, one in value.items()) + "}"
    return f"[{', '.join(map(quoted, value))}]" if isinstance(value, list | tuple) else repr(value)


def hidden(values: Mapping[str, str], scene: Scene) -> dict[str, str]:
    """Return values of a call with the mask in place of those that are hidden."""
    secrets = scene.masked.secrets if scene.masked else ()
    return {name: masks.MASK if one in secrets else one for name, one in values.items()}


def _slug(*names: str) -> str:
    """Return names as a part of the name of a function.

    >>> _slug("app/haproxy.toml", "shop_web-lb_1")
    'app_haproxy_shop_web_lb_1'
    """
    found = (re.sub(r"\W+", "_", name.replace(".toml", ""), flags=re.ASCII) for name in names)
    return "_".join(filter(None, found))
