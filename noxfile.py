"""The suite beyond `make test`: on other Pythons, beside other packages, and from the wheel.

`make test` is one Python with the packages of constraints.txt. Each session here is another
combination, in an environment of its own; .venv does not change.
"""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import nox

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
# A session whose Python is not installed is skipped; the summary at the end names it.
nox.options.error_on_missing_interpreters = False

# `latest` alone takes the newest setuptools to install the project.
BUILDER = ("--build-constraint", "constraints.txt")
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
# What a wheel could lack shows in these: commands, files beside the code, the plugin of pytest.
# The other tests are about code alone, which is the same in a wheel.
OF_WHEEL = (
    "tests/test_public.py",
    "tests/gotmpl/command",
    "tests/confd_lib/command/test_command.py",
    "tests/confd_lib/command/test_tool.py",
    "tests/confd_lib/command/tool/test_page.py",
    "tests/confd_lib/command/tool/test_preview.py",
    "tests/confd_lib/testing/test_coverage_reports.py",
    "tests/confd_lib/testing/test_fixture.py",
    "tests/confd_lib/testing/test_plugin.py",
    "tests/confd_lib/tracing/test_pages.py",
)


def supported() -> list[str]:
    """Return the Pythons that setup.cfg names, such as "3.12"."""
    setup = configparser.ConfigParser()
    setup.read("setup.cfg")
    names = setup["metadata"]["classifiers"].split("\n")
    return [name.rpartition(" :: ")[2] for name in names if "Python :: 3." in name]


def pyenv_folders() -> list[str]:
    """Return the folders with the commands of each Python of pyenv; PATH has those of one only."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return [str(folder) for folder in sorted(root.glob("versions/3.*/bin"))]


os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *pyenv_folders()])


# A suite takes minutes, so that each other Python has one: the first that with the oldest packages.
OTHERS = [version for version in supported() if version != HERE]


@nox.session(python=OTHERS[1:])
def pythons(session: nox.Session) -> None:
    """Run the suite on a third Python, with the packages of constraints.txt."""
    install(session, *BUILDER, "--constraint", "constraints.txt")
    run_suite(session)


@nox.session(python=OTHERS[:1])
def oldest(session: nox.Session) -> None:
    """Run the suite on another Python, with the lowest versions that setup.cfg allows."""
    install(session, *BUILDER, "--resolution", "lowest-direct")
    run_suite(session)


@nox.session
def latest(session: nox.Session) -> None:
    """Run the suite with the highest versions that setup.cfg allows."""
    install(session, "--upgrade")
    if frozen(session) <= frozen(session, "--python", sys.executable):
        session.skip("`make test` has the newest packages already")
    run_suite(session)


@nox.session(python=supported())
def wheel(session: nox.Session) -> None:
    """Run the tests that a wheel could fail: those of the sdist, on the installed wheel.

    They run in a folder without the packages, so that none is imported from there.
    """
    sdist, packed = built()
    session.install(
        *BUILDER, "--constraint", "constraints.txt", f"confd-lib[suite] @ {packed.as_uri()}"
    )
    with tempfile.TemporaryDirectory() as folder:
        shutil.unpack_archive(sdist, folder)
        (tests,) = Path(folder).iterdir()
        for package in ("gotmpl", "metadata_client", "confd_lib"):
            shutil.rmtree(tests / package)
        session.chdir(tests)
        options = session.posargs or ["-n", "auto", "-m", "not soak", *OF_WHEEL]
        session.run("python", "-X", "dev", "-m", "pytest", *options)


@cache
def built() -> tuple[Path, Path]:
    """Build the sdist and the wheel, once for all Pythons."""
    folder = Path("build/wheel").absolute()
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "tests.packaging.builds", folder], check=True)
    return next(folder.glob("*.tar.gz")), next(folder.glob("*.whl"))


def install(session: nox.Session, *options: str) -> None:
    """Install the project and what its tests need, and list the versions."""
    session.install(*options, "--editable", ".[suite]")
    session.run("uv", "pip", "list")


def frozen(session: nox.Session, *options: str) -> set[str]:
    """Return the packages of a session as `name==version`, or of the Python that options name."""
    listed = session.run("uv", "-q", "pip", "freeze", "--exclude-editable", *options, silent=True)
    return set(str(listed).split())


def run_suite(session: nox.Session) -> None:
    """Run the tests of `make test`, or those of the arguments after `--`.

    Those of servers, whole examples, benchmarks, packages, pages and browsers stay out: their
    programs are the same on every Python, or the session of the wheel runs the like.
    """
    left_out = (
        "servers",
        "examples",
        "benchmarks",
        "packaging",
        "confd_lib/preview/browser",
        "pages",
    )
    ignored = [f"--ignore=tests/{name}" for name in left_out]
    options = session.posargs or ["-n", "auto", "-m", "not soak", *ignored]
    # `make test` has watched how memory is used; that takes a tenth of the time.
    session.run("python", "-X", "dev", "-m", "pytest", *options, env={"PYTHONMALLOC": "pymalloc"})
