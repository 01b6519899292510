"""README and docs/start.md are followed as a reader would, in an empty folder, from an index."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.packaging.builds import Environment
from tests.pages import shell
from tests.tracked import ROOT


def follow(page: str, folder: Path, variables: dict[str, str]) -> list[shell.Step]:
    """Run the blocks of a page, which begins with the installation; return the others."""
    install, *walk = shell.steps((ROOT / page).read_text("utf-8"))
    assert "pip install" in install.source
    shell.run(install, folder, variables)
    for step in walk:
        assert shell.run(step, folder, variables) == step.shown, step.source
    return walk


def test_readme_is_followed_from_an_install_to_a_test(
    environment: Callable[..., Environment], tmp_path: Path
) -> None:
    walk = follow("README.md", tmp_path, environment().variables)
    assert [bool(step.shown) for step in walk] == [True, True]


def test_start_is_followed_in_the_environment_that_it_makes(
    environment: Callable[..., Environment], tmp_path: Path
) -> None:
    outer = environment().variables
    # Each block is a shell of its own, and only the first one activates the environment.
    variables = outer | {"PATH": f"{tmp_path}/.venv/bin:{outer['PATH']}"}
    assert len(follow("docs/start.md", tmp_path, variables)) == 7
