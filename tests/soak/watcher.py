"""A watch that renders each change at once, without waiting for more changes.

`test_long_run` runs it as a module, with the URL of the service and the confd folder; it stops at
the end of stdin. The command renders at most once a second, so 5 000 changes would take hours.
"""

from __future__ import annotations

import sys
import threading
from typing import Final

from confd_lib import Confd, backends

RESYNC: Final = 600.0


def main(url: str, confdir: str) -> None:
    """Watch until stdin ends."""
    stop = threading.Event()

    def end_with_input() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=end_with_input, daemon=True).start()
    with backends.Rancher(url, settle=0, stop=stop) as rancher:
        confd = Confd(backend=rancher, confdir=confdir, prefix="/latest")
        for _ in confd.watch(stop=stop, resync=RESYNC):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
