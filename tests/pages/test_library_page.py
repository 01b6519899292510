"""docs/library.md: its examples run, and it names the extras that there are."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import confd_lib
import gotmpl
from tests.layers import ROOT
from tests.test_packaging import EXTRAS

if TYPE_CHECKING:
    import pytest

PAGE: Final = (ROOT / "docs/library.md").read_text("utf-8")
MISSING, RENDER, FUNCTION, ERRORS, CONFD = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SHOWN: Final = re.findall(r"```\n\n```\n(.*?)```", PAGE, re.DOTALL)
# Extras that are for work on confd-lib itself.
OURS: Final = {"suite", "dev", "bench", "docs"}


def test_each_extra_has_one_row() -> None:
    named = re.findall(r"confd-lib\[(\w+)\]`", PAGE)
    assert sorted(named) == sorted(set(EXTRAS) - OURS)


def test_a_library_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    exec(MISSING, {})
    assert f"# {capsys.readouterr().out}" in MISSING


def test_templates_render(capsys: pytest.CaptureFixture[str]) -> None:
    exec(RENDER, {})
    assert capsys.readouterr().out == 'a b \n00 "db1"\n01 "db2"\n'


def test_functions_and_errors_print_what_the_page_shows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = {"confd_lib": confd_lib, "gotmpl": gotmpl}
    for source, shown in ((FUNCTION, 0), (ERRORS, 1)):
        exec(source, names)
        assert capsys.readouterr().out == SHOWN[shown]


def test_a_resource_that_fails_says_why_and_a_missing_folder_has_none(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d/app.toml").write_text('[template]\nsrc = "app.tmpl"\ndest = "/app"\n')
    memory = confd_lib.backends.Memory({})
    (result,) = confd_lib.Confd(confdir=tmp_path, backend=memory, root=tmp_path).run_once()
    assert result.status is confd_lib.Status.FAILED
    assert isinstance(result.error, confd_lib.errors.ConfdError)
    assert str(result.error) in result.message
    assert confd_lib.Confd(confdir=tmp_path / "gone", backend=memory).run_once() == []


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
