"""The pages of traces and of coverage, opened in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

import confd_lib
from confd_lib.testing.bench import Bench
from confd_lib.testing.coverage.measure import measure_all
from confd_lib.testing.coverage.page import page
from confd_lib.testing.coverage.recording import Recorder
from confd_lib.testing.coverage.reports import Report
from confd_lib.testing.coverage.selection import everything
from confd_lib.testing.wiring import Wiring

SAMPLE = Path(__file__).parents[3] / "examples" / "testing"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
)


class Elements(HTMLParser):
    """Collects the elements of a page: tag and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture
def opened(tmp_path: Path):
    """Open a page in the browser and return its elements after its script has run."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")

    def open_page(text: str) -> Elements:
        file = tmp_path / "page.html"
        file.write_text(text, "utf-8", "replace")
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        done = subprocess.run(
            [CHROMIUM, *FLAGS, profile, "--dump-dom", file.as_uri()],
            capture_output=True,
            check=True,
            timeout=120,
        )
        return Elements(done.stdout.decode())

    return open_page


def sample_trace() -> confd_lib.testing.Trace:
    bench = Bench()
    stack = bench.compose(SAMPLE, name="shop")
    template = SAMPLE / "templates" / "sites.conf.tmpl"
    return bench.trace(template, stack, as_="shop_web_1", version="2015-12-19")


def test_the_page_of_a_trace_joins_lines(opened) -> None:
    trace = sample_trace()
    shown = opened(trace.html())
    lines = [line for line in shown.of("li") if "data-from" in line]
    assert [line["data-from"] for line in lines] == [
        ",".join(map(str, line.template_lines)) for line in trace.lines if line.pieces
    ]
    paths = [path for path in shown.of("path") if re.match(r"M 0 [\d.]+ C ", path.get("d") or "")]
    assert len(paths) == sum(len(line.template_lines) for line in trace.lines if line.pieces)
    (root,) = [line for line in lines if "blog.example/root" in (line["data-keys"] or "")]
    assert root["data-from"] == "7"


def test_the_page_of_a_trace_tells_keys(opened) -> None:
    marks = [mark["title"] for mark in opened(sample_trace().html()).of("mark")]
    assert marks[0] == "/self/service/metadata/workers"
    assert "/self/service/metadata/sites/shop.example/root" in marks


def test_html_in_values_is_escaped(opened) -> None:
    nasty = '<script>document.body.id="x"</script>" onclick="x'
    trace = confd_lib.trace('{{getv "/a"}}{{getv "/<b>"}}', {"a": nasty, "<b>": nasty})
    shown = opened(trace.html())
    assert [body.get("id") for body in shown.of("body")] == [None]
    assert len(shown.of("script")) == 1
    assert all("onclick" not in attributes for _, attributes in shown.found)


def test_the_page_of_a_failed_trace_shows_the_error() -> None:
    assert "key does not exist: /no" in confd_lib.trace('{{getv "/no"}}').html()


def test_the_page_of_coverage_marks_lines(opened, tmp_path: Path) -> None:
    recorder = Recorder(everything(SAMPLE / "templates"))
    bench = Bench(Wiring(recorder=recorder))
    bench.render(SAMPLE / "templates" / "sites.conf.tmpl", {})
    coverage = measure_all(recorder)
    shown = opened(page(coverage))
    names = [section["id"] for section in shown.of("section")]
    assert names == ["peers.json.tmpl", "sites.conf.tmpl", "status.ini.tmpl"]
    states = [line["class"] for line in shown.of("li")]
    sources = [one.text.count("\n") for one in coverage.templates]
    sites = states[sources[0] : sources[0] + sources[1]]
    assert sites == [
        "taken",
        "never",
        "never",
        "never",
        "text",
        "never",
        "never",
        "text",
        "taken",
        "text",
        "text",
        "text",
        "text",
    ]
    Report("html", tmp_path / "out" / "c.html").write(coverage, tmp_path)
    assert (tmp_path / "out" / "c.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    "text", [sample_trace().html(), page(measure_all(Recorder(everything(SAMPLE))))]
)
def test_pages_ask_nothing_of_a_network(text: str) -> None:
    shown = Elements(text)
    assert not [found for found in shown.found if {"src", "srcset"} & set(found[1])]
    assert not shown.of("link")
    assert not re.search(r"url\(|@import|fetch\(", text)
    assert "default-src 'none'" in text
