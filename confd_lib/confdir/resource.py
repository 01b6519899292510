"""Template resources: what a TOML file of conf.d says, and which files of conf.d are some.

The first step of a pass. Knows nothing of stores, templates or destinations: a resource is what its
file says, and the functions here say what follows from that.
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
from confd_lib.golang import path as gopath
from confd_lib.golang import walk as gowalk
from confd_lib.golang.strconv import parse_uint

if TYPE_CHECKING:
    from confd_lib.confdir.tomlfile import Kind

_FIELDS: Final[dict[str, Kind]] = {
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
}
_TIMEOUTS: Final = ("check_timeout", "reload_timeout")

# Digits are never given back, so that a long run of them without a unit is read once.
_DURATION_PART: Final = r"([0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(ns|us|µs|ms|s|m|h)"
_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class TemplateResource:
    """What a template resource says, and nothing else.

    Attributes:
        path: the TOML file.
        src: the template, relative to the folder of templates.
        dest: the file to write.
        keys: what the template asks for; without any its store is empty.
        prefix: what stands before the keys in the store.
        mode: the permissions, as they are written: `0644`; empty to keep those of the file.
        uid: the owner, by id or name; -1 for that of this process.
        gid: the group, by id or name; -1 for that of this process.
        check_cmd: a shell command that accepts or refuses the new file; a Go template.
        reload_cmd: a shell command to run once the new file is in place.
        left_delim: what begins an action in the template; empty for `{{`.
        right_delim: what ends one; empty for `}}`.
        check_timeout: seconds that the check may take; 0 for as long as it likes.
        reload_timeout: seconds that the reload may take; 0 for as long as it likes.
        ignored: names in the file that mean nothing here.
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
    ignored: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> TemplateResource:
        """Read a template resource.

        Args:
            path: a TOML file with a table `template`.

        Raises:
            ResourceError: it cannot be read, or used; `str()` names the file and the line.
        """
        return cls.parse(os.fspath(path), read(os.fspath(path)))

    @classmethod
    def parse(cls, path: str, data: bytes) -> TemplateResource:
        r"""Read a template resource from the bytes of its file.

        Args:
            path: where they come from.
            data: TOML with a table `template`.

        Raises:
            ResourceError: it cannot be used; `str()` names the file and the line.

        >>> text = b'[template]\nsrc = "a.tmpl"\ndest = "/etc/a"\nkeys = ["/self"]\nowner = "root"'
        >>> resource = TemplateResource.parse("a.toml", text)
        >>> resource.src, resource.keys, resource.ignored
        ('a.tmpl', ('/self',), ('owner',))
        """
        try:
            fields, ignored = TOMLFile.parse(path, data).decode(_FIELDS, "template")
        except TOMLError as error:
            raise ResourceError(path, error.told) from error
        if not fields.get("src"):
            raise ResourceError(path, "empty src template")
        fields["keys"] = tuple(fields.get("keys", ()))
        for name in _TIMEOUTS:
            fields[name] = _seconds(path, name, fields.get(name, 0))
        return cls(path, ignored=ignored, **fields)

    @property
    def delims(self) -> tuple[str, str]:
        """What begins and ends an action of the template."""
        return self.left_delim or "{{", self.right_delim or "}}"

    def file_mode(self) -> int | None:
        """The permissions that the file says; None where it leaves them to the destination.

        Only the nine permission bits count: Go keeps setuid elsewhere.

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
        """The prefix of the keys, given that of the whole run.

        Args:
            prefix: that of the run; may be empty.
            joined: whether the two are joined, as confd 0.11 has it; else the run's, where there
                is one, is taken instead of the resource's, as 0.16 has it.

        >>> resource = TemplateResource("a.toml", "a.tmpl", prefix="app")
        >>> resource.full_prefix("/global", joined=True), resource.full_prefix("", joined=False)
        ('/global/app', '/app')
        """
        if joined:
            return gopath.join("/", prefix, self.prefix)
        chosen = prefix or self.prefix
        return chosen if chosen.startswith("/") else f"/{chosen}"

    def query_keys(self, full_prefix: str) -> tuple[str, ...]:
        """The keys as the store is asked for them.

        >>> TemplateResource("a.toml", "a.tmpl", keys=("self", "/hosts/")).query_keys("/latest")
        ('/latest/self', '/latest/hosts')
        """
        return tuple(gopath.join(full_prefix, key) for key in self.keys)


def read(path: str) -> bytes:
    """Read the file of a resource.

    Raises:
        ResourceError: it cannot be read.
    """
    try:
        return regular.read_file(path)
    except OSError as error:
        raise ResourceError(path, system_reason(error)) from error


def find(confdir: str | os.PathLike[str]) -> list[str]:
    """List the resources of a confd folder, in lexical order, folder by folder.

    A file is one if its name ends in `toml`. Other than confd, which finds nothing where `conf.d`
    is a symbolic link and takes the files of a Kubernetes volume twice, `conf.d` may be a link to
    a folder, and a file that is reached by several names counts once. What cannot be looked at is
    listed too: its turn to be read will tell.

    Args:
        confdir: the folder that holds `conf.d`.

    Raises:
        ConfdError: there is no `conf.d`, or it cannot be reached.
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
    """Tell a file from others whatever its name; one that cannot be looked at is only its name."""
    try:
        info = os.stat(file)  # noqa: PTH116 - a path object costs more than the look
    except OSError:
        return file
    return info.st_dev, info.st_ino


def _seconds(path: str, name: str, value: float | str) -> float:
    """Read a timeout: a number of seconds, or a duration as Go writes it."""
    seconds = _parse_duration(value) if isinstance(value, str) else float(value)
    if seconds is None or not 0 <= seconds < math.inf:
        raise ResourceError(path, f'{name}: neither seconds nor a duration like "30s": {value!r}')
    return seconds


def _parse_duration(text: str) -> float | None:
    """Return the seconds of a duration (Go: `time.ParseDuration`); None if it is invalid."""
    if not re.fullmatch(f"(?:{_DURATION_PART})+", text):
        return None
    return sum(float(part[1]) * _UNITS[part[2]] for part in re.finditer(_DURATION_PART, text))
