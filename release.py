"""Makes a release: `python release.py 1.2.0`, and `--index URL` to upload it.

The version, the date in CHANGELOG.md, the commit and both files are made in a work tree of their
own. The branch gets the commit, the repository the tag, and `dist` the files once every check has
passed.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from packaging.version import InvalidVersion, Version

ROOT: Final = Path(__file__).parent
VERSION_FILE: Final = "confd_lib/version.py"
CHANGELOG: Final = "CHANGELOG.md"
ASSIGNMENT: Final = re.compile(r'^__version__: Final = "[^"]*"$', re.MULTILINE)


class CannotRelease(Exception):
    """The release is not made, and nothing has changed; the text says what to do."""


def main(args: list[str] | None = None) -> str | None:
    """Make a release; return the error, if there is one."""
    parser = argparse.ArgumentParser(description="Make a release of confd-lib.")
    parser.add_argument("version", help="the version, such as 1.2.0; CHANGELOG.md has its section")
    parser.add_argument("--index", metavar="URL", help="upload to this package index, by twine")
    given = parser.parse_args(args)
    try:
        check_repository(given.version)
        files = release(given.version)
        publish(files, given.index)
    except CannotRelease as error:
        return f"release: {error}"
    return None


def check_repository(version: str) -> None:
    """Check the version, and that everything is committed.

    Raises:
        CannotRelease: the version is not one, or not the next one, or there are changes.
    """
    try:
        new = Version(version)
    except InvalidVersion:
        raise CannotRelease(f"{version!r} is not a version, such as 1.2.0") from None
    if str(new) != version:
        raise CannotRelease(f"write the version {version} as {new}")
    last = max((Version(tag[1:]) for tag in git("tag", "--list", "v[0-9]*").split()), default=None)
    if last is not None and new <= last:
        raise CannotRelease(f"{new} is not after {last}, the last release")
    if git("status", "--porcelain"):
        raise CannotRelease("commit or remove the changes that `git status` shows")


def release(version: str) -> list[Path]:
    """Make the commit, the tag and the files of a release, and return the files.

    Raises:
        CannotRelease: CHANGELOG.md has no section of the version, or a check fails.
    """
    with work_tree() as tree:
        notes = dated_notes(tree / CHANGELOG, version)
        file = tree / VERSION_FILE
        file.write_text(ASSIGNMENT.sub(f'__version__: Final = "{version}"', file.read_text()))
        git("commit", "--quiet", "--all", "--allow-empty", f"--message=Release {version}", at=tree)
        commit = git("rev-parse", "HEAD", at=tree).strip()
        made = tree.parent / "dist"
        python("-m", "build", "--no-isolation", f"--outdir={made}", str(tree))
        check(sorted(made.iterdir()), version)
        folder = shutil.copytree(made, ROOT / "dist" / version, dirs_exist_ok=True)
    git("merge", "--quiet", "--ff-only", commit)
    # Headings of the notes begin with what git takes for a comment.
    git("tag", "--annotate", "--cleanup=verbatim", f"--message={notes}", f"v{version}")
    return sorted(folder.iterdir())


@contextmanager
def work_tree() -> Iterator[Path]:
    """Check out the last commit in a folder that is removed again."""
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        tree = Path(folder) / "tree"
        git("worktree", "add", "--quiet", "--detach", str(tree))
        try:
            yield tree
        finally:
            git("worktree", "remove", "--force", str(tree))


def dated_notes(changelog: Path, version: str) -> str:
    """Give the section of a version the date of today, and return its text.

    Raises:
        CannotRelease: there is no such section.
    """
    text, heading = changelog.read_text(), f"## {version} (unreleased)\n"
    if heading not in text:
        raise CannotRelease(f"{CHANGELOG} has no section {heading.strip()!r}")
    today = datetime.now(tz=UTC).date()
    before, after = text.split(heading, 1)
    changelog.write_text(f"{before}## {version} ({today})\n{after}")
    return f"confd-lib {version}\n\n{re.split(r'^## ', after, flags=re.MULTILINE)[0].strip()}\n"


def check(files: list[Path], version: str) -> None:
    """Check that an index takes the files, and that the wheel installs with its version."""
    python("-m", "twine", "check", "--strict", *map(str, files))
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        venv.create(folder, with_pip=True)
        wheel = next(str(file) for file in files if file.suffix == ".whl")
        run(f"{folder}/bin/pip", "install", "--quiet", "--no-deps", "--no-index", wheel)
        said = run(f"{folder}/bin/confd", "--version")
    if version not in said:
        raise CannotRelease(f"`confd --version` of {wheel} says {said.strip()!r}")


def publish(files: list[Path], index: str | None) -> None:
    """Upload the files if there is an index; print what is left to do."""
    options = [f"--repository-url={index}"] if index else []
    upload = ["-m", "twine", "upload", "--non-interactive", *options, *map(str, files)]
    if index:
        sys.stdout.write(python(*upload))
    else:
        sys.stdout.write(f"{' '.join(['python', *upload])}\n")
    sys.stdout.write("git push --follow-tags\n")


def python(*args: str) -> str:
    """Run a module of this Python's environment, and return what it prints."""
    return run(sys.executable, *args)


def git(*args: str, at: Path = ROOT) -> str:
    """Run git on a work tree, and return what it prints."""
    return run("git", "-C", str(at), *args)


def run(*command: str) -> str:
    """Run a command, and return its standard output.

    Raises:
        CannotRelease: it fails; the text is what it printed.
    """
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CannotRelease(f"{' '.join(command)}\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
