"""The requests and connections of a pass and of an idle watch, counted by the service.

The Go confd sends 501 requests for 500 resources, and holds 100 connections for an idle watch of
100. `benchmarks.confd.scale` measures CPU and memory, which depend on the machine.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from confd_lib import Confd, backends
from metadata_client import MetadataServer
from tests.soak.conftest import Report
from tests.soak.site import Site, tree, until

TEXT = '{{getv "/self/release"}}\n'
POLL = 10  # the seconds that each request asks the service to wait
POLLS = 2


def sockets(pid: int) -> int:
    """Return the number of sockets of a process."""
    links = Path(f"/proc/{pid}/fd").iterdir()
    return sum(str(link.readlink()).startswith("socket:") for link in links)


def test_500_resources_need_at_most_4_requests(site: Site, report: Report) -> None:
    dests = [site.add(f"{number:03d}", TEXT) for number in range(500)]
    with MetadataServer(tree(1)) as server, backends.Rancher(server.url) as rancher:
        confd = Confd(backend=rancher, confdir=site.path, prefix="/latest")
        assert [result.error for result in confd.run_once() if result.error] == []
        asked = Counter(request.path for request in server.requests)
    assert {dest.read_text() for dest in dests} == {"1\n"}
    assert asked.total() <= 4
    report("500 resources with keys /self", f"{asked.total()} requests (Go: 501)")


def test_an_idle_watch_of_100_resources_holds_one_connection(site: Site, report: Report) -> None:
    dests = [site.add(f"{number:03d}", TEXT) for number in range(100)]
    with MetadataServer(tree(1), tick=0.05) as server, site.confd(server.url) as process:
        assert until(lambda: all(map(Path.exists, dests)) and server.wait_for_waiters(), process)
        server.requests.clear()
        assert until(lambda: len(server.requests) >= POLLS and server.wait_for_waiters(), process)
        connections = sockets(process.pid)
        asked = {(request.path, request.query) for request in server.requests}
    # Each is answered after that many seconds: six requests a minute.
    assert asked == {("/latest/version", f"wait=true&value=v1&maxWait={POLL}")}
    assert connections == 1
    report(
        "an idle watch of 100 resources",
        f"{connections} connection, {60 // POLL} requests a minute (Go: 100, 403)",
    )
