"""Decodes TOML files by the rules of confd's decoder (BurntSushi's, into tagged structs).

A name matches a field in any case, names without a field are ignored, and a value of another type
raises an error with the decoder's text and the line. A file that is not TOML 1.0 is rewritten if
the decoder of confd 0.16 reads it. Knows nothing of the meaning of the fields.

`tomllib` reads the files, because it takes 0.06 ms for a typical resource (of a corpus of 79) where
`tomlkit` takes 0.5: a pass over 500 of them would spend 250 of its 600 ms there. `tomlkit`, which
keeps every character, finds the line of a refused value, and is imported for that only.
"""

from __future__ import annotations

import codecs
import json
import re
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeGuard, cast

from confd_lib.errors import TOMLError
from confd_lib.golang.strings import from_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from confd_lib.confdir.oldtoml import Outdated

_PLACE: Final = re.compile(r"\(at line (\d+), column \d+\)")
_ENDLESS: Final = re.compile(r"(?<![0-9])(?<![0-9]_)[0-9](?:_?[0-9]){4000}")
_OCTAL: Final = re.compile("[0-7]+")
_MARK: Final = "the value whose line is wanted"
# The depth that `tomllib` reads depends on the free stack, so there is a limit of our own.
_MOST_NESTED: Final = 100
_TOO_DEEP: Final = f"values nest deeper than {_MOST_NESTED} levels"
_INT64: Final = range(-(1 << 63), 1 << 63)


