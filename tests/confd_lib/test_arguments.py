"""Arguments of the wrong type: a TypeError names the argument and says what it is to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import confd_lib
import gotmpl
from confd_lib import Confd, Store, backends
from confd_lib.testing.bench import Bench
from metadata_client import compose

GALERA = "examples/galera"
TEMPLATE = "examples/galera/templates/galera.cnf.tmpl"
NOT_A_STORE = "backend is a store, such as backends.Memory(values), not "
NOT_VALUES = "values are a mapping, a store, a stack or an environment, not "
ENV = {"mysql_root_password": "x"}


def bench(**look: Any) -> str:
    stack = compose.load(GALERA, env=ENV)
    return str(Bench().as_("galera_galera_1", **look).render(TEMPLATE, stack))


def render(values: Any) -> str:
    return str(Bench().render(TEMPLATE, values))


CASES: dict[str, Any] = {
    "a dict as backend": (lambda: Confd(backend={"a": 1}), f"{NOT_A_STORE}a dict"),
    "no backend": (lambda: Confd(backend=None), f"{NOT_A_STORE}None"),
    "a class as backend": (
        lambda: Confd(backend=backends.Memory),
        f"{NOT_A_STORE}a class: call it",
    ),
    "a layer without a store": (
        lambda: backends.Layered([backends.Layer("etcd")]),
        f"{NOT_A_STORE}a str",
    ),
    "no values": (lambda: render(None), f"{NOT_VALUES}None"),
    "a list of values": (lambda: render([1]), f"{NOT_VALUES}a list"),
    "no version": (lambda: bench(version=None), "version is a text, not None"),
    "a list of changes": (
        lambda: bench(changed=["/self/service/name"]),
        "changed is a mapping of values by key, not a list",
    ),
    "a list of variables": (
        lambda: compose.load(GALERA, env=["mysql_root_password=x"]),
        "env is a mapping, not a list",
    ),
    "a list of scales": (
        lambda: compose.load(GALERA, env=ENV, scale=["galera=1"]),
        "scale is a mapping, not a list",
    ),
    "a number as compat": (
        lambda: confd_lib.render("x", compat=0.16),
        'compat is a text, such as "0.16", not a float',
    ),
    "a list of functions": (
        lambda: confd_lib.render("x", funcs=[len]),
        "funcs is a mapping of functions by name, not a list",
    ),
    "a function for a run": (
        lambda: Confd(backend=backends.Memory({}), funcs=len),
        "funcs is a mapping or None, not a builtin_function_or_method",
    ),
    "no prefix": (lambda: Store({}).view(None), "prefix is a str, not None"),
    "keys that are one text": (
        lambda: Store({}).view("/", keys="/a"),
        "keys is a list or None, not a str",
    ),
    "a text as values": (
        lambda: confd_lib.render("x", "abc"),
        "values is a mapping or None, not a str",
    ),
    "a store as values": (
        lambda: confd_lib.render("x", backends.Memory({})),
        "values is a mapping or None, not a Memory",
    ),
    "a store as values of a test": (lambda: render(backends.Memory({})), f"{NOT_VALUES}a Memory"),
    "None as values of a store": (lambda: backends.Memory(None), "values is a mapping, not None"),
    "None to replace them": (
        lambda: backends.Memory({}).replace(None),
        "values is a mapping, not None",
    ),
    "a number as environment": (
        lambda: backends.Env(5),
        "variables is a mapping or None, not an int",
    ),
    "no path": (lambda: backends.File(None), "each of paths is a str or a path, not None"),
    "no address": (lambda: backends.Rancher(None), "url is a str, not None"),
    "seconds as text": (
        lambda: backends.Rancher(settle="1"),
        "settle is a number, not a str",
    ),
    "a layer without a prefix": (
        lambda: backends.Layer(backends.Memory({}), prefix=None),
        "prefix is a str, not None",
    ),
    "a store as a layer": (
        lambda: backends.Layered([backends.Memory({})]),
        "a layer is a backends.Layer(store), not a Memory",
    ),
    "a layer of one key": (
        lambda: backends.Layer(backends.Memory({}), keys="/a"),
        "keys is a list, not a str",
    ),
    "a path of a certificate": (
        lambda: backends.Etcd(ca=Path("ca.pem")),
        "ca is a str, not a PosixPath",
    ),
    "no user": (lambda: backends.Redis(username=None), "username is a str, not None"),
    "a run without a prefix": (
        lambda: Confd(backend=backends.Memory({}), prefix=None),
        "prefix is a str, not None",
    ),
    "a root that is no path": (
        lambda: Confd(backend=backends.Memory({}), root=5),
        "root is a str or a path or None, not an int",
    ),
    "noop as text": (
        lambda: Confd(backend=backends.Memory({}), noop="false"),
        "noop is a bool, not a str",
    ),
    "a number that stops": (
        lambda: Confd(backend=backends.Memory({})).watch(stop=5),
        "stop is an event, not an int",
    ),
    "no function to call": (
        lambda: Confd(backend=backends.Memory({})).on_connection("x"),
        "call is a function, not a str",
    ),
    "one delimiter": (
        lambda: confd_lib.trace("x", delims="<<"),
        "delims is a pair, not a str",
    ),
    "no data of a resource": (
        lambda: confd_lib.TemplateResource.parse("a.toml", "text"),
        "data is bytes, not a str",
    ),
    "one profile": (
        lambda: compose.load(GALERA, env=ENV, profiles="web"),
        "profiles is a collection of names, not a str",
    ),
    "a text as scale": (
        lambda: compose.load(GALERA, env=ENV, name=5),
        "name is a str or None, not an int",
    ),
    "a list of addresses": (
        lambda: compose.load(GALERA, env=ENV, addresses=["10.42.0.1"]),
        "addresses is a mapping, not a list",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_error_names_the_argument(name: str) -> None:
    call, text = CASES[name]
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == text


@pytest.mark.parametrize("store", ["Consul", "Etcd", "Redis", "Vault", "ZooKeeper"])
@pytest.mark.parametrize("nodes", [["10.0.0.1", "10.0.0.2"], None, 1])
def test_nodes_are_given_one_by_one(store: str, nodes: Any) -> None:
    more = {"token": "t"} if store == "Vault" else {}
    with pytest.raises(TypeError) as caught:
        getattr(backends, store)(nodes, **more)
    found = {list: "a list", int: "an int"}.get(type(nodes), "None")
    assert str(caught.value) == f"each of nodes is a str, not {found}"


def test_what_is_no_function_is_refused_before_a_run() -> None:
    with pytest.raises(gotmpl.TemplateError, match="value for f not a function"):
        Confd(backend=backends.Memory({}), funcs={"f": 5})


@pytest.mark.parametrize("key", [None, 80, b"/a", ["/a"]])
@pytest.mark.parametrize("values", [{}, {"/a": 1}], ids=["empty", "full"])
@pytest.mark.parametrize(
    ("ask", "what"),
    [
        *((ask, "key") for ask in ("exists", "get", "getv", "ls", "lsdir")),
        *((ask, "pattern") for ask in ("gets", "getvs", "matching")),
    ],
)
def test_a_store_is_asked_with_texts(ask: str, what: str, values: Any, key: Any) -> None:
    with pytest.raises(TypeError) as caught:
        getattr(Store(values), ask)(key)
    assert str(caught.value) == f"a {what} is a str, not {type(key).__name__}"
