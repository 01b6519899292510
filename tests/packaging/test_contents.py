"""The sdist is the checkout, the wheel the three packages, and an index takes both."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.layers import PACKAGES
from tests.packaging.builds import Built, Environment, run
from tests.tracked import ROOT, tracked

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


def project_files() -> set[str]:
    return {str(path.relative_to(ROOT)) for path in tracked()}


def test_the_sdist_has_every_file_of_the_project(built: Built) -> None:
    made = {name for name in built.sdist_names() if "egg-info/" in name or name == "PKG-INFO"}
    assert built.sdist_names() - made == project_files()


def test_the_wheel_has_every_file_of_the_packages_and_no_other(built: Built) -> None:
    packaged = {name for name in project_files() if name.partition("/")[0] in PACKAGES}
    found = built.wheel_names()
    about = {name for name in found if ".dist-info/" in name or ".data/data/share/man/" in name}
    assert found - about == packaged
    assert {"py.typed", "page.html", "trace.js", "coverage.css"} <= {
        Path(name).name for name in found
    }


def test_a_man_page_of_each_command_is_installed(plain: Environment) -> None:
    pages = {path.stem for path in (plain.folder / "share/man/man1").iterdir()}
    assert pages == {
        name for name in ("confd", "confd-lib", "gotmpl") if (plain.bin / name).exists()
    }


def test_an_index_takes_both_files(built: Built, tmp_path: Path) -> None:
    printed = run(
        sys.executable, "-m", "twine", "--no-color", "check", "--strict", *built, cwd=tmp_path
    )
    assert printed.count("PASSED") == 2


def test_the_wheel_installs_and_imports(plain: Environment, tmp_path: Path) -> None:
    trial = f"FOLDER = {str(plain.folder)!r}\n{TRIAL}"
    done = plain.run("python", "-c", trial, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert plain.run("confd", "--version", cwd=tmp_path).stdout.startswith("confd 0.1.0")