def _nothing(_: object) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a field.

    Attributes:
        name: its name in the errors of confd's decoder.
        accepts: returns whether a value is of this type.
        written: returns the TOML for a value of another type that was meant as one of this; empty
            if that is unclear.
    """

    name: str
    accepts: Callable[[object], bool]
    written: Callable[[object], str] = _nothing


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _as_string(value: object) -> str:
    return f'"{value}"' if _is_int(value) else ""


def _as_integer(value: object) -> str:
    return value if isinstance(value, str) and value.isdecimal() else ""


def _as_boolean(value: object) -> str:
    written = {"true": "true", "yes": "true", "false": "false", "no": "false"}
    return written.get(value.lower(), "") if isinstance(value, str) else ""


def _as_strings(value: object) -> str:
    return f"[{json.dumps(value, ensure_ascii=False)}]" if isinstance(value, str) else ""


def octal_mode(number: object) -> str:
    """Return the TOML string of the file mode that a number was meant to be; else an empty text.

    The digits are read as octal if they give the group no more than the owner, and others no more
    than the group; else the number itself is the mode, as 420 is 0o644.

    >>> octal_mode(600), octal_mode(2755), octal_mode(420), octal_mode(0o640)
    ('"0600"', '"02755"', '"0644"', '"0640"')
    """
    if not _is_int(number) or not 0 < number <= 7777:
        return ""
    text = str(number)
    digits = text if _OCTAL.fullmatch(text) and _narrows(int(text, 8)) else f"{number:o}"
    return f'"0{digits:0>3}"'


def _narrows(mode: int) -> bool:
    owner, group, others = mode >> 6 & 7, mode >> 3 & 7, mode & 7
    return bool(owner & 4) and group & ~owner == 0 and others & ~group == 0


STRING: Final = Kind("string", lambda value: isinstance(value, str), _as_string)
MODE: Final = replace(STRING, written=octal_mode)
INTEGER: Final = Kind("integer", _is_int, _as_integer)
BOOLEAN: Final = Kind("boolean", lambda value: isinstance(value, bool), _as_boolean)
STRINGS: Final = Kind("slice", lambda value: isinstance(value, list), _as_strings)
# Two types that confd does not have: an id or a name, and seconds or a duration.
OWNER: Final = Kind("integer", lambda value: _is_int(value) or isinstance(value, str))
SECONDS: Final = Kind("duration", lambda value: _is_int(value) or isinstance(value, float | str))

# Go: reflect's names for the values of its TOML decoder. A bool is an int too, so it comes first.
_GO_TYPES: Final[tuple[tuple[type, str], ...]] = (
    (bool, "bool"),
    (int, "int64"),
    (float, "float64"),
    (str, "string"),
    (list, "[]interface {}"),
    (dict, "map[string]interface {}"),
)


def go_type(value: object) -> str:
    """Return the name of the type that Go's decoder gives a value.

    >>> go_type(True), go_type(["/self"])
    ('bool', '[]interface {}')
    """
    return next((name for kind, name in _GO_TYPES if isinstance(value, kind)), "time.Time")


@dataclass(frozen=True, slots=True)
class TOMLFile:
    """A parsed TOML file, or a table of one.

    Attributes:
        path: the file, for errors.
        text: the document.
        values: the table, which is the document's top table unless `at` names another one.
        at: the keys and indices on the way to the table.
        outdated: what TOML 1.0 does not allow, and confd 0.16 reads; `text` is free of it.
    """

    path: str
    text: str
    values: dict[str, object]
    at: tuple[str | int, ...] = ()
    outdated: tuple[Outdated, ...] = ()

    @classmethod
    def parse(cls, path: str, data: bytes) -> TOMLFile:
        r"""Read the bytes of a TOML file.

        Raises:
            TOMLError: the bytes are not TOML, not even for confd 0.16; with the line.

        >>> TOMLFile.parse("a.toml", b'[template]\nsrc = "a.tmpl"').values
        {'template': {'src': 'a.tmpl'}}
        """
        try:
            text = data.decode("utf-8-sig")
            return cls(path, text, _loads(path, text))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError):
            return cls._parse_old(path, from_bytes(data.removeprefix(codecs.BOM_UTF8)))

    @classmethod
    def _parse_old(cls, path: str, text: str) -> TOMLFile:
        """Read a text that is not TOML 1.0."""
        from confd_lib.confdir import oldtoml  # noqa: PLC0415 - needed only for an old file

        rewritten, outdated = oldtoml.rewrite(text)
        try:
            return cls(path, rewritten, _loads(path, rewritten), outdated=outdated)
        except tomllib.TOMLDecodeError as error:
            raise _syntax_error(path, rewritten, str(error)) from error

    def decode(
        self, fields: Mapping[str, Kind], table: str = ""
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        r"""Return the values of the fields of one table.

        Args:
            fields: the types of the fields by name.
            table: the name of a table, which matches in any case; empty for the top table.

        Returns:
            the values of those fields that the table has, by the names of `fields`, and the names
            in the table that no field has.

        Raises:
            TOMLError: a value has another type than its field; with the line.

        >>> file = TOMLFile.parse("a.toml", b'[Template]\nSRC = "a.tmpl"\nowner = "root"')
        >>> file.decode({"src": STRING}, "template")
        ({'src': 'a.tmpl'}, ('owner',))
        """
        known: dict[str, Any] = {}  # each value is of its kind
        ignored: list[str] = []
        path, values = self._table(table)
        # The exact spelling of a name comes last, so that it overrides others.
        for key in sorted(values, key=fields.__contains__):
            name = key if key in fields else key.lower()
            if name in fields:
                self._check(fields[name], values[key], (*path, key))
                known[name] = values[key]
            else:
                ignored.append(key)
        return known, tuple(ignored)

    def tables(self, name: str) -> list[TOMLFile]:
        r"""Return the tables of an array, which a document writes as `[[name]]`.

        Args:
            name: the name of the array, which matches in any case.

        Raises:
            TOMLError: the name belongs to something else.

        >>> file = TOMLFile.parse("a.toml", b'[[layer]]\nsrc = "a"\n[[layer]]\nsrc = "b"')
        >>> [table.decode({"src": STRING}) for table in file.tables("layer")]
        [({'src': 'a'}, ()), ({'src': 'b'}, ())]
        """
        key = self._spelling(name)
        found = self.values.get(key, [])
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            reason = f"type mismatch: expected tables; write [[{key}]] before each"
            raise self._refuse(reason, (*self.at, key))
        return [replace(self, values=one, at=(*self.at, key, n)) for n, one in enumerate(found)]

    def table(self, name: str) -> TOMLFile | None:
        r"""Return a table of the document by its name, which matches in any case; None if missing.

        Raises:
            TOMLError: the name belongs to something else.

        >>> TOMLFile.parse("a.toml", b'[Exec]\nsplay = 1').table("exec").values
        {'splay': 1}
        """
        keys, values = self._table(name)
        missing = self._spelling(name) not in self.values
        return None if missing else replace(self, values=values, at=keys)

    def refuse(self, name: str, reason: str) -> TOMLError:
        """Return the error of a field of this table, whose value cannot be used.

        Args:
            name: the name of the field.
            reason: the fault of its value.
        """
        return self._refuse(reason, (*self.at, self._spelling(name)))

    def _spelling(self, name: str) -> str:
        """Return a name in the spelling of the document; the exact one counts before others."""
        spellings = (key for key in (name, *self.values) if key.lower() == name)
        return next((key for key in spellings if key in self.values), name)

    def _table(self, name: str) -> tuple[tuple[str | int, ...], dict[str, object]]:
        """Return the path to a table, in the spelling of the document, and the table."""
        if not name:
            return self.at, self.values
        key = self._spelling(name)
        found = self.values.get(key, {})
        if not isinstance(found, dict):
            reason = f"type mismatch: expected table but found {go_type(found)}"
            raise self._refuse(reason, (*self.at, key))
        return (*self.at, key), found

    def _check(self, kind: Kind, value: object, keys: tuple[str | int, ...]) -> None:
        if not kind.accepts(value):
            raise self._mismatch(value, kind, keys)
        if _is_int(value) and value not in _INT64:
            raise self._refuse(f"{value} is out of range for int64", keys)
        if kind is STRINGS and isinstance(value, list):
            for item in value:
                if not isinstance(item, str):
                    raise self._mismatch(item, replace(STRING, written=_nothing), keys)

    def _mismatch(self, value: object, kind: Kind, keys: tuple[str | int, ...]) -> TOMLError:
        written = kind.written(value)
        advice = f"; write {keys[-1]} = {written}" if written else ""
        return self._refuse(
            f"incompatible types: TOML value has type {go_type(value)}; "
            f"destination has type {kind.name}{advice}",
            keys,
        )

    def _refuse(self, reason: str, keys: tuple[str | int, ...]) -> TOMLError:
        names = ".".join(key for key in keys if isinstance(key, str))
        return TOMLError(self.path, reason, line_of(self.text, keys), names)


def _loads(path: str, text: str) -> dict[str, object]:
    """Return the top table of a document; raise `tomllib`'s error if it is not TOML 1.0."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError as error:
        raise TOMLError(path, _TOO_DEEP, 1) from error
    except ValueError as error:  # an integer with more digits than Python reads
        line = _ENDLESS.split(text, maxsplit=1)[0].count("\n") + 1
        raise TOMLError(path, "a number is out of range for int64", line) from error
    if text.count("[") + text.count("{") > _MOST_NESTED and _depth(values) > _MOST_NESTED:
        raise TOMLError(path, _TOO_DEEP, 1)
    return values


