"""Hypothesis strategies of stacks: what a template may meet in the life of a service.

A drawn stack has a history: it was scaled up and down, lost containers and had them replaced, some
were stopped or fell ill, and its metadata was edited. So one can say: for any such stack, this
template renders, and never lists a container that is stopped. Knows nothing of templates.

>>> import confd_lib
>>> from hypothesis import given, settings
>>> @settings(database=None, max_examples=10)
... @given(stacks("examples/zookeeper"))
... def test_everybody_has_a_number(stack):
...     for container in stack.containers("zookeeper"):
...         tree = stack.answers().tree("2015-07-25", container.address)
...         text = confd_lib.render_file("examples/zookeeper/templates/myid.tmpl", tree)
...         assert text.strip() == str(container.service_index)
>>> test_everybody_has_a_number()
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from metadata_client import compose

Source = compose.Stack | str | os.PathLike[str]
"""A stack to begin with, or the folder of its compose files."""

Metadata = Mapping[str, Mapping[str, SearchStrategy[object]]]
"""By service and key, what the values of the metadata may be."""

HEALTH_STATES: Final = ("healthy", "unhealthy", "initializing", "reinitializing")

_NO_ENV: Final[Mapping[str, str]] = MappingProxyType({})
_NO_SCALES: Final[Mapping[str, SearchStrategy[int]]] = MappingProxyType({})
_NO_METADATA: Final[Metadata] = MappingProxyType({})


def stacks(
    source: Source,
    *,
    env: Mapping[str, str] = _NO_ENV,
    scales: Mapping[str, SearchStrategy[int]] = _NO_SCALES,
    metadata: Metadata = _NO_METADATA,
    max_changes: int = 6,
) -> SearchStrategy[compose.Stack]:
    """Stacks as they may be found after some changes.

    They shrink to the stack as it was loaded; a failing test prints the changes that were left.

    Args:
        source: the stack to begin with, or the folder of its compose files.
        env: the variables of the compose files.
        scales: by service, the numbers of containers that it may be scaled to; 1 to 7 by default.
        metadata: by service and key, the values that may be set; none by default.
        max_changes: how long a history may be.

    Raises:
        ComposeError: the compose files are not acceptable, or there is no such service.
    """
    history = histories(source, env=env, scales=scales, metadata=metadata, max_changes=max_changes)
    return history.map(lambda stages: stages[-1])


def histories(
    source: Source,
    *,
    env: Mapping[str, str] = _NO_ENV,
    scales: Mapping[str, SearchStrategy[int]] = _NO_SCALES,
    metadata: Metadata = _NO_METADATA,
    max_changes: int = 6,
) -> SearchStrategy[list[compose.Stack]]:
    """Stacks in the order in which one became the other: what a watching confd lives through.

    The arguments are those of `stacks`; the first stack is the one that was loaded.
    """
    first = source if isinstance(source, compose.Stack) else compose.load(source, env=env)
    for service in (*scales, *metadata):
        first.containers(service)  # a name that is not there is refused now, not when drawn
    return _histories(first, scales, metadata, max_changes)


def environments(
    *members: SearchStrategy[compose.Stack], hosts: SearchStrategy[int] | None = None
) -> SearchStrategy[compose.Environment]:
    """Environments in which stacks meet.

    Args:
        members: a strategy for each stack.
        hosts: how many hosts there may be; 1 to 4 by default.
    """
    return st.builds(compose.Environment, st.tuples(*members), hosts=hosts or st.integers(1, 4))


def metadata_values() -> SearchStrategy[object]:
    """Values that `metadata:` in `rancher-compose.yml` can hold, nested ones among them."""
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-(1 << 63), (1 << 63) - 1)
        | st.floats(width=32, allow_nan=False, allow_infinity=False)
        | text
    )
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
        max_leaves=8,
    )


@dataclass(frozen=True, slots=True)
class _Change:
    """A call of one of the methods by which a stack becomes another."""

    method: str
    arguments: tuple[object, ...]
    options: Mapping[str, object]

    def __str__(self) -> str:
        named = (f"{name}={value!r}" for name, value in self.options.items())
        return f".{self.method}({', '.join([*map(repr, self.arguments), *named])})"

    def apply(self, stack: compose.Stack) -> compose.Stack:
        changed = getattr(stack, self.method)(*self.arguments, **self.options)
        return changed if isinstance(changed, compose.Stack) else stack


def _change(method: str, *arguments: object, **options: object) -> _Change:
    return _Change(method, arguments, options)


@st.composite
def _histories(
    draw: DrawFn,
    first: compose.Stack,
    scales: Mapping[str, SearchStrategy[int]],
    metadata: Metadata,
    max_changes: int,
) -> list[compose.Stack]:
    stages = [first]
    changes: list[_Change] = []
    for _ in range(draw(st.integers(0, max_changes))):
        stack = stages[-1]
        change = draw(st.one_of(_scalings(stack, scales), *_fates(stack), *_edits(metadata)))
        changes.append(change)
        stages.append(change.apply(stack))
    note(f"stack {first.name}{''.join(map(str, changes))}")
    return stages


def _scalings(
    stack: compose.Stack, scales: Mapping[str, SearchStrategy[int]]
) -> SearchStrategy[_Change]:
    names = [
        one.name
        for one in stack.services
        if one.is_primary and one.has_containers and not one.everywhere
    ]
    return st.sampled_from(names).flatmap(
        lambda name: scales.get(name, st.integers(1, 7)).map(
            lambda scale: _change("scaled", {name: scale})
        )
    )


def _edits(metadata: Metadata) -> list[SearchStrategy[_Change]]:
    return [
        st.fixed_dictionaries({}, optional=dict(values)).map(
            partial(_change, "with_metadata", service)
        )
        for service, values in metadata.items()
    ]


def _fates(stack: compose.Stack) -> list[SearchStrategy[_Change]]:
    """What may happen to a container: lost, stopped, started; and the lost ones replaced."""
    if not stack.members:
        return [st.just(_change("settled"))]
    checked = {one.name for one in stack.services if one.health_check}
    ailing = [one.name for one in stack.members if one.service in checked]
    names = st.sampled_from([one.name for one in stack.members])
    fates = [
        st.just(_change("settled")),
        *(names.map(partial(_change, method)) for method in ("without", "stopped", "started")),
    ]
    if ailing:
        states = st.sampled_from(HEALTH_STATES)
        fates.append(st.builds(_ill, st.sampled_from(ailing), states))
    return fates


def _ill(container: str, health: str) -> _Change:
    return _change("started", container, health=health)
