"""Two changes close together: each of 100 files holds the second one before the next resync.

The Go confd takes its baseline after it has rendered, and so leaves 70 to 80 % of 100 files stale
when the changes come 20 ms apart.
"""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Final

from metadata_client import MetadataServer
from tests.soak.conftest import Tell
from tests.soak.site import Site, pause, tree, until

RESOURCES: Final = 100
TRIALS: Final = 100
WIDEST: Final = 0.2  # seconds between the two changes
TEXT: Final = '{{getv "/self/release"}}\n'


class Currency:
    """Whether all files hold a release; those that did are not looked at again."""

    def __init__(self, dests: list[Path], release: int) -> None:
        self._left = list(dests)
        self._content = f"{release}\n"

    def __call__(self) -> bool:
        while self._left and self._left[-1].exists():
            if self._left[-1].read_text() != self._content:
                return False
            self._left.pop()
        return not self._left


def test_no_change_is_lost_in_a_burst(site: Site, tell: Tell) -> None:
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
    tell(
        f"{TRIALS} bursts under a watch of {RESOURCES} files",
        f"0 stale; the last file came after {max(delays):.1f} s at most",
    )
