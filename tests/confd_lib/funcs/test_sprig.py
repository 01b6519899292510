"""The functions of sprig beside those of confd: names, clashes, flags, settings, the linter."""

from __future__ import annotations

from pathlib import Path

import pytest

import confd_lib
from confd_lib.command.confd.cli import main as confd
from confd_lib.command.tool.cli import main as tool
from confd_lib.compat import check_functions
from confd_lib.errors import ConfigError
from confd_lib.funcs.sprig import taken
from confd_lib.lint.linting import lint
from confd_lib.testing.bench import Bench
from gotmpl import BUILTINS, ExecError
from gotmpl.sprig import functions

VALUES = {"a": "x,y"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("conf.d", "templates"):
        (tmp_path / name).mkdir()
    (tmp_path / "conf.d/a.toml").write_text(
        f'[template]\nsrc = "a.tmpl"\ndest = "{tmp_path}/a"\nkeys = ["/a"]\nmode = "0644"\n'
    )
    (tmp_path / "values.yaml").write_text("a: x,y\n")
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "templates/a.tmpl").write_text(text)


@pytest.mark.parametrize(
    ("template", "output"),
    [
        ('{{sprig_join "-" (split (getv "/a") ",")}}', "x-y"),
        ('{{(sprig_split "," (getv "/a"))._1}}', "y"),
        ('{{sprig_quote (getv "/a")}}', '"x,y"'),
        ('{{contains (getv "/a") "x"}} {{sprig_contains "x" (getv "/a")}}', "true true"),
        ('{{slice (getv "/a") 2}} {{sprig_slice (sprig_list 1 2) 1}}', "y [2]"),
    ],
)
def test_functions_have_a_prefix(template: str, output: str) -> None:
    assert confd_lib.render(template, VALUES, funcs=confd_lib.sprig_functions()) == output


def test_bare_names_are_those_that_nobody_has() -> None:
    prefixed, both = confd_lib.sprig_functions(), confd_lib.sprig_functions(bare=True)
    assert {name.removeprefix("sprig_") for name in prefixed} == functions().keys()
    bare = both.keys() - prefixed.keys()
    assert bare == functions().keys() - taken()
    assert not bare & {*confd_lib.functions(), *confd_lib.functions("0.11"), *BUILTINS}
    template = '{{getv "/a" | upper | quote}}'
    assert confd_lib.render(template, VALUES, funcs=both) == '"X,Y"'


def test_what_reaches_outside_is_off() -> None:
    with pytest.raises(ExecError, match="the environment is off here"):
        confd_lib.render('{{sprig_env "HOME"}}', VALUES, funcs=confd_lib.sprig_functions())
    made = confd_lib.sprig_functions(env={"A": "1"})
    assert confd_lib.render('{{sprig_env "A"}}', VALUES, funcs=made) == "1"


@pytest.mark.parametrize(("name", "call"), [("sprig", "sprig_upper"), ("sprig:bare", "upper")])
@pytest.mark.parametrize("way", ["flag", "file"])
def test_confd_has_the_functions(folder: Path, name: str, call: str, way: str) -> None:
    write(folder, f'{{{{{call} (getv "/a")}}}}')
    settings = folder / "confd.toml"
    settings.write_text(f'functions = "{name}"\n' if way == "file" else "")
    flags = [f"-functions={name}"] if way == "flag" else []
    file = f"-file={folder}/values.yaml"
    args = ["-onetime", "-backend=file", file, f"-confdir={folder}", f"-config-file={settings}"]
    assert confd([*args, *flags]) == 0
    assert (folder / "a").read_text() == "X,Y"


def test_a_set_that_is_unknown(folder: Path) -> None:
    with pytest.raises(ConfigError, match='functions "sprigg" is unknown: give sprig or sprig:b'):
        check_functions("sprigg")
    assert confd(["-onetime", "-functions=x", f"-confdir={folder}", "-config-file="]) == 1


def test_the_tool_renders_with_them(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(folder, '{{getv "/a" | sprig_upper}}')
    args = ["render", "--values", f"{folder}/values.yaml", f"{folder}/templates/a.tmpl"]
    assert tool(args) == 1
    assert tool([*args, "--functions", "sprig"]) == 0
    assert capfd.readouterr().out == "X,Y"


@pytest.mark.parametrize(
    ("template", "named", "message"),
    [
        ('{{sprig_upper (getv "/a")}}', "sprig", ""),
        ('{{upper (getv "/a")}}', "sprig:bare", ""),
        (
            '{{upper (getv "/a")}}',
            "",
            'upper, in any version; sprig has it: set functions = "sprig" and call sprig_upper',
        ),
        ('{{upper (getv "/a")}}', "sprig", "call sprig_upper"),
        ('{{uper (getv "/a")}}', "", "confd has no function uper, in any version"),
        (
            '{{replace "x" "y" (getv "/a")}}',
            "",
            'replace, with 3 arguments: set functions = "sprig" and call sprig_replace',
        ),
        ('{{sprig_replace "x" (getv "/a")}}', "sprig", "sprig_replace takes 3 arguments"),
    ],
)
def test_the_linter_knows_them(folder: Path, template: str, named: str, message: str) -> None:
    write(folder, template)
    found = [one.message for one in lint(folder, functions=named)]
    assert (not found) if not message else any(message in one for one in found), found


def test_the_linter_has_the_flag(folder: Path) -> None:
    write(folder, '{{sprig_upper (getv "/a")}}')
    assert tool(["lint", str(folder)]) == 1
    assert tool(["lint", "--functions", "sprig", str(folder)]) == 0


def test_the_fixture_takes_them(confd: Bench, tmp_path: Path) -> None:
    (tmp_path / "t.tmpl").write_text('{{sprig_upper (getv "/a")}}')
    viewer = confd.as_(funcs=confd_lib.sprig_functions())
    assert viewer.render(tmp_path / "t.tmpl", VALUES).text == "X,Y"
