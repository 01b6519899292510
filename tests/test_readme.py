"""The examples of README run, and its links and commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


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
