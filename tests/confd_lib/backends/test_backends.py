"""Backends: what each gives for the keys of a resource, and how it tells of changes."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from confd_lib import backends, regular
from confd_lib.backends import file
from confd_lib.errors import BackendError, CannotWatch, Interrupted
from confd_lib.golang import path as gopath
from confd_lib.logs import LOGGER
from metadata_client import MetadataServer, Stopped

DATA = Path(__file__).parents[1] / "data"
ENV = [json.loads(line) for line in (DATA / "env.jsonl").read_text().splitlines()]
# No resource asks for others: its keys are joined to its prefix and cleaned.
ENV = [row for row in ENV if all(gopath.join("/", key) == key for key in row["keys"])]


def contents(snapshot, prefix="/", keys=("/",)) -> dict[str, str]:
    return dict(snapshot.view(prefix, list(keys)).items())


def test_each_is_a_backend_and_loaded_when_it_is_used():
    for name in ("Env", "Etcd", "File", "Memory", "Rancher", "Redis"):
        assert callable(getattr(backends, name).get_values)
    with pytest.raises(AttributeError, match="has no attribute 'Dynamo'"):
        getattr(backends, "Dyna" + "mo")


# -- env


@pytest.mark.parametrize("row", ENV, ids=lambda row: row["id"])
def test_the_environment_is_read_as_confd_reads_it(row):
    found = contents(backends.Env(row["env"]).get_values(row["keys"]), keys=row["keys"])
    # In the store, keys are cleaned.
    expected = {
        os.path.normpath(key): value for key, value in row["expect"]["master"]["vars"].items()
    }
    assert found == expected


def test_an_environment_is_not_watched():
    with pytest.raises(CannotWatch):
        backends.Env({}).changes(["/"], None, threading.Event())


def test_an_environment_has_no_version(monkeypatch):
    monkeypatch.setenv("CONFD_TEST_X", "1")
    snapshot = backends.Env().get_values(["/"])
    assert (snapshot.version, contents(snapshot, keys=["/confd/test"])) == (
        "",
        {"/confd/test/x": "1"},
    )


# -- file


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


class Polls(threading.Event):
    """A stop event that does something in each wait instead of waiting, and is set at the end."""

    def __init__(self, *acts) -> None:
        super().__init__()
        self.acts = list(acts)
        self.waits: list[float] = []

    def wait(self, timeout=None):
        self.waits.append(timeout)
        if self.acts:
            self.acts.pop(0)()
        else:
            self.set()
        return self.is_set()


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
    monkeypatch.setattr(file, "_COARSEST_CLOCK_S", 0)
    (tmp_path / "a.yaml").write_text("a: 1")
    (tmp_path / "b.yaml").write_text("b: 1")
    store = backends.File(tmp_path)
    known = store.get_values(["/"])
    stop = Polls(*[lambda: None] * 3, lambda: rewrite(tmp_path / "b.yaml", "b: 2"))
    assert contents(next(store.changes(["/"], known, stop))) == {"/a": "1", "/b": "2"}
    assert read == {"read": ["a.yaml", "b.yaml"] * 3, "parsed": ["a.yaml", "b.yaml", "b.yaml"]}


def test_a_file_that_was_just_written_is_read_again_whatever_its_stamp(tmp_path, monkeypatch, read):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1")
    monkeypatch.setattr(file, "_COARSEST_CLOCK_S", 3600)
    stamp = file._Stamp(1, 1, 4, 1, time.time_ns())
    monkeypatch.setattr(file, "_stamp", lambda _: stamp)
    store = backends.File(path)
    stop = Polls(lambda: rewrite(path, "a: 2"))
    assert contents(next(store.changes(["/"], store.get_values(["/"]), stop))) == {"/a": "2"}


# -- memory


def test_memory_tells_of_each_replacement():
    memory = backends.Memory({"/a": 1})
    stop = threading.Event()
    first = memory.get_values(["/"])
    seen = memory.changes(["/"], first, stop)
    memory.replace({"/a": 2})
    second = next(seen)
    assert (first.version, second.version, contents(second)) == ("1", "2", {"/a": "2"})
    stop.set()
    assert list(seen) == []


def test_without_a_past_what_there_is_is_news():
    memory = backends.Memory({"/a": 1})
    assert contents(next(memory.changes(["/"], None, threading.Event()))) == {"/a": "1"}


# -- rancher


def tree(version: str, name: str) -> dict[str, object]:
    return {
        "version": version,
        "self": {"container": {"name": name, "ip": None}},
        "containers": [{"name": "web_1", "state": "running"}, {"name": 7}],
    }


@pytest.fixture
def server():
    answers = {"latest": {"default": tree("1", "a")}, "2015-07-25": {"default": tree("1", "b")}}
    with MetadataServer(answers) as running:
        yield running


def test_one_consistent_view_covers_all_keys(server):
    with backends.Rancher(server.url) as rancher:
        snapshot = rancher.get_values(["/latest/self", "/latest/containers", "/2015-07-25/self"])
    assert snapshot.version == "1"
    assert contents(snapshot, "/latest", ["/self", "/containers"]) == {
        "/self/container/name": "a",
        "/self/container/ip": "null",
        "/containers/web_1/name": "web_1",
        "/containers/web_1/state": "running",
        "/containers/1/name": "7",
    }
    assert contents(snapshot, "/2015-07-25", ["/self/container/name"]) == {
        "/self/container/name": "b"
    }


def test_what_a_document_does_not_hold_is_absent(server):
    with backends.Rancher(server.url) as rancher:
        keys = ["/latest/self/service/metadata", "/latest/nope", "/latest/self"]
        snapshot = rancher.get_values(keys)
        assert contents(snapshot, "/latest", ["/self/service/metadata", "/nope"]) == {}


def test_the_whole_tree_and_the_list_of_versions(server):
    with backends.Rancher(server.url) as rancher:
        snapshot = rancher.get_values(["/latest", "/"])
        assert contents(snapshot, "/latest", ["/"])["/version"] == "1"
        found = contents(snapshot, "/", ["/"])
    assert found["/2015-07-25"] == "/2015-07-25"


def test_a_node_may_be_written_without_a_scheme(server):
    with backends.Rancher(server.url.removeprefix("http://")) as rancher:
        assert rancher.get_values(["/latest/self"]).version == "1"


def test_a_service_that_starts_is_waited_for(server):
    server.replace({})
    with backends.Rancher(server.url, ready_within=60) as rancher:
        threading.Timer(0.1, server.replace, [{"latest": {"default": tree("2", "a")}}]).start()
        assert rancher.get_values(["/latest/self"]).version == "2"


def test_waiting_for_a_service_ends_with_the_stop(server):
    server.replace({})
    stop = threading.Event()
    with backends.Rancher(server.url, ready_within=3600, stop=stop) as rancher:
        threading.Timer(0.1, stop.set).start()
        with pytest.raises(BackendError, match=str(Stopped())):
            rancher.get_values(["/latest/self"])


def test_a_version_that_is_not_served_names_its_keys(server):
    with backends.Rancher(server.url, ready_within=0) as rancher:
        with pytest.raises(BackendError) as caught:
            rancher.get_values(["/1999-01-01/self", "/latest/self"])
        assert caught.value.keys == ("/1999-01-01/self",)


def test_a_service_that_is_not_there_is_named():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    with (
        backends.Rancher(url, ready_within=0) as rancher,
        pytest.raises(BackendError) as caught,
    ):
        rancher.get_values(["/latest/self"])
    assert str(caught.value).startswith(f"{url}/latest/")


def test_a_version_that_is_not_served_is_not_waited_for_and_holds_up_no_other(server):
    stop = Polls()
    with backends.Rancher(server.url, ready_within=3600, stop=stop) as rancher:
        keys = ["/1999-01-01/self", "/latest/self", "/1999-01-02/self"]
        with pytest.raises(BackendError) as caught:
            rancher.get_values(keys)
        assert caught.value.keys == ("/1999-01-01/self", "/1999-01-02/self")
        assert str(caught.value) == (
            f"{server.url}/1999-01-01/version: 404 Invalid version; "
            f"{server.url}/1999-01-02/version: 404 Invalid version"
        )
        assert contents(rancher.get_values(keys[1:2]), "/latest", ["/self"])
    assert stop.waits == []


def test_pauses_grow_up_to_five_seconds_and_differ(server, caplog):
    caplog.set_level(logging.INFO, LOGGER.name)
    server.replace({})
    stop = Polls(*[lambda: None] * 7)
    with (
        backends.Rancher(server.url, ready_within=3600, stop=stop) as rancher,
        pytest.raises(Interrupted, match=str(Stopped())),
    ):
        rancher.get_values(["/2015-07-25/self"])
    most = (0.25, 0.5, 1, 2, 4, 5, 5, 5)
    assert all(top / 2 <= pause <= top for pause, top in zip(stop.waits, most, strict=True))
    assert len({pause / top for pause, top in zip(stop.waits, most, strict=True)}) > 1
    assert caplog.messages == [
        f"{server.url}/2015-07-25/version: 404 Invalid version; trying again for 3600 s"
    ]


def test_a_service_is_waited_for_once_in_an_outage(server):
    waited = []
    stop = Polls(*[lambda: None] * 1000)
    with backends.Rancher(server.url, ready_within=2, stop=stop) as rancher:
        for there in (False, False, True, False):
            server.replace({"latest": {"default": tree("1", "a")}} if there else {})
            stop.waits.clear()
            with contextlib.nullcontext() if there else pytest.raises(BackendError):
                rancher.get_values(["/latest/self"])
            waited.append(bool(stop.waits))
    assert waited == [True, False, False, True]


@pytest.mark.parametrize("others", [["/"], ["/2015-07-25/self", "/"]], ids=["list", "both"])
def test_news_hold_the_list_of_versions_too(server, others):
    keys = ["/latest/self", *others]
    with backends.Rancher(server.url) as rancher:
        known = rancher.get_values(keys)
        seen = rancher.changes(keys, known, threading.Event())
        server.replace(
            {"latest": {"default": tree("2", "b")}, "2015-07-25": {"default": tree("2", "b")}}
        )
        news = next(seen)
    assert news.version == "2"
    for snapshot in (known, news):
        assert contents(snapshot, "/", ["/"]) == {
            "/2015-07-25": "/2015-07-25",
            "/latest": "/latest",
        }
        assert "/latest/self/container/name" in contents(snapshot, "/", ["/", "/latest/self"])


def test_a_change_in_one_of_several_versions_is_news(server):
    keys = ["/latest/self", "/2015-07-25/self"]
    with backends.Rancher(server.url, settle=0) as rancher:
        seen = rancher.changes(keys, rancher.get_values(keys), threading.Event())
        server.replace(
            {"latest": {"default": tree("2", "a")}, "2015-07-25": {"default": tree("2", "z")}}
        )
        news = next(seen)
    assert contents(news, "/2015-07-25", ["/self/container/name"]) == {"/self/container/name": "z"}


def test_a_watch_reports_an_outage_and_its_end(server):
    reports = []
    with backends.Rancher(server.url) as rancher:
        known = rancher.get_values(["/2015-07-25/self"])

        def report(error):
            reports.append(error and (str(error), error.kind))
            if error:
                server.replace({"2015-07-25": {"default": tree("2", "a")}})
            else:
                stop.set()

        rancher.report = report
        stop = threading.Event()
        server.replace({})
        list(rancher.changes(["/2015-07-25/self"], known, stop))
    server.replace({})
    with (
        backends.Rancher(server.url, ready_within=0) as rancher,
        pytest.raises(BackendError) as caught,
    ):
        rancher.get_values(["/2015-07-25/self"])
    (said, kind), *answers = reports
    assert "404 Invalid version" in said
    assert kind == caught.value.kind  # so that the log needs but one line for both
    assert set(answers) == {None}


def test_a_watch_of_a_version_that_is_not_served_leaves_the_others_to_be_asked(server):
    with (
        backends.Rancher(server.url) as rancher,
        pytest.raises(BackendError, match="404 Invalid version") as caught,
    ):
        next(rancher.changes(["/1999-01-01/self", "/latest/self"], None, threading.Event()))
    assert caught.value.keys == ("/1999-01-01/self",)


@pytest.mark.parametrize("key", ["latest/self", "/latest/self"])
def test_a_key_may_lack_its_first_slash(server, key):
    with backends.Rancher(server.url) as rancher:
        assert rancher.get_values([key]).version == "1"


@pytest.mark.parametrize(
    "keys", [["/latest/self"], ["/latest/self", "/2015-07-25/self"]], ids=["one", "two-versions"]
)
def test_each_change_of_the_metadata_is_news(server, keys):
    stop = threading.Event()
    with backends.Rancher(server.url) as rancher:
        seen = rancher.changes(keys, rancher.get_values(keys), stop)
        for number in ("2", "3"):
            answers = {
                "latest": {"default": tree(number, number)},
                "2015-07-25": {"default": tree(number, number)},
            }
            server.replace(answers)
            snapshot = next(seen)
            for key in keys:
                version = "/" + key.split("/")[1]
                found = contents(snapshot, version, ["/self/container/name"])
                assert found == {"/self/container/name": number}
        stop.set()
        assert list(seen) == []


def test_the_list_of_versions_is_not_watched(server):
    with (
        backends.Rancher(server.url) as rancher,
        pytest.raises(CannotWatch, match="Watch needs a version in the prefix"),
    ):
        rancher.changes(["/"], None, threading.Event())
