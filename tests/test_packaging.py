"""The wheel installs and works alone; each requirement has a lower bound and a tested version."""

from __future__ import annotations

import configparser
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
TRIAL = """
import importlib.metadata, pathlib
import gotmpl, metadata_client, confd_lib
for package in (gotmpl, metadata_client, confd_lib):
    folder = pathlib.Path(package.__file__).parent
    assert folder.is_relative_to(FOLDER), folder
    assert (folder / "py.typed").exists(), folder
assert confd_lib.__version__ == importlib.metadata.version("confd-lib")
assert confd_lib.render('{{getv "/a"}}', {"a": 1}) == "1"
from confd_lib.testing.coverage import page, places
assert "addEventListener" in confd_lib.trace('{{getv "/a"}}', {"a": 1}).html()
assert ".bar" in page.page(places.Coverage(()))
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def versions_here() -> str:
    """Return the packages that this suite runs with, as lines of constraints."""
    here = importlib.metadata.distributions()
    return "".join(f"{one.name}=={one.version}\n" for one in here if one.name != "confd-lib")


def test_the_wheel_installs_and_imports(tmp_path: Path) -> None:
    build = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path)
    run(*build, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    folder = tmp_path / "venv"
    venv.create(folder, with_pip=True)
    constraints = tmp_path / "constraints.txt"
    constraints.write_text(versions_here())
    run(folder / "bin/pip", "install", "--quiet", "-c", constraints, wheel, cwd=tmp_path)
    trial = f"FOLDER = {str(folder)!r}\n{TRIAL}"
    run(folder / "bin/python", "-c", trial, cwd=tmp_path)
    assert run(folder / "bin/confd", "--version", cwd=tmp_path).startswith("confd 0.1.0")


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
