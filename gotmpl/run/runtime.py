"""The operations that generated code calls, and the slow path of those it inlines.

Looks up fields, iterates, and converts values to parameters, by Go's rules and with Go's messages.
Knows constants of a tree but no other nodes: an error names a node by its number.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import partial
from typing import Final, TypeVar, cast

from gotmpl.codegen.constants import constant
from gotmpl.errors import message
from gotmpl.fmt.printf import shown, sprintf
from gotmpl.fmt.printing import NO_VALUE, SHOWN_TEXTS, is_printable, to_text
from gotmpl.run.methods import nullary
from gotmpl.strconv.quoting import quote
from gotmpl.syntax.nodes import Node
from gotmpl.values.arguments import assign
from gotmpl.values.fields import NO_FIELD, field, method, struct_items
from gotmpl.values.keys import has_string_keys, sorted_items, sorted_keys
from gotmpl.values.kinds import DICTS, INTERFACE, Interface, Kind, is_true, kind, plain, stands_for
from gotmpl.values.names import elem_type_name, type_name
from gotmpl.values.readers import READERS, Reader
from gotmpl.values.signatures import GoType, Refused, Signature, is_boxed_field
from gotmpl.values.slices import elements


class Stop(Exception):
    """The template cannot go on.

    Attributes:
        node: the number of the node where it stopped.
        reason: Go's reason.
    """

    def __init__(self, node: int, reason: str) -> None:
        super().__init__(node, reason)
        self.node = node
        self.reason = reason


class Unprintable(Exception):
    """A function or channel was to be printed; reported as `can't print NODE of type T`."""


class _Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


# No value (Go: the zero reflect.Value), the result of a missing key. It differs from nil between
# the steps of a chain and when it is passed to a parameter; elsewhere it is nil.
MISSING: Final = _Missing()
# The value of a variable declared in an argument that `and` or `or` did not reach.
UNSET: Final = object()

_T = TypeVar("_T")
# Whether a value came out of an `interface {}`, as error messages say; or the collection that it is
# an element of, which decides.
Boxed = object


def fail(node: int, reason: str) -> object:
    """Stop at a place that code generation found to fail always."""
    raise Stop(node, reason)


# Types that Python formats as `%v` does.
PLAIN_TYPES: Final = frozenset({str, int})


def show(value: object) -> str:
    """Return what an action prints (Go: printValue)."""
    if type(value) in SHOWN_TEXTS:
        return SHOWN_TEXTS[type(value)](value)
    if not is_printable(value):
        raise Unprintable(f"of type {type_name(value)}")
    return to_text(value)


# -- Fields


def eval_field(receiver: object, name: str, boxed: Boxed, missingkey: str) -> tuple[object, Boxed]:
    """Return a field, the result of a method or an element of a map (Go: evalField).

    Raises:
        Refused: there is nothing of that name.
    """
    if receiver is MISSING or (receiver is None and not is_boxed(boxed)):
        if missingkey == "error":
            raise Refused(f"nil data; no entry for key {quote(name)}")
        return MISSING, False
    if receiver is None:
        raise Refused(f"nil pointer evaluating interface {{}}.{name}")
    if isinstance(receiver, Mapping) and has_string_keys(receiver):
        return _entry(receiver, name, missingkey)
    value = field(receiver, name)
    if value is NO_FIELD:
        go_type = INTERFACE if is_boxed(boxed) else type_name(receiver)
        raise Refused(f"can't evaluate field {name} in type {go_type}")
    return value, is_boxed_field(receiver, name)


def _entry(receiver: Mapping[object, object], name: str, missingkey: str) -> tuple[object, Boxed]:
    value = receiver.get(name, MISSING)
    if value is not MISSING:
        return value, elem_type_name(receiver) == INTERFACE
    if missingkey not in _ABSENT:
        raise Refused(f"map has no entry for key {quote(name)}")
    return _ABSENT[missingkey]


# The value of a missing key by the option `missingkey`; with `error` there is no such value.
_ABSENT: Final[Mapping[str, tuple[object, Boxed]]] = {
    "default": (MISSING, False),
    "zero": (None, True),
}


def _restricted(_: type, __: str) -> None:
    """Return no method: which may be called is asked for each value."""


class Fields:
    """The look-up of fields with one setting of `missingkey`.

    Attributes:
        give_nil: the types of maps that give nil for a key that they lack, if theirs are strings.

    Args:
        missingkey: the setting.
        find: returns the bound method of a name.
    """

    def __init__(
        self,
        missingkey: str,
        find: Callable[[object, str], Callable[..., object] | None] = method,
    ) -> None:
        self._missingkey = missingkey
        self._absent = _ABSENT.get(missingkey)
        self.give_nil = DICTS if self._absent else frozenset[type]()
        self._method = find
        self._nullary = nullary if find is method else _restricted

    def walk(
        self, receiver: object, names: Sequence[str], boxed: Boxed, node: int, at: int | None = None
    ) -> tuple[object, Boxed]:
        """Follow names from a receiver.

        Args:
            receiver: the value to begin with.
            names: the fields, methods without arguments or keys to follow.
            boxed: whether the receiver came out of an `interface {}`.
            node: the node that Go would name when a field is not there.
            at: the node that Go would name when a method fails, if it is another.
        """
        for name in names:
            if type(receiver) in DICTS:  # the common case: it has no methods
                value = receiver.get(name, MISSING)  # type: ignore[attr-defined]  # the type says so
                if value is not MISSING:
                    receiver, boxed = value, True
                    continue
                if self._absent and has_string_keys(receiver):  # type: ignore[arg-type]  # the type says so
                    receiver, boxed = self._absent
                    continue
            try:
                call, of_call = self._call(receiver, name)
                if call is None:
                    receiver, boxed = eval_field(receiver, name, boxed, self._missingkey)
                    continue
            except Refused as refused:
                raise Stop(node, str(refused)) from None
            try:
                receiver, boxed = call(), of_call
            except Exception as error:
                reason = f"error calling {name}: {message(error)}"
                raise Stop(node if at is None else at, reason) from error
        return receiver, boxed

    def _call(self, receiver: object, name: str) -> tuple[Callable[..., object] | None, bool]:
        """Return the method of that name, to be called without arguments, and what boxes it."""
        if receiver is None or receiver is MISSING:
            return None, False
        known = self._nullary(type(receiver), name)  # type: ignore[arg-type]  # classes hash
        found = self._method(receiver, name) if known is None else known.of(receiver, name)
        if found is None:
            return None, False
        if known is not None and known.is_behind(found):
            return found, known.boxed
        signature = Signature.of(found)
        signature.check_count(name, 0, piped=False)
        return found, signature.boxed

    def _gives_nil(self, receiver: object) -> bool:
        """Return whether a key that a receiver lacks is nil: the common case of a dict."""
        if type(receiver) not in self.give_nil:
            return False
        return type(next(iter(receiver), "")) is str  # type: ignore[call-overload]

    # Generated code calls the following. `names` is one name or several; `found` is what the code
    # found without Go's rules, `MISSING` if that is nothing.

    def value(
        self,
        receiver: object,
        names: str | tuple[str, ...],
        node: int,
        boxed: Boxed = False,
        found: object = MISSING,
        at: int | None = None,
    ) -> object:
        """Follow names; a missing value is nil."""
        if found is MISSING and type(names) is str:
            cls = type(receiver)
            read: Reader = dict.get if cls in DICTS else READERS[names][cls]
            found = read(receiver, names, MISSING)
            if found is MISSING and self._gives_nil(receiver):
                return None
        if found is MISSING:
            found, _ = self._walk(receiver, names, boxed, node, at)
        return None if found is MISSING else found

    def raw(
        self,
        receiver: object,
        names: str | tuple[str, ...],
        node: int,
        boxed: Boxed = False,
        found: object = MISSING,
        at: int | None = None,
    ) -> object:
        """Follow names; a missing value is `MISSING`."""
        return found if found is not MISSING else self._walk(receiver, names, boxed, node, at)[0]

    def held(
        self,
        receiver: object,
        names: str | tuple[str, ...],
        node: int,
        boxed: Boxed = False,
        at: int | None = None,
    ) -> object:
        """Follow names; the value stays in its interface, if it is in one."""
        return interface(*self._walk(receiver, names, boxed, node, at))

    def text(
        self,
        receiver: object,
        names: str | tuple[str, ...],
        node: int,
        boxed: Boxed = False,
        found: object = UNSET,
        at: int | None = None,
    ) -> str:
        """Follow names; return what an action prints."""
        if found is MISSING and type(names) is str and self._gives_nil(receiver):
            return NO_VALUE  # the common case
        if found is UNSET or found is MISSING:
            found = self.value(receiver, names, node, boxed, at=at)
        return show(found)

    def test(
        self,
        receiver: object,
        names: str | tuple[str, ...],
        node: int,
        boxed: Boxed = False,
        found: object = MISSING,
        at: int | None = None,
    ) -> bool:
        """Follow names; return whether the value is true."""
        return is_true(self.value(receiver, names, node, boxed, found, at))

    def _walk(
        self,
        receiver: object,
        names: str | tuple[str, ...],
        boxed: Boxed,
        node: int,
        at: int | None,
    ) -> tuple[object, Boxed]:
        several = (names,) if isinstance(names, str) else names
        return self.walk(receiver, several, boxed, node, at)

    def bind(
        self,
        receiver: object,
        names: Sequence[str],
        boxed: Boxed,
        count: tuple[int, bool],
        node: int,
        at: int | None = None,
    ) -> Call | None:
        """Return the method at the end of a chain, to be called with arguments.

        Args:
            receiver: the value to begin with.
            names: the chain, the method's name last.
            boxed: whether the receiver came out of an `interface {}`.
            count: how many arguments stand behind the name, and whether one more is piped.
            node: as in `walk`.
            at: as in `walk`.

        Returns:
            None if the receiver is missing, which is no error.
        """
        receiver, boxed = self.walk(receiver, names[:-1], boxed, node, at)
        name = names[-1]
        try:
            if receiver is not None and receiver is not MISSING:
                found = self._method(receiver, name)
                if found is not None:
                    signature = Signature.of(found)
                    signature.check_count(name, count[0], piped=count[1])
                    return Call(found, signature)
                _no_arguments(receiver, name)
            eval_field(receiver, name, boxed, self._missingkey)
        except Refused as refused:
            raise Stop(node, str(refused)) from None
        return None


def _no_arguments(receiver: object, name: str) -> None:
    """Refuse arguments for a field or key that is no method."""
    if isinstance(receiver, Mapping) and has_string_keys(receiver):
        raise Refused(f"{name} is not a method but has arguments")
    if field(receiver, name) is not NO_FIELD:
        raise Refused(f"{name} has arguments but cannot be invoked as function")


# -- Arguments


class Call:
    """A call whose signature is known only at run time: converts its arguments one by one."""

    def __init__(self, function: Callable[..., object], signature: Signature) -> None:
        self.function = function
        self.signature = signature

    def constant(self, index: int, value: Node, node: int) -> object:
        """Return a constant of the tree as the argument at an index."""
        try:
            return constant(value, self.signature.type_at(index))
        except Refused as refused:
            raise Stop(node, str(refused)) from None

    def argument(self, index: int, value: object, boxed: Boxed, node: int) -> object:
        """Return a value as the argument at an index."""
        return argument(value, self.signature.type_at(index), boxed, node)


def argument(value: object, go_type: GoType, boxed: Boxed, node: int) -> object:
    """Return a value as an argument of the type, or raise `Stop`."""
    valid = value is not MISSING
    try:
        return assign(value if valid else None, go_type, valid=valid, boxed=is_boxed(boxed))
    except Refused as refused:
        raise Stop(node, str(refused)) from None


def interface(value: object, boxed: Boxed) -> object:
    """Return a value as `slice` takes an index: in its interface, if it is in one."""
    if value is MISSING:
        return None
    return Interface(value) if is_boxed(boxed) else value


def nil_interface(value: object, boxed: Boxed) -> object:
    """Return a value as `len` takes it: a nil in an interface differs from no value."""
    if value is None and is_boxed(boxed):
        return Interface(None)
    return None if value is MISSING else value


# -- Range


def is_boxed(boxed: Boxed) -> bool:
    """Return whether a value came out of an `interface {}`."""
    if isinstance(boxed, bool):
        return boxed
    return boxes(boxed)


def boxes(collection: object) -> bool:
    """Return whether the elements of the collection are of type `interface {}`."""
    if type(collection) is list or type(collection) is dict:
        return True
    if kind(collection) in (Kind.SLICE, Kind.MAP):
        return elem_type_name(collection) == INTERFACE
    return kind(collection) not in (Kind.INT, Kind.UINT8)


def each(collection: object, node: int) -> Iterable[object]:
    """Return what a range with at most one variable iterates over; false if it is empty."""
    if type(collection) in DICTS:  # the common cases
        return elements_of_map(collection)  # type: ignore[arg-type]  # the type says so
    if type(collection) is int:
        return range(collection)
    match kind(collection):
        case Kind.SLICE:
            return elements(collection)
        case Kind.INVALID:
            return ()
        case Kind.MAP:
            return elements_of_map(cast("Mapping[object, object]", collection))
        case Kind.INT | Kind.UINT8:
            count = range(cast("int", plain(collection)))
            return _begun(map(_same(collection), count))
        case Kind.CHAN:
            assert isinstance(collection, Iterator)
            return _begun(collection)
    if inspect.isgeneratorfunction(collection):
        return _begun(_first(item) for item in collection())
    raise Stop(node, f"range can't iterate over {_shown(collection)}")


def pairs(collection: object, node: int) -> Iterable[tuple[object, object]]:
    """Return what a range with two variables iterates over: indexes, or keys, and elements."""
    if type(collection) in DICTS:
        return sorted_items(collection)  # type: ignore[arg-type]  # the type says so
    match kind(collection):
        case Kind.SLICE:
            items = each(collection, node)
            return enumerate(items) if items else ()
        case Kind.MAP:
            return sorted_items(cast("Mapping[object, object]", collection))
        case Kind.CHAN:
            return _begun(enumerate(cast("Iterable[object]", collection)))
        case Kind.INT | Kind.UINT8:
            shown = sprintf("%v", [collection])
            raise Stop(node, f"can't use {shown} to iterate over more than one variable")
    if inspect.isgeneratorfunction(collection):
        return _begun(_pair(item, collection, node) for item in collection())
    each(collection, node)  # refuses all but nil
    return ()


def elements_of_map(mapping: Mapping[object, object]) -> list[object]:
    """Return a map's elements in the order of its keys."""
    return list(map(mapping.__getitem__, sorted_keys(mapping)))


def _begun(items: Iterator[_T]) -> Iterable[_T]:
    """Return the items; an empty tuple if the iterator is empty. Only the first is taken early."""
    for first in items:
        return itertools.chain((first,), items)
    return ()


def _same(number: object) -> Callable[[int], object]:
    """Return what makes an int a value of a number's type; members of an `Enum` are fixed."""
    cls = type(number)
    return int if stands_for(cls) or issubclass(cls, Enum) else partial(int.__new__, cls)


def _shown(value: object) -> str:
    """Return what Go prints of a value without elements; of a pointer, what it points to."""
    if kind(value) is not Kind.POINTER:
        return shown(value)
    return f"{{{' '.join(sprintf('%v', [item]) for _, item in struct_items(value))}}}"


def _first(item: object) -> object:
    """Go: iter.Seq2 with one variable gives the first of each pair."""
    return item[0] if isinstance(item, tuple) and len(item) == 2 else item


def _pair(item: object, collection: object, node: int) -> tuple[object, object]:
    if isinstance(item, tuple) and len(item) == 2:
        return item
    shown = sprintf("%v", [collection])
    raise Stop(node, f"can't use {shown} iterate over more than one variable")
