"""What is built, installs and works where nothing else is."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

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
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_installs_and_imports(tmp_path: Path) -> None:
    run(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    folder = tmp_path / "venv"
    venv.create(folder, with_pip=True)
    run(folder / "bin/pip", "install", "--quiet", wheel, cwd=tmp_path)
    trial = f"FOLDER = {str(folder)!r}\n{TRIAL}"
    run(folder / "bin/python", "-c", trial, cwd=tmp_path)
    assert run(folder / "bin/confd", "--version", cwd=tmp_path).startswith("confd 0.1.0")
