"""A catalog on disk: its entries, and their versions.

    CATALOG/BASE/ENTRY/config.yml
    CATALOG/BASE/ENTRY/VERSION/docker-compose.yml[.tpl], rancher-compose.yml[.tpl]

Knows nothing of stacks, or of how a version is deployed.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from metadata_client.compose.catalog.questions import Section, read_section, text_of
from metadata_client.compose.catalog.versions import (
    UNKNOWN,
    Semantic,
    in_order,
    is_greater,
    is_offered,
    satisfies,
)
from metadata_client.compose.errors import ComposeError
from metadata_client.compose.options import Option
from metadata_client.compose.source import Document, Place, read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from metadata_client.compose.catalog.questions import Question

CATTLE: Final = "cattle"
"""The kind of the entries for Rancher's own orchestration, in the folder `templates`."""

_BASE: Final = re.compile("(?:(?P<kind>[^-]+)-)?templates")
_NUMBER: Final = re.compile("[0-9]+")
_CONFIGS: Final = ("config.yml", "template.yml")
# A template is taken before the plain file.
DOCKER_NAMES: Final = (
    *("docker-compose.yml.tpl", "docker-compose.yml"),
    *("docker-compose.yaml.tpl", "docker-compose.yaml"),
)
RANCHER_NAMES: Final = tuple(name.replace("docker", "rancher") for name in DOCKER_NAMES)


def is_version_name(name: str) -> bool:
    """Return whether a folder of this name may be a version: a number, or a semantic version.

    >>> [is_version_name(name) for name in ("6", "v1.2.3", "1.2", "latest")]
    [True, True, False, False]
    """
    return bool(_NUMBER.fullmatch(name)) or Semantic.of(name) is not None


def find_file(folder: Path, names: Iterable[str]) -> Path | None:
    """Return the first file of these names in a folder, or below it; None if there is no such."""
    for name in names:
        found = [folder / name] if (folder / name).is_file() else sorted(folder.rglob(name))
        if found:
            return found[0]
    return None


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an entry.

    Attributes:
        entry: the name of the entry.
        path: its folder.
        section: what the catalog section of its `rancher-compose.yml` says.
    """

    entry: str
    path: Path
    section: Section = field(repr=False)

    @property
    def folder(self) -> str:
        """The name of its folder."""
        return self.path.name

    @property
    def name(self) -> str:
        """Its name: what the section says, else the folder's name."""
        return self.section.version or self.folder

    @property
    def questions(self) -> tuple[Question, ...]:
        """Its questions."""
        return self.section.questions

    def is_offered(self, server: str = "") -> bool:
        """Return whether a Rancher server of a version offers it; every version is, if unknown."""
        section = self.section
        return is_offered(server, section.minimum_rancher_version, section.maximum_rancher_version)


