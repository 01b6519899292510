"""A template reads the data of any object, and calls methods of users' own classes only.

* Of an object of the standard library no attribute is a method or a function.
* Nothing at all of functions, classes, modules, frames and Python's own types can be read.
* Methods of users' own classes are callable; what these inherit from the standard library is not.
"""

from __future__ import annotations

import argparse
import collections
import configparser
import datetime as dt
import decimal
import email.message
import enum
import fractions
import functools
import inspect
import io
import ipaddress
import logging
import operator
import os
import pathlib
import queue
import random
import re
import string
import sys
import threading
import time
import types
import urllib.parse
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

import gotmpl
from gotmpl.values.access import Access, access
from gotmpl.values.fields import NO_FIELD, field, method
from gotmpl.values.kinds import Kind, kind


class Color(enum.Enum):
    RED = 1


LIBRARY = [
    *(pathlib.Path("x"), pathlib.PurePosixPath("/a/b.c"), dt.datetime(2024, 5, 6), dt.date.today()),
    *(dt.timedelta(1), dt.UTC, decimal.Decimal(1), fractions.Fraction(1, 2)),
    *(re.compile("a"), re.match("a", "a"), string.Formatter(), string.Template("$a")),
    *(threading.current_thread(), threading.Lock(), threading.Event(), queue.Queue()),
    *(logging.getLogger("x"), logging.StreamHandler(), random.Random(1), io.StringIO("a")),
    *(configparser.ConfigParser(), argparse.ArgumentParser(), email.message.Message()),
    *(uuid.UUID(int=1), ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("10.0.0.0/30")),
    *(collections.OrderedDict(a=1), collections.defaultdict(list), collections.ChainMap({})),
    *(collections.Counter("a"), collections.deque("a"), collections.UserString("a"), os.environ),
    *(urllib.parse.urlsplit("http://u:p@h:1/"), time.gmtime(0), Color.RED),
    *(pathlib.Path.cwd().stat(), inspect.signature(len), operator.itemgetter(0)),
    *(functools.partial(print), sys.implementation),
]  # fmt: skip


@pytest.mark.parametrize("value", LIBRARY, ids=lambda value: type(value).__name__)
def test_no_attribute_of_a_library_object_is_a_function(value: object) -> None:
    for name in {*dir(value), "format", "unlink", "read", "write", "Error"}:
        found = method(value, name)
        assert found is None or isinstance(found, types.MethodType)
        read = found() if found else field(value, name)
        assert kind(read) is not Kind.FUNC, name
        assert not name.startswith("_") or read is NO_FIELD


def generator() -> Iterator[int]:
    yield 1


async def coroutine() -> None:
    """Do nothing."""


async def async_generator() -> AsyncIterator[int]:
    yield 1


def frame() -> types.FrameType:
    found = inspect.currentframe()
    assert found is not None
    return found


def cell() -> object:
    secret = "x"
    closure = (lambda: secret).__closure__
    assert closure
    return closure[0]


STARTED = coroutine()
STARTED.close()
SEALED = [
    *(1, 1.5, "a", b"a", [], {}, (1,), {1}, range(2), slice(1), memoryview(b"a"), 1j, None),
    *(object(), len, generator, lambda: 1, generator(), async_generator(), STARTED, frame()),
    *(frame().f_code, os, sys, Color, int, type, cell(), iter([1]), zip(), map(str, []), {}.keys()),
    *(property(), staticmethod(len), classmethod(len), types.MappingProxyType({}), NotImplemented),
    *(..., super(Color, Color.RED), types.GenericAlias(list, int), "a".upper, [].append, str.upper),
    *(functools.lru_cache(generator), gotmpl.Template("t").parse("{{.}}"), gotmpl.Slice("string")),
]  # fmt: skip


@pytest.mark.parametrize("value", SEALED, ids=lambda value: type(value).__name__)
def test_pythons_own_types_show_nothing(value: object) -> None:
    for name in (*dir(value), *dir(type(value)), "f_globals", "gi_frame", "func", "cell_contents"):
        if name != "Error":
            assert (method(value, name), field(value, name)) == (None, NO_FIELD), name


class Properties:
    @property
    def plain(self) -> str:
        return "plain"

    @functools.cached_property
    def cached(self) -> str:
        return "cached"

    @types.DynamicClassAttribute
    def dynamic(self) -> str:
        return "dynamic"

    written = property(fset=lambda self, value: None)


def test_properties_of_every_sort_are_methods_without_arguments() -> None:
    value = Properties()
    assert gotmpl.render("{{.plain}} {{.cached}} {{.cached}} {{.dynamic}}", value) == (
        "plain cached cached dynamic"
    )
    plain = method(value, "plain")
    assert getattr(plain, "__func__", None) is Properties.plain.fget  # type: ignore[attr-defined]  # mypy sees its result
    with pytest.raises(gotmpl.ExecError, match="can't evaluate field written"):
        gotmpl.render("{{.written}}", value)


class MyPath(pathlib.PurePosixPath):
    __slots__ = ()

    def shout(self) -> str:
        return self.name.upper()


class Config(collections.OrderedDict[str, object]):
    def summary(self) -> str:
        return ",".join(self)


class Shouting(string.Formatter):
    def shout(self, text: str) -> str:
        return text.upper()


@pytest.mark.parametrize(
    ("value", "own", "result", "inherited"),
    [
        (MyPath("/a/b"), "shout", "B", ["joinpath", "as_posix", "match", "with_name"]),
        (Config(a=1), "summary", "a", ["move_to_end", "popitem", "clear", "fromkeys"]),
        (Shouting(), 'shout "a"', "A", ["format", "vformat", "get_field"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_own_methods_are_called_and_inherited_ones_are_not(
    value: object, own: str, result: str, inherited: list[str]
) -> None:
    assert gotmpl.render(f"{{{{.{own}}}}}", value) == result
    for name in inherited:
        assert hasattr(value, name)
        assert (method(value, name), field(value, name)) == (None, NO_FIELD)


class Handler:
    """A library's object whose class keeps functions as data."""

    def __init__(self) -> None:
        self.write = print
        self.mode = "r"


def test_a_function_among_the_data_of_a_library_s_object_is_not_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert gotmpl.render("{{with .write}}given{{end}} {{.mode}}", Handler()) == "given r"
    library = type("Handler", (Handler,), {"__module__": "logging.handlers"})()
    assert access(type(library)) is Access.DATA
    for text in ("{{.write}}", '{{call .write "x"}}', "{{range 1}}{{$.write}}{{end}}"):
        with pytest.raises(gotmpl.ExecError, match="can't evaluate field write"):
            gotmpl.render(text, library)


@pytest.mark.parametrize("name", ["format", "format_map"])
def test_no_text_has_a_method_that_reads_format_strings(name: str) -> None:
    methods = {name: lambda self, *_: "formatted", "fine": lambda self: "fine"}
    text = type("Text", (str,), {**methods, "__module__": "inventory"})("{0.__class__}")
    assert gotmpl.render("{{.fine}}", text) == "fine"
    with pytest.raises(gotmpl.ExecError, match=f"can't evaluate field {name}"):
        gotmpl.render(f"{{{{.{name} 1}}}}", text)
