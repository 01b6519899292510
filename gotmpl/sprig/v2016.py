"""The 84 functions of sprig of 2016, which Rancher's executor has.

Parts of this version that later ones do otherwise are here. Knows no templates.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gotmpl.fmt.printf import sprintf
from gotmpl.golang.integers import LEAST, MOST, Int64, atoi
from gotmpl.golang.strings import from_bytes, merge_bytes, to_bytes
from gotmpl.golang.time import now as present
from gotmpl.sprig import (
    crypto,
    defaults,
    dicts,
    encoding,
    layout,
    lists,
    numbers,
    paths,
    reflection,
    strings,
)
from gotmpl.sprig.chance import chances
from gotmpl.sprig.dates import dates
from gotmpl.sprig.environment import environment
from gotmpl.strconv.quoting import quote as quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from gotmpl.golang.time import Time

_NO_ENV: Final[Mapping[str, str]] = MappingProxyType({})


def functions(
    *,
    now: Callable[[], Time] = present,
    random: Random | None = None,
    env: Mapping[str, str] = _NO_ENV,
) -> dict[str, Callable[..., object]]:
    """Return the functions by name, for `Template.funcs`.

    Args:
        now: returns the present moment, for the functions of dates.
        random: the source of what is random; by default the system's. Keys never come from it.
        env: the variables that `env` and `expandenv` see; by default none.

    >>> from random import Random
    >>> from gotmpl import render
    >>> funcs = functions(random=Random(1), env={"USER": "galera"})
    >>> render('{{env "USER" | upper}} {{randNumeric 3}} {{len uuidv4}}', funcs=funcs)
    'GALERA 187 36'
    """
    if random is None:
        from random import SystemRandom  # noqa: PLC0415 - seldom needed

        random = SystemRandom()
    return {**_PLAIN, **dates(now), **chances(random), **environment(env)}


# -- Texts


def cat(*values: object) -> str:
    """Return the values as texts, with a space between them."""
    return merge_bytes(" ".join(map(_text, values)))


def quote(*values: object) -> str:
    """Return the values as Go's string literals, with a space between them."""
    return " ".join(quoted(_text(value)) for value in values)


def squote(*values: object) -> str:
    """Return the values in single quotes, with a space between them."""
    return " ".join(f"'{_text(value)}'" for value in values)


def substr(start: int, stop: int, text: str) -> str:
    """Return the part of the text from a byte up to another; a place below 0 is its end."""
    data = to_bytes(text)
    if start < 0:
        return from_bytes(strings.sliced(data, 0, stop))
    return from_bytes(strings.sliced(data, start, len(data) if stop < 0 else stop))


def trunc(count: int, text: str) -> str:
    """Return the first `count` bytes of the text."""
    data = to_bytes(text)
    return text if count >= 0 and len(data) <= count else from_bytes(strings.sliced(data, 0, count))


def hello() -> str:
    """Return a greeting."""
    return "Hello!"


def _text(value: object) -> str:
    return sprintf("%v", (value,))


# -- Numbers


def int64(value: object) -> Int64:
    """Return the integer of a value: of a decimal text, a number, a bool; else 0."""
    if isinstance(value, str):
        number, reason = atoi(value)
        return Int64(0 if reason else number)
    if isinstance(value, float):
        return Int64(_cut(value))
    return Int64(value) if isinstance(value, int) else Int64(0)


def _cut(number: float) -> int:
    """Return the number without its fraction; what 64 bits cannot hold is the least of them."""
    return int(number) if LEAST <= number <= MOST and number < -LEAST else LEAST


def int_(value: object) -> int:
    """Return the integer of a value as `int64` does, as an int."""
    return int(int64(value))


def float64(value: object) -> float:
    """Return the float of a value: of a text, a number, a bool; else 0."""
    if isinstance(value, str):
        return numbers.parsed_float(value)
    return float(value) if isinstance(value, int | float) else 0.0


# -- The set

_PLAIN: Final[Mapping[str, Callable[..., object]]] = {
    "abbrev": layout.abbrev,
    "abbrevboth": layout.abbrevboth,
    "atoi": numbers.atoi,
    "b32dec": encoding.b32dec,
    "b32enc": encoding.b32enc,
    "b64dec": encoding.b64dec,
    "b64enc": encoding.b64enc,
    "base": paths.base,
    "cat": cat,
    "clean": paths.clean,
    "contains": strings.contains,
    "default": defaults.default,
    "dict": dicts.dict_,
    "dir": paths.directory,
    "empty": defaults.empty,
    "ext": paths.ext,
    "float64": float64,
    "genPrivateKey": crypto.gen_private_key,
    "hasKey": dicts.has_key,
    "hasPrefix": strings.has_prefix,
    "hasSuffix": strings.has_suffix,
    "hello": hello,
    "indent": layout.indent,
    "initials": strings.initials,
    "int": int_,
    "int64": int64,
    "isAbs": paths.is_abs,
    "join": lists.join,
    "kindIs": reflection.kind_is,
    "kindOf": reflection.kind_of,
    "lower": strings.lower,
    "nospace": strings.nospace,
    "plural": strings.plural,
    "quote": quote,
    "repeat": strings.repeat,
    "replace": strings.replace,
    "set": dicts.set_,
    "sha256sum": encoding.sha256sum,
    "split": strings.split,
    "squote": squote,
    "substr": substr,
    "swapcase": strings.swapcase,
    "title": strings.title,
    "trim": strings.trim,
    "trimAll": strings.trim_all,
    "trimall": strings.trim_all,
    "trimPrefix": strings.trim_prefix,
    "trimSuffix": strings.trim_suffix,
    "trunc": trunc,
    "tuple": lists.tuple_,
    "typeIs": reflection.type_is,
    "typeIsLike": reflection.type_is_like,
    "typeOf": reflection.type_of,
    "unset": dicts.unset,
    "untitle": strings.untitle,
    "until": lists.until,
    "untilStep": lists.until_step,
    "upper": strings.upper,
    "wrap": layout.wrap,
    "wrapWith": layout.wrap_with,
    **numbers.arithmetic(int64),
}
