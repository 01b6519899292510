"""Arguments of public calls: those of another type than the signature names are refused.

Reads signatures as text, and knows nothing of what is called. Type checkers find the same faults;
this is for programs that run none. A check takes 4 µs, so that calls of a few stay without one.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial, wraps
from itertools import chain, repeat
from numbers import Integral, Real
from os import PathLike
from typing import Any, Final, NamedTuple, TypeVar

_Call = TypeVar("_Call", bound=Callable[..., Any])
_BRACKETS: Final = re.compile(r"\[[^\[\]]*\]")


def checked(call: _Call) -> _Call:
    """Return a function, or a class, that refuses arguments of another type than it names.

    Annotations are text, as `from __future__ import annotations` makes them. An argument is not
    checked if its annotation names something that is neither known here nor a class of the module.

    >>> @checked
    ... def wait(seconds: float | None = None) -> None: ...
    >>> wait("1")
    Traceback (most recent call last):
    TypeError: seconds is a number or None, not a str
    """
    if isinstance(call, type):
        call.__init__ = checked(call.__init__)  # type: ignore[misc]  # of a class that is being made
        return call
    spec = inspect.getfullargspec(call)
    types = {name: text for name, text in spec.annotations.items() if name != "return"}
    kinds = {name: _kind_of(text, call.__globals__) for name, text in types.items()}
    rest = spec.varargs or ""

    @wraps(call)
    def checking(*args: object, **more: object) -> object:
        given = zip(chain(spec.args, repeat(rest)), args, strict=False)
        for name, value in chain(given, more.items()):
            kind = kinds.get(name)
            if kind and not kind.takes(value):
                each = "each of " if name == rest else ""
                raise TypeError(f"{each}{name} is {kind.words}, not {described(value)}")
        return call(*args, **more)

    return checking  # type: ignore[return-value]  # takes what the function takes


class _Kind(NamedTuple):
    """The values that an argument may have: of some classes, or those for which a test is true."""

    words: str
    types: tuple[type, ...] = ()
    tests: tuple[Callable[[object], bool], ...] = ()

    def takes(self, value: object) -> bool:
        return isinstance(value, self.types) or any(test(value) for test in self.tests)


def is_several(value: object, several: type = Collection) -> bool:
    """Return whether a value is a collection, and no text, whose letters are not meant.

    >>> is_several(["a"]), is_several("a"), is_several(iter(["a"]))
    (True, False, False)
    """
    return isinstance(value, several) and not isinstance(value, str | bytes)


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2


def _with(words: str, method: str) -> _Kind:
    return _Kind(words, (), (lambda value: hasattr(value, method),))


_LIST: Final = _Kind("a list", (), (partial(is_several, several=Iterable),))
_EVENT: Final = _with("an event", "is_set")
_PATH: Final = _Kind("a path", (PathLike,))
_KNOWN: Final[Mapping[str, _Kind]] = {
    "None": _Kind("None", (type(None),)),
    "bool": _Kind("a bool", (int,)),
    "int": _Kind("an int", (int, Integral)),
    "float": _Kind("a number", (float, int, Real)),
    "str": _Kind("a str", (str,)),
    "bytes": _Kind("bytes", (bytes, bytearray)),
    "tuple": _Kind("a pair", (), (_is_pair,)),
    "Mapping": _Kind("a mapping", (dict, Mapping)),
    "Observer": _with("an observer", "visit"),
    "Callable": _Kind("a function", (), (callable,)),
    "Collection": _Kind("a collection of names", (), (is_several,)),
    **dict.fromkeys(("Sequence", "Iterable"), _LIST),
    **dict.fromkeys(("Event", "Stop"), _EVENT),
    **dict.fromkeys(("Path", "PathLike"), _PATH),
}


def _kind_of(annotation: str, names: Mapping[str, object]) -> _Kind | None:
    """Return what an annotation takes; None if it names something that is not known."""
    while annotation != (annotation := _BRACKETS.sub("", annotation)):
        pass
    parts = [part.strip().rpartition(".")[2] for part in annotation.split("|")]
    kinds = [kind for part in parts if (kind := _KNOWN.get(part) or _of_class(names.get(part)))]
    if len(kinds) < len(parts):
        return None
    return _Kind(
        " or ".join(kind.words for kind in kinds),
        tuple(one for kind in kinds for one in kind.types),
        tuple(one for kind in kinds for one in kind.tests),
    )


def _of_class(cls: object) -> _Kind | None:
    if not isinstance(cls, type) or getattr(cls, "_is_protocol", False):
        return None
    return _Kind(_one(cls.__name__), (cls,))


def described(value: object) -> str:
    """Return the type of an argument for the message that refuses it.

    >>> described(5), described("a"), described(None), described(int)
    ('an int', 'a str', 'None', 'a class')
    """
    if value is None or isinstance(value, type):
        return "None" if value is None else "a class"
    return _one(type(value).__name__)


def _one(name: str) -> str:
    if name.endswith("s"):  # bytes, Answers
        return name
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
