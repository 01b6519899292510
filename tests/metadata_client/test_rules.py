"""The rules that client and server share: paths, formats, negotiation, answers.

`data/go/facts.json` is written by Go itself (`data/go/facts.go`) and never edited by hand.
"""

from __future__ import annotations

import json
import math
import pickle
import struct
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from metadata_client import Answers, AnswersError, MetadataClient, MetadataServer, paths, yaml11
from metadata_client.paths import MISSING, Panic
from metadata_client.server import rendering as r
from metadata_client.server.negotiation import negotiate
from metadata_client.server.sniffing import sniff

FACTS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "data" / "go" / "facts.json").read_text()
)


def facts(kind: str) -> pytest.MarkDecorator:
    rows = FACTS[kind]
    return pytest.mark.parametrize("fact", rows, ids=[str(row.get("of", row)) for row in rows])


# -- Go's word


@facts("floats")
def test_float(fact: dict[str, str]) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(fact["bits"].zfill(16)))
    assert r.sprint(number) == fact["sprint"]
    assert r.json_text(number).decode() == fact["json"]
    assert r.text(number).decode() == fact["text"]
    assert r.yaml_text(number).decode() == fact["yaml"] + "\n"


@facts("escapes")
def test_escape(fact: dict[str, str]) -> None:
    assert r.json_text(fact["of"]).decode() == fact["json"]
    if "query" in fact:
        assert r.text({fact["of"]: 1}).decode() == fact["query"] + "\n"
        assert paths.written("/" + fact["of"]) == fact["path"]


@facts("kinds")
def test_content_type(fact: dict[str, str]) -> None:
    assert sniff(fact["of"].encode("latin-1")) == fact["kind"]


@facts("cleaned")
def test_clean(fact: dict[str, str]) -> None:
    assert paths.clean(fact["of"]) == fact["clean"]


@facts("whole")
def test_whole_number(fact: dict[str, str]) -> None:
    made = yaml11.resolve(fact["of"])
    assert (str(made) if isinstance(made, int) else "") == fact["is"]


@facts("printed")
def test_sprint(fact: dict[str, str]) -> None:
    value = json.loads(fact["of"], parse_int=float)
    assert r.sprint(value) == fact["sprint"]


# -- Paths

TREE: dict[str, object] = {
    "0": "zero",
    "MixedKey": "exact",
    "lower": "lo",
    "null": None,
    "list": [
        {"name": "alpha", "v": 1},
        {"uuid": "u-2"},
        {"name": "1", "v": 8},
        ["x"],
        {"name": "alpha", "v": 7},
        {"name": "sp ace/x"},
        {"name": 5},
    ],
}

WALKS: list[Any] = [
    pytest.param("/", TREE, id="root"),
    pytest.param("/0", "zero", id="number in a map is a key"),
    pytest.param("/MixedKey", "exact", id="exact case"),
    pytest.param("/mixedkey", MISSING, id="upper case cannot be reached by lower"),
    pytest.param("/LOWER", "lo", id="lower-cased"),
    pytest.param("/LIST/ALPHA/V", 1, id="all of it lower-cased"),
    pytest.param("/LIST/0/MixedKey", MISSING, id="not piece by piece"),
    pytest.param("/null", None, id="null"),
    pytest.param("/list/1/uuid", "u-2", id="index before name"),
    pytest.param("/list/01/uuid", "u-2", id="leading zero"),
    pytest.param("/list/+1/uuid", "u-2", id="plus"),
    pytest.param("/list/-1", MISSING, id="negative"),
    pytest.param("/list/7", MISSING, id="past the end"),
    pytest.param("/list/99999999999999999999", MISSING, id="more than an int64"),
    pytest.param("/list/1.0", MISSING, id="not an integer"),
    pytest.param("/list/u-2", {"uuid": "u-2"}, id="by uuid"),
    pytest.param("/list/alpha/v", 1, id="first of two"),
    pytest.param("/list/sp ace%2Fx/name", "sp ace/x", id="slash in a name"),
    pytest.param("/list/3/0", "x", id="list in a list"),
    pytest.param("/lower/x", MISSING, id="below a scalar"),
]


@pytest.mark.parametrize(("path", "value"), WALKS)
def test_walk(path: str, value: object) -> None:
    assert paths.find(TREE, paths.keys(path)) == value


