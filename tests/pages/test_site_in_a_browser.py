"""The site of docs/ in a real browser: nothing is wider than a telephone, and dark is readable."""

from __future__ import annotations

import functools
import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any, Final

import pytest

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
# Opens each page in a frame of this width, measures it in both themes, and writes what it found.
CHECK: Final = """\
<!doctype html>
<title>running</title>
<body>
<pre id="found"></pre>
<script>
const pages = PAGES;

function channels(color) {
  return color.match(/[\\d.]+/g).map(Number);
}

function luminance(color) {
  const [red, green, blue] = channels(color).map((value) => {
    const part = value / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function background(element) {
  for (let one = element; one; one = one.parentElement) {
    const color = getComputedStyle(one).backgroundColor;
    if (channels(color)[3] !== 0) return color;
  }
  return "rgb(255, 255, 255)";
}

function contrast(element) {
  const pair = [getComputedStyle(element).color, background(element)].map(luminance);
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}

function measure(body) {
  const root = body.ownerDocument.documentElement;
  const themes = ["light", "dark"].map((theme) => {
    body.dataset.theme = theme;
    const texts = body.querySelectorAll("article :is(h1, p, td, code, .sig, pre span)");
    return [theme, {
      ground: getComputedStyle(body).backgroundColor,
      contrast: Math.min(21, ...Array.from(texts, contrast)),
    }];
  });
  return { wide: root.scrollWidth - root.clientWidth, ...Object.fromEntries(themes) };
}

async function open(page) {
  const frame = document.createElement("iframe");
  frame.width = 420;
  frame.height = 800;
  frame.src = page;
  const loaded = new Promise((done) => frame.addEventListener("load", done));
  document.body.append(frame);
  await loaded;
  const found = measure(frame.contentDocument.body);
  frame.remove();
  return [page, found];
}

(async () => {
  const found = [];
  for (const page of pages) found.push(await open(page));
  document.getElementById("found").textContent = JSON.stringify(Object.fromEntries(found));
  await fetch("done");
})();
</script>
"""


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base
        """Log nothing."""


@pytest.fixture(scope="module")
def found(built: Path) -> Iterator[dict[str, Any]]:
    """Open each page of the site, and return what was measured by page."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    folder = built.parent
    # The top of the site is no page: it leads to the first one.
    paths = sorted({*folder.rglob("*.html")} - {built / "index.html"})
    pages = [str(path.relative_to(folder)) for path in paths]
    (folder / "check.html").write_text(CHECK.replace("PAGES", json.dumps(pages)))
    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield opened(f"http://127.0.0.1:{server.server_port}/check.html", folder / "profile")
        finally:
            server.shutdown()
            thread.join()


def opened(url: str, profile: Path) -> dict[str, Any]:
    """Return what the script of the page wrote."""
    options = [f"--user-data-dir={profile}", "--virtual-time-budget=600000", "--dump-dom"]
    done = subprocess.run(
        [str(CHROMIUM), *FLAGS, *options, url], capture_output=True, check=True, timeout=250
    )
    (text,) = re.findall(r'<pre id="found">(.*?)</pre>', done.stdout.decode(), re.DOTALL)
    return dict(json.loads(unescape(text)))


def test_no_page_has_to_be_scrolled_sideways_on_a_telephone(found: dict[str, Any]) -> None:
    assert len(found) > 20
    assert {page: one["wide"] for page, one in found.items() if one["wide"] > 0} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_text_can_be_read(found: dict[str, Any], theme: str) -> None:
    """The Web Content Accessibility Guidelines ask for a contrast of 4.5."""
    pages = {page: one[theme]["contrast"] for page, one in found.items()}
    assert {page: contrast for page, contrast in pages.items() if contrast < 4.5} == {}


def test_dark_is_dark(found: dict[str, Any]) -> None:
    for one in found.values():
        light, dark = (
            sum(map(int, re.findall(r"\d+", one[theme]["ground"])[:3]))
            for theme in ("light", "dark")
        )
        assert (dark < 150, light > 600) == (True, True)
