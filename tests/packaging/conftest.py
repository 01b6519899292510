"""Fixtures of the tests of packages: one build, an index that has it, and environments."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.packaging import index
from tests.packaging.builds import Built, Environment, build, export


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sdist and the wheel of the files as they are."""
    folder = tmp_path_factory.mktemp("build")
    return build(export(folder / "source"), folder / "dist")


@pytest.fixture(scope="session")
def packages(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel, and with wheels of all that it and its tests need."""
    folder = tmp_path_factory.mktemp("packages")
    index.pack(index.needed("confd-lib[testing]", "setuptools"), folder)
    shutil.copy(built.wheel, folder)
    return folder


@pytest.fixture(scope="session")
def index_url(packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an index on loopback that has these packages."""
    server = index.start(tmp_path_factory.mktemp("index"), packages)
    yield index.url(server)
    server.close()


@pytest.fixture(scope="session")
def environment(
    index_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Environment]:
    """Return a function that makes an environment with what it is given, from the index."""

    def make(*requirements: str) -> Environment:
        made = Environment(tmp_path_factory.mktemp("environment") / "venv", index_url)
        if requirements:
            made.install(*requirements)
        return made

    return make


@pytest.fixture(scope="session")
def plain(environment: Callable[..., Environment]) -> Environment:
    """An environment with the wheel and no extra."""
    return environment("confd-lib")
