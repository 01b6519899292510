"""The pages of `examples/patroni`: their commands run, their links lead somewhere.

What they say of confd 0.16 is the left cell of a row of COMPATIBILITY.md, which names its test.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.examples.patroni import EXAMPLE, FILES, SCOPE, expected, folders, keys, written
from tests.servers.fixtures import Share
from tests.servers.stores import Store

PAGE: Final = (EXAMPLE / "MOVE.md").read_text()
ROWS: Final = (EXAMPLE.parents[1] / "COMPATIBILITY.md").read_text()
ENTRY_POINT, TRY = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
# The environment of an image's entry point, with the files of this test and the confd of this venv.
OF_THIS_TEST: Final = 'confd -confdir="$CONFDIR" -root="$ROOT" -sync-only '


@pytest.mark.parametrize("page", ["README.md", "MOVE.md"])
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", (EXAMPLE / page).read_text())
    assert links
    assert [link for link in links if not (EXAMPLE / link).exists()] == []


def test_what_confd_does_is_in_a_row_of_the_named_section() -> None:
    claims = re.findall(r"^\| (.*) \| \[(.*)\]\(.*#([a-z-]+)\) \|$", PAGE, re.MULTILINE)
    assert len(claims) == len(re.findall(r"^\| .*\]\(", PAGE, re.MULTILINE)) > 5
    for claim, section, anchor in claims:
        assert anchor == section.lower().replace(" ", "-")
        _, _, after = ROWS.partition(f"\n### {section}\n")
        assert f"\n| {claim} | " in after.partition("\n### ")[0]


def test_the_words_about_backend_etcd_are_in_a_row() -> None:
    assert "backend `etcd` speaks etcd's API of version 2" in ROWS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return folders(tmp_path)


@contextmanager
def running(script: str, store: Store, root: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a block of the page as an entry point; end it at the end of the block."""
    folder = root / "bin"
    folder.mkdir()
    (folder / "confd").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m confd_lib "$@"\n')
    (folder / "confd").chmod(0o755)
    variables: Mapping[str, str] = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "ETCD_URL": store.address,
        "PATRONI_SCOPE": SCOPE.rpartition("/")[2],
        "CONFDIR": str(EXAMPLE),
        "ROOT": str(root),
    }
    with subprocess.Popen(
        [shutil.which("sh") or "sh", "-ec", script.replace("confd ", OF_THIS_TEST)],
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def await_files(want: Mapping[str, str], root: Path, process: subprocess.Popen[str]) -> None:
    """Wait until the files are as wanted, and the process that writes them runs on."""
    end = time.monotonic() + 60
    while written(root) != want:
        assert process.poll() is None
        assert time.monotonic() < end, written(root)
        time.sleep(0.05)


@pytest.fixture
def put(share: Share) -> Callable[[str], Store]:
    """Return a function that lets a store of etcd have the keys of a situation."""
    store = share("etcd")

    def change(situation: str) -> Store:
        store.clear()
        store.put_all({SCOPE + key: value for key, value in keys(situation).items()})
        return store

    return change


def test_the_entry_point_follows_a_failover(put: Callable[[str], Store], root: Path) -> None:
    with running(ENTRY_POINT, put("running"), root) as process:
        await_files(expected("running"), root, process)
        put("failover")
        await_files(expected("failover"), root, process)
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_the_trial_shows_what_would_change_and_writes_nothing(
    put: Callable[[str], Store], root: Path
) -> None:
    with running(TRY, put("running"), root) as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert written(root) == {}
    for name in FILES.values():
        assert f"+++ {root}/{name}" in out
