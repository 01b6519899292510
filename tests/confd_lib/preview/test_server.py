"""The server over real HTTP: who is let in, what is answered, and how news reach a page."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from queue import SimpleQueue
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import requests

from confd_lib.preview.guard import Guard
from confd_lib.preview.server import Served, serving

from .conftest import Seen, Site

TOKEN = "t0ken/+&"


@dataclass(frozen=True)
class Client:
    """A client of a server that serves a site."""

    site: Site
    seen: Seen
    served: Served
    errors: SimpleQueue[BaseException]

    @property
    def base(self) -> str:
        return self.served.url.partition("/?")[0]

    @property
    def host(self) -> str:
        return self.base.removeprefix("http://")

    def url(self, path: str, address: str = "") -> str:
        token = urlsplit(self.served.url).query
        return f"{self.base}{path}?{'&'.join(filter(None, (token, address)))}"

    def get(self, path: str, address: str = "", **headers: str) -> requests.Response:
        return requests.get(self.url(path, address), headers=headers, timeout=20)

    def raw(self, request: str) -> bytes:
        """Send bytes as they are, and return the whole answer."""
        host, _, port = self.host.rpartition(":")
        with closing(socket.create_connection((host, int(port)), timeout=20)) as connection:
            connection.sendall(request.encode("latin-1"))
            return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    seen, errors = site.preview(), SimpleQueue[BaseException]()
    listener = socket.create_server(("127.0.0.1", 0))
    with serving(seen.preview, listener, errors.put, TOKEN) as served:
        yield Client(site, seen, served, errors)
    assert errors.empty()


PATHS = ("/", "/view", "/overview", "/events", "/export", "/pytest")


# -- What is answered


def test_the_address_holds_the_token(client: Client) -> None:
    parts = urlsplit(client.served.url)
    assert (parts.path, parse_qsl(parts.query)) == ("/", [("token", TOKEN)])


def test_a_token_that_is_not_given_cannot_be_guessed(site: Site) -> None:
    tokens = set()
    for _ in range(2):
        listener = socket.create_server(("127.0.0.1", 0))
        with serving(site.preview().preview, listener, print) as served:
            tokens.update(value for _, value in parse_qsl(urlsplit(served.url).query))
    assert len(tokens) == 2
    assert all(re.fullmatch(r"[\w-]{32,}", token) for token in tokens)


def test_a_view_as_json(client: Client) -> None:
    answer = client.get("/view", "resource=app.toml&container=shop_db_1&scale.web=3")
    view = answer.json()
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert view["title"] == "app.toml in shop_db_1"
    assert view["output"]["lines"][1] == {
        "number": 2,
        "pieces": [
            {"text": "port = ", "keys": []},
            {"text": "5432", "keys": ["/self/service/metadata/port"]},
        ],
        "from": [2],
        "keys": ["/self/service/metadata/port"],
        "conditions": [],
    }
    assert view["state"] == {
        "resource": "app.toml",
        "container": "shop_db_1",
        "scale.web": "3",
    }


def test_an_overview_as_json(client: Client) -> None:
    assert client.get("/overview").json() == {
        "rows": [
            {"resource": "app.toml", "container": name, "status": "same", "error": ""}
            for name in ("shop_web_1", "shop_web_2", "shop_db_1")
        ],
        "is_complete": True,
        "error": None,
    }


def test_a_test_as_text(client: Client) -> None:
    answer = client.get("/pytest")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == client.seen.test()


def test_the_page_has_all_that_it_needs(client: Client) -> None:
    page = client.get("/")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" in page.text
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", page.text)
    assert TOKEN not in page.text
    assert quote(TOKEN, safe="") not in page.text


def test_an_export_holds_the_view_and_asks_nobody(client: Client) -> None:
    answer = client.get("/export", "container=shop_db_1")
    found = re.search(
        r'<script type="application/json" id="frozen">(.*?)</script>', answer.text, re.DOTALL
    )
    assert found
    assert json.loads(found[1]) == client.get("/view", "container=shop_db_1").json()
    name = "app.toml%20in%20shop_db_1.html"
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
    assert "connect-src" not in answer.text
    assert "t0ken" not in answer.text


HOSTILE = "</script><script>alert(1)</script><!--\"'&"


def test_values_cannot_end_the_script_that_holds_them(client: Client) -> None:
    client.site.template(f"{HOSTILE}{{{{getv `/self/x` `{HOSTILE}`}}}}")
    page = client.get("/export", f"set./self/y={quote(HOSTILE)}&container={quote(HOSTILE)}").text
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "<!--" not in page
    assert page.count("</script>") == 2


# -- Who is let in


REFUSED = {
    "no token": ("/view", {}, 403, "the token is missing or wrong"),
    "a wrong token": ("/view?token=x", {}, 403, "the token is missing or wrong"),
    "a token in the wrong place": ("/view?x=TOKEN", {}, 403, "the token is missing or wrong"),
    "two tokens": ("/view?token=x&token=TOKEN", {}, 403, "the token is missing or wrong"),
    "a foreign Host": ("/view?token=TOKEN", {"Host": "evil.example"}, 403, "the header Host"),
    "a rebound Host": (
        "/view?token=TOKEN",
        {"Host": "127.0.0.1.evil.example"},
        403,
        "the header Host",
    ),
    "an address as Host": ("/view?token=TOKEN", {"Host": "192.0.2.1"}, 403, "the header Host"),
    "no name in Host": ("/view?token=TOKEN", {"Host": "[::1"}, 403, "the header Host"),
    "a foreign Origin": (
        "/view?token=TOKEN",
        {"Origin": "http://evil.example"},
        403,
        "the header Origin",
    ),
    "an Origin of another port": (
        "/view?token=TOKEN",
        {"Origin": "http://127.0.0.1:1"},
        403,
        "the header Origin",
    ),
    "no Origin": ("/view?token=TOKEN", {"Origin": "null"}, 403, "the header Origin"),
    "another page": ("/etc/passwd?token=TOKEN", {}, 404, "there is no such page"),
    "a path upwards": ("/../../etc/passwd?token=TOKEN", {}, 404, "there is no such page"),
    "an encoded path": ("/%2e%2e/%2e%2e/etc/passwd?token=TOKEN", {}, 404, "there is no such page"),
    "two slashes": ("//view?token=TOKEN", {}, 404, "there is no such page"),
    "a slash at the end": ("/view/?token=TOKEN", {}, 404, "there is no such page"),
    "a file of the page": ("/preview.js?token=TOKEN", {}, 404, "there is no such page"),
}


@pytest.mark.parametrize(("path", "headers", "status", "said"), REFUSED.values(), ids=REFUSED)
def test_a_request_is_refused_in_a_line(
    client: Client, path: str, headers: dict[str, str], status: int, said: str
) -> None:
    path = path.replace("TOKEN", quote(TOKEN, safe=""))
    sent = {"Host": client.host, "Connection": "close", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    head, _, body = client.raw(f"GET {path} HTTP/1.1\r\n{lines}\r\n").partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert body.decode().startswith(said)
    assert body.count(b"\n") == 1
    assert b"location" not in head.lower()
    assert b"t0ken" not in head + body


@pytest.mark.parametrize("path", PATHS)
def test_every_page_needs_the_token(client: Client, path: str) -> None:
    assert requests.get(f"{client.base}{path}", timeout=20).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "X"])
@pytest.mark.parametrize("path", PATHS)
def test_only_reading_is_allowed(client: Client, method: str, path: str) -> None:
    answer = requests.request(method, client.url(path), data=b"x", timeout=20)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", PATHS)
def test_a_head_has_no_body_and_ends(client: Client, path: str) -> None:
    answer = requests.head(client.url(path), timeout=20)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LocalHost", "127.0.0.1:80"])
def test_names_of_the_own_machine_are_known(client: Client, host: str) -> None:
    assert client.get("/view", Host=host).status_code == 200


def test_an_own_origin_is_let_in(client: Client) -> None:
    assert client.get("/view", Origin=client.base).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_no_answer_lets_the_token_out(client: Client, path: str) -> None:
    headers = requests.head(client.url(path), timeout=20).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in headers
    assert "Set-Cookie" not in headers
    assert "server" not in headers


def test_only_the_script_of_the_page_runs(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert re.search(r"script-src 'sha256-[\w+/]{43}=';", policy)
    assert "unsafe" not in policy


def test_nothing_is_printed_for_a_request(
    client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    client.get("/view")
    client.get("/nothing")
    client.raw("nonsense\r\n\r\n")
    assert capfd.readouterr() == ("", "")


# By the host that is listened on, and that of a request.
HOSTS = (
    (("0.0.0.0",), "192.0.2.7:80", True),
    (("0.0.0.0",), "[2001:db8::1]:80", True),
    (("0.0.0.0",), "evil.example", False),
    (("0.0.0.0",), socket.gethostname(), True),
    (("::",), "192.0.2.7", True),
    (("10.0.0.5", "build.example"), "build.example:8080", True),
    (("10.0.0.5", "build.example"), "10.0.0.5", True),
    (("10.0.0.5", "build.example"), "10.0.0.6", False),
    (("127.0.0.1",), "", False),
)


@pytest.mark.parametrize(("listening", "host", "is_known"), HOSTS)
def test_the_host_that_is_listened_on_is_known(
    listening: tuple[str, ...], host: str, is_known: bool
) -> None:
    guard = Guard("t", listening)
    refusal = guard.refusal("GET", "token=t", [("host", host)])
    assert (refusal is None) == is_known


def test_two_hosts_in_one_request_are_refused() -> None:
    headers = [("host", "localhost"), ("host", "evil.example")]
    refusal = Guard("t").refusal("GET", "token=t", headers)
    assert refusal
    assert refusal.status == 403


def test_the_token_is_in_no_text_of_the_guard() -> None:
    assert "t0ken" not in repr(Guard("t0ken"))


# -- News


def events(answer: requests.Response) -> Iterator[dict[str, object]]:
    """Yield the data of the events as they come."""
    for line in answer.iter_lines(chunk_size=1):
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))


def test_news_reach_each_page_at_once_and_after_each_change(client: Client) -> None:
    with (
        requests.get(client.url("/events"), stream=True, timeout=20) as first,
        requests.get(client.url("/events"), stream=True, timeout=20) as second,
    ):
        assert first.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        pages = [events(one) for one in (first, second)]
        assert [next(page) for page in pages] == [{"generation": 1}] * 2
        for generation in (2, 3):
            client.seen.preview.renew()
            client.served.publish()
            assert [next(page) for page in pages] == [{"generation": generation}] * 2


def test_a_page_that_has_gone_is_forgotten(client: Client) -> None:
    with requests.get(client.url("/events"), stream=True, timeout=20) as gone:
        next(events(gone))
    client.served.publish()
    with requests.get(client.url("/events"), stream=True, timeout=20) as here:
        assert next(events(here)) == {"generation": 1}


def test_the_end_of_the_server_ends_the_news(site: Site) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with serving(site.preview().preview, listener, print) as served:
        url = served.url.replace("/?", "/events?")
        answer = requests.get(url, stream=True, timeout=20)
        page = events(answer)
        next(page)
    assert list(page) == []


def test_a_fault_of_ours_ends_one_answer_alone(client: Client, monkeypatch) -> None:
    def failing(*_: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(type(client.seen.preview), "view", failing)
    assert client.get("/view").status_code == 500
    # The client has its answer before the fault is reported.
    assert str(client.errors.get(timeout=20)) == "a fault"
    assert client.get("/overview").status_code == 200
