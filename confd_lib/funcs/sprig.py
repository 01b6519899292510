"""The functions of sprig v3 beside those of confd: under a prefix, and bare where confd has none.

Many of the names are confd's too, with other arguments: `sprig_split` is `split SEP TEXT`. Knows no
stores.
"""

from __future__ import annotations

import inspect
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from confd_lib.compat import check_functions
from confd_lib.funcs import FAMILIES
from confd_lib.store.store import Store
from gotmpl import BUILTINS
from gotmpl.arguments import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX: Final = "sprig_"


@checked
def sprig_functions(
    *, bare: bool = False, env: Mapping[str, str] | None = None, network: bool = False
) -> dict[str, Callable[..., object]]:
    """Return the functions of sprig v3 for `funcs`, each under the prefix `sprig_`.

    Args:
        bare: whether those that neither confd nor Go has by its name have their own name as well.
        env: the variables that `sprig_env` and `sprig_expandenv` see; None turns both off.
        network: whether `sprig_getHostByName` may ask the network.

    >>> import confd_lib
    >>> funcs = confd_lib.sprig_functions()
    >>> confd_lib.render('{{sprig_list 1 2 | sprig_join "-"}}', {}, funcs=funcs)
    '1-2'
    """
    from gotmpl.sprig import functions  # noqa: PLC0415 - loads on use

    made = functions(env=env, network=network)
    prefixed = {f"{PREFIX}{name}": function for name, function in made.items()}
    if not bare:
        return prefixed
    return {**prefixed, **{name: made[name] for name in made if name not in taken()}}


def chosen(name: str) -> dict[str, Callable[..., object]]:
    """Return the functions that a setting names: `sprig`, `sprig:bare`, or none if it is empty.

    Raises:
        ConfigError: it names something else.
    """
    check_functions(name)
    return sprig_functions(bare=name.endswith(":bare")) if name else {}


@lru_cache(maxsize=1)
def taken() -> frozenset[str]:
    """Return the names of the functions of every confd, and of Go's own."""
    families = FAMILIES.values()
    return frozenset(BUILTINS).union(
        *(plain for plain, _ in families), *(of_store(Store()) for _, of_store in families)
    )


def advice(name: str) -> str:
    """Return what to do about a function that is missing, if sprig has it; else an empty text.

    >>> advice("upper"), advice("uper")
    ('sprig has it: set functions = "sprig" and call sprig_upper', '')
    """
    from gotmpl.sprig import functions  # noqa: PLC0415 - loads on use

    own = name.removeprefix(PREFIX)
    if own not in functions():
        return ""
    return f'sprig has it: set functions = "sprig" and call {PREFIX}{own}'


def clash(name: str, count: int) -> str:
    """Return what a call of a function of confd would be in sprig, if it fits there alone.

    Args:
        name: the function's name.
        count: how many arguments it is given.

    >>> clash("replace", 3)
    'sprig has another replace, with 3 arguments: set functions = "sprig" and call sprig_replace'
    """
    from gotmpl.sprig import functions  # noqa: PLC0415 - loads on use

    function = functions().get(name)
    if function is None:
        return ""
    try:
        inspect.signature(function).bind(*[None] * count)
    except TypeError:
        return ""
    return (
        f"sprig has another {name}, with {count} argument{'' if count == 1 else 's'}: "
        f'set functions = "sprig" and call {PREFIX}{name}'
    )
