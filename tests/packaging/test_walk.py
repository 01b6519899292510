"""README is true from top to bottom, in an empty folder and an empty environment."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.builds import Environment
from tests.packaging.walk import Lost, walk
from tests.tracked import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_readme_is_followed_from_an_install_to_a_test(
    environment: Callable[..., Environment], tmp_path: Path
) -> None:
    made = walk(README, tmp_path, environment().variables)
    assert [step.kind for step in made] == [
        *("run", "file", "file", "file", "run", "output"),
        *("file", "run"),
    ]
    assert made[0].text == "pip install confd-lib\n"


def test_readme_has_no_block_that_is_not_followed() -> None:
    assert README.count("```") == 2 * 8


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("Run:\n\n```sh\nexit 3\n```\n", "status 3 of"),
        ("Run:\n\n```sh\necho a\n```\n\n```output\nb\n```\n", "but this is printed:\na"),
        ("See:\n\n```python\n1\n```\n", "nothing says what to do"),
    ],
    ids=["fails", "prints", "neither"],
)
def test_a_page_that_is_wrong_is_noticed(page: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Lost, match=re.escape(said)):
        walk(page, tmp_path, os.environ)
