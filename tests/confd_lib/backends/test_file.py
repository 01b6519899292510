"""The store of files: which count, in what order, what a watch sees, what is refused."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from confd_lib import backends, regular, stamps
from confd_lib.backends import file
from confd_lib.errors import BackendError
from tests.confd_lib.backends.snapshots import Polls, contents


def test_files_and_folders_are_read_and_the_later_file_wins(tmp_path):
    (tmp_path / "a.yaml").write_text("app: {port: 80, hosts: [x, z]}\nnothing:\n")
    (tmp_path / "more/deep").mkdir(parents=True)
    (tmp_path / "more/b.json").write_text('{"app": {"port": 81}}')
    (tmp_path / "more/deep/c.yml").write_text("deep: on")
    (tmp_path / "more/note.txt").write_text("- not read")
    store = backends.File(tmp_path / "a.yaml", tmp_path / "more", pattern="*.[jy]*")
    assert contents(store.get_values(["/"])) == {
        "/app/port": "81",
        "/app/hosts/0": "x",
        "/app/hosts/1": "z",
        "/deep": "true",
    }


def test_the_later_file_is_the_one_that_go_walks_to_later(tmp_path):
    for name in ("b.yml", "a/x.yml", "a/c/x.yml", "a-b/x.yml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = name.rpartition("/")[0]
        path.write_text(f"last: {name}\n{folder or 'top'}: {name}\na: {{last: {name}}}")
    found = contents(backends.File(tmp_path).get_values(["/"]))
    assert found["/last"] == found["/a/last"] == "b.yml"
    assert found["/a-b"] == "a-b/x.yml"


def test_keys_are_given_by_their_text_as_in_confd(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: {x: 1}\nab: 2\nc: 3\n")
    found = backends.File(path).get_values(["/a"])
    assert contents(found, keys=["/a"]) == {"/a/x": "1", "/ab": "2"}


TYPED = "a: {0: zero, 1: one, 2: two, off: d, on: e, 1.5: f, ~: g, '3': h}\n"


def test_keys_of_unlike_types_stay_apart(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(TYPED)
    assert contents(backends.File(path).get_values(["/"])) == {
        "/a/0": "zero",
        "/a/1": "one",
        "/a/2": "two",
        "/a/false": "d",
        "/a/true": "e",
        "/a/1.5": "f",
        "/a/null": "g",
        "/a/3": "h",
    }


def test_a_key_that_is_not_as_it_is_written_is_warned_of_once(tmp_path, caplog):
    path = tmp_path / "a.yaml"
    path.write_text("x: 1\nn: 2\nlist:\n- {on: a}\n- {on: b, yes: c}\nx: 3\n'y': 4\n")
    backend = backends.File(path)
    for _ in range(2):
        found = contents(backend.get_values(["/"]))
    assert found == {
        "/x": "3",
        "/false": "2",
        "/list/0/true": "a",
        "/list/1/true": "c",
        "/y": "4",
    }
    quotes = "put it in quotes to keep it as it is written"
    both = "the keys on and yes both become true, and the later one counts; put them in quotes"
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: yaml: line 2: the key n becomes false; {quotes}",
        f"{path}: yaml: line 4: the key on becomes true; {quotes}",
        f"{path}: yaml: line 5: {both}",
    ]


def test_a_file_that_is_mostly_aliases_is_refused(tmp_path):
    path = tmp_path / "a.yaml"
    items = ["x", *(f"*a{level}" for level in range(8))]
    path.write_text(
        "".join(f"a{n}: &a{n} [{','.join([item] * 9)}]\n" for n, item in enumerate(items))
    )
    with pytest.raises(BackendError, match=r"a\.yaml: yaml: line 4: document contains excessive"):
        backends.File(path).get_values(["/"])


def test_an_empty_file_holds_nothing(tmp_path):
    (tmp_path / "a.yaml").write_text("# nothing\n")
    assert contents(backends.File(tmp_path / "a.yaml").get_values(["/"])) == {}


def test_the_version_of_files_is_that_of_their_bytes(tmp_path):
    path = tmp_path / "a.yaml"
    versions = set()
    for text in ("a: 1", "a: 2", "a: 1"):
        path.write_text(text)
        versions.add(backends.File(path).get_values(["/"]).version)
    assert len(versions) == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a: 1\n b: 2", "yaml: line 2: "),
        (b"a: 'x", "yaml: line "),
        (b"5", "yaml: line 1: a mapping of keys is wanted, not a scalar"),
        (b"a: \xff", "yaml: "),
        (b"a: &x {b: *x}", "yaml: "),
        (b"? [a]\n: 1", "yaml: line 1: "),
    ],
)
def test_files_that_are_no_mapping_are_named_with_the_line(tmp_path, data, said):
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    with pytest.raises(BackendError) as caught:
        backends.File(path).get_values(["/"])
    assert str(caught.value).startswith(f"{path}: {said}")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named_in_gos_words(tmp_path):
    with pytest.raises(BackendError) as caught:
        backends.File(tmp_path / "no").get_values(["/"])
    assert str(caught.value) == f"stat {tmp_path}/no: no such file or directory"


def test_a_file_that_cannot_be_one_is_named():
    with pytest.raises(BackendError, match=r"^open a\x00b: the path holds a null byte$"):
        backends.File("a\0b").get_values(["/"])


def test_a_folder_that_cannot_be_listed_is_named_and_not_taken_for_empty(tmp_path, closed):
    with pytest.raises(BackendError, match=f"^open {closed}: "):
        backends.File(tmp_path).get_values(["/"])


def rewrite(path: Path, text: str) -> None:
    path.write_text(text)


def replace(path: Path, text: str) -> None:
    other = path.with_name("other")
    other.write_text(text)
    other.rename(path)


@pytest.mark.parametrize("change", [rewrite, replace])
def test_a_file_that_is_written_or_replaced_is_news(tmp_path, change):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1")
    store = backends.File(path)
    stop = threading.Event()
    seen = store.changes(["/"], store.get_values(["/"]), stop)
    for value in ("2", "3"):
        change(path, f"a: {value}")
        assert contents(next(seen)) == {"/a": value}
    stop.set()
    assert list(seen) == []


def test_a_file_in_a_new_folder_is_news(tmp_path):
    (tmp_path / "a.yaml").write_text("a: 1")
    store = backends.File(tmp_path)
    stop = threading.Event()
    seen = store.changes(["/"], store.get_values(["/"]), stop)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.yaml").write_text("b: 2")
    assert contents(next(seen)) == {"/a": "1", "/b": "2"}
    (tmp_path / "sub/b.yaml").write_text("b: 3")
    assert contents(next(seen)) == {"/a": "1", "/b": "3"}
    stop.set()
    assert list(seen) == []


def test_a_file_that_breaks_is_reported_by_the_watch_which_goes_on(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1")
    store = backends.File(path)
    known = store.get_values(["/"])
    reports = []

    def report(error):
        reports.append(error and str(error))
        if error:
            path.write_text("a: 2")

    store.report = report
    seen = store.changes(["/"], known, threading.Event())
    path.write_text("a: [")
    assert contents(next(seen)) == {"/a": "2"}
    assert [said and said.startswith(f"{path}: yaml: ") for said in reports] == [True, None]


def test_a_file_that_is_missing_is_waited_for(tmp_path):
    path = tmp_path / "a.yaml"
    store = backends.File(path)
    store.report = lambda error: path.write_text("a: 1") if error else None
    assert contents(next(store.changes(["/"], None, threading.Event()))) == {"/a": "1"}


def test_a_value_that_moves_to_the_next_file_is_news(tmp_path):
    one, two = tmp_path / "1.yaml", tmp_path / "2.yaml"
    one.write_text("a:\n  b: 1\n")
    two.write_text("")
    store = backends.File(one, two)
    seen = store.changes(["/"], store.get_values(["/"]), threading.Event())
    one.write_text("a:\n")
    two.write_text("  b: 1\n")
    while (found := contents(next(seen))) != {"/b": "1"}:
        assert found == {}  # between the two


def test_the_same_file_may_be_named_twice_and_wins_where_it_is_named_last(tmp_path):
    for name, value in (("a.yaml", 1), ("b.yaml", 2)):
        (tmp_path / name).write_text(f"v: {value}")
    store = backends.File(tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "a.yaml")
    assert contents(store.get_values(["/"])) == {"/v": "1"}


@pytest.fixture
def read(monkeypatch) -> dict[str, list[str]]:
    """Note the names of files that are read, and of those that are parsed."""
    noted: dict[str, list[str]] = {"read": [], "parsed": []}
    read_file, parse = regular.read_file, file._parse

    def reading(path):
        noted["read"].append(path.name)
        return read_file(path)

    def parsing(path, *args):
        noted["parsed"].append(path.name)
        return parse(path, *args)

    monkeypatch.setattr(regular, "read_file", reading)
    monkeypatch.setattr(file, "_parse", parsing)
    return noted


def test_files_that_are_as_they_were_are_not_read_again(tmp_path, monkeypatch, read):
    monkeypatch.setattr(stamps, "_COARSEST_CLOCK_S", 0)
    (tmp_path / "a.yaml").write_text("a: 1")
    (tmp_path / "b.yaml").write_text("b: 1")
    store = backends.File(tmp_path)
    known = store.get_values(["/"])
    stop = Polls(*[lambda: None] * 3, lambda: rewrite(tmp_path / "b.yaml", "b: 22"))
    assert contents(next(store.changes(["/"], known, stop))) == {"/a": "1", "/b": "22"}
    assert read == {"read": ["a.yaml", "b.yaml"] * 3, "parsed": ["a.yaml", "b.yaml", "b.yaml"]}


def test_a_file_that_was_just_written_is_read_again_whatever_its_stamp(tmp_path, monkeypatch, read):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1")
    monkeypatch.setattr(stamps, "_COARSEST_CLOCK_S", 3600)
    stamp = stamps.Stamp(1, 1, 4, 1, time.time_ns())
    monkeypatch.setattr(stamps, "stamp", lambda _: stamp)
    store = backends.File(path)
    stop = Polls(lambda: rewrite(path, "a: 2"))
    assert contents(next(store.changes(["/"], store.get_values(["/"]), stop))) == {"/a": "2"}
