"""Guess the content type of a body from its first bytes, as Go's net/http does.

The service sets no content type itself, so every reply has a guessed one. Knows nothing of
requests.
"""

from __future__ import annotations

import re
from typing import Final

TEXT: Final = "text/plain; charset=utf-8"

_SNIFFED_BYTES: Final = 512
_BINARY: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")

_HTML: Final = (
    rb"[\t\n\x0c\r ]*<(?i:!DOCTYPE HTML|HTML|HEAD|SCRIPT|IFRAME|H1|DIV|FONT|TABLE|A|STYLE|TITLE|B"
    rb"|BODY|BR|P|!--)[ >]"
)
# Go: net/http sniff.go sniffSignatures
_SIGNATURES: Final = tuple(
    (re.compile(pattern, re.DOTALL), kind)
    for pattern, kind in (
        (_HTML, "text/html; charset=utf-8"),
        (rb"[\t\n\x0c\r ]*<\?xml", "text/xml; charset=utf-8"),
        (rb"%PDF-", "application/pdf"),
        (rb"%!PS-Adobe-", "application/postscript"),
        (rb"\xfe\xff..", "text/plain; charset=utf-16be"),
        (rb"\xff\xfe..", "text/plain; charset=utf-16le"),
        (rb"\xef\xbb\xbf.", TEXT),
        (rb"\x00\x00[\x01\x02]\x00", "image/x-icon"),
        (rb"BM", "image/bmp"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"RIFF....WEBPVP", "image/webp"),
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"FORM....AIFF", "audio/aiff"),
        (rb"ID3", "audio/mpeg"),
        (rb"OggS\x00", "application/ogg"),
        (rb"MThd\x00\x00\x00\x06", "audio/midi"),
        (rb"RIFF....AVI ", "video/avi"),
        (rb"RIFF....WAVE", "audio/wave"),
        (rb"\x1a\x45\xdf\xa3", "video/webm"),
        (rb".{34}LP", "application/vnd.ms-fontobject"),
        (rb"\x00\x01\x00\x00", "font/ttf"),
        (rb"OTTO", "font/otf"),
        (rb"ttcf", "font/collection"),
        (rb"wOFF", "font/woff"),
        (rb"wOF2", "font/woff2"),
        (rb"\x1f\x8b\x08", "application/x-gzip"),
        (rb"PK\x03\x04", "application/zip"),
        (rb"Rar!\x1a\x07(?:\x00|\x01\x00)", "application/x-rar-compressed"),
        (rb"\x00asm", "application/wasm"),
    )
)


def sniff(data: bytes) -> str:
    """Return the content type that net/http guesses for these bytes.

    >>> sniff(b'{"a":1}'), sniff(b"<html>"), sniff(b"GIF89a")
    ('text/plain; charset=utf-8', 'text/html; charset=utf-8', 'image/gif')
    """
    start = data[:_SNIFFED_BYTES]
    for pattern, kind in _SIGNATURES:
        if pattern.match(start):
            return kind
    if _is_mp4(start):
        return "video/mp4"
    return "application/octet-stream" if _BINARY.search(start) else TEXT


def _is_mp4(start: bytes) -> bool:
    # Go: mp4Sig. The first box holds its size, its name and then its brands, four bytes each.
    size = int.from_bytes(start[:4], "big")
    if start[4:8] != b"ftyp" or not 12 <= size <= len(start) or size % 4:
        return False
    brands = [start[at : at + 3] for at in range(8, size, 4) if at != 12]  # at 12 stands a version
    return b"mp4" in brands
