"""What a pass and an idle watch ask of the service, counted by the service.

The Go confd asks 501 times for 500 resources, and holds 100 connections for an idle watch of 100.
CPU and memory are measured by `benchmarks.scale`; here is what does not depend on the machine.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from confd_lib import Confd, backends
from metadata_client import MetadataServer
from tests.soak.conftest import Tell
from tests.soak.site import Site, tree, until

TEXT = '{{getv "/self/release"}}\n'
POLL = 10  # seconds for which the service is asked to wait
POLLS = 2


def sockets(pid: int) -> int:
    """Count the sockets of a process."""
    links = Path(f"/proc/{pid}/fd").iterdir()
    return sum(str(link.readlink()).startswith("socket:") for link in links)


def test_500_resources_ask_at_most_4_times(site: Site, tell: Tell) -> None:
    dests = [site.add(f"{number:03d}", TEXT) for number in range(500)]
    with MetadataServer(tree(1)) as server, backends.Rancher(server.url) as rancher:
        confd = Confd(backend=rancher, confdir=site.path, prefix="/latest")
        assert [result.error for result in confd.run_once() if result.error] == []
        asked = Counter(request.path for request in server.requests)
    assert {dest.read_text() for dest in dests} == {"1\n"}
    assert asked.total() <= 4
    tell("500 resources with keys /self", f"{asked.total()} requests (Go: 501)")


def test_an_idle_watch_of_100_resources_holds_one_connection(site: Site, tell: Tell) -> None:
    dests = [site.add(f"{number:03d}", TEXT) for number in range(100)]
    with MetadataServer(tree(1), tick=0.05) as server, site.confd(server.url) as process:
        assert until(lambda: all(map(Path.exists, dests)) and server.wait_for_waiters(), process)
        server.requests.clear()
        assert until(lambda: len(server.requests) >= POLLS and server.wait_for_waiters(), process)
        connections = sockets(process.pid)
        asked = {(request.path, request.query) for request in server.requests}
    # Each is answered when so many seconds are over, and no sooner: six a minute.
    assert asked == {("/latest/version", f"wait=true&value=v1&maxWait={POLL}")}
    assert connections == 1
    tell(
        "an idle watch of 100 resources",
        f"{connections} connection, {60 // POLL} requests a minute (Go: 100, 403)",
    )
