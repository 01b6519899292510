"""The common cases of builtins as Python expressions, which fall back to the call.

Each tests exact types and does what Go does for them. All other values go to the function itself,
so no case here needs to be complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress
from operator import and_, or_
from typing import Final, NamedTuple

from gotmpl.codegen.fields import Look
from gotmpl.codegen.python import Place, Printed, f_string
from gotmpl.codegen.state import Draft, Metered
from gotmpl.codegen.values import BOXED, Failed, Joined, Known, Local, Value
from gotmpl.fmt.formats import Directive, parse_format
from gotmpl.limits import CACHED
from gotmpl.strconv.quoting import is_valid


class Call(NamedTuple):
    """The call of a function.

    Attributes:
        function: its Python name.
        place: its place.
        named: further arguments.
    """

    function: str
    place: Place
    named: str = ""

    def code(self, arguments: Sequence[str]) -> str:
        """Return Python for the call."""
        return f"{self.function}({', '.join(arguments)}{self.named})"


Inlining = Callable[[Draft, Sequence[Value], Call], Value | None]


# -- Comparison, print


def _compare(operator: str, *types: type) -> Inlining:
    """Return the inlining of a comparison of a value with a constant of one of the types.

    Strings must be ASCII: in others one side may hold a rune, the other the same bytes as escapes.
    """

    def inline(draft: Draft, values: Sequence[Value], call: Call) -> Value | None:
        known = [value for value in values if isinstance(value, Known)]
        if len(values) != 2 or len(known) != 1 or type(known[0].value) not in types:
            return None
        if isinstance(known[0].value, str) and not known[0].value.isascii():
            return None
        (value,) = (value for value in values if value is not known[0])
        name, given = draft.named(value)
        compared = f" {operator} ".join([name if one is value else one.text for one in values])
        rest = call.code([value.rest(name) if one is value else one.text for one in values])
        test = f"type({given}) is {type(known[0].value).__name__}"
        return Value(f"({compared} if {test} else {rest})", call.place, bool)

    return inline


def _print(draft: Draft, values: Sequence[Value], call: Call) -> Value | None:
    """Go: print; as `%v` prints each value, if no two neighbours have a space between them.

    Go adds one where neither is a string, so one of them has to be a constant text.
    """
    texts = [value.value if isinstance(value, Known) else None for value in values]
    is_text = [isinstance(text, str) for text in texts]
    if not all(map(or_, is_text, is_text[1:])):
        return None
    form = "".join(text.replace("%", "%%") if isinstance(text, str) else "%v" for text in texts)
    rest = [value for value, known in zip(values, is_text, strict=True) if not known]
    return _printf(draft, [draft.known(form), *rest], call)


def _index(draft: Draft, values: Sequence[Value], call: Call) -> Value | None:
    """Go: index; of a dict, by one key, which is read again where the function is called."""
    if len(values) != 2 or values[0].exact is not None or not _may_be_key(values[1]):
        return None
    item, key = values
    name, given = draft.named(item)
    rest = call.code([item.rest(name), key.code()])
    at, read = draft.named(key)
    is_text = "" if isinstance(key, Known) else f" and type({read}) is str"
    test = f"type({given}) is dict{is_text} and {at} in {name}"
    return Value(f"({name}[{at}] if {test} else {rest})", call.place, boxed=BOXED)


def _may_be_key(value: Value) -> bool:
    """Return whether a value may be a text, and calls no method twice if it is read twice."""
    if isinstance(value, Known):
        return type(value.value) is str
    return isinstance(value, Local | Look)


# -- printf

_FEW: Final = 16  # arguments of a call that is inlined where there are limits
_WIDEST: Final = 9999
_MOST_PRECISE: Final = 999


class _Verb(NamedTuple):
    """A verb for values of one type, or a few.

    Attributes:
        test: Python for whether a value is of such a type: `{0}` is the name of the value.
        text: Python for what f-strings print of such a value, without flags; empty to print it by
            Python's `%`.
        types: the types, of which no value needs the test.
        all: whether the types are all that `_SIMPLE` prints, so that one line tries them.
        flags: whether it may have flags and a width, as Python's `%` prints them.
        zero: whether the flag 0 may be among them.
        precision: whether it may have a precision.
        makes: whether the text is longer than what an action prints of the value.
    """

    test: str
    text: str = ""
    types: tuple[type, ...] = ()
    all: bool = False
    flags: bool = True
    zero: bool = True
    precision: bool = False
    makes: bool = False


_INTEGER: Final = _Verb("type({0}) is int")
# Python for the text of a str, int, float or bool.
_SIMPLE: Final = "{0} if type({0}) in PLAIN else SIMPLE[type({0})]({0})"
_VERBS: Final[Mapping[str, _Verb]] = {
    "d": _INTEGER._replace(text="{0}", types=(int,)),
    "x": _INTEGER,
    "X": _INTEGER,
    # Python writes infinities and NaN its own way: only these differ from 0 when subtracted.
    "f": _Verb("type({0}) is float and {0} - {0} == 0.0", precision=True),
    "s": _Verb("type({0}) is str", "{0}", (str,), zero=False, precision=True),
    "q": _Verb("type({0}) is str", "quote({0})", (str,), flags=False, makes=True),
    "t": _Verb("type({0}) is bool", "('true' if {0} else 'false')", (bool,), flags=False),
    "v": _Verb("", _SIMPLE, (str, int, float, bool), all=True, flags=False),
}


def _printf(draft: Draft, values: Sequence[Value], call: Call) -> Joined | None:
    """Go: printf; of a format that is known, with as many arguments as it takes."""
    form, *args = values
    if draft.metered is not Metered.NOT and len(args) > _FEW:
        return None  # the function checks the limits while it makes the text
    if not isinstance(form, Known) or type(form.value) is not str or not args:
        return None
    if any(isinstance(arg, Failed) for arg in args):
        return None  # it fails at once, and those before it have to be evaluated first
    known = [value.text for value in values if isinstance(value, Known)]
    if max(map(len, known)) > CACHED or len(known) == len(values):
        return None
    parts = parse_format(form.value)
    directives = [part for part in parts if isinstance(part, Directive)]
    if len(directives) != len(args) or not all(directive.simple for directive in directives):
        return None
    verbs = [verb for verb in map(_verb, directives) if verb is not None]
    if len(verbs) < len(args):
        return None
    texts = iter(_texts(draft, form, args, verbs, call.place))
    pieces = [part if isinstance(part, str) else next(texts) for part in parts]
    text = f_string(pieces)
    return Joined(
        f"merge_escapes({text})" if _may_join_bytes(parts) else text, exact=str, pieces=pieces
    )


def _texts(
    draft: Draft,
    form: Known,
    args: Sequence[Value],
    verbs: Sequence[_Verb],
    place: Place,
) -> list[Printed]:
    """Print the lines that make the texts of the directives, and return their variables.

    Go formats the arguments when it has them all. So each is read; then each of a common type is
    formatted, which calls no function; then all of them are, if one is of another type.
    """
    names = [draft.evaluated(value) for value in args]
    sure = [value.exact in verb.types for verb, value in zip(verbs, args, strict=True)]
    texts = [
        _text(draft, verb, name, is_sure)
        for verb, name, is_sure in zip(verbs, names, sure, strict=True)
    ]
    failed = [f"{text} is None" for text, is_sure in zip(texts, sure, strict=True) if not is_sure]
    if failed:
        asked = f"texts({', '.join([form.text, *_rest(draft, args, names)])})"
        draft.out.line(f"{', '.join(texts)}, = {asked}", place, when=" or ".join(failed))
    return [Printed(text, place, verb.makes) for text, verb in zip(texts, verbs, strict=True)]


def _text(draft: Draft, verb: _Verb, name: str, is_sure: bool) -> str:
    """Print the line that makes a text, None of a value that is not of the types of the verb."""
    if verb.all and not is_sure:
        return draft.shown(name, "None", "SIMPLE")
    text, made = draft.temporary(), verb.text.format(name)
    test = "" if is_sure else f" if {verb.test.format(name)} else None"
    draft.out.line(f"{text} = {made}{test}")
    return text


def _rest(draft: Draft, args: Sequence[Value], names: Sequence[str]) -> Iterator[str]:
    """Yield Python that asks Go's rules for arguments, given the variables that hold them.

    To ask for one that was not found may call a method, which may change the fields of those behind
    it: these are read again, unless all are fields of one value, read together.
    """
    is_look = [isinstance(value, Look) for value in args]
    looks, together = set(compress(names, is_look)), draft.gathered
    if len(looks) < 2 or (together and looks.issubset(together.fields.values())):
        yield from (value.rest(name) for value, name in zip(args, names, strict=True))
        return
    draft.forget()
    found, test = draft.temporary(), ""  # whether all before it were found, and Python for that
    for value, name, looked in zip(args, names, is_look, strict=True):
        yield value.rest(f"{name} if ({found} := {test}) else MISSING" if looked and test else name)
        if looked:
            test = f"{found} and {name} is not MISSING" if test else f"{name} is not MISSING"


def _may_join_bytes(parts: Sequence[str | Directive]) -> bool:
    """Return whether two neighbours may hold bytes that are one rune side by side."""
    bytes_at = [
        not is_valid(part) if isinstance(part, str) else part.spec.verb in ("s", "v")
        for part in parts
    ]
    return any(map(and_, bytes_at, bytes_at[1:]))


def _verb(directive: Directive) -> _Verb | None:
    """Return how a directive prints values of its common types, if Python can as Go does."""
    spec = directive.spec
    verb = _VERBS.get(spec.verb)
    if verb is None or (directive.plain and verb.text):
        return verb
    zero = spec.zero and (spec.minus or not verb.zero)
    if not verb.flags or zero or spec.plus or spec.sharp or spec.space or spec.width > _WIDEST:
        return None
    if spec.precision is not None and not (verb.precision and spec.precision <= _MOST_PRECISE):
        return None
    flag = "-" if spec.minus else "0" if spec.zero else ""
    precision = "" if spec.precision is None else f".{spec.precision}"
    form = f"%{flag}{spec.width or ''}{precision}{spec.verb}"
    return verb._replace(text=f"'{form}' % {{0}}", makes=True)


INLINE: Final[Mapping[str, Inlining]] = {
    "eq": _compare("==", str, int),
    "ge": _compare(">=", int),
    "gt": _compare(">", int),
    "index": _index,
    "le": _compare("<=", int),
    "lt": _compare("<", int),
    "ne": _compare("!=", str, int),
    "print": _print,
    "printf": _printf,
}
