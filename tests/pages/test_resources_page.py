"""docs/resources.md: every setting with its type and its default, and examples that work."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from confd_lib import Confd, backends
from confd_lib.confdir.resource import FIELDS, FORMATS, NAMES, TemplateResource
from confd_lib.lint import lint
from docs.tables.resources import DEFAULTS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/resources.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.split("## One template")[0].splitlines()
    if line.startswith("| `")
]
# What these stand for in code.
VALUES: dict[str, object] = {"": "", "that of confd": -1, "none": ("", ())}
VALUES |= dict.fromkeys(["any", "that of the file, or 0644", "`{{`", "`}}`"], "")
VALUES |= dict.fromkeys(["0, for any time", "0, for none"], 0)
EXAMPLES = re.findall(r"```toml\n(.*?)```\n\n```\n(.*?)```", PAGE, re.DOTALL)


def test_each_setting_has_a_row_in_the_order_of_the_code() -> None:
    assert [row[0].strip("`") for row in ROWS] == [*NAMES]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_says_the_type_and_the_default(row: list[str]) -> None:
    name, kind, default, *_ = row
    name = name.strip("`")
    assert kind == FIELDS[name].name
    assert default == DEFAULTS.get(name, "none")
    fields = {field.name: field.default for field in dataclasses.fields(TemplateResource)}
    found = "" if fields[name] is dataclasses.MISSING else fields[name]
    meant = VALUES[default]
    assert found in (meant if isinstance(meant, tuple) else (meant,))


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_is_ours_is_what_lint_tells_of_confd(row: list[str], tmp_path: Path) -> None:
    name = row[0].strip("`")
    samples = {"keys": '["/a"]', "templates": "[]", "each": '"/a/*"', "dest": '"/{{.}}"'}
    samples |= {"output_format": '"json"', "mode": '"0644"', "uid": "0", "gid": "0"}
    samples |= dict.fromkeys(["left_delim", "right_delim", "src", "prefix"], '"x"')
    samples |= dict.fromkeys([one for one in NAMES if one not in samples], '"1s"')
    settings = {"src": '"x"', "dest": '"/{{.}}"', "keys": '["/a"]', name: samples[name]}
    if name == "templates":
        settings[name] = '["y"]'
    (tmp_path / "conf.d").mkdir()
    text = "".join(f"{key} = {settings[key]}\n" for key in settings)
    (tmp_path / "conf.d/a.toml").write_text(f"[template]\n{text}")
    found = {one.rule for one in lint(tmp_path, target="0.16")}
    assert ("only-confd-lib" in found) == (row[3] == "ours")


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_named(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize(("toml", "template"), EXAMPLES, ids=["each", "templates"])
def test_an_example_renders_and_has_no_finding(tmp_path: Path, toml: str, template: str) -> None:
    confdir, root = tmp_path / "confd", tmp_path / "root"
    src = re.search(r'^src = "(.*)"$', toml, re.MULTILINE)
    assert src
    for folder in ("conf.d", "templates/parts"):
        (confdir / folder).mkdir(parents=True)
    (confdir / "conf.d/a.toml").write_text(toml)
    (confdir / "templates" / src[1]).write_text(template)
    if "parts/" in toml:
        (confdir / "templates/parts/head.tmpl").write_text("# {{.}}\n")
    assert lint(confdir, target="confd-lib") == []
    values = {"services": {"web": {"address": "10.0.0.1:80"}}, "app": {"port": 80}}
    confd = Confd(backend=backends.Memory(values), confdir=confdir, root=root, sync_only=True)
    (result,) = confd.run_once()
    assert (result.status.value, result.error) == ("updated", None)
    assert (root / result.resource.dest.lstrip("/")).read_text().startswith(("# web\n", "# app\n"))
