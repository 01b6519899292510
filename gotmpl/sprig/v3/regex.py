"""Functions of regular expressions, in RE2's syntax. Knows no other functions.

The functions here are the `must…` forms; `plain` makes the others of them, whose error differs.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from gotmpl.errors import FuncError
from gotmpl.golang.regexp.expression import Expression, quote_meta
from gotmpl.sprig.v3.crypto import INSTALL
from gotmpl.strconv.quoting import quote
from gotmpl.values.kinds import NilSlice, Slice

_BACKQUOTED: re.Pattern[str] = re.compile("[^`\x00-\x08\x0a-\x1f\x7f\ufeff]*")


class BadExpression(FuncError):
    """A text is no expression."""


def plain(function: Callable[..., object]) -> Callable[..., object]:
    """Return the plain form of a function: a bad expression panics in Go, and its text says so."""

    @functools.wraps(function)
    def panicking(expression: str, *others: object) -> object:
        try:
            return function(expression, *others)
        except BadExpression as error:
            raise FuncError(f"regexp: Compile({_quoted(expression)}): {error}") from None

    return panicking


def _quoted(expression: str) -> str:
    return f"`{expression}`" if _BACKQUOTED.fullmatch(expression) else quote(expression)


def _compiled(expression: str) -> Expression:
    try:
        return Expression.of(expression)
    except ValueError as error:
        raise BadExpression(str(error)) from None
    except ImportError:
        # Without it, Python's `re` would do, but for some expressions it never ends.
        raise FuncError(f"regular expressions need a library: {INSTALL}") from None


def regex_match(expression: str, text: str) -> bool:
    """Return whether the text has a match; false if the expression is bad."""
    try:
        return must_regex_match(expression, text)
    except BadExpression:
        return False


def must_regex_match(expression: str, text: str) -> bool:
    """Return whether the text has a match."""
    return _compiled(expression).matches(text)


def regex_find(expression: str, text: str) -> str:
    """Return the first match; an empty text without one."""
    return _compiled(expression).find(text)


def regex_find_all(expression: str, text: str, count: int) -> Slice[str]:
    """Return the matches, at most `count`; all of them below 0. Nil without any."""
    found = _compiled(expression).find_all(text, count)
    return Slice("string", found) if found else NilSlice("string")


def regex_replace_all(expression: str, text: str, replacement: str) -> str:
    """Return the text with its matches replaced; `${1}` stands for the first group."""
    return _compiled(expression).replace_all(text, replacement)


def regex_replace_all_literal(expression: str, text: str, replacement: str) -> str:
    """Return the text with its matches replaced by the replacement as it is."""
    return _compiled(expression).replace_all_literal(text, replacement)


def regex_split(expression: str, text: str, count: int) -> Slice[str]:
    """Return the parts between matches, at most `count`; all of them below 0."""
    compiled = _compiled(expression)
    return Slice("string", compiled.split(text, count)) if count else NilSlice("string")


def regex_quote_meta(text: str) -> str:
    """Return an expression that matches the text itself."""
    return quote_meta(text)
