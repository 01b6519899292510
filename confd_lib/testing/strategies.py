"""Hypothesis strategies of stacks, for property tests of templates.

A drawn stack has a history: it was scaled, lost containers and had them replaced, some containers
stopped or became unhealthy, and its metadata was edited. So a test can state: for any such stack,
this template renders, and never lists a stopped container. The module does not know templates.

>>> import confd_lib
>>> from hypothesis import given, settings
>>> @settings(database=None, deadline=None, max_examples=10)
... @given(stacks("examples/zookeeper"))
... def test_each_server_has_a_number(stack):
...     for container in stack.containers("zookeeper"):
...         tree = stack.answers().tree("2015-07-25", container.address)
...         text = confd_lib.render_file("examples/zookeeper/templates/myid.tmpl", tree)
...         assert text.strip() == str(container.service_index)
>>> test_each_server_has_a_number()
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from confd_lib.testing.prepare import prepare
from confd_lib.testing.questions import Answers, entries
from metadata_client import compose

Source = compose.Stack | str | os.PathLike[str]
"""A stack to begin with, or the folder of its compose files."""

Metadata = Mapping[str, Mapping[str, SearchStrategy[object]]]
"""Strategies for values of the metadata, by service and key."""

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
    name: str | None = None,
    answers: Answers | None = None,
) -> SearchStrategy[compose.Stack]:
    """Return a strategy of stacks after some changes.

    They shrink to the stack as loaded; a failing test prints the remaining changes.

    Args:
        source: the stack to begin with, or the folder of its compose files.
        env: the variables of the compose files.
        scales: by service, the numbers of containers that it may be scaled to; 1 to 7 by default.
        metadata: by service and key, the values that may be set; empty by default.
        max_changes: the largest number of changes.
        name: the name of a stack that is loaded; by default that of the folder, which may be that
            of a clone.
        answers: of a catalog's entry, strategies of answers by variable; those that are not given
            follow from the questions. None for the defaults.

    Raises:
        ComposeError: the compose files are refused, or a service does not exist.
        TypeError: a scale or a value is no strategy.
    """
    changes = {"scales": scales, "metadata": metadata, "max_changes": max_changes}
    history = histories(source, env=env, name=name, answers=answers, **changes)  # type: ignore[arg-type]  # by name
    return history.map(lambda stages: stages[-1])


def histories(
    source: Source,
    *,
    env: Mapping[str, str] = _NO_ENV,
    scales: Mapping[str, SearchStrategy[int]] = _NO_SCALES,
    metadata: Metadata = _NO_METADATA,
    max_changes: int = 6,
    name: str | None = None,
    answers: Answers | None = None,
) -> SearchStrategy[list[compose.Stack]]:
    """Return a strategy of histories: lists of stacks, each one change after the one before.

    The arguments are those of `stacks`; the first stack of a list is the one that was loaded.
    """
    prepare()
    if answers is not None:
        if isinstance(source, compose.Stack):
            raise compose.ComposeError("answers are for the folder of an entry, not for a stack")
        further = partial(histories, scales=scales, metadata=metadata, max_changes=max_changes)
        return entries(source, own=answers, env=env, name=name).flatmap(further)
    first = _first(source, env, name)
    _check_strategies("scales", scales)
    for service, values in metadata.items():
        _check_strategies(f"metadata of {service}", values)
    for service in (*scales, *metadata):
        first.containers(service)  # refuses an unknown name now rather than when drawing
    kinds = [_container_events(first), *_scalings(first, scales), *_edits(metadata)]
    changes = st.lists(st.one_of(kinds), max_size=max_changes)
    return _replayed(first, changes)


def _check_strategies(named: str, values: Mapping[str, object]) -> None:
    """Refuse values that are no strategies, such as a scale.

    Raises:
        TypeError: there is one.
    """
    for key, value in values.items():
        if not isinstance(value, SearchStrategy):
            kind = f"st.just({value!r}) is the strategy of this value alone"
            raise TypeError(f"{named}: {key} needs a strategy, not {value!r}; {kind}")


def _first(source: Source, env: Mapping[str, str], name: str | None) -> compose.Stack:
    if not isinstance(source, compose.Stack):
        return compose.load(source, env=env, name=name)
    if name not in (None, source.name):
        raise compose.ComposeError(f"stack {source.name} has a name, and cannot be named {name}")
    return source


def environments(
    *members: SearchStrategy[compose.Stack], hosts: SearchStrategy[int] | None = None
) -> SearchStrategy[compose.Environment]:
    """Return a strategy of environments of several stacks.

    Args:
        members: a strategy for each stack.
        hosts: the numbers of hosts; 1 to 4 by default.
    """
    return st.builds(compose.Environment, st.tuples(*members), hosts=hosts or st.integers(1, 4))


def metadata_values() -> SearchStrategy[object]:
    """Return a strategy of values that `metadata:` in `rancher-compose.yml` can hold."""
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
    """A call of a method of a stack that returns a changed stack."""

    method: str
    arguments: tuple[object, ...]
    options: Mapping[str, object]

    def __str__(self) -> str:
        named = (f"{name}={value!r}" for name, value in self.options.items())
        return f".{self.method}({', '.join([*map(repr, self.arguments), *named])})"

    def apply(self, stack: compose.Stack) -> compose.Stack:
        changed = getattr(stack, self.method)(*self.arguments, **self.options)
        return changed if isinstance(changed, compose.Stack) else stack


_PendingChange = Callable[[compose.Stack], _Change]
"""A drawn change; the containers of the stack it will apply to are not yet known."""

# Containers are drawn as numbers, modulo their count, so that strategies are made only once.
_NUMBERS: Final = st.integers(0, 255)


def _change(method: str, *arguments: object, **options: object) -> _Change:
    return _Change(method, arguments, options)


@st.composite
def _replayed(
    draw: st.DrawFn, first: compose.Stack, choices: SearchStrategy[list[_PendingChange]]
) -> list[compose.Stack]:
    """Return a strategy of histories, which a failing test shows as the stacks that they are."""
    return _replay(first, draw(choices))


def _replay(first: compose.Stack, choices: Sequence[_PendingChange]) -> list[compose.Stack]:
    stages, changes = [first], []
    for choose in choices:
        change = choose(stages[-1])
        changes.append(str(change))
        stages.append(change.apply(stages[-1]))
    note(f"stack {first.name}{''.join(changes)}")
    return stages


def _scalings(
    stack: compose.Stack, scales: Mapping[str, SearchStrategy[int]]
) -> list[SearchStrategy[_PendingChange]]:
    return [
        scales.get(one.name, st.integers(1, 7)).map(partial(_scaling, one.name))
        for one in stack.services
        if one.is_primary and one.has_containers and not one.everywhere
    ]


def _scaling(service: str, scale: int) -> _PendingChange:
    return lambda _: _change("scaled", {service: scale})


def _edits(metadata: Metadata) -> list[SearchStrategy[_PendingChange]]:
    return [
        st.fixed_dictionaries({}, optional=dict(values)).map(partial(_edit, service))
        for service, values in metadata.items()
    ]


def _edit(service: str, values: Mapping[str, object]) -> _PendingChange:
    return lambda _: _change("with_metadata", service, values)


def _container_events(stack: compose.Stack) -> SearchStrategy[_PendingChange]:
    """Return a strategy of events: containers stop, start, get lost or replaced, change health."""
    checked = {one.name for one in stack.services if one.health_check}
    methods = st.sampled_from(["stopped", "started", "without", "settled"])
    events = st.builds(_event, methods, _NUMBERS)
    if not checked:
        return events
    return events | st.builds(
        _health_change, st.just(checked), _NUMBERS, st.sampled_from(HEALTH_STATES)
    )


def _event(method: str, number: int) -> _PendingChange:
    def choose(stack: compose.Stack) -> _Change:
        if method == "settled" or not stack.members:
            return _change("settled")
        return _change(method, stack.members[number % len(stack.members)].name)

    return choose


def _health_change(services: Container[str], number: int, health: str) -> _PendingChange:
    def choose(stack: compose.Stack) -> _Change:
        names = [one.name for one in stack.members if one.service in services]
        if not names:
            return _change("settled")
        return _change("started", names[number % len(names)], health=health)

    return choose
