"""The engines side by side: each loads a workload and can then be asked for its output and time.

Go's own engine is another process (`golang`); the others run in this one. `Cannot` says why an
engine is absent, or cannot do a workload.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata
from typing import Final, Protocol

from benchmarks.cold import Series
from benchmarks.workloads import Workload

Functions = Mapping[str, Callable[..., object]]
Render = Callable[[Mapping[str, object]], object]
Load = Callable[[str, Functions], Render]


class Cannot(Exception):
    """An engine is absent, or cannot do a workload."""


class Task(Protocol):
    """Work that can be repeated."""

    def output(self) -> str:
        """Return what the template renders to."""

    def time(self, count: int) -> float:
        """Do it `count` times, and return the nanoseconds of CPU of one."""


class Engine(Protocol):
    """One engine.

    Attributes:
        name: what it is called.
        version: which one it is.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def render(self, workload: Workload) -> Task:
        """Return the task of rendering a workload that is loaded already."""

    def cold(self, series: Series) -> Task:
        """Return the task of parsing and rendering, once each, texts that were never seen."""


@dataclass(frozen=True, slots=True)
class Calls:
    """A task in this process."""

    once: Callable[[], object]
    render: Callable[[], object]

    def output(self) -> str:
        return str(self.render())

    def time(self, count: int) -> float:
        once = self.once
        start = time.thread_time_ns()
        for _ in range(count):
            once()
        return (time.thread_time_ns() - start) / count


@dataclass(frozen=True, slots=True)
class Cold:
    """A task in this process on workloads of which none comes twice."""

    engine: PythonEngine
    series: Series
    turns: Iterator[int] = field(default_factory=partial(itertools.count, 1))

    def output(self) -> str:
        return self.engine.once(self.series(0))

    def time(self, count: int) -> float:
        fresh = [self.series(next(self.turns)) for _ in range(count)]
        once = self.engine.once
        start = time.thread_time_ns()
        for workload in fresh:
            once(workload)
        return (time.thread_time_ns() - start) / count


@dataclass(frozen=True, slots=True)
class PythonEngine:
    """An engine in this process.

    Attributes:
        name: what it is called.
        version: which one it is.
        language: the suffix of its templates.
        load: takes a text and functions, does all work on the text, and returns a function that
            renders data.
    """

    name: str
    version: str
    language: str
    load: Load

    def render(self, workload: Workload) -> Task:
        render = self._render(workload)
        return Calls(render, render)

    def cold(self, series: Series) -> Task:
        return Cold(self, series)

    def once(self, workload: Workload) -> str:
        """Parse and render each file of a workload."""
        called = functions(workload)
        return "".join(
            str(self.load(text, called)(workload.data)) for text in workload.files(self.language)
        )

    def _render(self, workload: Workload) -> Callable[[], object]:
        try:
            render = self.load(workload.texts[self.language], functions(workload))
            call = partial(render, workload.python_data())
            call()
        except Exception as error:
            raise Cannot(f"{type(error).__name__}: {error}") from error
        return call


def functions(workload: Workload) -> Functions:
    """Return what the templates of a workload may call."""
    keys = workload.keys

    def getv(key: str, *fallback: str) -> str:
        if key in keys:
            return keys[key]
        if fallback:
            return fallback[0]
        raise KeyError(f"key does not exist: {key}")

    return {"getv": getv}


# -- The engines in this process


def python_engines() -> tuple[list[PythonEngine], list[Cannot]]:
    """Return the engines that are installed, and why the others are absent."""
    engines, absent = [], []
    for name, (language, load) in _ENGINES.items():
        try:
            version = metadata.version(_OF.get(name, name))
            engines.append(PythonEngine(name, version, language, load()))
        except (ImportError, metadata.PackageNotFoundError) as error:
            absent.append(Cannot(f"{name} is not installed: {error}"))
    return engines, absent


def _gotmpl() -> Load:
    import gotmpl  # noqa: PLC0415 - as the others, which may be absent

    def load(text: str, functions: Functions) -> Render:
        return gotmpl.Template("t").funcs(functions).parse(text).render

    return load


def _jinja2() -> Load:
    import jinja2  # noqa: PLC0415 - it may be absent

    environment = jinja2.Environment(keep_trailing_newline=True)
    environment.filters["quote"] = _quote

    def load(text: str, functions: Functions) -> Render:
        return environment.from_string(text, globals=dict(functions)).render

    return load


def _minijinja() -> Load:
    import minijinja  # noqa: PLC0415 - it may be absent

    def load(text: str, functions: Functions) -> Render:
        environment = minijinja.Environment()
        environment.keep_trailing_newline = True
        environment.add_filter("quote", _quote)
        for name, function in functions.items():
            environment.add_global(name, function)
        environment.add_template("t", text)
        return lambda data: environment.render_template("t", **data)

    return load


def _mako() -> Load:
    from mako.template import Template  # noqa: PLC0415 - it may be absent

    def load(text: str, functions: Functions) -> Render:
        template = Template(text)
        return lambda data: template.render(quote=_quote, **functions, **data)

    return load


def _gotpl() -> Load:
    import gotpl  # noqa: PLC0415 - it may be absent

    def load(text: str, functions: Functions) -> Render:
        return gotpl.Template(text, functions=functions).render

    return load


# `printf "%q"` as a function, for engines that lack it.
_quote: Final = partial(json.dumps, ensure_ascii=False)
# The distributions whose name is not the engine's.
_OF: Final = {"gotmpl": "confd-lib", "MiniJinja": "minijinja"}
_ENGINES: Final[Mapping[str, tuple[str, Callable[[], Load]]]] = {
    "gotmpl": (".tmpl", _gotmpl),
    "Jinja2": (".jinja", _jinja2),
    "MiniJinja": (".minijinja", _minijinja),
    "Mako": (".mako", _mako),
    "gotpl": (".tmpl", _gotpl),
}
