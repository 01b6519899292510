"""The text functions of sprig v3 by their names, one table a theme. Knows no templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gotmpl.errors import FuncError
from gotmpl.golang.time import now as present
from gotmpl.sprig import defaults, dicts, encoding, layout, lists, paths, reflection, strings
from gotmpl.sprig import numbers as arithmetic
from gotmpl.sprig.chance import chances
from gotmpl.sprig.dates import date_modify
from gotmpl.sprig.dates import dates as shared_dates
from gotmpl.sprig.environment import environment
from gotmpl.sprig.v3 import (
    certificates,
    crypto,
    dates,
    flow,
    jsons,
    numbers,
    regex,
    texts,
    urls,
)
from gotmpl.sprig.v3 import dicts as maps
from gotmpl.sprig.v3 import lists as sequences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from gotmpl.golang.time import Time

Functions = dict[str, "Callable[..., object]"]


def functions(
    *,
    now: Callable[[], Time] = present,
    random: Random | None = None,
    env: Mapping[str, str] | None = None,
    network: bool = False,
) -> Functions:
    """Return the text functions of sprig v3 by their names, for `Template.funcs`.

    Args:
        now: returns the present moment, for the functions of dates.
        random: the source of what is random; by default the system's. Keys never come from it.
        env: the variables that `env` and `expandenv` see; None turns both functions off.
        network: whether `getHostByName` may ask the network.

    >>> from gotmpl import render
    >>> render('{{list "b" "a" | sortAlpha | join ","}} {{dict "a" 1 | toJson}}', funcs=functions())
    'a,b {"a":1}'
    """
    if random is None:
        from random import SystemRandom  # noqa: PLC0415 - seldom needed

        random = SystemRandom()
    variables = _NO_ENVIRONMENT if env is None else environment(env)
    return {
        **_PLAIN,
        **shared_dates(now),
        **_DATES,
        **dates.since(now),
        **chances(random),
        **texts.shuffling(random),
        **numbers.drawing(random),
        **crypto.encrypting(random),
        **variables,
        **urls.resolving(random, network=network),
    }


def _env(_: str) -> str:
    """Return a variable of the environment."""
    raise FuncError(_OFF)


def _expandenv(_: str) -> str:
    """Return the text with the variables of the environment in it."""
    raise FuncError(_OFF)


_OFF: Final = "the environment is off here; functions(env=os.environ) turns it on"
_NO_ENVIRONMENT: Final[Functions] = {"env": _env, "expandenv": _expandenv}

_TEXTS: Final[Functions] = {
    "abbrev": layout.abbrev,
    "abbrevboth": layout.abbrevboth,
    "camelcase": texts.camelcase,
    "cat": texts.cat,
    "contains": strings.contains,
    "hasPrefix": strings.has_prefix,
    "hasSuffix": strings.has_suffix,
    "indent": layout.indent,
    "initials": strings.initials,
    "join": texts.join,
    "kebabcase": texts.kebabcase,
    "lower": strings.lower,
    "nindent": texts.nindent,
    "nospace": strings.nospace,
    "plural": strings.plural,
    "quote": texts.quote,
    "repeat": strings.repeat,
    "replace": strings.replace,
    "snakecase": texts.snakecase,
    "sortAlpha": texts.sort_alpha,
    "split": strings.split,
    "splitList": strings.split_list,
    "splitn": texts.splitn,
    "squote": texts.squote,
    "substr": texts.substr,
    "swapcase": strings.swapcase,
    "title": strings.title,
    "toString": texts.to_string,
    "toStrings": texts.to_strings,
    "trim": strings.trim,
    "trimAll": strings.trim_all,
    "trimPrefix": strings.trim_prefix,
    "trimSuffix": strings.trim_suffix,
    "trimall": strings.trim_all,
    "trunc": texts.trunc,
    "untitle": strings.untitle,
    "upper": strings.upper,
    "wrap": layout.wrap,
    "wrapWith": layout.wrap_with,
}
_NUMBERS: Final[Functions] = {
    **arithmetic.arithmetic(numbers.int64),
    "add1f": numbers.add1f,
    "addf": numbers.addf,
    "atoi": arithmetic.atoi,
    "ceil": numbers.ceil,
    "divf": numbers.divf,
    "float64": numbers.float64,
    "floor": numbers.floor,
    "int": numbers.int_,
    "int64": numbers.int64,
    "maxf": numbers.maxf,
    "minf": numbers.minf,
    "mulf": numbers.mulf,
    "round": numbers.round_,
    "seq": numbers.seq,
    "subf": numbers.subf,
    "toDecimal": numbers.to_decimal,
    "until": lists.until,
    "untilStep": lists.until_step,
}
_LISTS: Final[Functions] = {
    "append": sequences.append,
    "chunk": sequences.chunk,
    "compact": sequences.compact,
    "concat": sequences.concat,
    "first": sequences.first,
    "has": sequences.has,
    "initial": sequences.initial,
    "last": sequences.last,
    "list": lists.tuple_,
    "prepend": sequences.prepend,
    "push": sequences.append,
    "rest": sequences.rest,
    "reverse": sequences.reverse,
    "slice": sequences.slice_,
    "tuple": lists.tuple_,
    "uniq": sequences.uniq,
    "without": sequences.without,
}
_DICTS: Final[Functions] = {
    "deepCopy": maps.deep_copy,
    "dict": maps.dict_,
    "dig": maps.dig,
    "get": maps.get,
    "hasKey": dicts.has_key,
    "keys": maps.keys,
    "merge": maps.merge,
    "mergeOverwrite": maps.merge_overwrite,
    "omit": maps.omit,
    "pick": maps.pick,
    "pluck": maps.pluck,
    "set": dicts.set_,
    "unset": dicts.unset,
    "values": maps.values,
}
_FLOW: Final[Functions] = {
    "all": flow.all_,
    "any": flow.any_,
    "coalesce": flow.coalesce,
    "deepEqual": flow.deep_equal,
    "default": defaults.default,
    "empty": defaults.empty,
    "fail": flow.fail,
    "hello": flow.hello,
    "kindIs": reflection.kind_is,
    "kindOf": reflection.kind_of,
    "ternary": flow.ternary,
    "typeIs": reflection.type_is,
    "typeIsLike": reflection.type_is_like,
    "typeOf": reflection.type_of,
}
_JSON: Final[Functions] = {
    "fromJson": jsons.from_json,
    "mustFromJson": jsons.must_from_json,
    "mustToJson": jsons.must_to_json,
    "mustToPrettyJson": jsons.must_to_pretty_json,
    "toJson": jsons.to_json,
    "toPrettyJson": jsons.to_pretty_json,
    "toRawJson": jsons.to_raw_json,
}
_DATES: Final[Functions] = {
    "dateModify": date_modify,
    "date_modify": date_modify,
    "duration": dates.duration,
    "mustDateModify": dates.must_date_modify,
    "mustToDate": dates.must_to_date,
    "must_date_modify": dates.must_date_modify,
    "toDate": dates.to_date,
    "unixEpoch": dates.unix_epoch,
}
# Those that depend on the present.
_CLOCK: Final = (
    *("ago", "date", "dateInZone", "date_in_zone", "durationRound", "htmlDate", "htmlDateInZone"),
    "now",
)
_ENCODINGS: Final[Functions] = {
    "adler32sum": crypto.adler32sum,
    "b32dec": encoding.b32dec,
    "b32enc": encoding.b32enc,
    "b64dec": encoding.b64dec,
    "b64enc": encoding.b64enc,
    "bcrypt": crypto.bcrypt,
    "decryptAES": crypto.decrypt_aes,
    "derivePassword": crypto.derive_password,
    "htpasswd": crypto.htpasswd,
    "sha1sum": crypto.sha1sum,
    "sha256sum": encoding.sha256sum,
    "sha512sum": crypto.sha512sum,
    **certificates.FUNCTIONS,
}
_PATHS: Final[Functions] = {
    "base": paths.base,
    "clean": paths.clean,
    "dir": paths.directory,
    "ext": paths.ext,
    "isAbs": paths.is_abs,
    "osBase": paths.base,
    "osClean": paths.clean,
    "osDir": paths.directory,
    "osExt": paths.ext,
    "osIsAbs": paths.is_abs,
}
_REGEX: Final[Functions] = {
    "regexFind": regex.regex_find,
    "regexFindAll": regex.regex_find_all,
    "regexReplaceAll": regex.regex_replace_all,
    "regexReplaceAllLiteral": regex.regex_replace_all_literal,
    "regexSplit": regex.regex_split,
}
_REGEX_ALIKE: Final[Functions] = {
    "mustRegexMatch": regex.must_regex_match,
    "regexMatch": regex.regex_match,
    "regexQuoteMeta": regex.regex_quote_meta,
}
_URLS: Final[Functions] = {
    "semver": urls.semver,
    "semverCompare": urls.semver_compare,
    "urlJoin": urls.url_join,
    "urlParse": urls.url_parse,
}
_ALL: Final[Functions] = {
    **_TEXTS,
    **_NUMBERS,
    **_LISTS,
    **_DICTS,
    **_FLOW,
    **_JSON,
    **_ENCODINGS,
    **_PATHS,
    **_REGEX_ALIKE,
    **_URLS,
}
# What has a `must…` form that does the same: its errors are errors in both.
_ALIKE: Final = (
    *("append", "chunk", "compact", "deepCopy", "first", "has", "initial", "last", "merge"),
    *("mergeOverwrite", "prepend", "push", "rest", "reverse", "slice", "toRawJson", "uniq"),
    "without",
)


def _must(name: str) -> str:
    """Return the name of the form that raises.

    >>> _must("toRawJson")
    'mustToRawJson'
    """
    return f"must{name[0].upper()}{name[1:]}"


_PLAIN: Final[Functions] = {
    **_ALL,
    **{_must(name): _ALL[name] for name in _ALIKE},
    **{name: regex.plain(function) for name, function in _REGEX.items()},
    **{_must(name): function for name, function in _REGEX.items()},
}


def _with_must(*tables: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names of tables, and those of their `must…` forms."""
    names = [name for table in tables for name in table]
    return tuple(sorted({*names, *(_must(name) for name in names if _must(name) in _PLAIN)}))


THEMES: Final[Mapping[str, tuple[str, ...]]] = {
    "Texts": tuple(sorted({*_TEXTS, "shuffle"})),
    "Numbers": tuple(sorted({*_NUMBERS, "randInt"})),
    "Lists": _with_must(_LISTS),
    "Maps": _with_must(_DICTS),
    "Defaults, types and flow": tuple(sorted(_FLOW)),
    "JSON": _with_must(_JSON),
    "Dates": tuple(sorted({*_DATES, *_CLOCK})),
    "Encodings, checksums and keys": tuple(sorted({*_ENCODINGS, "encryptAES"})),
    "Paths": tuple(sorted(_PATHS)),
    "Regular expressions": _with_must(_REGEX, _REGEX_ALIKE),
    "URLs and versions": tuple(sorted(_URLS)),
    "Chance": ("randAlpha", "randAlphaNum", "randAscii", "randBytes", "randNumeric", "uuidv4"),
    "Outside": ("env", "expandenv", "getHostByName"),
}
"""The names of the functions by their theme, for pages."""
