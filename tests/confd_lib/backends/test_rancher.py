"""The store of Rancher's metadata service."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading

import pytest

from confd_lib import backends
from confd_lib.errors import BackendError, CannotWatch, Interrupted
from confd_lib.logs import LOGGER
from metadata_client import MetadataServer, Stopped
from tests.confd_lib.backends.snapshots import Polls, contents


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
