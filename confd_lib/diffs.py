"""Unified diffs that `patch` takes, whatever the lines hold.

Knows nothing of files: it is given two texts and their names.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_NEWLINE: Final = "\\ No newline at end of file\n"
_TO_QUOTE: Final = r'[\x00-\x1f\x7f"\\]'


def unified_diff(old: str, new: str, old_name: str, new_name: str) -> Iterator[str]:
    r"""Yield the lines of a unified diff, each with its newline; nothing where the texts are equal.

    Lines end at a newline alone, as they do for `patch`, and not where `str.splitlines` cuts them.

    Args:
        old: the text before the change.
        new: the text after it.
        old_name: the name of the file that holds the old text.
        new_name: what to call the new text.

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
    import difflib  # noqa: PLC0415 - only a run that shows differences needs it

    file = _quoted(old_name)
    # The name in a header ends at a tab, or at a space where there is none.
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
    """Quote a name as git does where a header cannot hold it as it is."""
    if not re.search(_TO_QUOTE, name):
        return name
    quoted = re.sub(_TO_QUOTE, lambda found: f"\\{ord(found[0]):03o}", name)
    return f'"{quoted}"'
