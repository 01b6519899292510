"""The pages in use: in wide and narrow windows, by keyboard, with long lines and many tests."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import confd_lib
from confd_lib.testing.coverage.page import page
from confd_lib.testing.coverage.places import Coverage, Place, TemplateCoverage
from confd_lib.tracing.web import asset

from .test_pages import CHROMIUM, FLAGS, Elements, sample_trace

LONG = "/a" + "/very-long" * 40
PLACES = (
    Place(1, "template", taken=True, tests=("test_a.py::test_one", "test_a.py::test_<two>")),
    Place(2, "if", taken=False),
    Place(2, "else", taken=True, tests=tuple(f"test_b.py::test[{n}]" for n in range(30))),
    Place(3, "action", taken=False),
)
TEXT = f'x\n{{{{if exists "{LONG}"}}}}\n{{{{getv "{LONG}"}}}}{{{{end}}}}\nleft out\n'


def coverage_page() -> str:
    one = TemplateCoverage(f"{LONG[1:]} #1%.tmpl", TEXT, PLACES, left_out=frozenset((4,)))
    broken = TemplateCoverage("b.tmpl", "{{if}}", (Place(1, "template", taken=False),), LONG)
    return page(Coverage((one, broken)))


def long_trace() -> str:
    values = {"self": {"name": "x" * 500}}
    trace = confd_lib.trace(f'{{{{getv "/self/name"}}}} {{{{getv "{LONG}" "d"}}}}', values)
    return trace.html()


PAGES = {
    "coverage": coverage_page(),
    "trace": sample_trace().html(),
    "long-trace": long_trace(),
}


def shown(folder: Path, text: str, *flags: str) -> Elements:
    """Open a page in the browser and return its elements after its scripts have run."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    file = folder / "shown.html"
    file.write_text(text, "utf-8")
    profile = f"--user-data-dir={folder / 'profile'}"
    done = subprocess.run(
        [CHROMIUM, *FLAGS, *flags, profile, "--dump-dom", file.as_uri()],
        capture_output=True,
        check=True,
        timeout=120,
    )
    return Elements(done.stdout.decode())


def with_script(text: str, script: str) -> str:
    return text.replace("</body>", f"<script>{script}</script></body>")


@pytest.fixture
def used(tmp_path: Path):
    """Open a page, run a script in it, and return what the script says, and the elements."""

    def use(text: str, script: str) -> tuple[str, Elements]:
        says = f"document.body.title = String((() => {{ {script} }})())"
        page = shown(tmp_path, with_script(text, says))
        return page.of("body")[0]["title"] or "", page

    return use


# A window has a least width, a frame has not.
FRAME = """<!doctype html><body><script>
onmessage = event => { document.body.title = event.data; };
</script><iframe src="framed.html" style="width: {width}px; height: 900px; border: 0"></iframe>"""
WIDE = """
const right = document.documentElement.clientWidth + 1;
const wide = [...document.querySelectorAll("body *")].filter(
  one => one.getBoundingClientRect().right > right).map(one => one.outerHTML.slice(0, 80));
parent.postMessage(`${innerWidth} ${document.documentElement.scrollWidth < right} ${wide}`, "*");
"""


@pytest.mark.parametrize("width", [1280, 420])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_window(tmp_path: Path, name: str, width: int) -> None:
    (tmp_path / "framed.html").write_text(with_script(PAGES[name], WIDE))
    page = shown(tmp_path, FRAME.replace("{width}", str(width)), "--virtual-time-budget=2000")
    assert page.of("body")[0]["title"] == f"{width} true "


PRESS = (
    "const press = key => document.activeElement.dispatchEvent("
    "new KeyboardEvent('keydown', {key, bubbles: true}));"
    "const at = () => document.activeElement.closest('section').id + "
    "document.activeElement.dataset.line;"
)
ROADS = [
    ("output[0]", ["ArrowDown", "ArrowDown"], "output3"),
    ("output[0]", ["ArrowDown", "ArrowUp", "ArrowUp"], "output1"),
    ("output[0]", ["End"], "output9"),
    ("output[3]", ["ArrowLeft"], "template7"),
    ("output[3]", ["ArrowLeft", "ArrowRight"], "output4"),
    ("output[8]", ["Home", "ArrowLeft"], "template1"),
    ("template[8]", ["ArrowRight"], "template9"),
]


@pytest.mark.parametrize(("start", "keys", "end"), ROADS)
def test_the_keyboard_moves_from_line_to_line(used, start: str, keys: list[str], end: str) -> None:
    script = f"{PRESS} {start}.focus(); {keys}.forEach(press); return at()"
    assert used(PAGES["trace"], script)[0] == end


def test_a_line_in_focus_shows_where_it_comes_from(used) -> None:
    said, shown = used(PAGES["trace"], "output[3].focus(); return origin.textContent")
    assert said.splitlines()[:2] == [
        "from line 7 of the template",
        "/self/service/metadata/sites/blog.example/root",
    ]
    on = [line["data-line"] for line in shown.of("li") if "on" in (line.get("class") or "").split()]
    assert on == ["7", "4"]


def test_a_line_of_the_template_names_the_lines_that_it_writes(used) -> None:
    said, _ = used(PAGES["trace"], "template[6].focus(); return origin.textContent")
    assert said == "writes lines 4, 8 of the output"


def test_a_list_of_lines_is_one_stop_of_the_tab_key(used) -> None:
    _, shown = used(PAGES["trace"], "output[3].focus()")
    stops = [line["data-line"] for line in shown.of("li") if line["tabindex"] == "0"]
    assert stops == ["1", "4"]


def test_escape_leaves_the_lines(used) -> None:
    script = (
        f"{PRESS} output[3].focus(); press('Escape');"
        "return document.querySelectorAll('.on').length + document.activeElement.tagName"
    )
    assert used(PAGES["trace"], script)[0] == "0BODY"


def test_a_finger_points_too(used) -> None:
    said, _ = used(PAGES["trace"], "output[0].click(); return origin.textContent")
    assert said.startswith("from line 1 of the template")


# -- Coverage


def test_links_lead_to_missed_lines(used) -> None:
    script = (
        "return [...document.querySelectorAll('.facts a')].map(link => "
        "document.getElementById(decodeURIComponent(link.hash.slice(1))).tagName)"
    )
    assert used(PAGES["coverage"], script)[0] == "SECTION,LI,LI,SECTION"


def test_each_place_names_its_tests() -> None:
    text = PAGES["coverage"]
    folded = re.findall(r"<details><summary>(.*?)</summary>(.*?)</details>", text)
    assert [summary for summary, _ in folded] == ["2 tests", "30 tests"]
    assert folded[0][1] == (
        "template<ul><li>test_a.py::test_one</li><li>test_a.py::test_&lt;two&gt;</li></ul>"
    )
    assert folded[1][1].startswith("else<ul><li>test_b.py::test[0]</li>")
    assert folded[1][1].endswith("<li>test_b.py::test[24]</li><li>and 5 more</li></ul>")


def test_lines_that_are_left_out_say_so() -> None:
    lines = re.findall(r'<li class="(\S+)" data-line="4".*?</li>', PAGES["coverage"])
    assert lines == ["left-out"]
    assert PAGES["coverage"].count("not counted") == 1


def test_both_pages_have_one_look() -> None:
    base = asset("confd_lib.tracing", "base.css")
    assert all(base in text for text in PAGES.values())
