"""Values by the directives of a format, as Go's `fmt` writes them: `printf`.

Format strings are read in `formats`, values printed in `printing`. Knows nothing of templates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gotmpl.fmt.formats import PLAIN, Directive, Spec, parse_format, too_large
from gotmpl.fmt.printing import MANY, NIL, common_text, format_value, is_printable
from gotmpl.limits import CACHED, checked
from gotmpl.strconv.quoting import merge_escapes
from gotmpl.values.kinds import Kind, kind, plain
from gotmpl.values.names import type_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def _take_int(args: Sequence[object], number: int) -> tuple[int | None, int]:
    """Return the width or precision of a star, and the next argument (Go: intFromArg)."""
    if number >= len(args):
        return None, number
    value = plain(args[number])
    if type(value) is not int or too_large(value):
        return None, number + 1
    return value, number + 1


@dataclass(slots=True)
class _Run:
    """The execution of one directive: the next argument, and the error texts so far."""

    args: Sequence[object]
    number: int
    spec: Spec
    well_indexed: bool
    errors: str = ""

    def seek(self, index: int | None) -> None:
        if index is not None and 0 <= index < len(self.args):
            self.number = index
        elif index is not None:
            self.well_indexed = False

    def take_width(self) -> None:
        width, self.number = _take_int(self.args, self.number)
        if width is None:
            self.errors += "%!(BADWIDTH)"
        elif width < 0:
            self.spec = replace(self.spec, width=-width, minus=True, zero=False)
        else:
            self.spec = replace(self.spec, width=width)

    def take_precision(self) -> None:
        precision, self.number = _take_int(self.args, self.number)
        if precision is None or precision < 0:
            self.errors += "%!(BADPREC)"
        else:
            self.spec = replace(self.spec, precision=precision)

    def write(self) -> str:
        verb = self.spec.verb
        if verb == "%":
            return "%"
        if not verb:
            return "%!(NOVERB)"
        if not self.well_indexed:
            return f"%!{verb}(BADINDEX)"
        if self.number >= len(self.args):
            return f"%!{verb}(MISSING)"
        self.number += 1
        return format_value(self.args[self.number - 1], self.spec)


def _run(directive: Directive, args: Sequence[object], number: int) -> tuple[str, int]:
    """Return the text of a directive, and the next argument."""
    run = _Run(args, number, directive.spec, directive.well_indexed)
    run.seek(directive.width_index)
    if directive.width_star:
        run.take_width()
    run.seek(directive.precision_index)
    if directive.precision_star:
        run.take_precision()
    run.seek(directive.verb_index)
    text = run.write()
    return run.errors + text, run.number


def _extra(args: Sequence[object]) -> str:
    shown = (NIL if arg is None else f"{type_name(arg)}={format_value(arg, PLAIN)}" for arg in args)
    return f"%!(EXTRA {', '.join(shown)})"


def _piece(arg: object, directive: Directive) -> str:
    text = common_text(arg, directive.plain)
    return format_value(arg, directive.spec) if text is None else text


def texts(format_: str, *args: object) -> list[str]:
    """Return the texts of the directives of a format that are all `simple`, one for each argument.

    >>> texts("%s: %d", "a", "b")
    ['a', '%!d(string=b)']
    """
    directives = [part for part in parse_format(format_) if isinstance(part, Directive)]
    return list(map(_piece, args, directives))


def _pieces(parts: Iterable[str | Directive], args: Sequence[object]) -> Iterator[str]:
    number, reordered = 0, False
    for part in parts:
        if isinstance(part, str):
            yield part
            continue
        if part.simple and number < len(args):
            yield _piece(args[number], part)
            number += 1
            continue
        reordered = reordered or part.reorders
        text, number = _run(part, args, number)
        yield text
    if number < len(args) and not reordered:
        yield _extra(args[number:])


def sprintf(format_: str, args: Sequence[object]) -> str:
    """Print the arguments by the directives of a format (Go: fmt.Sprintf).

    Errors are part of the text, as in Go.

    Raises:
        FuncError: a value cannot be printed: it has neither fields nor text, or is nested without
            end.

    >>> sprintf("%s:%05d %v %d", ["a", 42, [1.5, None], "x"])
    'a:00042 [1.5 <nil>] %!d(string=x)'
    """
    parse = parse_format if len(format_) <= CACHED else parse_format.__wrapped__
    parts = parse(format_)
    pieces = _pieces(parts, args)
    return merge_escapes("".join(pieces if len(parts) < MANY else checked(pieces)))


def shown(value: object, format_: str = "%v") -> str:
    """Return what a format prints of a value, for an error text; its type if it has no text."""
    if kind(value) is Kind.STRUCT and not is_printable(value):
        return f"<{type_name(value)} Value>"
    return sprintf(format_, [value])
