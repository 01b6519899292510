"""The store answers from a tree as a flat map of the tree's keys would."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import pathlib
import threading
import uuid
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import confd_lib
import gotmpl
from confd_lib.golang.match import BadPattern
from confd_lib.golang.path import clean, join
from confd_lib.store import listing
from confd_lib.store.levels import TooDeep
from confd_lib.store.rules import FILE, RANCHER, KeyRules, NotAValue
from confd_lib.store.store import KeyNotFound, KVPair, Store
from tests.confd_lib import naive

if TYPE_CHECKING:
    from collections.abc import Callable

# -- Laws: the lazy store equals the flat one

# Few names, so that they often collide; each is a special case.
names = st.sampled_from(
    ["a", "b", "ab", "0", "1", "name", "", ".", "..", "...", "a/b", "b/", "/a", "a/../b", "é", ".b"]
)
leaves = st.one_of(
    st.sampled_from(["", "v", "a", "b", "0", "a/b", ".."]),
    st.sampled_from([None, True, False, 0, 7, 1.5, -2, 1e21]),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.dictionaries(names, inner, max_size=4),
        st.lists(inner, max_size=4),
        st.lists(
            st.builds(
                lambda name, rest: {**rest, "name": name},
                leaves,
                st.dictionaries(names, inner, max_size=2),
            ),
            max_size=3,
        ),
    ),
    max_leaves=14,
)
maps = st.dictionaries(names, trees, max_size=5)
paths = st.lists(
    st.sampled_from(["a", "b", "ab", "0", "name", "/", "/", "/", "//", ".", "..", "...", "é"]),
    max_size=7,
).map("".join)
patterns = st.lists(
    st.sampled_from(
        ["a", "b", "*", "?", "/", "/", "/*", "/*", "[a-b]", "[^x]", "[/]", "\\a", "[", "é", "."]
    ),
    max_size=7,
).map("".join)
prefixes = st.sampled_from(["/", "", "/a", "a", "/a/", "/a/b", "/ab", "//a", "/.", "/b/0", "/é"])
keys = st.lists(
    st.sampled_from(["/", "", "/a", "a", "/b", "/a/b", "/..", "/../b", "/ab/", "/0"]), max_size=3
)

RULES: dict[
    str, tuple[KeyRules, Callable[[str, object], list[tuple[str, str]]], Callable[[str, str], bool]]
] = {
    "rancher": (RANCHER, naive.rancher, naive.below),
    "file": (FILE, naive.file, lambda query, key: key.startswith(query)),
}
rule_names = st.sampled_from(sorted(RULES))


def tidy(key: str) -> str:
    """Return the key without empty and `.` segments; `..` stays."""
    return "/" + "/".join(name for name in key.split("/") if name not in ("", "."))


def flat_store(
    documents: dict[str, object], rules: str, prefix: str = "/", keys: list[str] | None = None
) -> naive.FlatStore:
    """Return a flat store, filled as by confd: flatten, select by key, cut the prefix, clean."""
    _, flatten, gives = RULES[rules]
    prefix = prefix if prefix.startswith("/") else f"/{prefix}"
    asked = ["/"] if keys is None else [join(prefix, key) for key in keys]
    given = [
        (clean(key), value)
        for root, tree in documents.items()
        for key, value in flatten(root, tree)
        if any(gives(query, tidy(key)) for query in asked)
    ]
    stored = {key: join("/", key.removeprefix(prefix)) for key, _ in given}
    # Of two keys that become one, confd keeps whichever comes last out of a Go map.
    assume(len(set(stored.values())) == len(stored))
    return naive.FlatStore([(stored[key], value) for key, value in given])


def same(store: Store, flat: naive.FlatStore) -> None:
    """Assert that both hold the same keys; the first are asked for before any level is open."""
    for key, value in flat.pairs.items():
        assert store.getv(key) == value
        assert store.get(key) == KVPair(key, value)
    assert dict(store.items()) == flat.pairs


@settings(deadline=None)
@given(values=maps, rules=rule_names)
@example(values={"a": {"b": 1}, "a/b": 2}, rules="rancher")
@example(values={"a/b": 2, "a": {"b": 1}}, rules="rancher")
@example(values={"a": [{"name": ""}, {"name": "0", "": 1}]}, rules="rancher")
@example(values={"a": {"../b": 1}, "b": 2}, rules="rancher")
def test_holds_the_keys_of_the_flat_store(values: dict[str, object], rules: str) -> None:
    same(Store(values, rules=RULES[rules][0]), flat_store({"/": values}, rules))


def near(data: st.DataObject, flat: naive.FlatStore) -> str:
    """Draw a path near a key: a part of one, as it is or with something inserted."""
    key = data.draw(st.sampled_from(sorted(flat.pairs) or ["/"]))
    path = key[: data.draw(st.integers(0, len(key)))]
    if data.draw(st.booleans()):
        path = path.rpartition("/")[0]
    place = data.draw(st.integers(0, len(path)))
    insert = data.draw(st.sampled_from(["", "", "", "/", "/.", "/..", "a", "."]))
    return (
        path[:place] + insert + path[place:] + data.draw(st.sampled_from(["", "", "/", "/.", "//"]))
    )


layers = st.lists(st.tuples(maps, rule_names), max_size=3)


def both_of(layers: list[tuple[dict[str, object], str]]) -> tuple[Store, naive.FlatStore]:
    """Return the store of several layers, and the flat one with the keys of each written over."""
    parts = [Store(values, rules=RULES[rules][0]) for values, rules in layers]
    flat = [flat_store({"/": values}, rules) for values, rules in layers]
    pairs = [pair for one in flat for pair in one.pairs.items()]
    return Store.layered(parts), naive.FlatStore(pairs)


@settings(deadline=None)
@given(layers=layers)
@example(layers=[({"a": [{"name": "b"}]}, "rancher"), ({"a": [{"name": "b"}]}, "file")])
@example(layers=[({"a": {"b": 1}}, "file"), ({"a": {"b": None}}, "file")])
@example(layers=[({"a": {"b": None}}, "file"), ({"a": {"b": None}}, "rancher")])
def test_layers_hold_the_keys_of_the_last_that_has_them(layers) -> None:
    same(*both_of(layers))


@settings(deadline=None)
@given(layers=layers, data=st.data(), pattern=patterns)
def test_layers_list_and_find_as_the_flat_store(layers, data, pattern) -> None:
    store, flat = both_of(layers)
    path = near(data, flat)
    assert (store.ls(path), store.lsdir(path)) == (flat.ls(path), flat.lsdir(path))
    expected = flat.gets(pattern)
    if not isinstance(expected, str):
        assert [(pair.Key, pair.Value) for pair in store.gets(pattern)] == expected


@settings(deadline=None, max_examples=400)
@given(values=maps, rules=rule_names, data=st.data())
def test_lists_and_finds_as_the_flat_store(
    values: dict[str, object], rules: str, data: st.DataObject
) -> None:
    store, flat = Store(values, rules=RULES[rules][0]), flat_store({"/": values}, rules)
    path = near(data, flat) if data.draw(st.booleans()) else data.draw(paths)
    assert store.ls(path) == flat.ls(path)
    assert store.lsdir(path) == flat.lsdir(path)
    assert listing.ls_but_root(store.root, path) == flat.ls_of_confd(path)
    assert listing.lsdir_but_root(store.root, path) == flat.lsdir_of_confd(path)
    assert listing.ls_by_text(store.root, path) == flat.ls_by_text(path)
    assert listing.lsdir_by_text(store.root, path) == flat.lsdir_by_text(path)
    assert store.exists(path) == (path in flat.pairs)
    assert store.getv(path, "missing", "ignored") == flat.pairs.get(path, "missing")


@settings(deadline=None)
@given(values=maps, rules=rule_names, pattern=patterns)
def test_selects_as_the_flat_store(values: dict[str, object], rules: str, pattern: str) -> None:
    store, flat = Store(values, rules=RULES[rules][0]), flat_store({"/": values}, rules)
    expected = flat.gets(pattern)
    if isinstance(expected, str):
        with pytest.raises(BadPattern, match=expected):
            store.gets(pattern)
        return
    assert [(pair.Key, pair.Value) for pair in store.gets(pattern)] == expected
    assert store.getvs(pattern) == sorted(value for _, value in expected)


@settings(max_examples=300, deadline=None)
@given(
    documents=st.dictionaries(st.sampled_from(["/", "/a", "/a/b", "/ab", "/b"]), trees, max_size=3),
    rules=rule_names,
    prefix=prefixes,
    keys=st.none() | keys,
)
def test_a_view_has_the_keys_that_confd_stores_for_a_resource(
    documents: dict[str, object], rules: str, prefix: str, keys: list[str] | None
) -> None:
    whole = Store.from_documents(documents, rules=RULES[rules][0])
    same(whole.view(prefix, keys), flat_store(documents, rules, prefix, keys))


@settings(deadline=None)
@given(values=maps, first=prefixes, second=prefixes)
def test_making_one_view_changes_no_other(
    values: dict[str, object], first: str, second: str
) -> None:
    whole = Store(values)
    kept, other = whole.view(first), whole.view(second)
    dict(other.items())
    same(kept, flat_store({"/": values}, "rancher", first))
    same(whole, flat_store({"/": values}, "rancher"))


# -- Cases

FLAT = {"/app": "both", "/app/x": "1", "/app/y/z": "2", "/ab": "v", "/n": ""}


@pytest.mark.parametrize(
    ("rules", "value", "text"),
    [
        pytest.param(RANCHER, None, "null", id="rancher-null"),
        pytest.param(RANCHER, True, "true", id="rancher-true"),
        pytest.param(RANCHER, 1.0, "1", id="rancher-whole-float"),
        pytest.param(
            RANCHER, 123456789012345678, "123456789012345680", id="rancher-beyond-float64"
        ),
        pytest.param(RANCHER, -0.0, "-0", id="rancher-minus-zero"),
        pytest.param(RANCHER, 1e-7, "0.0000001", id="rancher-small"),
        pytest.param(RANCHER, 1e21, "1000000000000000000000", id="rancher-large"),
        pytest.param(RANCHER, b"\xff", "\udcff", id="rancher-bytes"),
        pytest.param(FILE, None, None, id="file-null-vanishes"),
        pytest.param(FILE, 2**63, None, id="file-uint64-vanishes"),
        pytest.param(FILE, 2**63 - 1, "9223372036854775807", id="file-all-digits"),
        pytest.param(FILE, 2**64, "18446744073709552000", id="file-beyond-uint64"),
        pytest.param(FILE, False, "false", id="file-false"),
        pytest.param(FILE, float("inf"), "+Inf", id="file-inf"),
        pytest.param(FILE, float("nan"), "NaN", id="file-nan"),
    ],
)
def test_values(rules: KeyRules, value: object, text: str | None) -> None:
    store = Store({"k": value}, rules=rules)
    assert dict(store.items()) == ({} if text is None else {"/k": text})
    assert store.exists("/k") == (text is not None)
    assert store.ls("/") == ([] if text is None else ["k"])


class Mode(enum.Enum):
    FAST = "fast"


class Level(enum.IntEnum):
    LOW = 1


@pytest.mark.parametrize("rules", [RANCHER, FILE])
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.date(2024, 5, 6), "2024-05-06"),
        (decimal.Decimal("1.10"), "1.10"),
        (pathlib.PurePosixPath("/etc"), "/etc"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Mode.FAST, "Mode.FAST"),
        (Level.LOW, "1"),
    ],
)
def test_what_prints_itself_in_a_template_has_that_text(
    rules: KeyRules, value: object, text: str
) -> None:
    assert Store({"k": value}, rules=rules).getv("/k") == text
    assert gotmpl.render("{{.}}", value) == text
    assert confd_lib.render('{{getv "/k/0"}}', {"k": [value]}) == text


@pytest.mark.parametrize(
    ("build", "text"),
    [("int64(5)", "5"), ("float32(1.5)", "1.5"), ("bool_(True)", "true"), ("str_('a')", "a")],
)
def test_numbers_of_numpy_are_numbers(build: str, text: str) -> None:
    numpy = pytest.importorskip("numpy")
    value = eval(f"numpy.{build}", {"numpy": numpy})
    assert Store({"k": value}).getv("/k") == text


@pytest.mark.parametrize("build", ["array(5)", "array([1, 2])", "array([[1, 2], [3, 4]])"])
def test_arrays_of_numpy_are_refused(build: str) -> None:
    numpy = pytest.importorskip("numpy")
    value = eval(f"numpy.{build}", {"numpy": numpy})
    with pytest.raises(NotAValue, match="cannot have a value of type ndarray"):
        Store({"k": [value]}).gets("/k/*")


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 2**63 - 1])
def test_a_whole_number_is_a_float64_and_keeps_its_digits_as_text(number: int) -> None:
    assert Store({"k": number}).getv("/k") == gotmpl.format_float(float(number), "f")
    assert Store({"k": str(number)}).getv("/k") == str(number)
    assert Store({"k": number}, rules=FILE).getv("/k") == str(number)
    assert gotmpl.render("{{.}}", number) == str(number)


@pytest.mark.parametrize(
    ("key", "name"),
    [(1, "1"), (True, "true"), (None, "null"), (1.5, "1.5"), (2**70, str(2**70))],
)
def test_a_name_that_is_not_text_becomes_text(key: object, name: str) -> None:
    assert Store({"a": {key: "v"}}).getv(f"/a/{name}") == "v"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({1, 2}, id="set"),
        pytest.param(object(), id="object"),
        pytest.param(ValueError("x"), id="exception"),
        pytest.param(threading.Lock(), id="lock"),
        pytest.param(10**400, id="huge"),
    ],
)
def test_refuses_values_that_no_key_can_have(value: object) -> None:
    with pytest.raises(NotAValue, match="a key cannot have a value of type"):
        Store({"a": value}).getv("/a")


def test_refuses_a_tree_that_holds_itself() -> None:
    tree: dict[str, object] = {}
    tree["self"] = tree
    with pytest.raises(TooDeep, match="nest deeper than 10000 levels, or hold themselves"):
        Store(tree).ls("/")


def test_reads_a_tree_as_deep_as_any_document() -> None:
    tree: object = "v"
    for _ in range(5000):
        tree = {"a": tree}
    store = Store({"t": tree})
    key = "/t" + "/a" * 5000
    assert store.getv(key) == "v"
    assert store.ls("/t") == ["a"]
    assert dict(store.items()) == {key: "v"}
    assert [pair.Key for pair in store.gets("/t" + "/*" * 5000)] == [key]


def test_the_error_for_a_missing_key_names_it() -> None:
    with pytest.raises(KeyNotFound, match=r"^key does not exist: /nope$") as caught:
        Store(FLAT).getv("/nope")
    assert caught.value.key == "/nope"
    assert isinstance(caught.value, KeyError)


def test_a_lookup_opens_only_the_levels_on_its_way() -> None:
    asked: list[str] = []

    class Watched(dict[str, object]):
        def __getitem__(self, name: str) -> object:
            raise AssertionError(name)

        def get(self, name: str, default: object = None) -> object:
            asked.append(name)
            return super().get(name, default)

    store = Store({"a": Watched({"b": "1", "c": "2"}), "z": Watched({"y": "3"})})
    assert store.getv("/a/b") == "1"
    assert asked[-1] == "b"
    assert "y" not in asked


def test_views_share_levels() -> None:
    whole = Store({"v1": {"self": {"a": "1"}}})
    first, second = whole.view("/v1", ["/self"]), whole.view("/v1", ["/"])
    assert first.root.child("self") is second.root.child("self")


def test_each_layer_says_which_of_its_own_values_are_left_out() -> None:
    nulls = {"a": {"b": {"c": None}}}
    store = Store.layered([Store(nulls, rules=RANCHER), Store({"a": {"x": 1}}, rules=FILE)])
    assert (store.ls("/a"), store.lsdir("/a"), store.getv("/a/b/c")) == (["b", "x"], ["b"], "null")
    assert Store.layered([Store({"a": 1}), Store(nulls, rules=FILE)]).lsdir("/a") == []


APPS = {
    "prod": {"db": {"host": "h", "port": 1}, "web": "w", "dbx": "x", "": "own"},
    "production": {"y": "z"},
    "a/../b": None,
}


@pytest.mark.parametrize(
    ("rules", "prefix", "keys", "wanted"),
    [
        pytest.param(RANCHER, "/prod", [], {}, id="no-keys"),
        pytest.param(RANCHER, "/prod", ["/db"], {"/db/host": "h", "/db/port": "1"}, id="below"),
        pytest.param(
            RANCHER, "/prod", ["/web", "/db/host"], {"/web": "w", "/db/host": "h"}, id="two"
        ),
        pytest.param(
            RANCHER,
            "/prod",
            ["/db", "/db/host"],
            {"/db/host": "h", "/db/port": "1"},
            id="one-in-another",
        ),
        pytest.param(RANCHER, "/prod/db", ["/"], {"/host": "h", "/port": "1"}, id="whole-prefix"),
        pytest.param(RANCHER, "/prod/db/host", ["/"], {"/": "h"}, id="a-leaf-is-the-root"),
        pytest.param(RANCHER, "/prod/db", ["../web"], {"/prod/web": "w"}, id="leaves-the-prefix"),
        pytest.param(RANCHER, "/prod/", ["/web"], {"/web": "w"}, id="trailing-slash"),
        pytest.param(RANCHER, "/prod", ["/none"], {}, id="missing"),
        pytest.param(
            FILE, "/prod", ["/db"], {"/db/host": "h", "/db/port": "1", "/dbx": "x"}, id="by-text"
        ),
        pytest.param(
            FILE,
            "/prod",
            ["/"],
            {
                "/": "own",
                "/db/host": "h",
                "/db/port": "1",
                "/web": "w",
                "/dbx": "x",
                "/uction/y": "z",
            },
            id="by-text-beyond-the-name",
        ),
    ],
)
@pytest.mark.parametrize("climbing", [False, True])
def test_views(
    rules: KeyRules, prefix: str, keys: list[str], wanted: dict[str, str], climbing: bool
) -> None:
    values = APPS if climbing else {name: value for name, value in APPS.items() if ".." not in name}
    assert dict(Store(values, rules=rules).view(prefix, keys).items()) == wanted


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("/app", ["/app"]),
        ("/app/*", ["/app/x"]),
        ("/app/*/z", ["/app/y/z"]),
        ("/*", ["/ab", "/app", "/n"]),
        ("*/ab", ["/ab"]),
        ("/a[^b]*", ["/app"]),
        ("/app[^x]*", ["/app/x"]),
        ("[/]ab", ["/ab"]),
        ("/a?", ["/ab"]),
        ("/a\\b", ["/ab"]),
        ("/", []),
        ("*", []),
        ("", []),
        ("/app/", []),
    ],
)
def test_patterns(pattern: str, found: list[str]) -> None:
    assert [pair.Key for pair in Store(FLAT).gets(pattern)] == found


def test_a_pattern_may_match_the_key_of_the_root() -> None:
    assert [pair.Key for pair in Store({"": "r", "a": "x"}).gets("/*")] == ["/", "/a"]


@pytest.mark.parametrize(("prefix", "key"), [("/latest", "/"), ("/latest/", "/latest")])
def test_the_key_of_an_empty_name_at_the_prefix_itself(prefix, key):
    """A prefix is cut off as text, and the key of an empty name has lost its slash by then."""
    whole = Store.from_documents({"/latest": {"": "v"}})
    assert dict(whole.view(prefix, ["/"]).items()) == {key: "v"}