def test_below_null() -> None:
    with pytest.raises(Panic):
        paths.find(TREE, ["null", "x"])
    assert paths.cut(TREE, ["null", "x"]) is MISSING


def test_there_is_one_missing() -> None:
    assert pickle.loads(pickle.dumps(MISSING)) is MISSING
    assert repr(MISSING) == "MISSING"


KEYS = st.lists(st.text(min_size=1), min_size=1, max_size=4)


@given(KEYS)
def test_what_is_encoded_is_decoded(keys: list[str]) -> None:
    encoded = paths.encode(keys)
    assert paths.decode(encoded) == paths.keys(encoded) == tuple(keys)
    assert encoded.isascii()


@pytest.fixture(scope="module")
def served() -> Any:
    empty: dict[str, object] = {"latest": {"default": {}}}
    with MetadataServer(empty) as server, MetadataClient(server.url) as client:
        yield server, client


@example(["a\n"])
@given(KEYS)
def test_reachable_means_that_the_service_finds_it(served: Any, keys: list[str]) -> None:
    server, client = served
    tree: object = "found"
    for key in reversed(keys):
        tree = {key: tree}
    server.replace({"latest": {"default": tree}})
    if paths.reachable(keys):
        assert client.get(keys) == "found"
    # Whether it can be asked for or not, a snapshot has it.
    assert client.snapshot(paths.encode(keys)).get(keys) == "found"


# -- Formats

TEXTS: list[Any] = [
    pytest.param(True, b"true", id="true"),
    pytest.param(None, b"", id="null"),
    pytest.param({}, b"", id="empty map"),
    pytest.param([], b"", id="empty list"),
    pytest.param(12345678901234567890, b"12345678901234567890", id="big"),
    pytest.param("a\nb\n", b"a\nb\n", id="lines"),
    pytest.param("\udce9", b"\xe9", id="not UTF-8"),
    pytest.param("a\ud800\udc7f\udfff", b"a" + b"\xef\xbf\xbd" * 3, id="lone surrogates"),
    pytest.param("\ud800\udce9", b"\xef\xbf\xbd\xe9", id="lone surrogate before a byte"),
    pytest.param({"\ud800": 1}, b"%EF%BF%BD\n", id="lone surrogate in a key"),
    pytest.param([{"name": "\ud800"}], b"0=%EF%BF%BD\n", id="lone surrogate in a name"),
    pytest.param({"b": {}, "a": [], "c": None, "B": 1}, b"B\na/\nb/\nc\n", id="map"),
    pytest.param({"a b": 1, "a!": 1, "a": {}}, b"a%21\na+b\na/\n", id="sorted as escaped"),
    pytest.param(
        [{"name": "a b"}, {"uuid": "u"}, {}, [], 1, None], b"0=a+b\n1=u\n2/\n3/\n4\n5\n", id="list"
    ),
]


@pytest.mark.parametrize(("value", "body"), TEXTS)
def test_text(value: object, body: bytes) -> None:
    assert r.text(value) == body


def test_json_of_bytes_that_are_no_text() -> None:
    assert r.json_text(["\udce9"]) == b'["\\ufffd"]'


def test_lone_surrogate_is_the_replacement_character() -> None:
    assert r.json_text({"\ud800": "\udfff"}).decode() == '{"\ufffd":"\ufffd"}'
    assert r.sprint({"\ud800": ["\udfff"]}) == "map[\ufffd:[\ufffd]]"


