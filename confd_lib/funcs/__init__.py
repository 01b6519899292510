"""The functions that a template may call, by name, for each version of confd.

Each theme has its file. Results and error texts are those of confd.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from confd_lib.compat import check_compat
from confd_lib.errors import ConfigError
from confd_lib.funcs import encoding, lookup, numbers, sequences, strings, system
from confd_lib.funcs.keys import confd_0_16_functions, rancher_fork_functions, store_functions
from gotmpl import BUILTINS, Template, did_you_mean, near
from gotmpl.arguments import described, is_several

if TYPE_CHECKING:
    from collections.abc import Callable

    from confd_lib.store.store import Store

    Function = Callable[..., object]
    Family = tuple[Mapping[str, Function], Callable[[Store], dict[str, Function]]]

# The functions that do not use the store: the 12 of 0.11, and those with the 20 of 0.16.
_OLD: Final[dict[str, Function]] = {
    "base": strings.base,
    "contains": strings.contains,
    "datetime": system.datetime,
    "dir": strings.directory,
    "getenv": system.getenv_alone,
    "join": strings.join,
    "json": encoding.json_object,
    "jsonArray": encoding.json_array,
    "replace": strings.replace,
    "split": strings.split,
    "toLower": strings.lower,
    "toUpper": strings.upper,
}
_NEW: Final[dict[str, Function]] = {
    **_OLD,
    "add": numbers.add,
    "atoi": numbers.atoi,
    "base64Decode": encoding.base64_decode,
    "base64Encode": encoding.base64_encode,
    "div": numbers.div,
    "fileExists": system.file_exists,
    "getenv": system.getenv,
    "lookupIP": lookup.lookup_ip,
    "lookupIPV4": lookup.lookup_ipv4,
    "lookupIPV6": lookup.lookup_ipv6,
    "lookupSRV": lookup.lookup_srv,
    "map": sequences.create_map,
    "mod": numbers.mod,
    "mul": numbers.mul,
    "parseBool": numbers.parse_bool,
    "reverse": sequences.reverse,
    "seq": numbers.seq,
    "sortByLength": sequences.sort_by_length,
    "sortKVByLength": sequences.sort_kv_by_length,
    "sub": numbers.sub,
    "trimSuffix": strings.trim_suffix,
}

# Our own rules have the empty name: those of 0.16, except that `ls` and `lsdir` list the root.
FAMILIES: Final[Mapping[str, Family]] = {
    "": (_NEW, store_functions),
    "0.16": (_NEW, confd_0_16_functions),
    "0.11": (_OLD, rancher_fork_functions),
}


SYSTEM_FUNCTIONS: Final = frozenset(
    {
        *("datetime", "fileExists", "getenv"),
        *("lookupIP", "lookupIPV4", "lookupIPV6", "lookupSRV"),
    }
)
"""The functions that ask the machine or other hosts: environment, files, clock, names."""


def functions(
    store: Store,
    compat: str = "",
    own: Mapping[str, Function] | None = None,
    without: Collection[str] = (),
) -> dict[str, Function]:
    """Return the functions of a template, by name, over a store.

    Args:
        store: the store of the resource.
        compat: the version of confd to follow exactly: `0.16`, or `0.11` for Rancher's fork; empty
            for 0.16 with an `ls` and an `lsdir` that list the root.
        own: functions beside those of confd.
        without: the names of functions of confd that are left out.

    Raises:
        TypeError: the version is no text, the functions beside those of confd are no mapping, or
            the names that are left out are no collection of texts.
        ConfigError: the version is unknown, there is no such function to leave out, or two
            functions have one name.

    >>> from confd_lib.store.store import Store
    >>> functions(Store({"port": 80}))["getv"]("/port")
    '80'
    """
    check_compat(compat)
    plain, of_store = FAMILIES[compat]
    made = {**plain, **of_store(store)}
    own = {} if own is None else own
    Template("").funcs(own)  # refuses what is no function
    _check_left_out(without, made)
    kept = {name: function for name, function in made.items() if name not in without}
    for name, function in own.items():
        _check_own(name, function, kept)
    return {**kept, **own}


def _check_left_out(without: Collection[str], made: Collection[str]) -> None:
    if not is_several(without):  # an iterator would be empty when it is looked at again
        raise TypeError(f"without is a collection of names, not {described(without)}")
    for name in without:
        if not isinstance(name, str):
            raise TypeError(f"a name in without is text, not {described(name)}")
        if name not in made:
            advice = did_you_mean(near(name, made)) or "check its spelling"
            raise ConfigError(f"there is no function {name} to leave out: {advice}")


def _check_own(name: str, function: Function, kept: Mapping[str, Function]) -> None:
    """Refuse a function that has the name of another."""
    mine = getattr(function, "__qualname__", type(function).__qualname__)
    named = f"{getattr(function, '__module__', '')}.{mine}".lstrip(".")
    if name in kept:
        raise ConfigError(
            f"two functions are named {name}: {named} and confd's {name}; rename the first, or "
            f'leave out the second (without=["{name}"])'
        )
    if name in BUILTINS:
        raise ConfigError(
            f"two functions are named {name}: {named} and Go's {name}; rename the first"
        )
