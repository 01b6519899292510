"""Function sets of Masterminds/sprig for `Template.funcs`, by the version of sprig.

Each theme has its file, whose functions serve every version; what one version does differently is
in the file or the folder of that version. A function that reads the clock, chance, the environment
or the network gets its source from outside. Knows no templates.

>>> from gotmpl import render
>>> from gotmpl.sprig import functions, v2016
>>> render('{{ list 1 2 | join "-" }} {{ "a b" | title }}', funcs=functions())
'1-2 A B'
>>> render('{{ atoi "3" | until }} {{ "a b" | title }}', funcs=v2016.functions())
'[0 1 2] A B'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gotmpl.sprig.v3.functions import functions

__all__ = ["functions"]


def __getattr__(name: str) -> object:
    if name != "functions":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from gotmpl.sprig.v3.functions import functions  # noqa: PLC0415 - loads on first use

    globals()[name] = functions
    return functions
