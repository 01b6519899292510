"""The front doors: whatever a public signature names can be imported, and every example runs."""

from __future__ import annotations

import builtins
import collections.abc
import importlib
import inspect
import os
import pathlib
import re
import socket
import ssl
import threading
import typing
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
import requests

DOORS = ("gotmpl", "metadata_client", "confd_lib")
# Public modules that are names of a front door: their own names are public too.
MODULES = ("confd_lib.backends", "confd_lib.errors", "gotmpl.nodes", "metadata_client.compose")
# Modules of the standard library whose names need no export.
STANDARD = (requests, builtins, collections.abc, os, pathlib, socket, ssl, threading, typing)


def doors() -> Iterator[tuple[str, ModuleType]]:
    for name in (*DOORS, *MODULES):
        door, _, inner = name.partition(".")
        module = importlib.import_module(door)
        yield name, getattr(module, inner) if inner else module


def names(module: ModuleType) -> list[str]:
    """Return the public names of a module; without `__all__`, those that it defines."""
    defined = [name for name, value in vars(module).items() if is_of(module, value)]
    return list(getattr(module, "__all__", [name for name in defined if name[0] != "_"]))


def is_of(module: ModuleType, value: object) -> bool:
    return getattr(value, "__module__", None) == module.__name__


# `gotmpl.nodes` re-exports the type of a number.
PUBLIC = {"Number", *(name for _, module in doors() for name in names(module))}


def signatures() -> dict[str, Callable[..., Any]]:
    """Return the public functions, and the public methods of public classes."""
    found: dict[str, Callable[..., Any]] = {}
    for door, module in doors():
        for name in names(module):
            value = getattr(module, name)
            if inspect.isfunction(value):
                found[f"{door}.{name}"] = value
            elif inspect.isclass(value) and value.__module__.partition(".")[0] in DOORS:
                found |= {f"{door}.{name}.{one}": f for one, f in methods(value)}
    return found


def methods(cls: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, member in vars(cls).items():
        if name[0] == "_" and name != "__init__":
            continue
        function = (
            member.fget if isinstance(member, property) else getattr(member, "__func__", member)
        )
        if inspect.isfunction(function):
            yield name, function


@pytest.mark.parametrize("place", sorted(signatures()))
def test_the_types_of_a_signature_can_be_imported(place: str) -> None:
    named = {
        name
        for annotation in signatures()[place].__annotations__.values()
        for name in re.findall(
            r"[A-Za-z_][\w.]*", re.sub(r"'[^']*'|\"[^\"]*\"", "", str(annotation))
        )
    }
    unknown = {
        name
        for name in named
        if name.rpartition(".")[2] not in PUBLIC
        and not any(hasattr(module, name.rpartition(".")[2]) for module in STANDARD)
    }
    assert unknown == set()


def examples() -> dict[str, Any]:
    """Return the public functions, the methods that have no example in their class, and classes."""
    return {
        f"{door}.{name}": getattr(module, name)
        for door, module in doors()
        for name in names(module)
        if inspect.isfunction(getattr(module, name))
    }


@pytest.mark.parametrize("place", sorted(examples()))
def test_a_public_function_has_an_example(place: str) -> None:
    """`tests/conftest.py` has the examples of every module run."""
    assert ">>> " in (examples()[place].__doc__ or "")


@pytest.mark.parametrize("door", DOORS)
def test_a_front_door_lists_its_names(door: str) -> None:
    module = importlib.import_module(door)
    assert set(module.__all__) <= set(dir(module))
    assert {"Template", "render"} <= set(dir(importlib.import_module("gotmpl")))