YAMLS: list[Any] = [
    pytest.param("plain", "plain\n", id="plain"),
    pytest.param("", '""\n', id="empty"),
    pytest.param("on", '"on"\n', id="a word"),
    pytest.param("12", '"12"\n', id="a number"),
    pytest.param("12:30", '"12:30"\n', id="a number in base 60"),
    pytest.param('{"a": 1}', "'{\"a\": 1}'\n", id="an indicator"),
    pytest.param("a: b", "'a: b'\n", id="a colon"),
    pytest.param("a\nb\n", "|\n  a\n  b\n", id="lines"),
    pytest.param("a\nb", "|-\n  a\n  b\n", id="lines without an end"),
    pytest.param({}, "{}\n", id="empty map"),
    pytest.param([], "[]\n", id="empty list"),
    pytest.param(None, "null\n", id="null"),
    pytest.param(True, "true\n", id="true"),
    pytest.param(math.inf, ".inf\n", id="inf"),
    pytest.param(-math.inf, "-.inf\n", id="-inf"),
    pytest.param(math.nan, ".nan\n", id="nan"),
    pytest.param({"a": [1, {"b": []}]}, "a:\n- 1\n- b: []\n", id="nested"),
    pytest.param([[1], [2]], "- - 1\n- - 2\n", id="lists in a list"),
    pytest.param({"y": 1, "1": 2}, '"1": 2\n"y": 1\n', id="keys in quotes"),
    pytest.param(
        dict.fromkeys(["b", "a10", "a9", "B", "a", "_", "a01", "a1", "-", "."], 1),
        "'-': 1\n.: 1\n_: 1\nB: 1\na: 1\na1: 1\na01: 1\na9: 1\na10: 1\nb: 1\n",
        id="natural order of keys",
    ),
    pytest.param("é", "é\n", id="not ASCII"),
    pytest.param({"\ud800": "\udfff"}, "\ufffd: \ufffd\n", id="lone surrogates"),
    pytest.param("\udcff", "!!binary /w==\n", id="not UTF-8"),
    pytest.param({"a": "\udcff" * 51}, f"a: !!binary {'/' * 68}\n", id="many bytes"),
    pytest.param(
        "\udcff" * 54, f"!!binary |\n  {'/' * 70}\n  //\n", id="more bytes than a line takes"
    ),
]


@pytest.mark.parametrize(("value", "body"), YAMLS)
def test_yaml(value: object, body: str) -> None:
    assert r.yaml_text(value).decode() == body


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON_VALUES)
def test_json_says_the_same(value: object) -> None:
    # Go writes 3.0 as 3, and so on: what was a float need not look like one.
    assert json.loads(r.json_text(value), parse_int=float) == json.loads(
        json.dumps(value), parse_int=float
    )


@given(st.integers(-(1 << 63), (1 << 64) - 1))
def test_json_integers_are_exact(value: int) -> None:
    assert json.loads(r.json_text([value])) == [value]


@given(JSON_VALUES)
@example([{"uuid": None}])
@example([{"name": "a", "uuid": None}])
def test_any_value_has_a_form(value: object) -> None:
    """But for a list with a name that is no string, at which the service panics."""
    yaml.safe_load(r.yaml_text({"value": value}))
    assert isinstance(r.sprint(value), str)
    items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
    names = [item.get("name", item.get("uuid", "")) for item in items]
    if all(isinstance(name, str) for name in names):
        assert isinstance(r.text(value), bytes)
    else:
        with pytest.raises(Panic):
            r.text(value)


SURROGATES = st.text(st.characters(categories=("Cs", "Ll")))


@given(st.lists(SURROGATES | st.dictionaries(SURROGATES, SURROGATES)))
def test_any_text_has_a_form(value: object) -> None:
    yaml.safe_load(r.yaml_text(value))
    json.loads(r.json_text(value))
    assert r.text(value).count(b"\n") == len(value)  # type: ignore[arg-type]  # it is a list


# -- Negotiation

WISHES: list[Any] = [
    ([], "text"),
    (["*/*"], "text"),
    (["application/json"], "json"),
    (["application/json, */*"], "json"),
    (["application/*"], "json"),
    (["text/html", "application/json"], "json"),
    (["application/json;q=0.9, text/plain;q=0.8"], "json"),
    (["application/json ; q=0.9 , text/plain ; q=0.8"], "json"),
    (["application/json;q=0.5, text/plain;q=0.9"], "text"),
    (["application/json, text/plain, */*"], "text"),
    (["text/plain, application/json"], "text"),
    (["application/json; charset=utf-8"], "text"),
    (["application/json; charset=utf-8, application/json"], "text"),
    (["Application/JSON"], "text"),
    (["application/json;q=0"], "text"),
    (["application/json;q=0, */*;q=0.1"], "text"),
    (["application/yaml"], "yaml"),
    (["text/x-yaml, application/json;q=0.9"], "yaml"),
    (["text/*;q=0.3, application/json;q=0.8"], "json"),
    (["garbage"], "text"),
    ([""], "text"),
    ([",application/json"], "text"),
    (["*/*;q=0.5, application/yaml;q=0.5"], "yaml"),
]


