"""Start the demonstration: `./demo`, `make demo-galera` or `python -m examples.galera.cluster`."""

from __future__ import annotations

import argparse
import ipaddress
import sys
from functools import partial

from examples.stage import play

from .node import COLUMNS
from .story import NETWORK, tell


def main() -> int:
    """Play the story, and return the exit status."""
    parser = argparse.ArgumentParser(prog="demo", description="A Galera cluster that confd feeds.")
    parser.add_argument(
        "--network",
        default=NETWORK,
        type=_network,
        metavar="A.B.C",
        help="the nodes listen on A.B.C.11 to A.B.C.14 (default: %(default)s)",
    )
    arguments = parser.parse_args()
    return play("galera demo", COLUMNS, partial(tell, network=arguments.network))


def _network(text: str) -> str:
    """Return the first three numbers of a loopback address."""
    try:
        if ipaddress.IPv4Address(f"{text}.11").is_loopback:
            return text
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no loopback network, such as 127.0.1")


if __name__ == "__main__":
    sys.exit(main())
