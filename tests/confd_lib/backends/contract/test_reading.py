"""Reading: a resource gets its keys and what lies below them, from every store alike."""

from __future__ import annotations

import pytest

from tests.confd_lib.backends.contract.kinds import Subject, those

APP = {"/app/name": "confd", "/app/db/host": "db1", "/app/db/port": "5432", "/other": "1"}
BELOW = {path: value for path, value in APP.items() if path.startswith("/app/")}
DEEP = "/a" + "".join(f"/{level}" for level in range(30))


@those()
@pytest.mark.parametrize(
    ("values", "keys", "found"),
    [
        pytest.param(APP, ["/app/name"], {"/app/name": "confd"}, id="one key"),
        pytest.param(APP, ["/app"], BELOW, id="a folder"),
        pytest.param(APP, ["/app/"], BELOW, id="a slash at the end"),
        pytest.param(APP, ["/app", "/app/db", "/app/db/host"], BELOW, id="within each other"),
        pytest.param(
            APP, ["/app/db/host", "/other"], {"/app/db/host": "db1", "/other": "1"}, id="two"
        ),
        pytest.param({"/a/empty": ""}, ["/a"], {"/a/empty": ""}, id="an empty value"),
        pytest.param({DEEP: "x"}, ["/a"], {DEEP: "x"}, id="deep"),
        pytest.param({"/a/b": " {{.}}\n\t\"'"}, ["/a"], {"/a/b": " {{.}}\n\t\"'"}, id="signs"),
        pytest.param({"/a/long": "x" * 500_000}, ["/a"], {"/a/long": "x" * 500_000}, id="long"),
    ],
)
def test_keys_are_read(subject: Subject, values, keys, found):
    subject.put(values)
    assert subject.read(*keys) == found


@those("case")
def test_signs_and_letters_of_keys_are_kept(subject: Subject):
    values = {"/ü €/名": "wért", "/ü €/a b": "1", "/ü €/%+?#:*[x]": "2"}
    subject.put(values)
    assert subject.read("/ü €") == values


@those("exact")
def test_a_key_does_not_bring_those_that_begin_with_its_name(subject: Subject):
    subject.put({"/app/x": "1", "/apple": "fruit", "/applet/x": "y"})
    assert subject.read("/app") == {"/app/x": "1"}


@those("exact", "missing")
def test_half_a_name_brings_nothing(subject: Subject):
    subject.put({"/app/x": "1", "/apple": "fruit", "/applet/x": "y"})
    assert subject.read("/ap") == {}


@those("both")
def test_a_key_may_have_a_value_and_keys_below_it(subject: Subject):
    values = {"/both": "leaf", "/both/a": "below"}
    subject.put(values)
    assert subject.read("/both") == values


@those("bytes")
def test_bytes_that_are_no_text_are_kept(subject: Subject):
    subject.put({"/a/b": b"caf\xe9"})
    assert subject.read("/a") == {"/a/b": "caf\udce9"}


@those("missing")
def test_a_missing_key_is_nothing(subject: Subject):
    subject.put({"/app/x": "1"})
    assert subject.read("/nope", "/app") == {"/app/x": "1"}


@those("root")
def test_the_root_is_all_keys(subject: Subject):
    subject.put(APP)
    found = subject.read("/")
    assert {path: found.get(path) for path in APP} == APP


@those("many")
def test_ten_thousand_keys_are_read_at_once(subject: Subject):
    many = {f"/many/{number % 100}/{number}": str(number) for number in range(10_000)}
    subject.put(many)
    assert subject.read("/many") == many


@those()
def test_three_hundred_keys_are_asked_for_at_once(subject: Subject):
    many = {f"/many/{number}": str(number) for number in range(300)}
    subject.put(many)
    assert subject.read(*many) == many


@those()
def test_a_state_stays_as_it_was(subject: Subject):
    subject.put({"/a/b": "1"})
    before = subject.backend.get_values([subject.key("/a")])
    subject.put({"/a/b": "2"})
    assert subject.seen(before, "/a") == {"/a/b": "1"}
    assert subject.read("/a") == {"/a/b": "2"}


@those("version")
def test_the_version_is_another_one_after_a_change(subject: Subject):
    subject.put({"/a/b": "1"})
    keys = [subject.key("/a")]
    first, second = (subject.backend.get_values(keys) for _ in range(2))
    subject.put({"/a/b": "2"})
    third = subject.backend.get_values(keys)
    assert first.version == second.version
    assert third.version != first.version
