"""Template resources: finds the TOML files of conf.d and reads their settings.

The first step of a pass. Knows nothing of stores, templates or destinations: a resource holds the
settings of its file, and its methods compute values from these alone.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import regular
from confd_lib.confdir.tomlfile import MODE, OWNER, SECONDS, STRING, STRINGS, TOMLFile
from confd_lib.errors import ConfdError, ResourceError, TOMLError, system_reason
from confd_lib.golang import match as gomatch
from confd_lib.golang import path as gopath
from confd_lib.golang import walk as gowalk
from confd_lib.golang.strconv import parse_uint
from gotmpl.arguments import checked

if TYPE_CHECKING:
    from confd_lib.confdir.tomlfile import Kind

FIELDS: Final[dict[str, Kind]] = {
    "src": STRING,
    "dest": STRING,
    "keys": STRINGS,
    "prefix": STRING,
    "mode": MODE,
    "uid": OWNER,
    "gid": OWNER,
    "check_cmd": STRING,
    "reload_cmd": STRING,
    "left_delim": STRING,
    "right_delim": STRING,
    "check_timeout": SECONDS,
    "reload_timeout": SECONDS,
    "each": STRING,
    "templates": STRINGS,
    "output_format": STRING,
    "min_reload_interval": SECONDS,
    "debounce": SECONDS,
}
NAMES: Final = tuple(FIELDS)
"""The names of the settings of a resource."""
_SPANS: Final = ("check_timeout", "reload_timeout", "min_reload_interval", "debounce")
FORMATS: Final = ("json", "yaml", "toml", "ini", "xml", "yml")
"""The formats that a resource may name; `yml` is another name of `yaml`."""
_LISTS: Final = ("keys", "templates")

# Possessive: a long run of digits without a unit would else take quadratic time.
_DURATION_PART: Final = re.compile(
    r"(?<![0-9.])([0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(ns|us|µs|ms|s|m|h)"
)
_DURATION: Final = re.compile(f"(?:{_DURATION_PART.pattern})+")
_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


# A resource and, of one with `each`, one of its files.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class TemplateResource:
    """The settings of one template resource.

    Attributes:
        path: the TOML file.
        src: the template, below the folder `templates`; needed.
        dest: the file to write; needed, and with `each` a template of its name.
        keys: the keys that the store is asked for, with all keys below them; without any the store
            is empty.
        prefix: stands before each of the keys, and is cut off again.
        mode: the permissions, as octal digits after a 0: `"0640"`; empty to keep the file's.
        uid: the owner, by number or by name (names are *ours*); -1 for that of this process.
        gid: the group, by number or by name (names are *ours*); -1 for that of this process.
        check_cmd: a shell command that accepts or refuses the new file, `{{.src}}`, before it
            replaces `{{.dest}}`; it may write into that file, and not replace it (`sed -i`).
        reload_cmd: a shell command that runs once the new file is in place; equal ones run once a
            pass, after the last of their files.
        left_delim: the beginning of an action of the template; empty for `{{`.
        right_delim: the end of an action; empty for `}}`.
        check_timeout: how long the check may take, in seconds; 0 for any time.
        reload_timeout: how long the reload may take, in seconds; 0 for any time.
        each: a pattern of keys: a file for each name that matches; empty for one file.
        templates: more files of templates, which the template calls by their base names.
        output_format: `json`, `yaml` (or `yml`), `toml`, `ini` or `xml`: the new file has to be
            that; empty for any.
        min_reload_interval: the least seconds between two reloads, in two passes.
        debounce: how many seconds values must rest before a watch renders them again.
        ignored: the names in the file that have no meaning here.
        outdated: the faults of the file that only confd 0.16 and older do not mind, with lines.
    """

    path: str
    src: str
    dest: str = ""
    keys: tuple[str, ...] = ()
    prefix: str = ""
    mode: str = ""
    uid: int | str = -1
    gid: int | str = -1
    check_cmd: str = ""
    reload_cmd: str = ""
    left_delim: str = ""
    right_delim: str = ""
    check_timeout: float = 0
    reload_timeout: float = 0
    each: str = ""
    templates: tuple[str, ...] = ()
    output_format: str = ""
    min_reload_interval: float = 0
    debounce: float = 0
    ignored: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()

    @classmethod
    @checked
    def load(cls, path: str | os.PathLike[str]) -> TemplateResource:
        """Read a template resource.

        Args:
            path: a TOML file with a table `template`.

        Raises:
            ResourceError: the file cannot be read, or its settings cannot be used; `str()` names
                the file and the line.
        """
        return cls.parse(os.fspath(path), read(os.fspath(path)))

    @classmethod
    @checked
    def parse(cls, path: str, data: bytes) -> TemplateResource:
        r"""Read a template resource from the bytes of its file.

        Args:
            path: the file, for errors.
            data: TOML with a table `template`.

        Raises:
            ResourceError: the settings cannot be used; `str()` names the file and the line.

        >>> text = b'[template]\nsrc = "a.tmpl"\ndest = "/etc/a"\nkeys = ["/self"]\nowner = "root"'
        >>> resource = TemplateResource.parse("a.toml", text)
        >>> resource.src, resource.keys, resource.ignored
        ('a.tmpl', ('/self',), ('owner',))
        """
        try:
            file = TOMLFile.parse(path, data)
            fields, ignored = file.decode(FIELDS, "template")
        except TOMLError as error:
            raise ResourceError(path, error.located_reason) from error
        if not fields.get("src"):
            raise ResourceError(path, "empty src template")
        for name in _LISTS:
            fields[name] = tuple(fields.get(name, ()))
        for name in _SPANS:
            fields[name] = _seconds(path, name, fields.get(name, 0))
        made = cls(path, ignored=ignored, outdated=(*map(str, file.outdated),), **fields)
        _check_templates(made)
        _check_format(made)
        if made.each:
            _check_each(made)
        return made

    @property
    def key(self) -> tuple[str, str]:
        """The key of its file among those of all resources."""
        return self.path, self.dest if self.each else ""

    @property
    def delims(self) -> tuple[str, str]:
        """The delimiters of the template's actions, with Go's where the resource names none."""
        return self.left_delim or "{{", self.right_delim or "}}"

    def file_mode(self) -> int | None:
        """Return the permissions for the destination; None to keep those that it has.

        The mode is reduced to the nine permission bits: Go has other bits for setuid.

        Raises:
            ResourceError: the mode is not a number.

        >>> oct(TemplateResource("a.toml", "a.tmpl", mode="0640").file_mode())
        '0o640'
        """
        if not self.mode:
            return None
        try:
            return parse_uint(self.mode, 32) & 0o777
        except ValueError as error:
            raise ResourceError(self.path, f"mode: {error}") from error

    def full_prefix(self, prefix: str, *, joined: bool) -> str:
        """Return the prefix of the keys in the backend.

        Args:
            prefix: the prefix of the run; may be empty.
            joined: whether to join it with the resource's, as confd 0.11 does; else the prefix of
                the run, unless empty, replaces the resource's, as in 0.16.

        >>> resource = TemplateResource("a.toml", "a.tmpl", prefix="app")
        >>> resource.full_prefix("/global", joined=True), resource.full_prefix("", joined=False)
        ('/global/app', '/app')
        """
        if joined:
            return gopath.join("/", prefix, self.prefix)
        chosen = prefix or self.prefix
        return chosen if chosen.startswith("/") else f"/{chosen}"

    def query_keys(self, full_prefix: str) -> tuple[str, ...]:
        """Return the absolute keys that the backend is asked for.

        >>> TemplateResource("a.toml", "a.tmpl", keys=("self", "/hosts/")).query_keys("/latest")
        ('/latest/self', '/latest/hosts')
        """
        return tuple(gopath.join(full_prefix, key) for key in self.keys)


def _check_templates(found: TemplateResource) -> None:
    """Refuse two files of templates with one name: the first could not be called."""
    names = [gopath.base(src) for src in (*found.templates, found.src)]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        reason = f"templates: two files have the name {twice[0]}; rename one"
        raise ResourceError(found.path, reason)


def _check_format(found: TemplateResource) -> None:
    if found.output_format and found.output_format not in FORMATS:
        reason = f"output_format: {found.output_format!r} is not one of {', '.join(FORMATS)}"
        raise ResourceError(found.path, reason)


def _check_each(found: TemplateResource) -> None:
    """Refuse a resource whose pattern can match nothing, or whose names would share one file."""
    if not found.each.startswith("/"):
        raise ResourceError(found.path, f"each: {found.each!r} does not begin with /")
    cleaned = gopath.clean(found.each)
    if cleaned == "/" or cleaned != found.each:
        better = "/*" if cleaned == "/" else cleaned
        raise ResourceError(found.path, f"each: {found.each!r} matches nothing; write {better!r}")
    try:
        gomatch.read(found.each)
    except gomatch.BadPattern as error:
        raise ResourceError(found.path, f"each: {error}: {found.each}") from error
    if not found.keys:
        raise ResourceError(found.path, "each: there are no keys to match; list them in keys")
    if found.dest and "{{" not in found.dest:
        reason = f"dest: {found.dest} is the same file for each name; write {{{{.}}}} for the name"
        raise ResourceError(found.path, reason)


def read(path: str) -> bytes:
    """Return the bytes of the file of a resource.

    Raises:
        ResourceError: the file cannot be read.
    """
    try:
        return regular.read_file(path)
    except OSError as error:
        raise ResourceError(path, system_reason(error)) from error


def find(confdir: str | os.PathLike[str]) -> list[str]:
    """Return the paths of a confd folder's resources, in lexical order, folder by folder.

    The files whose names end in `toml` are resources. Two rules differ from confd's: `conf.d` may
    be a link to a folder, where confd finds nothing, and a file with several names counts once,
    where confd uses the files of a Kubernetes volume twice. A file or folder that cannot be
    accessed is in the list too: reading it raises the error.

    Args:
        confdir: the folder that holds `conf.d`.

    Raises:
        ConfdError: `conf.d` does not exist, or cannot be accessed.
    """
    root = Path(confdir, "conf.d")
    try:
        root.stat()
    except (OSError, ValueError) as error:
        raise ConfdError(f"stat {root}: {system_reason(error)}") from error
    once: dict[object, str] = {}
    for file in gowalk.files(str(root), lambda name: name.endswith("toml")):
        once.setdefault(_identity(file), file)
    return list(once.values())


def _identity(file: str) -> object:
    """Return an object that is equal for all names of a file; the name if access fails."""
    try:
        info = os.stat(file)  # noqa: PTH116 - a path object costs more than the call
    except OSError:
        return file
    return info.st_dev, info.st_ino


def _seconds(path: str, name: str, value: float | str) -> float:
    """Return the seconds of a setting: a number, or a duration in Go's format."""
    seconds = parse_duration(value) if isinstance(value, str) else float(value)
    if seconds is None or not 0 <= seconds < math.inf:
        raise ResourceError(path, f'{name}: neither seconds nor a duration like "30s": {value!r}')
    return seconds


def parse_duration(text: str) -> float | None:
    """Return the seconds of a duration (Go: `time.ParseDuration`); None if it is invalid."""
    if not _DURATION.fullmatch(text):
        return None
    return sum(float(part[1]) * _UNITS[part[2]] for part in _DURATION_PART.finditer(text))
