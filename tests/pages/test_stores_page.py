"""docs/stores.md: its examples can be used, and it names the stores and flags that there are."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib import backends
from confd_lib.command.settings import confdtoml, config, stores
from confd_lib.command.settings.table import FLAGS, TABLE
from confd_lib.command.tool import sources
from confd_lib.testing.bench import Bench

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/stores.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(LAYERS,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def rows(title: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    text = PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_the_layers_of_the_example_are_read(tmp_path: Path) -> None:
    file = tmp_path / "confd.toml"
    file.write_text(LAYERS)
    found = config.read({"config-file": str(file)}, (), {})
    assert (found.warnings, found.unused) == ((), ())
    assert stores.names(found) == ["rancher", "etcd", "file"]
    assert (found.layers[0].prefix, found.layers[-1].keys) == ("/2015-07-25", ("/secret",))


def test_the_example_in_python_makes_layers() -> None:
    made: dict[str, object] = {}
    exec(EXAMPLES[0], made)
    assert isinstance(made["stores"], backends.Layered)


def test_the_example_of_a_test_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/app.conf.tmpl").write_text('listen {{getv "/port"}}')
    (tmp_path / "production.yaml").write_text('"/port": "80"\n')
    made: dict[str, object] = {}
    exec(EXAMPLES[1], made)
    made["test_app"](Bench())  # type: ignore[operator] # it is the function of the example


def test_each_store_of_the_command_has_a_row() -> None:
    named = re.findall(r"`([a-z0-9]+)`", " ".join(cells[0] for cells in rows("What each can do")))
    assert set(stores._MAKERS) <= set(named)


def test_each_flag_of_a_store_has_a_row_with_its_name_in_confd_toml() -> None:
    table = rows("Flags")
    flags = [name for cells in table for name in re.findall(r"-[a-z-]+", cells[0])]
    names = [name for cells in table for name in re.findall(r"[a-z_-]+", cells[1])]
    assert set(flags) == {f"-{flag.name}" for flag in TABLE if flag.of and flag.help}
    tomls = [FLAGS[flag[1:]].toml or flag[1:] for flag in flags]
    assert names == tomls
    assert set(names) <= set(confdtoml.OF_A_LAYER)


def test_the_commands_of_the_page_have_their_flags() -> None:
    parser = argparse.ArgumentParser()
    sources.add_flags(parser)
    parser.add_argument("--key")
    parser.add_argument("--mask")
    for line in re.findall(r"^confd-lib (?:render|dump) (.*)$", PAGE, re.MULTILINE):
        _, rest = parser.parse_known_args(line.replace("'", "").split())
        assert not [word for word in rest if word.startswith("-")]


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (ROOT / "docs" / link).exists(), link
