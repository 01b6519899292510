"""The links and flags of README exist. `tests/packaging/test_walks.py` follows its examples."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from confd_lib.command.settings.table import FLAGS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg")
HOME = SETUP["metadata"]["url"]
LINK = r"\]\(([^)#]+)"


@pytest.mark.parametrize("link", re.findall(LINK, README))
def test_a_link_of_readme_leads_somewhere_from_any_page(link: str) -> None:
    """The page of a package index shows README too, where a relative link is dead."""
    assert link.startswith((f"{HOME}/blob/main/", f"{HOME}/raw/main/"))
    assert (ROOT / link.split("/main/", 1)[1]).is_file()


def test_readme_is_one_screen_with_one_picture() -> None:
    before, after = README.split("## Read on")
    lines = [line for line in before.splitlines() if line and not line.startswith("```")]
    assert len(lines) <= 50
    assert len(re.findall(r"!\[[^]]+\]\(", before)) == 1
    assert "![" not in after


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "COMPATIBILITY.md", "SECURITY.md"])
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(LINK, (ROOT / page).read_text()):
        assert "://" in link or (ROOT / link).exists(), link


def test_the_addresses_of_the_project_are_below_one() -> None:
    addresses = re.findall(r"https://\S+", SETUP["metadata"]["project_urls"])
    assert len(addresses) == 4
    assert all(address.startswith(HOME) for address in addresses)
    for address in addresses:
        _, _, path = address.partition("/main/")
        assert (ROOT / path).exists(), address


@pytest.mark.parametrize("page", ["CONTRIBUTING.md"])
def test_make_has_each_target(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets
    named = re.findall(r"(?:`|^)make ([a-z-]+)", (ROOT / page).read_text(), re.MULTILINE)
    assert named
    assert set(named) <= set(targets[1].split())


def test_the_extras_exist() -> None:
    named = re.findall(r"(?:confd-lib|`)\[(\w+)\]", README)
    assert {"redis", "testing", "all"} <= set(named)
    assert set(named) <= set(SETUP["options.extras_require"])


def test_confd_has_each_flag() -> None:
    """The other flags of README belong to pytest."""
    named = re.findall(r"--(?!confd-)([a-z-]+)", README)
    assert named
    assert set(named) <= set(FLAGS)
