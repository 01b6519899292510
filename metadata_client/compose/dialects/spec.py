"""The files of the Compose Specification: found, merged, cut by profiles, with what they extend.

Knows nothing of services as they are simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from metadata_client import yaml11
from metadata_client.compose.dialects.merging import merged
from metadata_client.compose.dialects.variables import Variables
from metadata_client.compose.errors import ComposeError, IgnoredOption
from metadata_client.compose.options import Option
from metadata_client.compose.source import Place, read

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from os import PathLike

_NAMES: Final = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
FILES: Final = (*_NAMES, *(name.replace("compose.", "compose.override.") for name in _NAMES))
"""The files of a folder that may be read."""
_OF_DOCUMENTS: Final = frozenset(("name", "services", "version"))
# Without a meaning for stacks, and without harm: services name them.
_DEFINITIONS: Final = frozenset(("configs", "models", "networks", "secrets", "volumes"))
_EXTENDS: Final = "extends"
_PROFILES: Final = "profiles"
_ALL: Final = "*"  # the profile that stands for every one


@dataclass(frozen=True, slots=True)
class Section:
    """A service as the files define it together.

    Attributes:
        name: its name.
        place: the place of the last file that defines it.
        options: its options by name.
    """

    name: str
    place: Place
    options: Mapping[str, Option] = field(default_factory=dict)

    def __getitem__(self, option: str) -> Option:
        return self.options.get(option) or Option(self.place.at(option))


@dataclass(frozen=True, slots=True)
class Project:
    """The files of a project as one.

    Attributes:
        name: the name that they give it; empty if they give none.
        sections: its services.
    """

    name: str
    sections: tuple[Section, ...]


def find_files(source: str | PathLike[str] | Sequence[str | PathLike[str]]) -> list[Path]:
    """Return the files of a project, the later of which refine the earlier.

    Args:
        source: a folder, whose `compose.yaml` and `compose.override.yaml` are taken; or files.

    Raises:
        ComposeError: no file is named.
    """
    if isinstance(source, list | tuple):
        if not source:
            raise ComposeError("no compose file is named")
        return [Path(path) for path in source]
    path = Path(source)  # type: ignore[arg-type]  # any other Sequence is a str
    if not path.is_dir():
        return [path]
    first = next((path / name for name in _NAMES if (path / name).exists()), path / _NAMES[0])
    stem = first.name.partition(".")[0]
    beside = (path / f"{stem}.override{suffix}" for suffix in (".yaml", ".yml"))
    override = next((one for one in beside if one.exists()), None)
    return [first, *filter(None, (override,))]


def read_project(
    files: Sequence[Path], env: Mapping[str, str], profiles: Collection[str]
) -> Project:
    """Read the services that files define together.

    Args:
        files: the files; later ones refine earlier ones.
        env: the values of variables.
        profiles: the profiles that are active; services of others are left out.

    Raises:
        ComposeError: a file is not a compose file; file and line are named.
    """
    name, sections = "", dict[str, Section]()
    for path in files:
        top = _top(path, env)
        name = top.within("name").text() or name
        for one in _sections(top):
            known = sections.get(one.name)
            sections[one.name] = _refined(known, one) if known else one
    made = [_extended(one, sections, env, ()) for one in sections.values()]
    return Project(name, tuple(one for one in made if _is_active(one, profiles)))


def _top(path: Path, env: Mapping[str, str]) -> Option:
    document = read(path)
    value, _ = document.values(texts=yaml11.WORDS_OF_1_1)
    place = Place(document)
    top = Option(place, Variables(env).apply(place, value))
    if value is not None and not isinstance(value, dict):
        raise top.place.fault("a compose file holds a map, with `services` in it")
    for key in value or ():
        name = str(key)
        if name in _OF_DOCUMENTS | _DEFINITIONS or name.startswith("x-"):
            continue
        place.at(name).warn(IgnoredOption, f"{name} has no meaning in a simulated stack")
    return top


def _sections(top: Option) -> Iterator[Section]:
    services = top.within("services")
    if services.value is not None and not isinstance(services.value, dict):
        raise services.place.fault("services must be a map")
    for key in services.value if isinstance(services.value, dict) else ():
        name = str(key)
        service = services.within(name)
        if service.value is not None and not isinstance(service.value, dict):
            raise service.place.fault(f"services.{name} must be a map")
        options = service.value if isinstance(service.value, dict) else {}
        named = {str(option): service.within(str(option)) for option in options}
        yield Section(name, service.place, named)


def _refined(first: Section, second: Section) -> Section:
    """Return a service as an earlier file and a later one define it together."""
    options = dict(first.options)
    for name, option in second.options.items():
        held = first.options[name].value if name in first.options else None
        options[name] = replace(option, value=merged(held, option.value, name))
    return Section(first.name, second.place, options)


def _is_active(section: Section, profiles: Collection[str]) -> bool:
    own = section[_PROFILES].texts()
    return not own or _ALL in profiles or any(profile in profiles for profile in own)


# -- Services that extend others


def _extended(
    section: Section,
    sections: Mapping[str, Section],
    env: Mapping[str, str],
    above: tuple[tuple[str, str], ...],
) -> Section:
    extends = section.options.get(_EXTENDS)
    if extends is None or extends.value is None:
        return section
    name = extends.within("service").text() if isinstance(extends.value, dict) else extends.text()
    file = extends.within("file").text() if isinstance(extends.value, dict) else None
    here = Path(extends.place.document.path)
    path = here.parent / file if file else here
    others = {one.name: one for one in _sections(_top(path, env))} if file else sections
    mark = (str(path), name or "")
    if name is None or name not in others:
        raise extends.place.fault(f"there is no service {name} to extend")
    if mark in above or (not file and name == section.name):
        raise extends.place.fault(f"{section.name} extends itself")
    base = _extended(others[name], others, env, (*above, mark))
    kept = {option: value for option, value in base.options.items() if option != _EXTENDS}
    own = {option: value for option, value in section.options.items() if option != _EXTENDS}
    made = _refined(Section(section.name, base.place, kept), replace(section, options=own))
    return replace(made, place=section.place)
