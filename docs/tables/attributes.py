"""The texts of docstrings on attributes, by name."""

from __future__ import annotations

import inspect
import re

_ENTRY = re.compile(r"^    (\w+): (.*(?:\n     .*)*)", re.MULTILINE)


def of(cls: type) -> dict[str, str]:
    """Return what the docstring of a class says of each attribute, as phrases without a full stop.

    >>> of(re.Pattern)
    {}
    """
    section = (inspect.getdoc(cls) or "").partition("Attributes:\n")[2].split("\n\n")[0]
    found = _ENTRY.findall(section)
    return {name: " ".join(text.split()).removesuffix(".") for name, text in found}
