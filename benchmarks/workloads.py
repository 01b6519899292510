"""The workloads: equal templates in four languages, and the data that all engines get.

The templates are files: `.tmpl` for Go, gotmpl and gotpl, `.jinja`, `.minijinja`, `.mako`. Data are
JSON values; where a workload has objects, they are structs in Go and dataclasses in Python. Knows
no engine.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, make_dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from benchmarks import data
from benchmarks.data import Data

TEMPLATES: Final = Path(__file__).parent / "templates"
# A text that a language lacks is that of the language before it.
_BEFORE: Final = {".jinja": ".tmpl", ".minijinja": ".jinja", ".mako": ".tmpl"}
LANGUAGES: Final = (".tmpl", *_BEFORE)

Maps = Literal["dict", "ordered", "object"]


@dataclass(frozen=True, slots=True)
class Workload:
    """A template, and data to render it with.

    Attributes:
        name: one word.
        title: its name in the table.
        texts: the equal templates by the suffix of their language.
        data: the value of `.`.
        keys: the values that `getv` returns, by key.
        must: the ratio to Go that gotmpl may not exceed.
        aim: the ratio to Go that it should reach.
        maps: the type of the maps in the values of `data`: objects are structs in Go.
    """

    name: str
    title: str
    texts: Mapping[str, str]
    data: Data
    keys: Mapping[str, str]
    must: float = 0.75
    aim: float = 0.45
    maps: Maps = "dict"

    def files(self, language: str) -> Sequence[str]:
        """Return the texts of a language: a form feed ends a file."""
        return self.texts[language].split("\f")

    def python_data(self) -> Data:
        """Return the data as the engines of this process get them."""
        if self.maps == "dict":
            return self.data
        return {name: _made(value, _MAPS[self.maps]) for name, value in self.data.items()}


def _made(value: object, of: Callable[[Data], object]) -> object:
    """Return a JSON value with another kind of object in the place of each map."""
    if isinstance(value, Mapping):
        return of({name: _made(inner, of) for name, inner in value.items()})
    return [_made(item, of) for item in value] if isinstance(value, list) else value


def _object(fields: Data) -> object:
    return _class(tuple(fields))(**fields)


@cache
def _class(names: tuple[str, ...]) -> type:
    return make_dataclass("Object", names, namespace={"__module__": __name__})


_MAPS: Final[Mapping[Maps, Callable[[Data], object]]] = {
    "ordered": OrderedDict,
    "object": _object,
}


def workloads() -> list[Workload]:
    """Return all of them."""
    return [
        _workload("config", "tiny config, 12 getv", {}, data.galera(), must=0.20, aim=0.15),
        _workload("haproxy", "HAProxy, 100 backends", data.haproxy(), data.balances(), must=0.60),
        _workload("rows", "10 000 rows, 5 printf each", data.rows(), must=0.40, aim=0.27),
        _workload("numbers", "100 rows of whole numbers", data.counters(), must=0.50, aim=0.40),
        _workload("verbs", "10 000 rows, %v %t %q", data.samples(), must=0.25, aim=0.18),
        _workload("maps", "nested maps, define/template", data.tree(), must=0.70, aim=0.55),
        _workload("ordered", "maps that keep their order", data.hosts(), maps="ordered"),
        _workload("prometheus", "Prometheus targets, %q, pipelines", data.prometheus()),
        _workload("chains", "deep if/else-if chains", data.chains()),
        _workload("document", "a JSON document", data.document()),
        _workload("builtins", "html, urlquery, index, slice", data.pages()),
        _workload("whole", "lists and maps as a whole", data.labelled()),
        _workload("text", "text without actions", {}),
        _workload(
            "objects", "2 000 objects (structs)", data.objects(), must=1.5, aim=1.0, maps="object"
        ),
        _workload("missing", "2 000 maps that lack keys", data.missing()),
        _workload("sparse", "keys that a map of 5 000 lacks", data.sparse(), must=1.0, aim=0.5),
        _workload("wide", "a map of 20 000 keys", data.wide()),
    ]


def _workload(
    name: str,
    title: str,
    values: Data,
    keys: Mapping[str, str] | None = None,
    must: float = 0.75,
    aim: float = 0.45,
    *,
    maps: Maps = "dict",
) -> Workload:
    texts = {suffix: _read(name, suffix) for suffix in LANGUAGES}
    return Workload(name, title, texts, values, keys or {}, must, aim, maps)


def _read(name: str, suffix: str) -> str:
    """Return a template; a text that is the same in another language is one file."""
    path = TEMPLATES / f"{name}{suffix}"
    return path.read_text(encoding="utf-8") if path.exists() else _read(name, _BEFORE[suffix])
