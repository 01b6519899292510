"""The result of a render in a test: its text, its formats, and the comparison with a file.

The module does not know templates, stacks or pytest.
"""

from __future__ import annotations

import json
from configparser import ConfigParser
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from confd_lib import escapes
from confd_lib.testing.files import hint, shown
from confd_lib.testing.goldens.comparison import Goldens, Held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import PathLike
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from confd_lib.testing.scene import Scene

_T = TypeVar("_T")
# The number of characters of a text that `repr` shows.
_SHORT: Final = 40


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rendered:
    r"""A rendered text; it compares as text, contains texts, and iterates over its lines.

    Attributes:
        text: the text; `str()` returns it too.
        template: the name of the template's file.
        path: the file that a resource wrote; None if only a template was rendered.
        scene: the template and its store, which explain a difference; None if they are not known.

    >>> out = Rendered("[mysqld]\nport = 3306\n", "my.cnf.tmpl")
    >>> out.ini()["mysqld"]["port"]
    '3306'
    >>> out == "[mysqld]\nport = 3306\n", "3306" in out, list(out)
    (True, True, ['[mysqld]', 'port = 3306'])
    """

    text: str
    template: str
    path: Path | None = None
    scene: Scene | None = None
    _goldens: Goldens = field(default_factory=Goldens)

    def __repr__(self) -> str:
        shown = self.text if len(self.text) <= _SHORT else f"{self.text[:_SHORT]}…"
        return f"<Rendered {self.template}: {shown!r}>"

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Rendered | str):
            return self.text == str(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __contains__(self, part: str) -> bool:
        return part in self.text

    def __iter__(self) -> Iterator[str]:
        """Yield the lines, without the newlines that end them."""
        return iter(self.text.removesuffix("\n").split("\n") if self.text else ())

    def assert_matches_file(self, path: str | PathLike[str]) -> None:
        """Fail unless a file holds the text, byte for byte.

        With `pytest --confd-update` write the file instead, and the folders above it.

        Raises:
            AssertionError: the file holds another text, or does not exist. The message shows the
                difference.
            ConfdError: the file cannot be read or written.
        """
        __tracebackhide__ = True
        find = self._goldens.find
        file = find(path)
        held = self._goldens.settle(file, self.text)
        if held is not None:
            where = "" if held.text is not None else f"\n{hint(path, find.folders, file)}"
            raise AssertionError(mismatch(self, shown(file), held) + where)

    def splitlines(self, keepends: bool = False) -> list[str]:
        """Return the lines, as `str.splitlines`."""
        return self.text.splitlines(keepends)

    def ini(self) -> dict[str, dict[str, str | None]]:
        """Return the sections of the text as INI, with their names and values.

        Names keep their case, indentation is ignored, and a name may have no value. Names before
        the first section are in the section `""`.

        Raises:
            configparser.Error: the text is not INI. A note shows the text.
        """
        parser = ConfigParser(
            allow_no_value=True, strict=False, interpolation=None, default_section="\0"
        )
        parser.optionxform = str  # type: ignore[assignment,method-assign] # as its manual says
        # A space names the section of the names before the first section.
        __tracebackhide__ = True
        lines = ("[ ]", *map(str.strip, self.text.split("\n")))
        self._read(lambda text: parser.read_string(text, self.template), "\n".join(lines))
        sections: dict[str, dict[str, str | None]] = {
            name: {**parser[name]} for name in parser.sections()
        }
        nameless = sections.pop(" ")
        return {"": nameless, **sections} if nameless else sections

    def yaml(self) -> object:
        """Return the value of the text as YAML 1.1.

        Raises:
            yaml.YAMLError: the text is not YAML. A note shows the text.
        """
        __tracebackhide__ = True
        import yaml  # noqa: PLC0415 - slow to import

        return self._read(yaml.safe_load, self.text)

    def json(self) -> object:
        """Return the value of the text as JSON.

        Raises:
            json.JSONDecodeError: the text is not JSON. A note shows the text.
        """
        __tracebackhide__ = True
        return self._read(json.loads, self.text)

    def toml(self) -> dict[str, object]:
        r"""Return the table of the text as TOML.

        Raises:
            tomllib.TOMLDecodeError: the text is not TOML. A note shows the text.

        >>> Rendered("[server]\nport = 80\n", "a.tmpl").toml()
        {'server': {'port': 80}}
        """
        __tracebackhide__ = True
        import tomllib  # noqa: PLC0415 - slow to import

        return self._read(tomllib.loads, self.text)

    def xml(self) -> Element:
        """Return the root element of the text as XML.

        Raises:
            xml.etree.ElementTree.ParseError: the text is not XML. A note shows the text.

        >>> Rendered("<server><port>80</port></server>", "a.tmpl").xml().findtext("port")
        '80'
        """
        __tracebackhide__ = True
        from xml.etree import ElementTree as ET  # noqa: PLC0415 - slow to import

        return self._read(ET.fromstring, self.text)

    def numbered(self) -> list[str]:
        r"""Return the lines with their numbers, as messages show them; control characters escaped.

        >>> Rendered("a\nb\n", "a.tmpl").numbered()
        ['   1 | a', '   2 | b']
        """
        return [f"{i:4} | {escapes.one_line(line)}" for i, line in enumerate(self, 1)]

    def _read(self, read: Callable[[str], _T], text: str) -> _T:
        __tracebackhide__ = True
        try:
            return read(text)
        except Exception as error:  # noqa: BLE001 - of any reader; it is raised again
            error.add_note("\n".join((f"{self.template} rendered:", *self.numbered())))
            # The frames of the reader are of no use to the author of the test.
            raise error.with_traceback(None)  # noqa: B904 - it is the error itself


def mismatch(out: Rendered, path: str, held: Held) -> str:
    """Return the message about an expected file that holds another text than was rendered.

    Args:
        out: the rendered text.
        path: the name of the expected file.
        held: what the file holds.
    """
    if held.text is None:
        return (
            f"{path} does not exist; `pytest --confd-update` writes it with the text that "
            f"{out.template} renders now"
        )
    advice = "`pytest --confd-update` accepts it"
    if held.written:
        advice = "this run wrote it for another render: each needs a file, or a case, of its own"
    head = f"{out.template} does not render the text of {path} ({advice})"
    return "\n".join((head, *explain(out, held.text, path)))


def explain(out: Rendered, expected: str, name: str = "expected") -> list[str]:
    r"""Return the lines that explain how a rendered text differs from the expected one.

    Args:
        out: the rendered text.
        expected: the expected text.
        name: the name of the expected text, such as a path.

    Returns:
        a unified diff; then, for each wrong line, the line of the template and the keys that made
        it, and where these were written. Without a difference, nothing.

    >>> explain(Rendered("port 80\n", "a.tmpl"), "port 81\n")[2:]
    ['@@ -1 +1 @@', '-port 81', '+port 80']
    """
    from confd_lib.testing import differences  # noqa: PLC0415 - slow; needed only by a failure

    return differences.explain(out.text, expected, out.scene, (name, out.template))


def compared(op: str, left: object, right: object) -> list[str] | None:
    r"""Return the lines that explain a failed `==` or `in` of a rendered text; else None.

    >>> out = Rendered("port 80\n", "a.tmpl")
    >>> compared("==", out, "port 81\n")[3:]
    ['@@ -1 +1 @@', '-port 81', '+port 80']
    >>> compared("in", "prot", out)
    ["'prot' is not in the text that a.tmpl renders", '   1 | port 80']
    """
    match op, left, right:
        case ("==", Rendered() as out, Rendered() | str() as expected) | (
            "==",
            str() as expected,
            Rendered() as out,
        ):
            head = f"{out.template} does not render the expected text"
            return [head, *explain(out, str(expected))]
        case "in", str(), Rendered() as out:
            return [f"{left!r} is not in the text that {out.template} renders", *out.numbered()]
        case "not in", str(), Rendered() as out:
            return [f"{left!r} is in the text that {out.template} renders", *out.numbered()]
    return None
