"""The frame of HTML reports: one file, light and dark, that loads nothing else.

Styles and scripts are files beside the modules. The module does not know what pages show.
"""

from __future__ import annotations

from html import escape
from importlib import resources
from string import Template


def asset(package: str, name: str) -> str:
    """Return the text of a data file of a package.

    >>> asset("confd_lib.tracing", "base.css").partition(" {")[0]
    ':root'
    """
    return resources.files(package).joinpath(name).read_text("utf-8")


def page(title: str, body: str, *, style: str = "", script: str = "") -> str:
    """Return a page.

    Args:
        title: plain text.
        body: HTML.
        style: CSS, which follows that of all pages and may use its colours.
        script: JavaScript, run after the body is parsed.
    """
    return Template(asset(__package__, "page.html")).substitute(
        title=escape(title),
        base=asset(__package__, "base.css"),
        style=style,
        body=body,
        script=f"<script>\n{script}</script>\n" if script else "",
    )