@pytest.mark.parametrize(("accepts", "form"), WISHES, ids=[str(row[0]) for row in WISHES])
def test_negotiation(accepts: list[str], form: str) -> None:
    assert negotiate(accepts) == form


# -- Answers


def test_own_keys_come_before_the_default() -> None:
    answers = Answers({"1": {"default": {"a": 1, "self": {"b": 1}}, "10.0.0.1": {"self": {}}}})
    assert answers.tree("1", "10.0.0.1") == {"a": 1, "self": {}}
    assert answers.tree("1", "10.0.0.2") == {"a": 1, "self": {"b": 1}}


def test_latest_is_the_highest_version() -> None:
    answers = Answers({"2015-07-25": {"default": {"v": 1}}, "2016-07-29": {"default": {"v": 3}}})
    assert answers.versions() == ("2015-07-25", "2016-07-29", "latest")
    assert answers.tree("latest") == {"v": 3}
    assert Answers({}).tree("latest") is None


def test_client_without_an_entry_and_without_default() -> None:
    answers = Answers({"latest": {"10.0.0.1": {"a": 1}}})
    assert answers.tree("latest", "10.0.0.2") is None


def test_answers_are_a_mapping() -> None:
    given_answers = {"latest": {"default": {"a": 1}}}
    answers = Answers(given_answers)
    assert dict(answers) == given_answers
    assert answers == given_answers
    assert len(answers) == 1
    assert repr(answers) == "<Answers latest>"


JSON_ANSWERS = [
    '{"latest": {"default": {"a": [1, 1.5, null, true, "x"], "b": {}}}}',
    '{"latest": {"default": {"a": 18446744073709551616, "b": 12345678901234567890}}}',
    '{"latest": {"default": {"a": 1e400, "b": -1E3, "c": -0}}}',
    '{"latest": {"default": {"a": NaN, "b": -Infinity}}}',
    '\n {"latest": {default: {"a": on}}}',
]


@pytest.mark.parametrize("text", JSON_ANSWERS)
def test_json_is_read_as_the_yaml_it_is(text: str) -> None:
    for given_text in (text, text.encode()):
        assert Answers.loads(given_text) == yaml11.load(text)


WRONG: list[Any] = [
    pytest.param("[]", "answers are a map of versions, not list", id="list"),
    pytest.param("a: [", "line 2: did not find expected node content", id="not yaml"),
    pytest.param(
        '{"a": ' + "[" * 200 + "]" * 200 + "}",
        "line 1: nested too deep: more than 200 levels",
        id="JSON that is too deep",
    ),
    pytest.param(
        "\n".join(
            f"v{n}: &v{n} {{{', '.join(f'k{k}: *v{n - 1}' for k in range(99 * (n > 0)))}}}"
            for n in range(6)
        ),
        "line 4: document contains excessive aliasing",
        id="aliases",
    ),
    pytest.param("latest: 1", "version latest is not a map of addresses", id="version"),
    pytest.param(
        "latest: {default: []}",
        "version latest, address default: the tree is not a map",
        id="tree",
    ),
    pytest.param(
        "latest:\n  default:\n    8080: x\n",
        "line 3: the key 8080 is not a string; put it in quotes",
        id="key",
    ),
    pytest.param(
        "2015-07-25: {}\non: {}\n",
        "line 2: the key True is not a string; put it in quotes",
        id="boolean key",
    ),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_wrong_answers(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(AnswersError) as caught:
        Answers.loads(text)
    assert str(caught.value) == message
    path = tmp_path / "answers.yaml"
    path.write_text(text)
    with pytest.raises(type(caught.value)) as from_file:
        Answers.load(path)
    assert str(from_file.value) == f"{path}: {message}"


def test_version_that_is_no_text() -> None:
    with pytest.raises(AnswersError, match="the version 1 is not a string"):
        Answers({1: {}})  # type: ignore[dict-item]  # what is tested


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(AnswersError, match="No such file or directory") as caught:
        Answers.load(tmp_path / "nope.yaml")
    assert caught.value.path == str(tmp_path / "nope.yaml")


def test_empty_file_holds_no_answers() -> None:
    assert len(Answers.loads("")) == 0
    assert Answers.loads("latest:\n  default:\n").tree("latest") == {}
