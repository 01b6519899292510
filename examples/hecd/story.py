"""The steps of the demonstration. Each changes the site and says what came of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from examples.stage import Failure, Stage, require, require_free

from . import balancer, etcd
from .site import PORTS, Site, running
from .web import FOLDER

PORT: Final = 8700
PACKAGES: Final = {**balancer.PACKAGES, **etcd.PACKAGES, "socat": "socat"}
# No port has this number, so that HAProxy refuses the file.
BAD: Final = '{"host": "127.0.0.1", "port": 99999}'
REQUESTS: Final = 2000


def begin(site: Site) -> None:
    """Start two servers, etcd, confd and HAProxy."""
    seconds = site.open(["web_1", "web_2"])
    site.say(
        f"HAProxy serves web_1 and web_2 at http://127.0.0.1:{site.port} after {seconds:.1f} s"
    )


def ask(site: Site) -> None:
    """Let the clients begin."""
    site.clients.start()
    seconds = _until_answered(site, ["web_1", "web_2"])
    site.say(
        f"three clients ask, one keeps its connection: both have answered after {seconds:.1f} s"
    )


def grow(site: Site) -> None:
    """Start three more servers, one after the other."""
    for name in ("web_3", "web_4", "web_5"):
        site.add([name])
        site.say(f"{name} started: its first answer after {_until_answered(site, [name]):.1f} s")


def leave(site: Site) -> None:
    """Let two servers leave, one after the other."""
    for name in ("web_1", "web_2"):
        start = time.monotonic()
        site.dismiss(name)
        out = site.until(site.is_settled, f"{name} is out of HAProxy")
        site.until(partial(site.has_ended, name), f"{name} has ended")
        end = time.monotonic() - start
        site.say(f"{name} deregistered: out of HAProxy after {out:.1f} s, ended after {end:.1f} s")


def kill(site: Site) -> None:
    """Kill a server: etcd drops its key when the lease has expired."""
    site.kill("web_3")
    seconds = site.until(site.is_settled, "web_3 is out of HAProxy")
    site.say(f"web_3 killed: its lease expired, out of HAProxy after {seconds:.1f} s")


def burst(site: Site) -> None:
    """Start six servers at once."""
    names = [f"web_{number}" for number in range(6, 12)]
    before = site.seen.reloads
    site.add(names)
    seconds = _until_answered(site, names)
    reloads = site.seen.reloads - before
    site.say(
        f"6 servers started at once: all have answered after {seconds:.1f} s, {reloads} reloads"
    )


def refuse(site: Site) -> None:
    """Register an impossible port: the check refuses the file, and the old one stays."""
    before, reloads = site.balancer.file.read_bytes(), site.seen.reloads
    site.etcd.gateway.put(f"{FOLDER}/bad", BAD)
    site.until(lambda: bool(site.sidekick.errors()), "HAProxy has refused it")
    reason = site.sidekick.errors()[0].partition("'server web/bad' : ")[2] or "no reason"
    if site.balancer.file.read_bytes() != before:
        raise Failure("port 99999 was refused, but the file has changed")
    site.etcd.gateway.delete(f"{FOLDER}/bad")
    site.until(lambda: site.sidekick.in_sync() and site.is_settled(), "the file is in sync")
    if site.seen.reloads != reloads:
        raise Failure("port 99999 was refused, but HAProxy was reloaded")
    site.say(f"port 99999 is refused, and the old file stays: {reason.partition(';')[0]}")


def restart(site: Site) -> None:
    """Restart etcd: nobody leaves meanwhile, and a server that comes later is noticed."""
    reloads = site.seen.reloads
    site.etcd.stop()
    site.until(lambda: not site.sidekick.is_connected(), "confd has noticed it")
    seconds = site.etcd.start()
    site.until(lambda: site.is_settled() and site.sidekick.is_connected(), "confd is back")
    lost = site.seen.reloads - reloads
    site.say(f"etcd restarted in {seconds:.1f} s: {len(site.registered)} servers, {lost} reloads")
    site.add(["web_12"])
    site.say(f"web_12 started: its first answer after {_until_answered(site, ['web_12']):.1f} s")


def count(site: Site) -> None:
    """Wait until there were enough requests, and count those that failed."""
    site.until(lambda: site.clients.requests >= REQUESTS, f"{REQUESTS} requests were made")
    clients = site.clients
    site.say(
        f"{clients.requests} requests, {len(clients.failed)} failed, "
        f"the slowest took {clients.slowest:.2f} s"
    )
    lost = clients.failed_outside(site.killed)
    if lost:
        raise Failure(f"{len(lost)} requests failed: {lost[0].reason}")


STEPS: Final[tuple[Callable[[Site], None], ...]] = (
    *(begin, ask, grow, leave, kill, burst, refuse, restart, count),
)


def tell(stage: Stage, port: int = PORT, reload: str = "socket") -> None:
    """Play all steps.

    Args:
        stage: starts and stops programs.
        port: the first of the ports.
        reload: how HAProxy takes a new configuration: by its master's `socket`, or by a `signal`.

    Raises:
        Failure: a program is missing, a port is in use, or a step does not succeed.
    """
    with prepared(stage, port, reload) as site:
        for step in STEPS:
            step(site)


@contextlib.contextmanager
def prepared(stage: Stage, port: int = PORT, reload: str = "socket") -> Iterator[Site]:
    """Yield a site of which nothing is started, if all that it needs is there.

    Raises:
        Failure: a program is missing, or a port is in use.
    """
    require(PACKAGES)
    ports = range(port, port + PORTS)
    advice = "end what listens there, or choose other ports, as in --port 9700"
    require_free((("127.0.0.1", one) for one in ports), advice)
    with running(Site.make(stage, port, reload)) as site:
        yield site


def _until_answered(site: Site, names: list[str]) -> float:
    """Wait until servers have answered clients, and everything has settled; return the seconds."""
    return site.until(
        lambda: all(site.clients.answers[name] for name in names) and site.is_settled(),
        f"{', '.join(names)} answer",
    )
