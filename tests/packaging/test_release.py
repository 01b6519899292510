"""A release of a copy of the project: made, uploaded to an index on loopback, and installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

import release
from tests.packaging import index
from tests.packaging.builds import Environment, export, run

# The copy is at this version, whatever ours is.
UNRELEASED = "## 9.8.0 (unreleased)\n\nThe first.\n\n### For users\n\n- All of it.\n"
GIT = {
    # No signatures and no hooks of whoever runs the tests.
    "GIT_CONFIG_GLOBAL": os.devnull,
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "A"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "a@example.org"),
}
TWINE = {"TWINE_USERNAME": "a", "TWINE_PASSWORD": "b", "NO_COLOR": "1"}


class Repository(NamedTuple):
    """A repository with a copy of the project."""

    folder: Path

    def git(self, *args: str) -> str:
        return run("git", *args, cwd=self.folder, env={**os.environ, **GIT})

    def write(self, name: str, text: str) -> None:
        """Write a file and commit it."""
        (self.folder / name).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", name)

    def release(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "release.py", *args],
            cwd=self.folder,
            env={**os.environ, **GIT, **TWINE},
            check=False,
            capture_output=True,
            text=True,
        )

    def state(self) -> str:
        """Return the commits, the tags and the work trees."""
        return self.git("log", "--format=%H") + self.git("tag") + self.git("worktree", "list")


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = Repository(export(tmp_path_factory.mktemp("release") / "source"))
    made.git("init", "--quiet", "--initial-branch=main")
    made.write("CHANGELOG.md", f"# Changelog\n\n{UNRELEASED}")
    return made


@pytest.fixture
def repository(source: Repository, tmp_path: Path) -> Repository:
    return Repository(Path(shutil.copytree(source.folder, tmp_path / "repository")))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of an empty index, with a slash at its end."""
    for name in ("index", "uploads"):
        (tmp_path / name).mkdir()
    started = index.start(tmp_path / "index", tmp_path / "uploads")
    yield index.url(started).removesuffix("simple/")
    started.close()


def test_a_release_is_made_and_installs_from_an_index(
    repository: Repository, server: str, tmp_path: Path
) -> None:
    before = repository.git("rev-parse", "HEAD")
    began = datetime.now(tz=UTC).date()
    done = repository.release("9.8.0", "--index", server)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("git push --follow-tags\n")

    assert repository.git("rev-parse", "v9.8.0^{commit}~1") == before
    assert repository.git("status", "--porcelain") == ""
    changes = (repository.folder / "CHANGELOG.md").read_text()
    assert any(f"## 9.8.0 ({day})\n" in changes for day in (began, datetime.now(tz=UTC).date()))
    notes = repository.git("tag", "--list", "--format=%(contents)", "v9.8.0")
    assert notes.strip() == "confd-lib 9.8.0\n\nThe first.\n\n### For users\n\n- All of it."

    uploads = sorted(path.name for path in (tmp_path / "uploads").iterdir())
    assert uploads == ["confd_lib-9.8.0-py3-none-any.whl", "confd_lib-9.8.0.tar.gz"]
    made = Environment(tmp_path / "venv", f"{server}simple/")
    made.install("--no-deps", "confd-lib==9.8.0")
    assert made.run("confd", "--version", cwd=tmp_path).stdout.startswith("confd 9.8.0")


def test_without_an_index_the_upload_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    release.publish([Path("a.tar.gz"), Path("a.whl")], None)
    assert capsys.readouterr().out.splitlines() == [
        "python -m twine upload --non-interactive a.tar.gz a.whl",
        "git push --follow-tags",
    ]


def dirty(repository: Repository) -> None:
    (repository.folder / "README.md").write_text("A change.")


def released(repository: Repository) -> None:
    repository.git("tag", "v9.10.0")


def broken(repository: Repository) -> None:
    repository.write("setup.cfg", "[metadata\n")


def unreadable(repository: Repository) -> None:
    file = repository.folder / "setup.cfg"
    kept = [line for line in file.read_text().splitlines() if not line.startswith("long_desc")]
    repository.write("setup.cfg", "\n".join(kept))


@pytest.mark.parametrize(
    ("version", "prepare", "said"),
    [
        ("nine", lambda _: None, "release: 'nine' is not a version, such as 1.2.0\n"),
        ("9.8.0-rc1", lambda _: None, "release: write the version 9.8.0-rc1 as 9.8.0rc1\n"),
        ("9.9.0", lambda _: None, "CHANGELOG.md has no section '## 9.9.0 (unreleased)'\n"),
        ("9.8.0", released, "release: 9.8.0 is not after 9.10.0, the last release\n"),
        ("9.8.0", dirty, "release: commit or remove the changes that `git status` shows\n"),
        ("9.8.0", broken, "python -m build"),
        ("9.8.0", unreadable, "`long_description` missing"),
    ],
    ids=["no version", "spelling", "no notes", "older", "dirty", "no build", "no description"],
)
def test_what_cannot_be_released_changes_nothing(
    repository: Repository, version: str, prepare: Callable[[Repository], None], said: str
) -> None:
    prepare(repository)
    before = repository.state()
    done = repository.release(version)
    assert done.returncode == 1
    assert said.replace("python", sys.executable) in done.stderr
    assert not done.stderr.startswith("Traceback")
    assert repository.state() == before
    assert not (repository.folder / "dist").exists()