@dataclass(frozen=True, eq=False)  # without slots: what is read is cached
class Entry:
    """An entry of a catalog.

    Attributes:
        path: its folder.
        kind: the orchestration that it is for: `cattle`, `infra`, `kubernetes` …
    """

    path: Path
    kind: str = CATTLE

    def __repr__(self) -> str:
        return f"<Entry {self.name} ({self.kind})>"

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.path.resolve().name

    # -- What config.yml says

    @property
    def title(self) -> str:
        """The name that is shown."""
        return self._config("name")

    @property
    def description(self) -> str:
        """A text about it."""
        return self._config("description")

    @property
    def default_name(self) -> str:
        """The name of the version that is chosen first; empty for the highest."""
        return self._config("version", "defaultVersion")

    @property
    def maintainer(self) -> str:
        """Its maintainer."""
        return self._config("maintainer")

    @property
    def license(self) -> str:
        """Its licence."""
        return self._config("license")

    @property
    def project_url(self) -> str:
        """A page about it."""
        return self._config("projectURL", "project_url")

    @property
    def categories(self) -> tuple[str, ...]:
        """Its categories."""
        found = self._top.within("categories").texts()
        single = self._config("category")
        return found or ((single,) if single else ())

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return self._top.within("labels").pairs()

    def _config(self, *names: str) -> str:
        return next(filter(None, (text_of(self._top.within(name)) for name in names)), "")

    @functools.cached_property
    def _top(self) -> Option:
        path = find_first(self.path, _CONFIGS)
        document = read(path) if path else Document(str(self.path / _CONFIGS[0]), "")
        return Option(Place(document), document.values(warn=False)[0])

    # -- Versions

    @functools.cached_property
    def _read(self) -> tuple[tuple[Version, ...], dict[str, ComposeError]]:
        """The versions in the order of their folders' names, and why others are left out."""
        versions, left_out = list[Version](), dict[str, ComposeError]()
        for path in sorted(one for one in self.path.iterdir() if one.is_dir()):
            if not is_version_name(path.name):
                continue
            try:
                version = Version(self.name, path, _section(path))
            except ComposeError as error:
                left_out[path.name] = error
                continue
            if version.section.version or Semantic.of(path.name):
                versions.append(version)
            else:
                place = {"path": version.section.path, "line": version.section.line}
                reason = "the catalog section names no version"
                left_out[path.name] = ComposeError(reason, **place)  # type: ignore[arg-type]  # a path and a line
        return tuple(versions), left_out

    @property
    def versions(self) -> tuple[Version, ...]:
        """Its versions, the lowest first."""
        return tuple(sorted(self._read[0], key=lambda version: in_order(version.name)))

    @property
    def errors(self) -> dict[str, ComposeError]:
        """The folders that are left out though they are named like versions, and the reasons."""
        return self._read[1]

    @property
    def default(self) -> Version:
        """The version that is chosen first, whether it is offered or not.

        Raises:
            ComposeError: the entry has no version.
        """
        by_folder = self._read[0]
        for version in by_folder:
            if version.name == self.default_name:
                return version
        if not by_folder:
            reasons = "".join(f"; {reason}" for reason in self.errors.values())
            raise ComposeError(f"the entry {self.name} has no version{reasons}")
        highest = max(Semantic.of(version.name) or UNKNOWN for version in by_folder)
        equal = [one for one in by_folder if (Semantic.of(one.name) or UNKNOWN) == highest]
        return equal[-1]

    def version(self, name: str | int) -> Version:
        """Return a version by the name of its folder, or by its own.

        Raises:
            ComposeError: there is no such version.
        """
        wanted = str(name)
        by_name = {version.name: version for version in reversed(self._read[0])}
        by_folder = {version.folder: version for version in self._read[0]}
        found = by_folder.get(wanted) or by_name.get(wanted)
        if found:
            return found
        if wanted in self.errors:
            raise self.errors[wanted]
        there = ", ".join(f"{one.folder} ({one.name})" for one in self._read[0])
        reason = f"the entry {self.name} has no version {wanted}; there are {there or 'none'}"
        raise ComposeError(reason, path=str(self.path))

    def offered(self, server: str = "") -> tuple[Version, ...]:
        """Return the versions that a Rancher server offers, by the names of their folders."""
        return tuple(version for version in self._read[0] if version.is_offered(server))

    def upgrades(self, current: Version, server: str = "") -> tuple[Version, ...]:
        """Return the versions to which a stack of a version can be upgraded, as `offered`."""
        return tuple(
            version
            for version in self.offered(server)
            if is_greater(version.name, current.name)
            and (
                not version.section.upgrade_from
                or satisfies(current.name, version.section.upgrade_from)
            )
        )


def _section(folder: Path) -> Section:
    path = find_file(folder, RANCHER_NAMES)
    return read_section(read(path)) if path else Section(path=str(folder))


def find_first(folder: Path, names: Iterable[str]) -> Path | None:
    """Return the first file of these names that a folder holds; None if it holds no such."""
    return next((folder / name for name in names if (folder / name).is_file()), None)


class Catalog:
    """The entries of a catalog on disk: a checkout of a repository, or one folder of entries.

    Args:
        path: the folder that holds `templates`, `infra-templates` …; or one of these; or an entry.

    Raises:
        ComposeError: there is no such folder.

    >>> catalog = Catalog("examples/catalog")
    >>> catalog.entries, catalog.kinds
    ((<Entry galera (cattle)>,), ('cattle',))
    >>> entry = catalog.entry("galera")
    >>> [version.name for version in entry.versions], entry.default.name
    (['10.0.22-rancher1', '10.1.38'], '10.1.38')
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(path)
        if not self.path.is_dir():
            raise ComposeError("there is no such folder", path=str(path))

    def __repr__(self) -> str:
        return f"<Catalog {self.path}>"

    @functools.cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The entries, in the order of their folders' names, kind after kind."""
        bases = [path for path in _folders(self.path) if _BASE.fullmatch(path.name)]
        found = [
            Entry(path, _kind(base)) for base in bases or [self.path] for path in _folders(base)
        ]
        entries = tuple(entry for entry in found if _has_versions(entry.path))
        return entries or ((Entry(self.path),) if _has_versions(self.path) else ())

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its entries."""
        return tuple(dict.fromkeys(entry.kind for entry in self.entries))

    def entry(self, name: str, kind: str | None = None) -> Entry:
        """Return an entry by the name of its folder.

        Args:
            name: the name.
            kind: its kind, where there are several of that name.

        Raises:
            ComposeError: there is no such entry, or there are several.
        """
        named = [one for one in self.entries if one.name == name and kind in (None, one.kind)]
        if len(named) == 1:
            return named[0]
        if named:
            kinds = ", ".join(one.kind for one in named)
            reason = f"there are several entries {name}: say which kind you mean, of {kinds}"
            raise ComposeError(reason, path=str(self.path))
        import difflib  # noqa: PLC0415 - for a message only

        near = difflib.get_close_matches(name, {one.name for one in self.entries}, 3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ComposeError(f"there is no entry {name}{hint}", path=str(self.path))


def _folders(path: Path) -> list[Path]:
    return sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith("."))


def _kind(base: Path) -> str:
    match = _BASE.fullmatch(base.name)
    return (match["kind"] if match else None) or CATTLE


def _has_versions(path: Path) -> bool:
    return any(is_version_name(one.name) for one in _folders(path))
