"""The result of a render in a test: its text, its formats, and the comparison with a file.

The module does not know templates, stacks or pytest.
"""

from __future__ import annotations

import json
from configparser import ConfigParser
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import escapes
from confd_lib.diffs import unified_diff
from confd_lib.golang.strings import from_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike

# The number of lines of a difference that a failing test shows.
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    r"""A rendered text; it compares as text, contains texts, and iterates over its lines.

    Attributes:
        text: the text; `str()` returns it too.
        template: the name of the template's file.
        path: the file that a resource wrote; None if only a template was rendered.
        update: whether `assert_matches_file` writes the file instead of comparing.
        find: finds the files that tests name.

    >>> out = Rendered("[mysqld]\nport = 3306\n", "my.cnf.tmpl")
    >>> out.ini()["mysqld"]["port"]
    '3306'
    >>> out == "[mysqld]\nport = 3306\n", "3306" in out, list(out)
    (True, True, ['[mysqld]', 'port = 3306'])
    """

    text: str
    template: str
    path: Path | None = None
    update: bool = field(default=False, repr=False)
    find: Callable[[str | PathLike[str]], Path] = field(default=Path, repr=False)

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
        """
        __tracebackhide__ = True
        file = self.find(path)
        if self.update:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self.text.encode("utf-8", "surrogateescape"))
            return
        if not file.exists():
            raise AssertionError(
                f"{path} does not exist; `pytest --confd-update` writes it with the text that "
                f"{self.template} renders now"
            )
        expected = from_bytes(file.read_bytes())
        if expected != self.text:
            raise AssertionError(_mismatch(self.template, str(path), expected, self.text))

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
        lines = ("[ ]", *(line.strip() for line in self.text.splitlines()))
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
        import yaml  # noqa: PLC0415 - slow to import

        return self._read(yaml.safe_load, self.text)

    def json(self) -> object:
        """Return the value of the text as JSON.

        Raises:
            json.JSONDecodeError: the text is not JSON. A note shows the text.
        """
        return self._read(json.loads, self.text)

    def _read(self, read: Callable[[str], object], text: str) -> object:
        try:
            return read(text)
        except Exception as error:
            lines = escapes.lines(self.text).splitlines()
            numbered = (f"{i:4} {line}" for i, line in enumerate(lines, 1))
            error.add_note("\n".join((f"{self.template} rendered:", *numbered)))
            raise


def compared(left: object, right: object) -> list[str] | None:
    r"""Return the lines that explain a failed `==` of a rendered text; None for other values.

    >>> compared(Rendered("port 80\n", "a.tmpl"), "port 81\n")[3:]
    ['@@ -1 +1 @@', '-port 81', '+port 80']
    """
    if isinstance(left, Rendered) and isinstance(right, Rendered | str):
        out, expected = left, str(right)
    elif isinstance(right, Rendered) and isinstance(left, str):
        out, expected = right, left
    else:
        return None
    head = f"{out.template} does not render the expected text"
    return [head, *_shown(_difference(expected, out.text, "expected", out.template))]


def _mismatch(template: str, path: str, expected: str, text: str) -> str:
    head = f"{template} does not render the text of {path} (`pytest --confd-update` accepts it)"
    return "\n".join((head, *_shown(_difference(expected, text, path, template))))


def _shown(difference: Iterable[str]) -> list[str]:
    lines = list(difference)
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"... and {more} more lines"] if more > 0 else lines


def _difference(expected: str, text: str, path: str, template: str) -> Iterator[str]:
    return map(_visible, unified_diff(expected, text, path, f"{template}, rendered"))


def _visible(line: str) -> str:
    """Return a line with visible trailing white space and escaped control characters."""
    bare = line.rstrip("\n")
    ending = bare[len(bare.rstrip()) :]
    if line[0] in "+-" and ending and not bare.startswith(("+++", "---")):
        bare = bare.rstrip() + ending.replace(" ", "·").replace("\t", "→").replace("\r", "␍")
    return escapes.one_line(bare)
