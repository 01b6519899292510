"""Two changes in quick succession: each of 100 files has the second before the next resync.

The Go confd asks for its baseline after rendering, and so leaves 70 to 80 % of 100 files stale when
the changes are 20 ms apart.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Final

from metadata_client import MetadataServer
from tests.soak.conftest import Report
from tests.soak.site import Site, pause, tree, until

RESOURCES: Final = 100
TRIALS: Final = 100
WIDEST: Final = 0.2  # seconds between the two changes
TEXT: Final = '{{getv "/self/release"}}\n'


class Currency:
    """Tests whether all files have the content of a release; each is read until it has."""

    def __init__(self, dests: list[Path], release: int) -> None:
        self._left = list(dests)
        self._content = f"{release}\n"

    def __call__(self) -> bool:
        while self._left and self._left[-1].exists():
            if self._left[-1].read_text() != self._content:
                return False
            self._left.pop()
        return not self._left


def test_no_change_is_lost_in_a_burst(site: Site, report: Report) -> None:
    draw = random.Random(9)
    dests = [site.add(f"{number:03d}", TEXT) for number in range(RESOURCES)]
    delays = []
    with (
        MetadataServer(tree(0)) as server,
        site.confd(server.url, "-log-level=warning") as process,
    ):
        assert until(Currency(dests, 0), process)
        for release in range(2, 2 * TRIALS + 2, 2):
            server.replace(tree(release - 1))
            pause(process, draw.uniform(0, WIDEST))
            server.replace(tree(release))
            changed = time.monotonic()
            # A lost change would stay lost for 600 s, until the resync.
            assert until(Currency(dests, release), process)
            delays.append(time.monotonic() - changed)
            pause(process, draw.uniform(0, WIDEST))
    assert site.log() == []
    report(
        f"{TRIALS} bursts under a watch of {RESOURCES} files",
        f"0 stale; the last file was written after {max(delays):.1f} s at most",
    )
