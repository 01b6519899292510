"""The versions of confd whose rules can be followed to the letter.

Knows nothing of what the rules are.
"""

from __future__ import annotations

from typing import Final

from confd_lib.errors import ConfigError
from gotmpl.arguments import described

VERSIONS: Final = ("0.11", "0.16")


def check_compat(version: str) -> None:
    """Check that the rules of a version are known; an empty one stands for our own rules.

    Raises:
        TypeError: it is no text.
        ConfigError: they are not.

    >>> check_compat("0.16")
    >>> check_compat("0.9")
    Traceback (most recent call last):
    ...
    confd_lib.errors.ConfigError: compat "0.9" is not known: choose 0.11 or 0.16
    """
    if not isinstance(version, str):
        raise TypeError(f'compat is a text, such as "0.16", not {described(version)}')
    if version and version not in VERSIONS:
        raise ConfigError(f'compat "{version}" is not known: choose {" or ".join(VERSIONS)}')


FUNCTION_SETS: Final = ("sprig", "sprig:bare")
"""The sets of functions beside those of confd, as the flag `functions` names them."""


def check_functions(name: str) -> None:
    """Refuse a name of a set of functions that is unknown; an empty one is no set.

    Raises:
        ConfigError: it is unknown.
    """
    if name and name not in FUNCTION_SETS:
        raise ConfigError(f'functions "{name}" is unknown: give {" or ".join(FUNCTION_SETS)}')
