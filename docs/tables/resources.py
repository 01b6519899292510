"""The table of settings in docs/resources.md, made of the fields of a resource.

The rest of the page is written by hand.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from confd_lib.confdir.resource import FIELDS, TemplateResource
from confd_lib.lint.rules.resources import OURS
from docs.tables import attributes
from docs.tables.markdown import code, table

PAGE: Final = Path(__file__).parents[1] / "resources.md"
_TABLE: Final = re.compile(r"^\| name \| type .*?\n\n", re.MULTILINE | re.DOTALL)
# The defaults in the words of the page, where a field has no value of its own.
DEFAULTS: Final = {
    "src": "",
    "dest": "",
    "mode": "that of the file, or 0644",
    "uid": "that of confd",
    "gid": "that of confd",
    "left_delim": "`{{`",
    "right_delim": "`}}`",
    "check_timeout": "0, for any time",
    "reload_timeout": "0, for any time",
    "output_format": "any",
    "min_reload_interval": "0, for none",
    "debounce": "0, for none",
}


def page() -> str:
    """Return the page with the table of today."""
    return _TABLE.sub(lambda _: f"{settings()}\n", PAGE.read_text("utf-8"), count=1)


def settings() -> str:
    """Return the table: each setting with its type, default and meaning."""
    meanings = attributes.of(TemplateResource)
    rows = [
        (
            code(name),
            kind.name,
            default(name),
            "ours" if name in OURS else "",
            _about(meanings[name]),
        )
        for name, kind in FIELDS.items()
    ]
    return table(("name", "type", "default", "ours", "meaning"), rows)


def default(name: str) -> str:
    """Return the default of a setting, in words."""
    return DEFAULTS.get(name, "none")


def _about(meaning: str) -> str:
    """Return a meaning without what the columns of the type and of the default say."""
    return re.sub(r"(, in seconds)?; (?:empty (?:for|to)|-1 for|0 for) .*$", "", meaning)
