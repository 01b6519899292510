"""A failure: an error of a template with its place, and the facts that help to find the cause.

Knows how facts are shown, not how they are found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gotmpl.builtins.functions import BUILTINS
from gotmpl.errors import ExecError, ParseError, TemplateError
from gotmpl.failures import hints, places
from gotmpl.failures.places import Place, marked, numbered, printable
from gotmpl.failures.witness import Witness, witnesses
from gotmpl.fmt.printf import sprintf
from gotmpl.strconv.quoting import quote
from gotmpl.syntax.nodes import Source
from gotmpl.values.names import type_name

if TYPE_CHECKING:
    from gotmpl.template import Template

# The most lines of the output before the error, and the most characters of a value.
_LINES: Final = 3
_VALUE: Final = 80


@dataclass(frozen=True, slots=True)
class Failure:
    r"""An error of a template, and the facts that help to find its cause.

    Attributes:
        error: the error.
        text: the text of the template that failed.
        path: its file, as messages name it.
        place: the part of the text that is at fault: its line, counted from 1, and where it begins
            and ends in the line, counted from 0; None if the error has no line.
        values: the values that the failed statement used: `.a = "80" (string)`.
        types: the same without the values: `.a is of type string`.
        hints: near names, and other sentences; they hold nothing of the data.
        keys: near names among the keys of a map, which are data.

    >>> from gotmpl.errors import ParseError
    >>> error = ParseError('function "uper" not defined', name="motd", line=1)
    >>> print("\n".join(Failure.of(error, "Hi {{uper .}}", functions=["upper"]).lines()))
    motd:1
      1 | Hi {{uper .}}
        |      ^^^^
    did you mean upper?
    """

    error: TemplateError
    text: str
    path: str = ""
    place: tuple[int, int, int] | None = None
    values: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        error: TemplateError,
        text: str,
        *,
        path: str = "",
        delims: tuple[str, str] = ("{{", "}}"),
        functions: Iterable[str] = (),
        template: Template | None = None,
        data: object = None,
    ) -> Failure:
        """Return what can be found out about an error.

        Args:
            error: the error.
            text: the text that was parsed.
            path: its file, as messages name it; by default the name of the template.
            delims: the delimiters of its actions.
            functions: the names of the functions that it may call, beside Go's own.
            template: the template that was executed; it runs a second time, up to the error, for
                the values that the error is about. None if it could not be parsed, or must not run.
            data: the value of `.` when it failed.
        """
        trees = [one.tree for one in (template.templates() if template else ()) if one.tree]
        sources = {tree.source.name: tree.source for tree in trees}
        source = sources.get(error.name) or Source(error.name, text, *delims)
        found: list[Witness] = []
        if template is not None and isinstance(error, ExecError):
            found = witnesses(template, error, data)
        called = {*BUILTINS, *functions}
        defined = [tree.name for tree in trees if tree.name != error.name]
        said = (
            *hints.of_names(error, source.text, called, defined),
            *hints.of_blocks(error, source),
            *hints.of_fields(error, found),
        )
        return cls(
            error,
            source.text,
            path or error.name,
            _place(error, source, called),
            tuple(f"{one.text} = {_value(one.value)}" for one in found),
            tuple(f"{one.text} is {_type(one.value)}" for one in found),
            tuple(filter(None, said)),
            tuple(filter(None, hints.of_keys(error, found))),
        )

    def with_hints(self, *more: str) -> Failure:
        """Return the failure with more hints; empty ones are left out."""
        return replace(self, hints=(*self.hints, *filter(None, more)))

    def lines(self) -> list[str]:
        """Return the block that follows the error: place, output before it, values and hints."""
        lines = []
        if self.place is not None:
            place = Place(*self.place)
            lines += [f"{printable(self.path)}:{place.line}", *marked(place, self.text)]
        if isinstance(self.error, ExecError):
            before = numbered(self.error.partial, _LINES)
            lines += ["rendered before it:", *before] if before else ["rendered before it: nothing"]
        if self.values:
            lines += ["values there:", *(f"  {printable(one)}" for one in self.values)]
        return [*lines, *map(printable, (*self.hints, *self.keys))]

    def sentence(self) -> str:
        """Return the types of the values, and the hints, in one line to follow the error in a log.

        It holds nothing of the data, which may be secret; empty if there is nothing to add.

        >>> error = ExecError("can't evaluate field x in type string", name="t", line=1, column=2)
        >>> types = (".a is of type string",)
        >>> Failure(error, "{{.a.x}}", types=types, hints=("a hint",)).sentence()
        '.a is of type string; a hint'
        """
        return printable("; ".join((*self.types, *self.hints)))


def _place(error: TemplateError, source: Source, functions: set[str]) -> Place | None:
    """Return the place of an error; of a block without its end, that of the block."""
    if not 0 < error.line <= source.text.count("\n") + 1:
        return None
    if isinstance(error, ExecError):
        return places.of_exec(error, source.text)
    if error.reason == "unexpected EOF" and (opened := hints.unclosed(source)):
        return places.of_action(source, opened[-1])
    assert isinstance(error, ParseError)
    return places.of_parse(error, source, functions)


def _type(value: object) -> str:
    return "nil" if value is None else f"of type {type_name(value)}"


def _value(value: object) -> str:
    """Return a value as Go prints it, with its type; a long one is cut."""
    if value is None:
        return "nil"
    text: str = quote(value) if type(value) is str else sprintf("%v", [value])
    if len(text) > _VALUE:
        text = f"{text[:_VALUE]}…"
    return f"{text} ({type_name(value)})"
