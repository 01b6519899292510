"""The client waits: for another version, and for a service that is not ready."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from metadata_client import MetadataClient, MetadataError, MetadataServer, NotFound, Stopped
from tests.metadata_client.conftest import answers, asked, tree


def test_wait_returns_at_a_change(server: MetadataServer, client: MetadataClient) -> None:
    heard: list[str] = []
    thread = threading.Thread(target=lambda: heard.append(client.wait("1-abcd", 30)))
    thread.start()
    assert server.wait_for_waiters()
    server.replace(answers(2))
    thread.join(5)
    assert heard == ["2-abcd"]


@pytest.mark.parametrize("known", ["init", "", "a?b", "a&b", "1-ABCD"])
def test_wait_with_another_value_returns_at_once(client: MetadataClient, known: str) -> None:
    assert client.wait(known, 30) == "1-abcd"


def test_wait_without_news_returns_what_is_known(client: MetadataClient) -> None:
    assert client.wait("1-abcd", 1) == "1-abcd"


@pytest.mark.parametrize("version", ["a?b", "a&b"])
def test_wait_for_a_version_that_cannot_be_waited_for(version: str) -> None:
    odd = {"latest": {"default": {"version": version}}}
    with MetadataServer(odd) as server, MetadataClient(server.url) as client:
        # Longer than a first answer takes: it asks again only if there is time left.
        assert client.wait(version, 1) == version
        targets = [request.target for request in server.requests]
    assert targets == ["/latest/version"] * 2


def test_service_that_does_not_wait_is_polled(
    server: MetadataServer, client: MetadataClient
) -> None:
    server.faults.add("no_wait")
    assert client.wait("1-abcd", 1) == "1-abcd"
    assert asked(server) == ["/version?wait=true&value=1-abcd&maxWait=1", "/version"]


def test_stop_ends_polling(server: MetadataServer, client: MetadataClient) -> None:
    server.faults.add("no_wait")
    stop = threading.Event()

    def stop_later() -> None:
        assert server.faults.wait_for("no_wait")
        stop.set()

    script = threading.Thread(target=stop_later)
    script.start()
    with pytest.raises(Stopped):
        client.wait("1-abcd", 60, stop=stop)
    script.join()


def test_service_that_never_answers_a_waiter(server: MetadataServer) -> None:
    server.faults.add("ignore_wait")
    with MetadataClient(server.url) as client:
        fetch = client._transport.fetch

        def impatient(*args: Any, read: float | None = None, **kwargs: Any) -> bytes:
            if read is not None:
                server.replace(answers(2))
            return fetch(*args, read=read and 0.2, **kwargs)

        client._transport.fetch = impatient  # type: ignore[method-assign]
        assert client.wait("1-abcd", 1) == "2-abcd"


def test_stop_ends_a_wait(server: MetadataServer, client: MetadataClient) -> None:
    stop = threading.Event()
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            client.wait("1-abcd", 100, stop=stop)
        except MetadataError as error:
            raised.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    assert server.wait_for_waiters()
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert [type(error) for error in raised] == [Stopped]


def test_wait_until_ready(server: MetadataServer, client: MetadataClient) -> None:
    server.faults.add("not_ready", times=3)
    assert client.wait_until_ready(10).documents == {"/self": tree(1)["self"]}
    assert server.faults.wait_for("not_ready", 3, timeout=0)


def test_wait_until_ready_has_a_deadline(server: MetadataServer, client: MetadataClient) -> None:
    server.faults.add("not_ready")
    with pytest.raises(NotFound):
        client.wait_until_ready(0.3, "/hosts")


def test_stop_ends_wait_until_ready(server: MetadataServer, client: MetadataClient) -> None:
    server.faults.add("not_ready")
    stop = threading.Event()

    def stop_later() -> None:
        assert server.faults.wait_for("not_ready", 2)
        stop.set()

    threading.Thread(target=stop_later).start()
    with pytest.raises(Stopped):
        client.wait_until_ready(30, stop=stop)
