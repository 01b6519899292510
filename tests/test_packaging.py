"""Each requirement has a lower bound and a tested version."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PINNED = [
    line
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if not line.lstrip().startswith("#")
]
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg")
EXTRAS = dict(SETUP["options.extras_require"])


def requirements(*texts: str) -> Iterable[Requirement]:
    """Yield the requirements in texts of setup.cfg, except confd-lib itself."""
    for line in "".join(texts).split("\n"):
        if line and not line.startswith("confd-lib["):
            yield Requirement(line)


NEEDED = [*requirements(SETUP["options"]["install_requires"], *EXTRAS.values())]


@pytest.mark.parametrize("requirement", NEEDED, ids=str)
def test_a_requirement_has_a_lower_bound(requirement: Requirement) -> None:
    assert {one.operator for one in requirement.specifier} & {">=", "=="}


@pytest.mark.parametrize("requirement", NEEDED, ids=str)
def test_a_requirement_has_a_tested_version(requirement: Requirement) -> None:
    """`make constraints` writes the file again where this fails."""
    pins = [Requirement(line) for line in PINNED]
    name = canonicalize_name(requirement.name)
    versions = [str(pin.specifier).removeprefix("==") for pin in pins if pin.name == name]
    assert versions
    assert all(requirement.specifier.contains(version) for version in versions)


@pytest.mark.parametrize("line", PINNED)
def test_a_constraint_is_a_version_and_not_a_url(line: str) -> None:
    assert re.fullmatch(r"[a-z0-9.-]+==[0-9][0-9a-z.]*( ; [^/@]+)?", line)


def test_the_suite_needs_the_tools_that_build_an_installation() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert set(build) <= set(EXTRAS["suite"].split())
