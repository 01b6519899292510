"""docs/settings.md: its names are taken, and its examples are what confd writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from confd_lib.command.settings import confdtoml, config, flags
from confd_lib.command.settings.exec import KINDS
from confd_lib.command.settings.table import FLAGS, TABLE, VARIABLES
from confd_lib.destination.update import Status
from confd_lib.logs import LEVELS
from docs.tables import statuses

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/settings.md").read_text("utf-8")
# A value of each type, as confd.toml and as the environment of a process write it.
SAMPLES = {"string": '"x"', "integer": "7", "boolean": "true", "slice": '["x"]', "duration": '"7s"'}
GOOD = {"compat": '"0.16"', "functions": '"sprig"', "each": '"/a/*"'}


def rows(page: str, title: str, number: int = 0) -> list[list[str]]:
    """Return the cells of a table below a heading, without its head."""
    section = page.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    lines = tables[number].splitlines()[2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


OF_FLAGS = [*rows(PAGE, "Flags"), *rows(PAGE, "Flags of stores")]


def test_each_flag_has_one_row_or_is_named_as_ignored() -> None:
    shown = [row[0].split()[0].lstrip("-") for row in OF_FLAGS]
    ignored = re.search(r"ignored: `(.*)`", PAGE)
    assert ignored
    others = [word.lstrip("-") for word in ignored[1].split()]
    assert sorted(shown + others) == sorted(FLAGS)


@pytest.mark.parametrize("row", OF_FLAGS, ids=lambda row: row[0])
def test_a_flag_is_a_setting_of_confd_toml_by_that_name_and_type(
    row: list[str], tmp_path: Path
) -> None:
    written, _, setting, kind, default = row
    name = written.split()[0].lstrip("-")
    if not setting:
        assert name in confdtoml.FLAGS_ONLY
        return
    file = tmp_path / "confd.toml"
    file.write_text(f"{setting} = {GOOD.get(name, SAMPLES[kind])}\n")
    found = confdtoml.read(file)
    assert found.ignored == ()
    assert list(found.settings) == [name]
    plain = getattr(config.read({"config-file": ""}, (), {}), name.replace("-", "_"))
    shown = str(plain).lower() if isinstance(plain, bool) else "" if plain == () else str(plain)
    assert default == shown


@pytest.mark.parametrize("row", OF_FLAGS, ids=lambda row: row[0])
def test_a_flag_takes_a_value_where_the_page_has_a_word_for_it(row: list[str]) -> None:
    words = row[0].split()
    given, rest = flags.parse([words[0], "7"])
    assert given
    assert rest == (() if words[1:] else ("7",))


@pytest.mark.parametrize("row", rows(PAGE, "Variables"), ids=lambda row: row[0])
def test_a_variable_stands_for_its_flag(row: list[str]) -> None:
    variable, meaning = row
    flag, _, backends = meaning.partition("` of backend ")
    name = flag.strip("`").lstrip("-")
    for backend in backends.split(" and ") if backends else [""]:
        given = {"config-file": "", **({"backend": backend} if backend else {})}
        found = config.read(given, (), {variable: "0.16"})
        value = getattr(found, name.replace("-", "_"))
        assert value in ("0.16", ("0.16",), True)


def test_every_variable_has_a_row() -> None:
    known = {flag.variable for flag in TABLE if flag.variable}
    known |= {variable for variables in VARIABLES.values() for variable in variables}
    assert {row[0] for row in rows(PAGE, "Variables")} == known


@pytest.mark.parametrize("row", rows(PAGE, "The table `[exec]`"), ids=lambda row: row[0])
def test_a_row_of_exec_is_a_setting_of_that_type(row: list[str]) -> None:
    assert KINDS[row[0]].name == row[2]


def test_every_status_has_a_row() -> None:
    assert [row[0] for row in rows(PAGE, "The status file")] == [*Status]


def test_the_status_file_has_the_members_that_the_page_names() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    members = re.findall(r"^- `(\w+)`:", PAGE, re.MULTILINE)
    assert list(json.loads(example)) == members


def test_every_level_is_named() -> None:
    section = PAGE.split("\n## Log lines\n")[1].split("\n## ")[0]
    assert set(LEVELS) <= set(re.findall(r"`(\w+)`", section))


def test_the_exit_statuses_are_those_of_the_pages_on_the_commands() -> None:
    running = rows((ROOT / "docs/running.md").read_text(), "Exit statuses")
    named = [one for row in running for one in re.split(", ", row[0])]
    assert named == list(statuses.BY_COMMAND["confd"])
    tool = (ROOT / "docs/tool.md").read_text()
    assert re.findall(r"^\| (\d+) \|", tool, re.MULTILINE) == list(statuses.BY_COMMAND["confd-lib"])
    gotmpl = (ROOT / "docs/gotmpl.md").read_text().rpartition("The exit status is ")[2]
    assert re.findall(r"\d+", gotmpl) == list(statuses.BY_COMMAND["gotmpl"])
