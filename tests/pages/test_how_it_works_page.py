"""docs/how-it-works.md: its example runs, its modules exist, its picture is CONTRIBUTING's."""

from __future__ import annotations

import importlib
import re
from typing import Final

import pytest

from tests.layers import PACKAGES, ROOT

from . import shell

PAGE: Final = (ROOT / "docs/how-it-works.md").read_text("utf-8")
PICTURE: Final = re.compile(r"```\n(docker-compose.*?)```", re.DOTALL)


def test_the_example_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    (step,) = shell.steps(PAGE)
    exec(step.source, {})
    assert capsys.readouterr().out == step.shown


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:gotmpl|confd_lib)\.\w+)`", PAGE))))
def test_a_module_that_is_named_exists(name: str) -> None:
    importlib.import_module(name)


def test_each_package_has_a_row() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == [
        "gotmpl",
        "metadata_client",
        "confd_lib",
    ]
    assert len(PACKAGES) == 3


def test_the_picture_is_that_of_contributing() -> None:
    """It stands on both pages, since a forge shows no part of another page."""
    (here,) = PICTURE.findall(PAGE)
    (there,) = PICTURE.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert here == there
