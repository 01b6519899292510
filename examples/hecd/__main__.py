"""Start the demonstration: `./demo`, `make demo-hecd` or `python -m examples.hecd`."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from examples.stage import play

from .balancer import RELOADS
from .site import COLUMNS, PORTS
from .story import PORT, tell

_LAST: int = 65536 - PORTS


def main() -> int:
    """Play the story, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="demo", description="HAProxy, whose servers register in etcd."
    )
    parser.add_argument(
        "--port",
        default=PORT,
        type=_port,
        help="HAProxy listens on it, etcd on the two after it (default: %(default)s)",
    )
    parser.add_argument(
        "--reload",
        default="socket",
        choices=RELOADS,
        help="how HAProxy takes a new configuration: by the socket of its master, or by SIGUSR2",
    )
    arguments = parser.parse_args()
    story = partial(tell, port=arguments.port, reload=arguments.reload)
    return play("hecd demo", COLUMNS, story)


def _port(text: str) -> int:
    """Return a port that has two more after it."""
    if text.isascii() and text.isdigit() and 0 < int(text) <= _LAST:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port from 1 to {_LAST}")


if __name__ == "__main__":
    sys.exit(main())
