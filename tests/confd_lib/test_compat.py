"""The versions of confd that can be followed: one list, which every table over them covers."""

from __future__ import annotations

from confd_lib.command.tool import cli as tool
from confd_lib.compat import VERSIONS
from confd_lib.funcs import FAMILIES
from confd_lib.lint.targets import TARGETS


def test_every_version_has_its_functions_and_its_lint() -> None:
    assert set(FAMILIES) == {*VERSIONS, ""}
    assert set(TARGETS) == {*VERSIONS, "confd-lib"}


def test_the_tool_takes_every_version(tmp_path, capsys) -> None:
    (tmp_path / "values.yaml").write_text("a: 1\n")
    values = ["--values", f"{tmp_path}/values.yaml"]
    for version in VERSIONS:
        assert tool.main(["render", *values, "--compat", version, "/nonexistent/a.tmpl"]) == 1
        assert "Missing template: /nonexistent/a.tmpl" in capsys.readouterr().err
