"""Read the texts of cases and of the grammar: one a line, in named sections."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "texts"
# U+2400 and what follows stand for control characters, and ⟦hex⟧ for any character.
PICTURES: Final = {0x2400 + code: code for code in range(32)}
SPELLED: Final = re.compile("⟦([0-9a-f]*)⟧")


def lines(file: str, section: str) -> list[str]:
    """Return the lines of a section of texts/<file>.txt; a section begins with `# ` and its name.

    Raises:
        KeyError: there is no such section.
    """
    return sections(file)[section]


@cache
def sections(file: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (FOLDER / f"{file}.txt").read_text("utf-8").split("\n"):
        if line.startswith("# "):
            current = found[line[2:]] = []
        elif line:
            current.append(SPELLED.sub(meant, line).translate(PICTURES))
    return found


def meant(spelled: re.Match[str]) -> str:
    return chr(int(spelled[1], 16)) if spelled[1] else ""
