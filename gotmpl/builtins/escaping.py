"""Text made safe for HTML, JavaScript and URL queries, byte for byte as `text/template` does.

Knows nothing of values: it takes and returns text.
"""

from __future__ import annotations

import re
from typing import Final

from gotmpl.strconv.printable import is_print
from gotmpl.strconv.quoting import merge_escapes, utf8

# The ampersand first: the others' entities have one.
_HTML: Final = (
    *(("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")),
    *(('"', "&#34;"), ("'", "&#39;"), ("\0", "\ufffd")),
)


def escape_html(text: str) -> str:
    """Go: HTMLEscapeString.

    >>> escape_html("a < 'b'")
    'a &lt; &#39;b&#39;'
    """
    for mark, entity in _HTML:
        if mark in text:
            text = text.replace(mark, entity)
    return text


_JS_SPECIAL: Final = re.compile(r"""[\\'"<>&=\x00-\x1f]|[^\x00-\x7f]""")
_JS_SLASHED: Final = "\\'\""


def _escape_js_char(match: re.Match[str]) -> str:
    char = match[0]
    if char in _JS_SLASHED:
        return "\\" + char
    if char > "\x7f" and (is_print(ord(char)) or "\udc80" <= char <= "\udcff"):
        return char  # Go reads a byte that is not UTF-8 as U+FFFD, which is printable and stays
    return f"\\u{ord(char):04X}"


def escape_js(text: str) -> str:
    r"""Go: JSEscapeString.

    >>> print(escape_js("a='b'\n"))
    a\u003D\'b\'\u000A
    """
    return _JS_SPECIAL.sub(_escape_js_char, merge_escapes(text))


_QUERY_PLAIN: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
_QUERY: Final = [
    chr(byte) if byte in _QUERY_PLAIN else "+" if byte == 0x20 else f"%{byte:02X}"
    for byte in range(256)
]


def escape_query(text: str) -> str:
    """Go: url.QueryEscape.

    >>> escape_query("a b&é")
    'a+b%26%C3%A9'
    """
    if text.isascii():
        return text.translate(_QUERY)
    return "".join([_QUERY[byte] for byte in utf8(text)])
