"""The demonstration prints three nodes, then five, then a change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).parent.parent / "examples/galera/demo.py"


def test_the_demo_shows_three_nodes_then_five_then_a_change() -> None:
    done = subprocess.run([sys.executable, DEMO], capture_output=True, text=True, check=True)
    for part in (
        f"{'server-id = 1':<40}{'server-id = 2':<40}server-id = 3\n",
        "galera_galera_1, galera_galera_2, galera_galera_3: as it was",
        "galera_galera_5: new, 25 lines, bind-address = 10.42.",
        "    -wsrep_sst_method=mysqldump\n",
        "    +max_connections=500\n",
    ):
        assert part in done.stdout
    assert done.stderr == ""
