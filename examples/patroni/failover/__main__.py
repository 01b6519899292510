"""Start the demonstration: `./demo`, `make demo-patroni`, `python -m examples.patroni.failover`."""

from __future__ import annotations

import argparse
import ipaddress
import sys
from functools import partial

from examples.stage import play

from .site import COLUMNS
from .story import NETWORK, tell


def main() -> int:
    """Play the story, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="demo", description="HAProxy and PgBouncer follow a PostgreSQL failover by confd."
    )
    parser.add_argument(
        "--network",
        default=NETWORK,
        type=_network,
        metavar="A.B.C",
        help="all listen on A.B.C.10 to A.B.C.12 (default: %(default)s)",
    )
    parser.add_argument(
        "--played",
        action="store_true",
        help="play Patroni's keys into etcd, as where Patroni is not installed",
    )
    arguments = parser.parse_args()
    story = partial(tell, network=arguments.network, played=arguments.played)
    return play("patroni demo", COLUMNS, story)


def _network(text: str) -> str:
    """Return the first three numbers of a loopback address."""
    try:
        if ipaddress.IPv4Address(f"{text}.10").is_loopback:
            return text
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no loopback network, such as 127.0.1")


if __name__ == "__main__":
    sys.exit(main())
