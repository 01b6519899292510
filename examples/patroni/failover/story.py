"""The steps of the demonstration. Each changes the cluster and says what came of it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from examples.stage import Failure, Stage, require, require_free

from . import etcd, members, proxies
from .proxies import POOL, READS, WRITES
from .site import MEMBERS, Site, opened

NETWORK: Final = "127.0.0"
# Each program that is needed in any case, and the package that brings it.
PACKAGES: Final = {"etcd": "etcd-server", "haproxy": "haproxy"}


def elect(site: Site) -> None:
    """Start two members: the first leads, the second follows."""
    first, second = MEMBERS
    site.cluster.start(first)
    seconds = site.until(
        lambda: site.leader == first and site.runs(first),
        f"{first} leads",
        site.cluster.log_of(first),
    )
    site.say(f"{first} leads after {seconds:.1f} s")
    site.cluster.start(second)
    seconds = site.until(lambda: site.runs(second), f"{second} runs", site.cluster.log_of(second))
    site.say(f"{second} follows after {seconds:.1f} s")


def serve(site: Site) -> None:
    """Let confd write the files, and start the proxies with them."""
    first, second = MEMBERS
    site.write_files()
    site.follow()
    site.until(site.in_sync, "confd has all files in sync")
    _reach(site, {WRITES: first, READS: f"-{second}", POOL: first})
    site.say(f"confd has written {len(site.files())} files: writes reach {first}, reads {second}")


def replicate(site: Site) -> None:
    """Write a row where writes go, and read it where reads go."""
    first, second = MEMBERS
    if site.database is None:
        return
    site.database.write(site.proxies.address, WRITES)
    _read(site, READS)
    site.say(f"a row written on {first} is read on {second}")


def fail_over(site: Site) -> None:
    """Kill the leader: the other one is elected, and all that write follow it."""
    first, second = MEMBERS
    begin = site.stage.board.elapsed
    site.cluster.kill(first)
    site.say(f"{first} is killed")
    site.until(lambda: site.leader == second, f"{second} leads")
    elected = site.stage.board.elapsed
    site.say(f"{second} leads, {elected - begin:.1f} s after the kill")
    _reach(site, {WRITES: second})
    now = site.stage.board.elapsed
    site.say(f"writes reach {second} {now - elected:.1f} s later: {now - begin:.1f} s in all")
    if site.database:
        _reach(site, {POOL: second})
        _read(site, POOL)
        site.say("so do those through PgBouncer, and the row is there")


def come_back(site: Site) -> None:
    """Start the killed member again: it follows, and gets the reads."""
    first, second = MEMBERS
    begin = site.stage.board.elapsed
    site.cluster.start(first)
    _reach(site, {READS: f"-{first}", WRITES: second})
    seconds = site.stage.board.elapsed - begin
    site.say(f"{first} is back after {seconds:.1f} s: reads reach it")
    if site.database:
        _read(site, READS)


STEPS: Final[tuple[Callable[[Site], None], ...]] = (
    *(elect, serve, replicate, fail_over, come_back),
)


def tell(stage: Stage, network: str = NETWORK, *, played: bool = False) -> None:
    """Play all steps.

    Args:
        stage: starts and stops programs.
        network: the first three numbers of the addresses.
        played: whether Patroni's keys are played, though it may be installed.

    Raises:
        Failure: a program is missing, an address is in use, or a step does not succeed.
    """
    with prepared(stage, network, played=played) as site:
        for step in STEPS:
            step(site)


@contextmanager
def prepared(stage: Stage, network: str = NETWORK, *, played: bool = False) -> Iterator[Site]:
    """Yield a site without members, if all that it needs is there.

    Raises:
        Failure: a program is missing, or an address is in use.
    """
    require(PACKAGES)
    missing = "" if played else _missing()
    address, *others = (f"{network}.{number}" for number in range(10, 13))
    addresses = dict(zip(MEMBERS, others, strict=True))
    ports = [(address, port) for port in (*etcd.PORTS, *proxies.PORTS)]
    advice = "end what listens there, or choose other addresses, as in --network 127.0.1"
    require_free([*ports, *itertools.product(others, members.PORTS)], advice)
    # The accounts of the servers read what this process writes.
    mask = os.umask(0o022)
    stage.folder.chmod(0o711)
    try:
        if played or missing:
            why = missing or "as asked"
            stage.board.say(f"Patroni's keys are played, and PgBouncer does not run: {why}")
        account = members.ACCOUNT
        played = played or bool(missing)
        with opened(stage, address, addresses, played=played, account=account) as site:
            site.say(f"etcd serves at {site.etcd.url}")
            yield site
    finally:
        os.umask(mask)


def _missing() -> str:
    try:
        members.require_programs()
    except Failure as failure:
        return str(failure)
    return ""


def _reach(site: Site, wanted: dict[int, str]) -> None:
    """Wait until each port reaches the member that is wanted, as `who` writes it.

    Raises:
        Failure: it does not in time.
    """
    for port, member in wanted.items():
        if port != POOL or site.database:
            site.until(partial(_reaches, site, port, member), f"port {port} reaches {member}")


def _reaches(site: Site, port: int, member: str) -> bool:
    return site.reaches(port) == member


def _read(site: Site, port: int) -> None:
    """Wait until the row is read at a port: a replica has it a moment later.

    Raises:
        Failure: it is not read in time.
    """
    database, address = site.database, site.proxies.address
    if database:
        site.until(lambda: database.has_row(address, port), f"the row is read at port {port}")
