"""Go's package `net/url`: the parts of a URL, and a URL of its parts.

Knows no templates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gotmpl.golang.strings import from_bytes, to_bytes
from gotmpl.strconv.quoting import quote

_SCHEME: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")
_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
_USERINFO: Final = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_PORT: Final = re.compile("(?::[0-9]*)?")
_ESCAPE: Final = re.compile("%([0-9a-fA-F]{2})")
_BAD_ESCAPE: Final = re.compile("%(?![0-9a-fA-F]{2}).{0,2}", re.DOTALL)

# The characters that stay in each part, beside letters and digits. Go: shouldEscape.
_PATH: Final = "-_.~$&+,/:;=@"
_USER: Final = "-_.~$&+,;="
_FRAGMENT: Final = "-_.~$&+,/:;=?@!()*"
_HOST: Final = "-_.~!$&'()*+,;=:[]<>\""


@dataclass(frozen=True, slots=True)
class Url:
    """The parts of a URL; path, fragment and user are decoded."""

    scheme: str = ""
    opaque: str = ""
    user: tuple[str, str | None] | None = None
    host: str = ""
    path: str = ""
    query: str = ""
    fragment: str = ""
    asks: bool = False  # ends with `?`
    has_no_host: bool = False  # one slash follows the scheme

    @property
    def hostname(self) -> str:
        """The host without port and brackets."""
        if self.host.startswith("["):
            return self.host[1:].partition("]")[0]
        host, colon, port = self.host.rpartition(":")
        return host if colon and (port.isdecimal() or not port) else self.host

    @property
    def userinfo(self) -> str:
        """The user and the password, encoded."""
        if self.user is None:
            return ""
        name, password = self.user
        shown = _escaped(name, _USER)
        return shown if password is None else f"{shown}:{_escaped(password, _USER)}"

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query or self.asks else ""
        fragment = f"#{_escaped(self.fragment, _FRAGMENT)}" if self.fragment else ""
        scheme = f"{self.scheme}:" if self.scheme else ""
        return scheme + (self.opaque or self._hierarchy()) + query + fragment

    def _hierarchy(self) -> str:
        """Return the authority and the path."""
        authority = ""
        has_user = self.user is not None
        if (self.scheme or self.host or has_user) and not (
            self.has_no_host and not self.host and not has_user
        ):
            authority = "//" if self.host or self.path or has_user else ""
            authority += f"{self.userinfo}@" if has_user else ""
            authority += _escaped(self.host, _HOST)
        path = "*" if self.path == "*" else _escaped(self.path, _PATH)
        if path and not path.startswith("/") and self.host:
            return f"{authority}/{path}"
        if not self.scheme and not authority and ":" in path.partition("/")[0]:
            return f"./{path}"
        return authority + path


def parse_url(text: str) -> Url:
    """Return the parts of a URL. Go: url.Parse.

    Raises:
        ValueError: the text is no URL; the message is Go's.

    >>> parse_url("http://me@h:80/a%20b?q#f").path
    '/a b'
    >>> parse_url("%zz")
    Traceback (most recent call last):
    ValueError: parse "%zz": invalid URL escape "%zz"
    """
    rest, _, fragment = text.partition("#")
    try:
        parts = _parsed(rest)
    except ValueError as error:
        raise ValueError(f"parse {quote(rest)}: {error}") from None
    try:
        parts["fragment"] = _unescaped(fragment)
    except ValueError as error:
        raise ValueError(f"parse {quote(text)}: {error}") from None
    return Url(**parts)  # type: ignore[arg-type]  # each by its name


def _parsed(text: str) -> dict[str, object]:
    if _CONTROL.search(text):
        raise ValueError("net/url: invalid control character in URL")
    if text == "*":
        return {"path": "*"}
    found = _SCHEME.match(text)
    if text.startswith(":"):
        raise ValueError("missing protocol scheme")
    scheme = found[0][:-1].lower() if found else ""
    rest = text[found.end() :] if found else text
    parts: dict[str, object] = {"scheme": scheme}
    if rest.endswith("?") and rest.count("?") == 1:
        parts["asks"], rest = True, rest[:-1]
    else:
        rest, _, parts["query"] = rest.partition("?")
    if not rest.startswith("/"):
        if scheme:
            return {**parts, "opaque": rest}
        if ":" in rest.partition("/")[0]:
            raise ValueError("first path segment in URL cannot contain colon")
    return {**parts, **_located(rest, scheme)}


def _located(rest: str, scheme: str) -> dict[str, object]:
    """Return user, host and path."""
    parts: dict[str, object] = {}
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        parts = _authority(authority)
        rest = slash + path
    elif scheme and rest.startswith("/"):
        parts["has_no_host"] = True
    return {**parts, "path": _unescaped(rest)}


def _authority(text: str) -> dict[str, object]:
    userinfo, at, host = text.rpartition("@")
    parts: dict[str, object] = {"host": _host(host)}
    if not at:
        return parts
    if not _USERINFO.fullmatch(userinfo):
        raise ValueError("net/url: invalid userinfo")
    name, colon, password = userinfo.partition(":")
    return {**parts, "user": (_unescaped(name), _unescaped(password) if colon else None)}


def _host(text: str) -> str:
    port = ""
    if text.startswith("["):
        inside, bracket, port = text.rpartition("]")
        if not bracket:
            raise ValueError("missing ']' in host")
        zone = inside.find("%25")
        if zone >= 0:
            _check_port(port)
            return _of_host(inside[:zone]) + _unescaped(inside[zone:]) + "]" + _of_host(port)
    elif ":" in text:
        port = text[text.rindex(":") :]
    _check_port(port)
    return _of_host(text)


def _check_port(port: str) -> None:
    if not _PORT.fullmatch(port):
        raise ValueError(f"invalid port {quote(port)} after host")


def _of_host(text: str) -> str:
    """Return a host decoded: only bytes beyond ASCII, and `%25`, may be encoded in one."""
    _check_escapes(text)
    for found in _ESCAPE.finditer(text):
        if int(found[1], 16) < 0x80 and found[0] != "%25":
            raise ValueError(f"invalid URL escape {quote(found[0])}")
    for char in _ESCAPE.sub("", text):
        if char.isascii() and not char.isalnum() and char not in _HOST:
            raise ValueError(f"invalid character {quote(char)} in host name")
    return _unescaped(text)


def _check_escapes(text: str) -> None:
    bad = _BAD_ESCAPE.search(text)
    if bad:
        raise ValueError(f"invalid URL escape {quote(bad[0])}")


def _unescaped(text: str) -> str:
    _check_escapes(text)
    if "%" not in text:
        return text
    pieces = _ESCAPE.split(text)
    pieces[1::2] = [from_bytes(bytes([int(digits, 16)])) for digits in pieces[1::2]]
    return from_bytes(to_bytes("".join(pieces)))


def _escaped(text: str, kept: str) -> str:
    return "".join(
        char
        if char.isascii() and (char.isalnum() or char in kept)
        else "".join(
            # a host keeps what is beyond ASCII encoded too, as a path does
            f"%{byte:02X}"
            for byte in to_bytes(char)
        )
        for char in text
    )
