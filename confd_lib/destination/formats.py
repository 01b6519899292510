"""Checks that content has the format that a resource names, before it is staged.

Errors name the line and quote no value. Knows nothing of templates.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NoReturn

# An INI section, and the names before `=` or `:`.
_SECTION: Final = re.compile(r"\[[^\[\]]+\]\s*([;#].*)?")
# The place in an error of tomllib.
_PLACE: Final = re.compile(r"\(at line (\d+), column \d+\)")


class _NoFormatError(ValueError):
    """The text has another format; the message says where and why."""


def _json(text: str) -> None:
    try:
        json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _NoFormatError(f"line {error.lineno}: {error.msg}") from error


def _no_constant(name: str) -> NoReturn:
    raise _NoFormatError(f"{name} is not a number of JSON")


def _yaml(text: str) -> None:
    import yaml  # noqa: PLC0415 - slow to import, and needed only for this format

    known = set[object]()
    # Events need no stack, and a tag means nothing to them.
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            anchor = getattr(event, "anchor", None)
            if isinstance(event, yaml.AliasEvent) and anchor not in known:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise _NoFormatError(f"line {line}: an alias without an anchor")
            known.add(anchor)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _NoFormatError(f"line {mark.line + 1 if mark else 1}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise _NoFormatError("a character that YAML does not allow") from error


def _toml(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = place[1] if place else text.count("\n") + 1
        reason = str(error).partition(" (at ")[0]
        raise _NoFormatError(f"line {line}: {reason}") from error


def _ini(text: str) -> None:
    """Check lines as the readers of my.cnf and of systemd do: a name may have no value."""
    for number, line in enumerate(map(str.strip, text.split("\n")), 1):
        if line.startswith("[") and not _SECTION.fullmatch(line):
            raise _NoFormatError(f"line {number}: a section is written [name]")
        if line.startswith(("=", ":")):
            raise _NoFormatError(f"line {number}: a value has no name before it")


def _xml(text: str) -> None:
    from xml.parsers import expat  # noqa: PLC0415 - needed only for this format

    try:
        expat.ParserCreate().Parse(text, True)  # noqa: FBT003 - expat takes no keyword
    except expat.ExpatError as error:
        raise _NoFormatError(f"line {error.lineno}: {expat.ErrorString(error.code)}") from error


_CHECKS: Final[Mapping[str, Callable[[str], None]]] = MappingProxyType(
    {"json": _json, "yaml": _yaml, "yml": _yaml, "toml": _toml, "ini": _ini, "xml": _xml}
)


def fault(name: str, content: bytes) -> str:
    r"""Return why content has another format than the named one; empty if it has that format.

    Args:
        name: one of `confd_lib.confdir.resource.FORMATS`.
        content: in UTF-8.

    >>> fault("json", b'{"port": 80}'), fault("ini", b"[mysqld\nport = 3306")
    ('', 'it is not ini: line 1: a section is written [name]')
    """
    try:
        _CHECKS[name](content.decode())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = f"line {line}: it is not UTF-8"
    except RecursionError:
        reason = "it nests too deep"
    except ValueError as error:
        reason = str(error)
    else:
        return ""
    return f"it is not {name}: {reason}"