def _depth(values: Mapping[str, object]) -> int:
    """Return how deep lists and tables nest below the top table."""
    depth = -1
    level: list[Any] = [values]  # tables and lists alone
    while level:
        depth += 1
        inner = (one.values() if isinstance(one, dict) else one for one in level)
        level = [one for some in inner for one in some if isinstance(one, dict | list)]
    return depth


def line_of(text: str, keys: tuple[str | int, ...]) -> int:
    r"""Return the line of a key, counted from 1.

    Args:
        text: a TOML document.
        keys: the path to the key, in the spelling and case of the document; an int is an index.

    >>> line_of('# hosts\n[template]\nsrc = "a"\nmode = 420\n', ("template", "mode"))
    4
    """
    import tomlkit  # noqa: PLC0415 - slow to import, and needed only for an error

    from confd_lib.confdir import oldtoml  # noqa: PLC0415 - needed only for an error

    # A mark replaces the value, and is found again in the printed document.
    try:
        document = tomlkit.parse(oldtoml.rewrite(text.removeprefix("\ufeff"))[0])
        table = cast("MutableMapping[str | int, object]", document)
        for key in keys[:-1]:
            table = cast("MutableMapping[str | int, object]", table[key])
        table[keys[-1]] = _MARK
        before = document.as_string().partition(_MARK)[0]
    except (tomlkit.exceptions.TOMLKitError, RecursionError):
        # `tomlkit` loses parts of a table that is declared in several places, and nests less deep
        # than `tomllib`: the first line with the name of the key is the best guess then.
        before = text.partition(str(keys[-1]))[0]
    return before.count("\n") + 1


def _syntax_error(path: str, text: str, stopped: str) -> TOMLError:
    """Return the error with a reason of our own; only the line is taken from `tomllib`'s text."""
    from confd_lib.confdir import tomlfaults  # noqa: PLC0415 - needed only for an error

    place = _PLACE.search(stopped)
    line = int(place[1]) if place else text.count("\n") + 1
    reason, key = tomlfaults.explain(text, line)
    return TOMLError(path, reason, line, key)
