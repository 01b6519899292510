"""RE2, which Go's package descends from: it searches in time that grows with the text only.

The library is an extra, imported on use. Knows nothing of how matches are used.
"""

from __future__ import annotations

from typing import Any, Final

# Bytes for an expression: what RE2 itself allows, since its states may grow up to there for as
# long as the expression is kept; and what is enough for nearly all that Go takes.
_MEMORY: Final = (8 << 20, 128 << 20)


def compiled(pattern: str) -> Any:
    """Return RE2's form of a pattern; None if the pattern is not for RE2, or too large.

    Raises:
        ImportError: the library is not installed.
    """
    return next((made for size in _MEMORY if (made := _within(pattern, size))), None)


def _within(pattern: str, size: int) -> Any:
    import re2  # noqa: PLC0415 - an extra

    options = re2.Options()
    options.max_mem = size
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        return None
    finally:
        re2.purge()  # it would keep expressions of any length


def has_class(text: str) -> bool:
    r"""Return whether the text is a class of Unicode, such as `\pL`.

    Raises:
        ImportError: the library is not installed.
    """
    return _within(text, _MEMORY[0]) is not None
