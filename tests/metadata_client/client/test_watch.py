"""Watching: each change once, at once, and none missed."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metadata_client import MetadataClient, MetadataError, MetadataServer, Snapshot, watch
from metadata_client.server.faults import FaultName
from tests.metadata_client.conftest import answers, tree, unanswered
from tests.metadata_client.test_faults import FAULTS, releases


class Script(threading.Event):
    """A stop event that calls the next of `acts` in each wait, instead of sleeping."""

    def __init__(self, *acts: Callable[[], object]) -> None:
        super().__init__()
        self.acts = list(acts)
        self.slept: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        if timeout:
            self.slept.append(timeout)
            if self.acts:
                self.acts.pop(0)()
        return self.is_set()


def test_first_the_present_state_then_each_change(
    server: MetadataServer, client: MetadataClient
) -> None:
    seen = watch(client, settle=0)
    for release in range(1, 5):
        server.replace(answers(release))
        assert next(seen).version == f"{release}-abcd"


def test_since_what_is_known(server: MetadataServer, client: MetadataClient) -> None:
    known = client.snapshot("/hosts")
    seen = watch(client, "/hosts", since=known)

    def change() -> None:
        assert server.wait_for_waiters()
        server.replace(answers(2))

    threading.Thread(target=change).start()
    assert next(seen).version == "2-abcd"


def test_since_something_older_comes_at_once(
    server: MetadataServer, client: MetadataClient
) -> None:
    known = client.snapshot("/hosts")
    server.replace(answers(2))
    assert next(watch(client, "/hosts", since=known)).version == "2-abcd"


def test_what_follows_while_changes_settle_is_one_change(
    server: MetadataServer, client: MetadataClient
) -> None:
    script = Script(lambda: server.replace(answers(3)), lambda: server.replace(answers(4)))
    seen = watch(client, stop=script, settle=60)
    assert next(seen).version == "1-abcd"
    server.replace(answers(2))
    assert next(seen).version == "3-abcd"
    assert len(script.slept) == 1
    assert 0 < script.slept[0] <= 60


def test_change_during_the_consumers_work(server: MetadataServer, client: MetadataClient) -> None:
    seen = watch(client, settle=0)
    for release in range(2, 6):
        next(seen)
        server.replace(answers(release))  # while the consumer works
    assert next(seen).version == "5-abcd"


def test_same_values_are_not_delivered_again(
    server: MetadataServer, client: MetadataClient
) -> None:
    seen = watch(client, "/self/container/name", settle=0)
    next(seen)
    # Every change but the last one leaves the name as it is.
    script = threading.Thread(target=change_often, args=(server,))
    script.start()
    snapshot = next(seen)
    script.join()
    assert snapshot.documents == {"/self/container/name": "other"}


def change_often(server: MetadataServer) -> None:
    for release in range(2, 5):
        assert server.wait_for_waiters()
        server.replace(answers(release))
    server.replace(answers(9, self={"container": {"name": "other"}}))


def test_after_an_answer_the_pauses_are_short_again(
    server: MetadataServer, client: MetadataClient
) -> None:
    fail = [lambda: None] * 4
    script = Script(*fail, server.faults.clear, *fail, server.faults.clear)
    seen = watch(client, stop=script, settle=0)
    for release in (1, 2):
        server.faults.add("error")
        server.replace(answers(release))
        assert next(seen).version == f"{release}-abcd"
    first, again = script.slept[:5], script.slept[5:]
    assert len(again) == 5
    for pauses in (first, again):
        for pause, ceiling in zip(pauses, [0.25, 0.5, 1, 2, 4], strict=True):
            assert ceiling / 2 <= pause <= ceiling


def test_failures_are_outlived_with_longer_and_longer_pauses(
    server: MetadataServer, client: MetadataClient, caplog: pytest.LogCaptureFixture
) -> None:
    server.faults.add("error")
    nothing = [lambda: None] * 6
    script = Script(*nothing, server.faults.clear)
    assert next(watch(client, stop=script)).version == "1-abcd"
    ceilings = [0.25, 0.5, 1, 2, 4, 5, 5]
    assert len(script.slept) == len(ceilings)
    assert all(c / 2 <= s <= c for s, c in zip(script.slept, ceilings, strict=True))
    assert caplog.text.count("500 Internal Server Error") == 1


def test_no_news_is_not_delivered(
    server: MetadataServer, client: MetadataClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = client.wait
    heard: list[str] = []

    def listening(known: str, *args: Any, **kwargs: Any) -> str:
        if heard:
            server.replace(answers(2))
        heard.append(wait(known, *args, **kwargs))
        return heard[-1]

    monkeypatch.setattr(client, "wait", listening)
    seen = watch(client, max_wait=1, settle=0)
    assert [next(seen).version for _ in range(2)] == ["1-abcd", "2-abcd"]
    assert heard == ["1-abcd", "2-abcd"]


def test_answers_without_a_version() -> None:
    with (
        MetadataServer({"latest": {"default": {"a": 1}}}) as server,
        MetadataClient(server.url) as client,
    ):
        script = Script(lambda: None, lambda: server.replace({"latest": {"default": {"a": 2}}}))
        seen = watch(client, "/a", stop=script, settle=0)
        assert [next(seen).documents for _ in range(2)] == [{"/a": 1}, {"/a": 2}]


# -- The end


def ends(client: MetadataClient, begun: Callable[[], object]) -> bool:
    """Return whether a watch ends within 5 seconds of `stop`, which is set once `begun` returns."""
    stop = threading.Event()
    thread = threading.Thread(target=lambda: list(watch(client, stop=stop)))
    thread.start()
    begun()
    stop.set()
    thread.join(5)
    return not thread.is_alive()


def test_ends_while_it_waits(server: MetadataServer, client: MetadataClient) -> None:
    assert ends(client, server.wait_for_waiters)


def test_ends_while_it_pauses(
    server: MetadataServer, client: MetadataClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metadata_client.client.watching.delays", lambda: itertools.repeat(60.0))
    server.faults.add("error")
    assert ends(client, lambda: server.faults.wait_for("error"))


def test_ends_in_the_middle_of_a_body(server: MetadataServer, client: MetadataClient) -> None:
    server.faults.add("slow", delay=30)
    assert ends(client, lambda: server.faults.wait_for("slow"))


def test_ends_while_it_connects() -> None:
    with unanswered() as port, MetadataClient(f"127.0.0.1:{port}", timeout=(60, 60)) as client:
        assert ends(client, lambda: None)


def test_ends_while_it_lets_changes_settle(server: MetadataServer, client: MetadataClient) -> None:
    script = Script()
    script.acts.append(script.set)
    seen = watch(client, stop=script, settle=60)
    next(seen)
    server.replace(answers(2))
    assert list(seen) == []


def test_ends_before_it_begins(client: MetadataClient) -> None:
    stop = threading.Event()
    stop.set()
    assert list(watch(client, stop=stop)) == []


# -- Any schedule of changes and faults


class Watcher(threading.Thread):
    """Collects snapshots, until one of a given release has come."""

    def __init__(self, client: MetadataClient) -> None:
        super().__init__()
        self.seen: list[Snapshot] = []
        self._client = client
        self._stop_event = threading.Event()
        self._arrived = threading.Condition()

    def run(self) -> None:
        for snapshot in watch(self._client, "/hosts", "/self", stop=self._stop_event, settle=0):
            with self._arrived:
                self.seen.append(snapshot)
                self._arrived.notify_all()

    def has_seen(self, release: int) -> bool:
        version = f"{release}-abcd"
        with self._arrived:
            return self._arrived.wait_for(
                lambda: bool(self.seen) and self.seen[-1].version == version, 30
            )

    def end(self) -> None:
        self._stop_event.set()
        self.join()


STEPS = st.one_of(
    st.just("change"),
    st.just("clear"),
    st.just("request"),
    st.sampled_from(sorted(FAULTS)),
)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    def delays() -> Iterator[float]:
        while True:
            yield 0.005

    monkeypatch.setattr("metadata_client.client.watching.delays", delays)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, max_size=25))
def test_any_schedule(soon: None, steps: list[str]) -> None:
    with (
        MetadataServer(answers(0), tick=0.05) as server,
        MetadataClient(server.url, timeout=(2, 2)) as client,
    ):
        watcher = Watcher(client)
        watcher.start()
        last = play(server, client, steps)
        arrived = watcher.has_seen(last)
        watcher.end()
    assert arrived
    assert watcher.seen[-1].documents == {
        path: tree(last)[path[1:]] for path in ("/hosts", "/self")
    }
    belongs = [releases(snapshot) for snapshot in watcher.seen]
    assert [len(of) for of in belongs] == [1] * len(belongs)
    assert belongs == sorted(belongs, key=min)


def play(server: MetadataServer, client: MetadataClient, steps: list[str]) -> int:
    """Play the steps, then end all faults and change once more; the release that is served."""
    release = 0
    for step in steps:
        if step == "change":
            release += 1
            server.replace(answers(release))
        elif step == "clear":
            server.faults.clear()
        elif step == "request":
            # Lets the watcher come to meet the faults: a step takes as long as a request.
            with contextlib.suppress(MetadataError):
                client.get("/version")
        else:
            server.faults.add(_name(step), delay=0.001)
    server.faults.clear()
    server.replace(answers(release + 1))
    return release + 1


def _name(step: str) -> FaultName:
    return next(name for name in FAULTS if name == step)
