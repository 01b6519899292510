"""Unified diffs that `patch` accepts, for any lines and any names.

Knows nothing of files: the texts and their names are arguments.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_NEWLINE: Final = "\\ No newline at end of file\n"
_TO_QUOTE: Final = re.compile(r'[\x00-\x1f\x7f"\\]')


def unified_diff(old: str, new: str, old_name: str, new_name: str) -> Iterator[str]:
    r"""Yield the lines of a unified diff, each with its newline; none if the texts are equal.

    Lines end at newlines only, as for `patch`; `str.splitlines` would also cut at other characters.

    Args:
        old: the text before the change.
        new: the text after it.
        old_name: the name of the old text.
        new_name: the name of the new text.

    >>> print("".join(unified_diff("a\fb\nc", "a\fb\nd\n", "old", "new")).replace("\f", "^L"))
    --- old
    +++ new
    @@ -1,2 +1,2 @@
     a^Lb
    -c
    \ No newline at end of file
    +d
    <BLANKLINE>
    """
    import difflib  # noqa: PLC0415 - slow to import, and needed only to show differences

    file = _quoted(old_name)
    # The name in a header ends at the first tab; without a tab, at the first space.
    file = f"{file}\t" if " " in file else file
    for line in difflib.unified_diff(_lines(old), _lines(new), file, _quoted(new_name)):
        if line.endswith("\n"):
            yield line
        else:
            yield f"{line}\n"
            yield _NO_NEWLINE


def _lines(text: str) -> list[str]:
    return list(io.StringIO(text, newline="\n"))


def _quoted(name: str) -> str:
    """Return a name for a header, quoted as by git if it has control characters or quotes."""
    if not _TO_QUOTE.search(name):
        return name
    quoted = _TO_QUOTE.sub(lambda found: f"\\{ord(found[0]):03o}", name)
    return f'"{quoted}"'
