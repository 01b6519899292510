"""Fixtures: the project, the command that serves it, and a tab of a real Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from . import project as projects

pytest.importorskip("playwright")
pytest.importorskip("starlette")

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from .tab import Tab

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PROGRAM = "from confd_lib.command.tool.cli import main; main()"
FLAGS = ["--no-sandbox", "--disable-quic"]
# What the browser says of a server that is away on purpose.
EXPECTED = re.compile(r"net::ERR_|status of 403")


# A busy machine may be slow; each condition is awaited.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def project(tmp_path: Path) -> projects.Project:
    return projects.make(tmp_path / "shop")


class Command:
    """The command `confd-lib preview` for one folder; it can be ended and started again."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self._command = (sys.executable, "-c", PROGRAM, "preview", str(folder), *flags)
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    @property
    def port(self) -> str:
        return str(urlsplit(self.url).port)

    def start(self, *flags: str, token: str = "t0ken") -> None:
        """Start it and wait for the address that it prints."""
        self._process = subprocess.Popen(
            [*self._command, *flags],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "CONFD_LIB_TOKEN": token},
        )
        self.url = self._process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:")

    def restart(self, **options: str) -> None:
        """Start it again at the same port."""
        self.start("--port", self.port, **options)

    def end(self) -> None:
        """End it, if it runs."""
        if self._process:
            self._process.terminate()
            self._process.communicate(timeout=30)
            self._process = None


@pytest.fixture
def command() -> Iterator[Callable[..., Command]]:
    """Start the command for a folder, with flags."""
    with ExitStack() as ends:

        def start(folder: Path, *flags: str) -> Command:
            made = Command(folder, *flags)
            ends.callback(made.end)
            made.start()
            return made

        yield start


@contextmanager
def running(project: projects.Project) -> Iterator[Command]:
    """Start the command for a project, and end it."""
    made = Command(project.path, "--compose", str(project.path))
    made.start()
    yield made
    made.end()


@pytest.fixture(scope="package")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """The command that serves a project which no test changes."""
    with running(projects.make(tmp_path_factory.mktemp("shared") / "shop")) as made:
        yield made


@pytest.fixture
def served(command: Callable[..., Command], project: projects.Project) -> Command:
    """The command that serves the project."""
    return command(project.path, "--compose", str(project.path))


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile; the test fails on each error that a page of it reports."""
    made = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    made.grant_permissions(["clipboard-read", "clipboard-write"])
    faults: list[str] = []
    made.on("weberror", lambda error: faults.append(str(error.error)))
    made.on(
        "console",
        lambda said: faults.append(said.text) if said.type == "error" else None,
    )
    yield made
    made.close()
    assert [fault for fault in faults if not EXPECTED.search(fault)] == []


@pytest.fixture
def tab(context: BrowserContext, shared: Command) -> Tab:
    """A tab for the project which no test changes."""
    return Tab(context.new_page(), shared.url)


@pytest.fixture
def own(context: BrowserContext, served: Command) -> Tab:
    """A tab for the project of this test."""
    return Tab(context.new_page(), served.url)
