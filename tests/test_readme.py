"""The examples of README run, and its links and commands exist."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from confd_lib.command.settings.table import FLAGS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_library_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "root"
    (root / "etc/mysql/conf.d").mkdir(parents=True)
    monkeypatch.chdir(ROOT)
    exec(EXAMPLES[0].replace("build/root", str(root)), {})
    file = root / "etc/mysql/conf.d/001-galera.cnf"
    assert "server-id = 2" in file.read_text()
    assert capsys.readouterr().out.endswith("a b \n")


def test_the_template_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(EXAMPLES[1], {})
    assert capsys.readouterr().out == '00 "db1"\n01 "db2"\n\n'


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "COMPATIBILITY.md"])
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text()):
        assert (ROOT / link).exists(), link


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_make_has_each_target(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert targets
    named = re.findall(r"(?:`|^)make ([a-z-]+)", (ROOT / page).read_text(), re.MULTILINE)
    assert named
    assert set(named) <= set(targets[1].split())


def test_the_extras_exist() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    named = re.findall(r"confd-lib\[(\w+)\]", README)
    assert named
    assert set(named) <= set(setup["options.extras_require"])


def test_confd_has_each_flag() -> None:
    """The other flags of README belong to pytest and to `confd-lib render`."""
    _, sidekick = README.split("## As the sidekick's confd")
    named = re.findall(r"--([a-z-]+)", sidekick)
    assert named
    assert set(named) <= set(FLAGS)
