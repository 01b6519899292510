"""Rows on printf: every verb on every kind, flags, widths, precisions, indexes and complaints."""

from __future__ import annotations

from typing import Final

from tests.gotmpl.oracle.texts import lines

from .rows import Row, cross, each, sections


def printf() -> list[Row]:
    def section(name: str) -> list[str]:
        return lines("printf", name)

    floats = ["3.14159", "-1e10", ".inf", ".nan", "0.0"]
    return [
        *sections("printf", "plain"),
        *cross("verb", '{{printf "%@" #}}', section("verbs"), section("kinds")),
        *cross("int", '{{printf "%@|" #}}', section("flagged"), ["42", "-42"]),
        *cross("float", '{{printf "%@" #}}', section("floated"), floats),
        *cross("text", '{{printf "%@" #}}', section("texted"), ['"héy"', ".by", '"a\\"`\\n"']),
        *each("percent", '{{range .ls}}{{printf "@" .}}{{end}}', section("percent")),
        *each("complaint", "{{printf @}}", section("complaint")),
    ]


THEMES: Final = (printf,)
