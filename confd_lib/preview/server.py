"""The server of the preview: pages and JSON over HTTP, for those who have the token.

It only reads, and runs no command. The guard decides who is let in, the model what is shown.
"""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote

import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from confd_lib.preview import pages
from confd_lib.preview.feed import Feed
from confd_lib.preview.guard import Guard
from confd_lib.preview.model import records

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from confd_lib.preview.model.previews import Preview

# The seconds in which open requests are answered once the server is to end.
_LAST_SECONDS: Final = 1
_JSON: Final = "application/json; charset=utf-8"
_EVENTS: Final = "text/event-stream; charset=utf-8"
# The address of a page holds the token: no other site learns it.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_NO_PAGE: Final = "default-src 'none'; frame-ancestors 'none'"
# The parameters that are no part of the state.
_TOKEN: Final = "token"
_TAB: Final = "tab"

Report = Callable[[BaseException], None]


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs.

    Attributes:
        url: the address of the page, with the token.
        publish: sends the news that something has changed to all open pages.
    """

    url: str
    publish: Callable[[], None]


@contextlib.contextmanager
def serving(
    preview: Preview, listener: socket.socket, report: Report, token: str = "", name: str = ""
) -> Iterator[Served]:
    """Serve a preview in a thread of its own.

    Args:
        preview: the preview.
        listener: a socket that listens; it is closed at the end.
        report: prints an error of ours.
        token: what each address has to hold; by default one that nobody can guess.
        name: the host that the socket listens on, as it was named.
    """
    token = token or secrets.token_urlsafe(24)
    host, port = listener.getsockname()[:2]
    feed = Feed(lambda: preview.generation)
    app = application(preview, feed, Guard(token, (host, name)), report)
    server = uvicorn.Server(_config(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield Served(f"http://{_shown(host)}:{port}/?token={quote(token, safe='')}", feed.publish)
    finally:
        server.should_exit = True
        feed.end()
        thread.join()
        listener.close()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="off",
        # Its logs would name addresses, and with them the token.
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_LAST_SECONDS,
    )


def _shown(host: str) -> str:
    """Return a host as it stands in a URL; the own machine for all addresses."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{here}]" if ":" in here else here


def application(preview: Preview, feed: Feed, guard: Guard, report: Report) -> ASGIApp:
    """Return the application: its routes behind the guard."""
    served = _Served(preview, feed)
    routes = [
        Route(path, answer)
        for path, answer in (
            ("/", served.page),
            ("/view", served.view),
            ("/overview", served.overview),
            ("/events", served.events),
            ("/export", served.export),
            ("/pytest", served.pytest),
        )
    ]
    app = Starlette(routes=routes, exception_handlers={404: _missing})
    app.router.redirect_slashes = False  # a redirection would repeat the token
    return _Guarded(app, guard, report)


def _missing(_: Request, __: Exception) -> Response:
    return _refused(404, "there is no such page")


def _refused(status: int, reason: str) -> Response:
    headers = {**_HEADERS, "Content-Security-Policy": _NO_PAGE}
    return PlainTextResponse(f"{reason}\n", status, headers | _allow(status))


def _allow(status: int) -> dict[str, str]:
    return {"Allow": "GET, HEAD"} if status == 405 else {}


@dataclass(frozen=True, slots=True)
class _Guarded:
    """An application that only those are let into whom the guard knows."""

    app: ASGIApp
    guard: Guard
    report: Report

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        ]
        query = scope["query_string"].decode("latin-1")
        refusal = self.guard.refusal(scope["method"], query, headers)
        if refusal:
            await _refused(refusal.status, refusal.reason)(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - a fault of ours ends one answer, not the server
            self.report(error)


@dataclass(frozen=True, slots=True)
class _Served:
    """The answers; those that render run in threads."""

    preview: Preview
    feed: Feed

    def page(self, _: Request) -> Response:
        text = pages.live()
        return HTMLResponse(text, headers=_headers(pages.policy(text)))

    def view(self, request: Request) -> Response:
        return _json(self.preview.view(*_asked(request)))

    def overview(self, request: Request) -> Response:
        return _json(self.preview.overview(*_asked(request)))

    def export(self, request: Request) -> Response:
        view = self.preview.view(*_asked(request))
        name = f"{view.title or 'preview'}.html".replace("/", "-")
        kept = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
        return HTMLResponse(pages.frozen(view), headers=_headers(_NO_PAGE) | kept)

    def pytest(self, request: Request) -> Response:
        parameters, _ = _asked(request)
        text = self.preview.test(parameters).encode("utf-8", "replace")
        return PlainTextResponse(text, headers=_headers(_NO_PAGE))

    async def events(self, request: Request) -> Response:
        headers = _headers(_NO_PAGE)
        if request.method == "HEAD":
            return Response(headers=headers, media_type=_EVENTS)
        return StreamingResponse(self.feed.events(), headers=headers, media_type=_EVENTS)


def _json(record: records.View | records.Overview) -> Response:
    return Response(records.to_json(record), media_type=_JSON, headers=_headers(_NO_PAGE))


def _headers(content_policy: str) -> dict[str, str]:
    return {**_HEADERS, "Content-Security-Policy": content_policy}


def _asked(request: Request) -> tuple[list[tuple[str, str]], str]:
    """Return the parameters of the state, and the name of the tab."""
    query = request.scope["query_string"].decode("latin-1")
    given = parse_qsl(query, keep_blank_values=True)
    state = [(name, value) for name, value in given if name not in (_TOKEN, _TAB)]
    return state, next((value for name, value in given if name == _TAB), "")
