"""The files that the page is made of: shared with traces, and safe by the way they are written."""

from __future__ import annotations

import re

import pytest

import confd_lib
from confd_lib.preview import pages
from confd_lib.tracing import web

PAGE = pages.live()
TRACE = confd_lib.trace('{{getv "/a"}}', {"a": "1"}).html()


@pytest.mark.parametrize("name", ["base.css", "sheets.css", "sheets.js"])
def test_the_preview_shares_its_look_with_traces(name: str) -> None:
    shared = web.asset("confd_lib.tracing", name)
    assert shared in PAGE
    assert shared in TRACE


def test_no_script_makes_html_or_code_of_texts() -> None:
    risky = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser"
    )
    assert re.findall(risky, PAGE) == []


def test_the_page_has_no_style_or_handler_within_its_elements() -> None:
    body = PAGE.partition("<body>")[2].partition("<script>")[0]
    assert re.findall(r"\s(?:style|on\w+)=", body) == []


def test_the_page_loads_nothing() -> None:
    assert re.findall(r"<(?:link|img|iframe)\b|@import|url\(|\ssrc=", PAGE) == []
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", PAGE) == []
