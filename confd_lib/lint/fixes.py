"""Fixes of resources: edits as data, and the texts that they make.

An edit changes one place of the TOML and keeps the rest as it is, with its comments. The module
does not know rules, and writes no files.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from confd_lib import regular
from confd_lib.confdir import oldtoml
from confd_lib.confdir.tomlfile import TOMLFile
from confd_lib.errors import TOMLError
from confd_lib.golang.strings import from_bytes, to_bytes

_BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class SetValue:
    """Set a setting of `[template]` to a text."""

    path: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class AddItems:
    """Add texts to a list of `[template]`, which may be missing."""

    path: str
    key: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReplaceLine:
    """Replace a line, counted from 1; an empty text removes it."""

    path: str
    line: int
    text: str


Fix: TypeAlias = SetValue | AddItems | ReplaceLine


@dataclass(frozen=True, slots=True)
class Change:
    """The text of a file before and after its fixes."""

    path: str
    before: str
    after: str


def changes(fixes: Iterable[Fix]) -> list[Change]:
    """Return the changes that fixes make to their files, as these are now; nothing is written.

    A file that is no TOML after its fixes stays as it is.

    Raises:
        OSError: a file cannot be read.
    """
    by_path: dict[str, list[Fix]] = defaultdict(list)
    for fix in dict.fromkeys(fixes):
        by_path[fix.path].append(fix)
    found: list[Change] = []
    for path, of_path in sorted(by_path.items()):
        before = from_bytes(regular.read_file(path))
        after = fixed(before, of_path)
        if after != before and _is_toml(path, after):
            found.append(Change(path, before, after))
    return found


def fixed(text: str, fixes: Sequence[Fix]) -> str:
    r"""Return the text of a resource after some fixes.

    >>> print(fixed('[template]\nmode = "644" # all read\n', [SetValue("a", "mode", "0644")]))
    [template]
    mode = "0644" # all read
    <BLANKLINE>
    """
    of_lines = {one.line: one.text for one in fixes if isinstance(one, ReplaceLine)}
    of_settings = [one for one in fixes if not isinstance(one, ReplaceLine)]
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    kept = "".join(_replaced(line, of_lines.get(i)) for i, line in enumerate(lines, 1))
    return _edited(kept, of_settings) if of_settings else kept


def _replaced(line: str, text: str | None) -> str:
    if text is None:
        return line
    return text + line[len(line.rstrip("\r\n")) :] if text else ""


def _edited(text: str, fixes: Iterable[SetValue | AddItems]) -> str:
    import tomlkit  # noqa: PLC0415 - slow to import, and needed only for fixes

    document = tomlkit.parse(oldtoml.rewrite(text.removeprefix(_BOM))[0])
    table = _of(document, "template")
    for fix in fixes:
        key = _spelled(table, fix.key)
        match fix:
            case SetValue(value=value):
                table[key] = value
            case AddItems(items=items):
                table.setdefault(key, tomlkit.array())
                for item in items:
                    if item not in table[key]:
                        table[key].append(item)
    return (_BOM if text.startswith(_BOM) else "") + document.as_string()


def _of(document: Mapping[str, Any], name: str) -> MutableMapping[str, Any]:
    return cast("MutableMapping[str, Any]", document[_spelled(document, name)])


def _spelled(values: Mapping[str, Any], name: str) -> str:
    return next((key for key in (name, *values) if key in values and key.lower() == name), name)


def _is_toml(path: str, text: str) -> bool:
    try:
        TOMLFile.parse(path, to_bytes(text))
    except TOMLError:
        return False
    return True
