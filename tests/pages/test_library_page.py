"""docs/library.md: its examples run, and it names the extras that there are."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.layers import ROOT
from tests.test_packaging import EXTRAS

if TYPE_CHECKING:
    import pytest

PAGE: Final = (ROOT / "docs/library.md").read_text("utf-8")
MISSING, RENDER, CONFD = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
# Extras that are for work on confd-lib itself.
OURS: Final = {"suite", "dev", "bench", "docs"}


def test_each_extra_has_a_row() -> None:
    assert set(re.findall(r"confd-lib\[(\w+)\]`", PAGE)) == set(EXTRAS) - OURS


def test_a_library_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    exec(MISSING, {})
    assert f"# {capsys.readouterr().out}" in MISSING


def test_templates_render(capsys: pytest.CaptureFixture[str]) -> None:
    exec(RENDER, {})
    assert capsys.readouterr().out == 'a b \n00 "db1"\n01 "db2"\n'


def test_resources_render(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "root"
    (root / "etc/mysql/conf.d").mkdir(parents=True)
    monkeypatch.chdir(ROOT)
    exec(CONFD.replace("build/root", str(root)), {})
    file = root / "etc/mysql/conf.d/001-galera.cnf"
    assert "server-id = 2" in file.read_text()
    assert "001-galera.cnf" in capsys.readouterr().out
