"""Configure three Galera nodes, then five, then with other metadata; no Rancher is needed.

The stack of this folder's compose files is served over HTTP, as rancher-metadata would serve it,
and `confd` runs against it as each of the containers, and writes into a temporary directory.
"""

from __future__ import annotations

import difflib
import subprocess
import sys
import tempfile
from pathlib import Path

from metadata_client import MetadataServer, compose
from metadata_client.compose import Container, Stack

HERE = Path(__file__).parent
DESTINATION = "etc/mysql/conf.d/001-galera.cnf"
WIDTH = 38


def main() -> None:
    """Show the three configurations."""
    stack = compose.load(HERE, env={"mysql_root_password": "s3cret"})
    with (
        tempfile.TemporaryDirectory() as folder,
        MetadataServer(stack.answers(), xff=True) as server,
    ):
        root = Path(folder)
        title(f"Three nodes, from {HERE.name}/docker-compose.yml, served at {server.url}")
        before = configure(stack, server, root)
        side_by_side(before)

        title("Scaled to five: what changed")
        stack = stack.scaled(galera=5)
        server.replace(stack.answers())
        after = configure(stack, server, root)
        differences(before, after)

        title("Other metadata for mysqld: what changed")
        stack = stack.with_metadata(
            "galera", mysqld="wsrep_sst_method=rsync\nmax_connections=500\n"
        )
        server.replace(stack.answers())
        differences(after, configure(stack, server, root))


def configure(stack: Stack, server: MetadataServer, root: Path) -> dict[str, list[str]]:
    """Run confd as each galera container; return the lines of each file."""
    return {
        container.name: confd(container, server, root / container.name)
        for container in stack.containers("galera")
    }


def confd(container: Container, server: MetadataServer, root: Path) -> list[str]:
    """Run confd once as a container, with files below a root; return its file."""
    file = root / DESTINATION
    file.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "confd_lib", "--onetime", "--backend=rancher"]
    command += ["--prefix=/2015-07-25", f"--node={server.url.removeprefix('http://')}"]
    command += [f"--confdir={HERE}", f"--metadata-ip={container.address}", f"--root={root}"]
    subprocess.run([*command, "--log-level=error"], check=True)
    return file.read_text().splitlines()


def title(text: str) -> None:
    """Print a heading."""
    print(f"\n\033[1m{text}\033[0m\n" if sys.stdout.isatty() else f"\n== {text}\n")


def side_by_side(files: dict[str, list[str]]) -> None:
    """Print the lines that differ side by side, and the number of equal lines."""
    print("  ".join(f"{name:<{WIDTH}}" for name in files).rstrip())
    same = 0
    for lines in zip(*files.values(), strict=True):
        if len(set(lines)) == 1:
            same += 1
        else:
            print("  ".join(f"{line:<{WIDTH}}" for line in lines).rstrip())
    print(f"… and {same} lines that are the same in all of them")


def differences(before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
    """Print the changes of the files; print a change that several files share once."""
    changes: dict[str, list[str]] = {}
    for name, lines in after.items():
        changes.setdefault(change(before.get(name), lines), []).append(name)
    for text, names in changes.items():
        print(f"{', '.join(names)}: {text}")


def change(before: list[str] | None, after: list[str]) -> str:
    """Return the changed lines of one file."""
    if before is None:
        bind = next(line for line in after if line.startswith("bind-address"))
        return f"new, {len(after)} lines, {bind}"
    diff = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
    return "\n    ".join(["", *diff]) if diff else "as it was"


if __name__ == "__main__":
    main()
