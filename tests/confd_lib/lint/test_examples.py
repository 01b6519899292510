"""The examples of the rules: the wrong text is found by its rule, the right one by none."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib.command.tool import lint_confdtoml
from confd_lib.lint import RULES
from confd_lib.lint.catalogs import rules as catalogs
from confd_lib.lint.examples import EXAMPLES, Example
from docs.tables.rules import THEMES, findings


def rules(folder: Path, text: str, example: Example) -> set[str]:
    """Return the rules that report an example in a confd folder where all else is right."""
    return {one.rule for one in findings(folder, text, example)}


@pytest.mark.parametrize("rule", EXAMPLES)
def test_the_wrong_text_is_found_by_its_rule_and_the_right_one_by_none(
    rule: str, tmp_path: Path
) -> None:
    example = EXAMPLES[rule]
    assert rule in rules(tmp_path / "wrong", example.wrong, example)
    assert rules(tmp_path / "right", example.right, example) == set()


def test_every_rule_has_an_example() -> None:
    others = (*lint_confdtoml.RULES, *catalogs.RULES)
    assert set(EXAMPLES) == {*RULES, *(rule.name for rule in others)}


def test_every_rule_is_on_the_page() -> None:
    assert sorted(EXAMPLES) == sorted(rule.name for theme in THEMES.values() for rule in theme)
