"""A package index on loopback, filled with the wheels of what is installed here."""

from __future__ import annotations

import importlib.metadata
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import requests
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.servers.loopback.process import Server


def start(folder: Path, packages: Path) -> Server:
    """Return a running index: pypiserver on a folder of packages, which takes uploads."""

    def argv(server: Server) -> list[str]:
        options = ["--host", "127.0.0.1", "--port", str(server.port), "--server", "wsgiref"]
        # Nobody has to log in, and no package is looked for elsewhere.
        allowed = ["-a", ".", "-P", ".", "--disable-fallback"]
        return [sys.executable, "-m", "pypiserver", "run", *options, *allowed, str(packages)]

    server = Server(folder, argv, ready)
    server.start()
    return server


def url(server: Server) -> str:
    """Return the URL that pip takes for the index."""
    return f"http://127.0.0.1:{server.port}/simple/"


def ready(server: Server) -> bool:
    """Return whether the index answers."""
    try:
        return requests.get(f"http://127.0.0.1:{server.port}/health", timeout=5).ok
    except requests.RequestException:
        return False


def needed(*requirements: str) -> set[str]:
    """Return the installed packages that requirements need, confd-lib itself left out."""
    found = set[str]()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        one = waiting.pop()
        key = f"{canonicalize_name(one.name)}[{','.join(sorted(one.extras))}]"
        if key not in found:
            found.add(key)
            waiting += _requirements_of(one)
    return {key.partition("[")[0] for key in found} - {"confd-lib"}


def _requirements_of(one: Requirement) -> Iterator[Requirement]:
    """Yield the requirements of an installed package that apply here."""
    for text in importlib.metadata.requires(one.name) or ():
        wanted = Requirement(text)
        extras = one.extras or {""}
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": name}) for name in extras):
            yield wanted


def pack(names: Iterable[str], folder: Path) -> None:
    """Write wheels of installed packages, from the files that their installation recorded."""
    for name in names:
        _pack(importlib.metadata.distribution(name), folder)


def _pack(package: importlib.metadata.Distribution, folder: Path) -> None:
    tags = [
        line.removeprefix("Tag: ")
        for line in (package.read_text("WHEEL") or "").splitlines()
        if line.startswith("Tag: ")
    ]
    name = canonicalize_name(package.name).replace("-", "_")
    with zipfile.ZipFile(folder / f"{name}-{package.version}-{_joined(tags)}.whl", "w") as wheel:
        for file in package.files or ():
            # Commands are made when the wheel is installed.
            if ".." not in file.parts and file.suffix != ".pyc":
                wheel.write(str(file.locate()), str(file))


def _joined(tags: list[str]) -> str:
    """Return the tags of a wheel as one, as its file name has them.

    >>> _joined(["cp311-cp311-manylinux_2_17_x86_64", "cp311-cp311-manylinux2014_x86_64"])
    'cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64'
    """
    parts = zip(*(tag.split("-") for tag in tags), strict=True)
    return "-".join(".".join(sorted(set(part))) for part in parts)
