"""The names that the `each` of a resource matches, and the destination of each name.

A resource whose names cannot be used as they are is refused as a whole. Knows a store and a
resource, nothing of passes and files.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib.errors import ResourceError
from confd_lib.funcs import SYSTEM_FUNCTIONS, functions
from confd_lib.funcs.readers import READERS
from confd_lib.golang import match as gomatch
from confd_lib.golang import path as gopath
from confd_lib.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from confd_lib.confdir.resource import TemplateResource

# Longer templates are not kept.
_CACHED: Final = 1024
# What no shell gives a meaning, nor a command as an option; a command may name the file.
_PLAIN: Final = re.compile(r"(?!-)[\w@%+=:,./-]*")


def names(resource: TemplateResource, store: Store) -> list[str]:
    """Return the names that the `each` of a resource matches, sorted.

    Args:
        resource: the resource.
        store: the keys that it asks for.

    Raises:
        ResourceError: a key climbs, or a name is empty or holds a null byte.

    >>> from confd_lib.confdir.resource import TemplateResource
    >>> resource = TemplateResource("a.toml", "a.tmpl", each="/services/*")
    >>> names(resource, Store({"services": {"web": {"port": 80}, "db": {"port": 5432}}}))
    ['db', 'web']
    """
    for key in store.climbers():
        if _is_below(key, resource.each) or _is_below(gopath.clean(key), resource.each):
            raise ResourceError(resource.path, f"each: the key {key!r} climbs; remove it")
    found = [path.rpartition("/")[2] for path in store.matching(resource.each)]
    for name in found:
        _check_name(resource, name)
    return found


def _is_below(key: str, pattern: str) -> bool:
    segments = key.split("/")
    upto = "/".join(segments[: pattern.count("/") + 1])
    return gomatch.read(pattern).matches(upto)


def _check_name(resource: TemplateResource, name: str) -> None:
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        reason = f"each: the name {name!r} cannot be part of a path; rename its key"
        raise ResourceError(resource.path, reason)


def dest_functions() -> Mapping[str, Callable[..., object]]:
    """Return the functions that the template of a `dest` may call: the name alone decides."""
    asking = READERS.keys() | SYSTEM_FUNCTIONS
    return {name: call for name, call in functions(Store()).items() if name not in asking}


def dest_template(dest: str) -> gotmpl.Template:
    """Return the template of a `dest`.

    Raises:
        gotmpl.ParseError: it cannot be parsed; the message is Go's.
    """
    return _parsed(dest) if len(dest) <= _CACHED else _parsed.__wrapped__(dest)


@functools.lru_cache(maxsize=64)
def _parsed(dest: str) -> gotmpl.Template:
    template = gotmpl.Template("dest").funcs(dest_functions()).parse(dest)
    return template.limits(seconds=1.0, output=1 << 16)


def dest_of(resource: TemplateResource, name: str) -> str:
    """Return the destination of a name.

    Raises:
        ResourceError: the template of `dest` fails, or the destination climbs.

    >>> from confd_lib.confdir.resource import TemplateResource
    >>> dest_of(TemplateResource("a.toml", "a.tmpl", "/etc/{{.}}.conf", each="/*"), "web")
    '/etc/web.conf'
    """
    try:
        dest = dest_template(resource.dest).render(name)
    except gotmpl.TemplateError as error:
        raise ResourceError(resource.path, f"dest: {error}") from error
    if fault := _fault(resource, dest):
        raise ResourceError(resource.path, f"dest: {dest!r} of the name {name!r} {fault}")
    return dest


def _fault(resource: TemplateResource, dest: str) -> str:
    if ".." in dest.split("/"):
        return "climbs; rename its key"
    if "\0" in dest or not dest or dest.endswith("/"):
        return "is not the path of a file; rename its key"
    name = dest.rpartition("/")[2]
    if name.startswith(".") and name.endswith(".confd"):  # a list of ours decides what is removed
        return "is a name of confd's own files; rename its key"
    commands = resource.check_cmd, resource.reload_cmd
    if any("{{" in command for command in commands) and not _PLAIN.fullmatch(dest):
        return "holds characters that mean something to the shell of a command; rename its key"
    return ""


def files(resource: TemplateResource, store: Store) -> dict[str, TemplateResource]:
    """Return the resource of each file by its name.

    Raises:
        ResourceError: a name cannot be used, or two names have one destination.
    """
    made: dict[str, TemplateResource] = {}
    users: dict[str, str] = {}
    for name in names(resource, store):
        dest = dest_of(resource, name)
        other = users.setdefault(gopath.clean(dest), name)
        if name in made or other != name:
            raise ResourceError(
                resource.path, f"dest: {dest} is the file of {other!r} and {name!r}"
            )
        made[name] = replace(resource, dest=dest)
    return made


def named(resource: TemplateResource, store: Store) -> dict[str | None, TemplateResource]:
    """Return the resource of each file by its name; one without `each` itself, by None.

    Raises:
        ResourceError: as for `files`.
    """
    if not resource.each:
        return {None: resource}
    found: dict[str | None, TemplateResource] = {}
    found.update(files(resource, store))
    return found
