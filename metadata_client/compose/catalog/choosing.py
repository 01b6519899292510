"""Which files a stack is loaded from: those of a folder, or of a version of an entry.

Knows where files lie, not what is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Final

from gotmpl.arguments import checked
from metadata_client.compose.catalog.entries import (
    DOCKER_NAMES,
    RANCHER_NAMES,
    Entry,
    Version,
    find_file,
    find_first,
    is_version_name,
)
from metadata_client.compose.dialects.spec import FILES
from metadata_client.compose.errors import ComposeError
from metadata_client.compose.files import Files, find

Source = str | PathLike[str] | Sequence[str | PathLike[str]] | Entry | Version
"""What a stack is loaded from."""

_TEMPLATES: Final = tuple(name for name in DOCKER_NAMES if name.endswith(".tpl"))


@dataclass(frozen=True, slots=True)
class Choice:
    """The files of a stack, and what their place says about it.

    Attributes:
        files: the files.
        entry: the name of the entry that they would be a version of.
        is_version: whether they are a version of an entry for sure.
    """

    files: Files
    entry: str
    is_version: bool = False


def choose(source: Source, version: str | int | None = None) -> Choice:
    """Return the files that are meant.

    Args:
        source: a folder, or files; an entry, or a version of one.
        version: the version of an entry, by its folder or name; None for the default.

    Raises:
        ComposeError: there are no such files, or there is no such version.
    """
    folder = None if isinstance(source, Entry | Version | list | tuple) else Path(source)  # type: ignore[arg-type]  # any other Sequence is a str
    if folder and _is_entry(folder):
        source = Entry(folder)
    if isinstance(source, Entry):
        source = source.default if version is None else source.version(version)
    elif version is not None:
        raise ComposeError(f"version={version} chooses among the versions of an entry's folder")
    if isinstance(source, Version):
        return Choice(_of_version(source.path), source.entry, is_version=True)
    if folder and folder.is_dir() and find_first(folder, _TEMPLATES):
        return Choice(_of_version(folder), _entry_name(folder), is_version=True)
    files = find(source)
    return Choice(files, _entry_name(files.docker.parent), files.docker.name in _TEMPLATES)


@checked
def files_of(source: str | PathLike[str], version: str | int | None = None) -> tuple[Path, ...]:
    """Return the files that decide what `load` makes of `source`, in any dialect.

    Some need not exist.

    Args:
        source: a folder, or a `docker-compose.yml`.
        version: the version of an entry.

    Raises:
        ComposeError: there is no such version.

    >>> [path.name for path in files_of("examples/galera/docker-compose.yml")][:2]
    ['docker-compose.yml', 'rancher-compose.yml.tpl']
    >>> [str(path.parent.name) for path in files_of("examples/catalog/templates/galera")][:2]
    ['galera', '1']
    """
    path = Path(source)
    if _is_entry(path):
        files = choose(path, version).files
        return (path / "config.yml", files.docker, *filter(None, (files.rancher,)))
    folder = path if path.is_dir() else path.parent
    names = (
        (*DOCKER_NAMES, *RANCHER_NAMES, *FILES) if path.is_dir() else (path.name, *RANCHER_NAMES)
    )
    return tuple(folder / name for name in dict.fromkeys(names))


def _is_entry(folder: Path) -> bool:
    """Return whether a folder has no compose files, but folders of versions that have."""
    if not folder.is_dir() or find_first(folder, DOCKER_NAMES):
        return False
    versions = (one for one in folder.iterdir() if one.is_dir() and is_version_name(one.name))
    return any(find_file(one, DOCKER_NAMES) for one in versions)


def _of_version(folder: Path) -> Files:
    docker = find_file(folder, DOCKER_NAMES)
    return Files(docker or folder / DOCKER_NAMES[1], find_file(folder, RANCHER_NAMES))


def _entry_name(folder: Path) -> str:
    """Return the name of the folder; of the one above it, if that is the name of a version."""
    folder = folder.resolve()
    return folder.parent.name if is_version_name(folder.name) else folder.name
