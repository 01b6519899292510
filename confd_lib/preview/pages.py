"""The page of the preview: live, or as a file that holds one view.

Knows nothing of how views are made.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

from confd_lib.preview.model import records
from confd_lib.tracing import web

if TYPE_CHECKING:
    from collections.abc import Iterator

_POLICY: Final = "base-uri 'none'; form-action 'none'"
# The package with what traces show too.
_SHARED: Final = "confd_lib.tracing"
_SCRIPTS: Final = ("draw.js", "controls.js", "live.js")


def live() -> str:
    """Return the page that asks the server for views."""
    return _page("Preview", "", f"{web.SELF_CONTAINED}; connect-src 'self'")


def frozen(view: records.View) -> str:
    """Return a page that holds one view, and asks nobody.

    Args:
        view: what it shows.
    """
    # `to_json` leaves no `<`, so that nothing in a view can end the element.
    held = f'<script type="application/json" id="frozen">{records.to_json(view)}</script>\n'
    return _page(view.title, held, web.SELF_CONTAINED)


def policy(page: str) -> str:
    """Return the Content-Security-Policy of a live page: nothing runs but what stands in it.

    >>> policy("<script>1</script>").split("; ")[1]
    "script-src 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"
    """
    sources = {kind: " ".join(_hashes(page, kind)) or "'none'" for kind in ("script", "style")}
    return (
        f"default-src 'none'; script-src {sources['script']}; style-src {sources['style']}; "
        f"connect-src 'self'; frame-ancestors 'none'; {_POLICY}"
    )


def _hashes(page: str, kind: str) -> Iterator[str]:
    for rest in page.split(f"<{kind}>")[1:]:
        digest = hashlib.sha256(rest.partition(f"</{kind}>")[0].encode()).digest()
        yield f"'sha256-{base64.b64encode(digest).decode()}'"


def _page(title: str, held: str, content_policy: str) -> str:
    own = __package__
    return web.page(
        title,
        web.asset(own, "page.html") + held,
        style=web.assets(_SHARED, "sheets.css") + web.assets(own, "preview.css"),
        script=web.assets(_SHARED, "sheets.js") + web.assets(own, *_SCRIPTS),
        policy=content_policy,
    )
