"""`confd-lib completion`: each shell takes its script, and completes words, files and folders."""

from __future__ import annotations

import argparse
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from confd_lib.command.completion import outline
from confd_lib.command.completion.scripts import SHELLS
from confd_lib.command.settings.table import TABLE
from confd_lib.command.tool import cli
from gotmpl.command import cli as gotmpl
from tests.confd_lib.command.completion.terminal import WAYS, Terminal

TOPS = (
    outline.of_confd(),
    outline.of_parser(cli._parser()),
    outline.of_parser(gotmpl.parser()),
)
# What is typed before a tab, and the arguments that the command gets then.
CASES = [
    ("confd -onet", ["-onetime"]),
    ("confd --onet", ["--onetime"]),
    ("confd -backend ra", ["-backend", "rancher"]),
    ("confd --backend=ra", ["--backend=rancher"]),
    ("confd -backend env -log-f", ["-backend", "env", "-log-format"]),
    ("confd -confdir fold", ["-confdir", "folder/"]),
    ("confd -config-file con", ["-config-file", "con fd.toml"]),
    ("confd -node htt", ["-node", "htt"]),
    ("confd-lib rend", ["render"]),
    ("confd-lib render --values val", ["render", "--values", "values.yaml"]),
    ("confd-lib render --tr", ["render", "--trace"]),
    ("confd-lib render val", ["render", "values.yaml"]),
    ("confd-lib lint --for conf", ["lint", "--for", "confd-lib"]),
    ("confd-lib lint --backend va", ["lint", "--backend", "vault"]),
    ("confd-lib preview fold", ["preview", "folder/"]),
    ("confd-lib completion z", ["completion", "zsh"]),
    ("gotmpl ren", ["render"]),
    ("gotmpl render --missingkey er", ["render", "--missingkey", "error"]),
    ("gotmpl render -o fol", ["render", "-o", "folder/"]),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with something to complete."""
    folder = tmp_path_factory.mktemp("shells")
    (folder / "folder").mkdir()
    for name in ("con fd.toml", "values.yaml"):
        (folder / name).touch()
    return folder


def script_of(shell: str, folder: Path) -> Path:
    """Return the file of a script, beside a folder; the test is skipped without the shell."""
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    file = folder.with_name(f"scripts-of-{shell}") / "_confd_lib"
    file.parent.mkdir(exist_ok=True)
    file.write_text(SHELLS[shell](TOPS))
    return file


@pytest.fixture(scope="module", params=WAYS)
def terminal(request: pytest.FixtureRequest, folder: Path) -> Iterator[Terminal]:
    shell = request.param.partition(" ")[0]
    opened = Terminal(request.param, script_of(shell, folder), folder)
    yield opened
    opened.close()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_takes_its_script(shell: str, folder: Path) -> None:
    command = (shell, "-n", script_of(shell, folder))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("keys", "given"), CASES, ids=[keys for keys, _ in CASES])
def test_a_tab_completes(terminal: Terminal, keys: str, given: list[str]) -> None:
    assert terminal.given(f"{keys}\t") == given


@pytest.mark.parametrize(("keys", "given"), CASES, ids=[keys for keys, _ in CASES])
def test_fish_completes(keys: str, given: list[str], folder: Path) -> None:
    code = f"source {script_of('fish', folder)}; complete -C '{keys}'"
    command = ("fish", "--no-config", "-c", code)
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    offered = [line.partition("\t")[0] for line in done.stdout.splitlines()]
    word = keys.rpartition(" ")[2]
    assert given[-1] in offered or (given[-1] == word and offered == []), done.stderr
    assert all(one.startswith(word) for one in offered)


COMMANDS = [command for top in TOPS for command in outline.every(top)]


def names_of(parser: argparse.ArgumentParser) -> dict[str, set[str]]:
    """Return the flags of a parser, and of those of its commands, by what it is called."""
    found = {parser.prog: set(parser._option_string_actions)}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                found |= names_of(inner)
    return found


def test_the_outline_has_every_command_and_flag() -> None:
    expected = names_of(cli._parser()) | names_of(gotmpl.parser())
    expected["confd"] = {
        f"{dash}{flag.name}" for flag in TABLE if flag.help for dash in ("-", "--")
    }
    found = {
        one.name: {name for option in one.options for name in option.names} for one in COMMANDS
    }
    assert found == expected


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script_with_every_command_and_flag(shell: str, capfd) -> None:
    assert cli.main(["completion", shell]) == 0
    script = capfd.readouterr().out
    assert script == SHELLS[shell](TOPS)
    for command in COMMANDS:
        assert command.name.rpartition(" ")[2] in script
        for option in command.options:
            assert all(name.lstrip("-") in script for name in option.names)
