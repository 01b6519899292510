"""The frame of HTML reports: one file, light and dark, that loads nothing else.

Styles and scripts are files beside the modules. The module does not know what pages show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources
from string import Template
from typing import Final

# A page that loads nothing.
SELF_CONTAINED: Final = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def asset(package: str, name: str) -> str:
    """Return the text of a data file of a package.

    >>> ":root {" in asset("confd_lib.tracing", "base.css")
    True
    """
    return resources.files(package).joinpath(name).read_text("utf-8")


def assets(package: str, *names: str) -> str:
    """Return the texts of data files of a package, one after the other."""
    return "".join(asset(package, name) for name in names)


def page(
    title: str, body: str, *, style: str = "", script: str = "", policy: str = SELF_CONTAINED
) -> str:
    """Return a page.

    Args:
        title: plain text.
        body: HTML.
        style: CSS, which follows that of all pages and may use its colours.
        script: JavaScript, run after the body is parsed.
        policy: the Content-Security-Policy.
    """
    return Template(asset(__package__, "page.html")).substitute(
        title=escape(title),
        policy=escape(policy, quote=False),
        base=asset(__package__, "base.css"),
        style=style,
        body=body,
        script=f"<script>\n{script}</script>\n" if script else "",
    )


def table(heads: Sequence[str], rows: Iterable[str]) -> str:
    """Return a table; on a narrow screen each of its rows is a block.

    Args:
        heads: the heads of the columns, plain text.
        rows: as `row` returns them.
    """
    cells = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "\n".join(rows)
    return f'<table class="facts"><thead><tr>{cells}</tr></thead><tbody>\n{body}\n</tbody></table>'


def row(heads: Sequence[str], cells: Iterable[str], kind: str = "") -> str:
    """Return a row of a table; each cell also has the head of its column, for narrow screens.

    Args:
        heads: as for `table`.
        cells: HTML.
        kind: the class of the row, for CSS.

    >>> row(["Line"], ["7"], "hit")
    '<tr class="hit"><td data-head="Line">7</td></tr>'
    """
    shown = "".join(
        f'<td data-head="{escape(head)}">{cell}</td>'
        for head, cell in zip(heads, cells, strict=True)
    )
    return f'<tr class="{escape(kind)}">{shown}</tr>'
