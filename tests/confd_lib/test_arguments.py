"""Arguments of the wrong type: a TypeError names the argument and says what it is to be."""

from __future__ import annotations

from typing import Any

import pytest

import confd_lib
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
    "no backend": (lambda: Confd(backend=None), f"{NOT_A_STORE}a NoneType"),
    "a class as backend": (
        lambda: Confd(backend=backends.Memory),
        f"{NOT_A_STORE}a class: call it",
    ),
    "a layer without a store": (
        lambda: backends.Layered([backends.Layer("etcd")]),
        f"{NOT_A_STORE}a str",
    ),
    "no values": (lambda: render(None), f"{NOT_VALUES}a NoneType"),
    "a list of values": (lambda: render([1]), f"{NOT_VALUES}a list"),
    "no version": (lambda: bench(version=None), "version is a text, not a NoneType"),
    "a list of changes": (
        lambda: bench(changed=["/self/service/name"]),
        "changed is a mapping of values by key, not a list",
    ),
    "a list of variables": (
        lambda: compose.load(GALERA, env=["mysql_root_password=x"]),
        "env is a mapping of values by name, not a list",
    ),
    "a list of scales": (
        lambda: compose.load(GALERA, env=ENV, scale=["galera=1"]),
        "scale is a mapping of numbers by service, not a list",
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
        "funcs is a mapping of functions by name, not a builtin_function_or_method",
    ),
    "no prefix": (lambda: Store({}).view(None), "a prefix is a str, not NoneType"),
    "a list of addresses": (
        lambda: compose.load(GALERA, env=ENV, addresses=["10.42.0.1"]),
        "addresses is a mapping of addresses by container, not a list",
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
    assert str(caught.value) == (
        f"a node is a text, and several are arguments of their own, not a {type(nodes).__name__}"
    )


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
