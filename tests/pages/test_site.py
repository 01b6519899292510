"""The site of docs/: it is built without a warning, its links lead somewhere, names are in it."""

from __future__ import annotations

import importlib
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.layers import ROOT

from . import site

DOORS = (
    *("gotmpl", "metadata_client", "metadata_client.compose"),
    *("confd_lib", "confd_lib.backends", "confd_lib.testing"),
)
PAGES = sorted(path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_each_page_of_docs_is_on_the_site(built: Path, page: Path) -> None:
    assert (built / page).with_suffix(".html").exists()


def test_each_link_leads_to_a_page_and_to_an_anchor_in_it(built: Path) -> None:
    pages = [*built.rglob("*.html")]
    links = [(page, link) for page in pages for link in site.read(page).links]
    assert len(links) > 1000
    assert [
        f"{page.relative_to(built)}: {link}" for page, link in links if is_dead(page, link)
    ] == []


def is_dead(page: Path, link: str) -> bool:
    """Return whether a link leads nowhere within the site; other sites are not asked."""
    scheme, host, path, _, anchor = urlsplit(link)
    if scheme or host:
        return False
    target = (page.parent / unquote(path)).resolve() if path else page
    if not target.is_file():
        return True
    return bool(anchor) and target.suffix == ".html" and anchor not in site.read(target).anchors


@pytest.mark.parametrize("door", DOORS)
def test_each_public_name_is_in_the_reference(built: Path, door: str) -> None:
    """Of a name of two doors one is enough."""
    pages = (built / "docs/reference").glob("*.html")
    anchors = {anchor for page in pages for anchor in site.read(page).anchors}
    doors = [importlib.import_module(name) for name in DOORS]
    module = importlib.import_module(door)
    for name in module.__all__:
        value = getattr(module, name)
        places = {f"{one.__name__}.{name}" for one in doors if vars(one).get(name) is value}
        assert {*places, *(f"module-{place}" for place in places)} & anchors, name


def test_no_page_asks_another_site_for_anything(built: Path) -> None:
    for page in built.rglob("*.html"):
        text = page.read_text("utf-8")
        assert not re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"(?:https?:)?//[^>]*>", text)


def test_a_warning_fails_the_build(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("# A page\n\n[nowhere](nowhere.md)\n")
    (tmp_path / "conf.py").write_text('extensions = ["myst_parser"]\n')
    makefile = (ROOT / "Makefile").read_text()
    (command,) = re.findall(
        r"^SPHINX := \$\(BIN\)/sphinx-build (.*)--conf-dir docs$", makefile, re.MULTILINE
    )
    program = [*site.PROGRAM, *command.split(), str(tmp_path), str(tmp_path / "out")]
    done = subprocess.run(program, capture_output=True, text=True, check=False, timeout=250)
    assert done.returncode == 1
    assert "nowhere" in done.stderr
