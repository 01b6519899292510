"""The hint in the log about a key that a template did not find."""

from __future__ import annotations

import pytest

import gotmpl
from confd_lib import Store, render
from confd_lib.confdir.resource import TemplateResource
from confd_lib.errors import ConfigError
from confd_lib.run.advice import explain, unmatched
from confd_lib.store.rules import FILE
from confd_lib.store.store import KeyNotFound

TREE = {
    "self": {"container": {"name": "web_1", "primary_ip": "10.42.0.2"}, "host": {"name": "h"}},
    "app": {"port": 80, "ports": {str(number): number for number in range(7)}},
    "apple": "red",
    "db1": "a",
    "db2": "b",
}


def explained(template: str, keys: tuple[str, ...], compat: str = "0.16") -> str:
    """Render with the listed keys alone, and return what is added to the error."""
    store = Store(TREE)
    with pytest.raises(gotmpl.ExecError) as caught:
        render(template, store.view("/", keys), compat=compat)
    return explain(caught.value, store, TemplateResource("a.toml", "a.tmpl", keys=keys))


ALL = ("/self", "/app", "/apple")


@pytest.mark.parametrize(
    ("key", "keys", "said"),
    [
        pytest.param(
            "/apple",
            ("/self", "/app"),
            "the store has it, but it is not below any of the resource's keys: /self, /app",
            id="not-listed",
        ),
        pytest.param(
            "/apple", (), "the store has it, but the resource lists no keys", id="no-keys-at-all"
        ),
        pytest.param(
            "/apple",
            tuple(f"/k{number}" for number in range(7)),
            "the store has it, but it is not below any of the resource's keys: "
            "/k0, /k1, /k2, /k3, /k4 and 2 more",
            id="of-many-keys-some-are-named",
        ),
        pytest.param("self/host/name", ALL, "write it as /self/host/name", id="no-slash"),
        pytest.param("/self/host/name/", ALL, "write it as /self/host/name", id="slash-at-the-end"),
        pytest.param("//apple", ALL, "write it as /apple", id="two-slashes"),
        pytest.param(
            "/self/container",
            ALL,
            "it has no value, only keys below it: name, primary_ip",
            id="a-level",
        ),
        pytest.param(
            "/app/ports",
            ALL,
            "it has no value, only keys below it: 0, 1, 2, 3, 4 and 2 more",
            id="a-level-of-many",
        ),
        pytest.param(
            "/self/container/primry_ip",
            ALL,
            "did you mean /self/container/primary_ip?",
            id="the-last-name-is-misspelt",
        ),
        pytest.param(
            "/self/continer/name",
            ALL,
            "did you mean /self/container/name?",
            id="a-name-in-the-middle-is-misspelt",
        ),
        pytest.param(
            "/self/continer/nothing",
            ALL,
            "did you mean /self/container?",
            id="and-what-is-below-is-not-there",
        ),
        pytest.param("/db3", ALL, "did you mean /db2 or /db1?", id="several-are-near"),
        pytest.param(
            "/self/container/zzz",
            ALL,
            "below /self/container there are only name, primary_ip",
            id="nothing-is-near",
        ),
        pytest.param("", ALL, "below / there are only app, apple, db1, db2, self", id="empty"),
    ],
)
def test_of_a_missing_key(key: str, keys: tuple[str, ...], said: str) -> None:
    assert explained(f'{{{{getv "{key}"}}}}', keys) == said


def test_of_a_prefix_that_is_another() -> None:
    store = Store(TREE)
    resource = TemplateResource("a.toml", "a.tmpl", prefix="/prod", keys=("/self", "/app"))
    with pytest.raises(gotmpl.ExecError) as caught:
        render('{{getv "/self/host/name"}}', store.view("/prod", resource.keys))
    assert explain(caught.value, store, resource) == (
        "the store has it, but it is not below the resource's prefix, /prod"
    )
    with pytest.raises(gotmpl.ExecError) as caught:
        render('{{getv "/apple"}}', store.view("/prod", resource.keys))
    assert explain(caught.value, store, resource) == (
        "the store has it, but it is not below any of the resource's keys: /self, /app"
    )


@pytest.mark.parametrize("call", ['get "/appel"', 'getv "/appel"', 'print (getv "/appel")'])
@pytest.mark.parametrize("compat", ["0.11", "0.16"])
def test_of_every_function_that_misses_a_key(call: str, compat: str) -> None:
    assert explained(f"{{{{{call}}}}}", ALL, compat) == "did you mean /apple?"


def test_names_of_a_large_level_are_not_compared() -> None:
    store = Store({f"host{number:05}": 1 for number in range(1001)})
    resource = TemplateResource("a.toml", "a.tmpl", keys=("/",))
    with pytest.raises(gotmpl.ExecError) as caught:
        render('{{getv "/hots00001"}}', store)
    assert explain(caught.value, store, resource) == ""


def test_an_empty_store_is_said_to_be_empty() -> None:
    assert explain(KeyNotFound("/a"), Store({})) == "the store is empty"


def test_without_a_resource_keys_are_not_spoken_of() -> None:
    assert explain(KeyNotFound("/appel"), Store(TREE)) == "did you mean /apple?"


@pytest.mark.parametrize("template", ['{{atoi "x"}}', "{{range 1 2}}"])
def test_of_other_errors_nothing_is_added(template: str) -> None:
    with pytest.raises(gotmpl.TemplateError) as caught:
        render(template, TREE)
    assert explain(caught.value, Store(TREE), TemplateResource("a.toml", "a.tmpl")) == ""


def test_an_error_without_a_cause_has_nothing_added() -> None:
    assert explain(ConfigError("x"), Store(TREE), TemplateResource("a.toml", "a.tmpl")) == ""


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        pytest.param(["/self", "app", "/apple"], [], id="all-match"),
        pytest.param(
            ["/self/nothing", "/nowhere", "/app"], ["/self/nothing", "/nowhere"], id="two"
        ),
        pytest.param(["/"], [], id="root"),
        pytest.param([], [], id="none-listed"),
        pytest.param(["/app/port/", "//apple"], [], id="joined-as-the-store-is-asked"),
        pytest.param(["/appl"], ["/appl"], id="a-part-of-a-name"),
    ],
)
def test_keys_that_match_nothing(keys: list[str], found: list[str]) -> None:
    assert unmatched(keys, Store(TREE)) == found


def test_keys_that_match_by_text_match() -> None:
    assert unmatched(["/appl", "/b"], Store(TREE, rules=FILE)) == ["/b"]
