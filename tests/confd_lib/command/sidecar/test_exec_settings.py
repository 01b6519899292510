"""The flag -exec and the table [exec] of confd.toml: what they mean, and what is refused."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confd_lib.command.settings import config, flags
from confd_lib.command.settings.exec import Exec
from confd_lib.command.tool import cli as tool
from confd_lib.errors import ConfigError


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "confd.toml"


def read(toml: Path, text: str, *args: str) -> config.Config:
    toml.write_text(text)
    given, words = flags.parse(["-config-file", str(toml), *args])
    assert given is not None
    return config.read(given, words, {})


ALL = """
[exec]
command = "app"
reload_signal = "HUP"
kill_signal = "SIGQUIT"
kill_timeout = "1m"
splay = 2
start_timeout = 2.5
restarts = 3
"""


@pytest.mark.parametrize(
    ("text", "args", "expected"),
    [
        ("", [], None),
        ("", ["--exec", "app -x"], Exec("app -x")),
        ("", ["-exec=app"], Exec("app")),
        (ALL, [], Exec("app", signal.SIGHUP, signal.SIGQUIT, 60.0, 2.0, 2.5, 3)),
        (ALL, ["-exec=b"], Exec("b", signal.SIGHUP, signal.SIGQUIT, 60.0, 2.0, 2.5, 3)),
        (ALL, ["-exec="], None),
        (ALL, ["-noop"], None),
        ('[Exec]\nCommand = "app"\nReload_Signal = "usr1"', [], Exec("app", signal.SIGUSR1)),
        ('[exec]\ncommand = "app"\nkill_signal = "9"', [], Exec("app", 0, signal.SIGKILL)),
        ('[exec]\ncommand = "app"\nreload_signal = ""', [], Exec("app")),
        ('exec = {command = "app"}', [], Exec("app")),
        ('[[layer]]\nbackend = "env"\n[[layer]]\nbackend = "env"', ["-exec=app"], Exec("app")),
    ],
)
def test_the_process_of_flag_and_table(toml, text, args, expected):
    assert read(toml, text, *args).exec == expected


def value(name: str, line: int, reason: str) -> str:
    return f'{{toml}}: toml: line {line} (last key "exec.{name}"): {reason}'


@pytest.mark.parametrize(
    ("text", "args", "said"),
    [
        ("[exec]\nsplay = 1", [], "{toml}: [exec] names no command"),
        ('[exec]\ncommand = " "', [], "{toml}: [exec] names no command"),
        ("", ["-exec", " "], "-exec names no command"),
        ("", ["-exec", "a\0b"], "-exec: the command holds a null byte"),
        ("", ["-exec=a", "-noop"], "-noop writes no file, so -exec has nothing to start"),
        ('exec = "app"', [], 'line 1 (last key "exec"): type mismatch: expected table'),
        ("[exec]\ncommand = 5", [], value("command", 2, "incompatible types")),
        (
            '[exec]\ncommand = "a"\nkill_signal = "FOO"',
            [],
            value("kill_signal", 3, "there is no signal 'FOO'; write one like \"SIGHUP\""),
        ),
        (
            '[exec]\nReload_Signal = "KILL"',
            [],
            value("Reload_Signal", 2, "no process can act on KILL"),
        ),
        ("[exec]\nsplay = -1", [], value("splay", 2, "neither seconds nor a duration")),
        ('[exec]\nkill_timeout = "x"', [], value("kill_timeout", 2, "neither seconds")),
        ("[exec]\nstart_timeout = inf", [], value("start_timeout", 2, "neither seconds")),
        ("[exec]\nrestarts = -1", [], value("restarts", 2, "-1 is below 0")),
    ],
)
def test_a_process_that_cannot_be_is_one_error(toml, text, args, said):
    with pytest.raises(ConfigError) as caught:
        read(toml, text, *args)
    assert said.format(toml=toml) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_names_in_the_table_that_nobody_knows_are_warned_of(toml):
    found = read(toml, '[exec]\ncommand = "app"\nreload_signals = "HUP"')
    assert found.warnings == (
        f"{toml}: settings that confd ignores and confd-lib follows: [exec]",
        f"{toml}: [exec]: reload_signals is not a setting, and is ignored",
    )


SHELL = ("/bin/sh", "-c")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("app", ("app",)),
        ("  app  -x\t--y=1 ", ("app", "-x", "--y=1")),
        ("nginx -g 'daemon off;'", ("nginx", "-g", "daemon off;")),
        ('a "b c" d""e', ("a", "b c", "de")),
        ("a; b", (*SHELL, "a; b")),
        ("a $HOME", (*SHELL, "a $HOME")),
        ('a "$HOME"', (*SHELL, 'a "$HOME"')),
        ("A=1 app", (*SHELL, "A=1 app")),
        ("exit 3", (*SHELL, "exit 3")),
        ("a 'b", (*SHELL, "a 'b")),
        ("a *.conf", (*SHELL, "a *.conf")),
        ("~/app", (*SHELL, "~/app")),
        ("a\nb", (*SHELL, "a\nb")),
        ("a \\ b", (*SHELL, "a \\ b")),
    ],
)
def test_a_command_runs_by_the_shell_only_where_it_has_its_syntax(command, words):
    assert Exec(command).words == words


pieces = st.sampled_from([" ", "a", "-b", "'c d'", '"e"', "''", "=", "/x", "1", "%", "@", "\t"])


@settings(max_examples=30)
@given(st.lists(pieces, max_size=6).map("".join))
def test_words_are_those_of_the_shell(text):
    words = Exec(f"printf <%s> {text}".replace("<%s>", "'<%s>'")).words
    shell = subprocess.run(
        [*SHELL, f"printf '<%s>' {text}"], capture_output=True, text=True, check=True
    )
    ours = subprocess.run(words, capture_output=True, text=True, check=True)
    assert ours.stdout == shell.stdout


@given(st.text())
def test_any_text_is_a_command_or_our_error(text):
    with contextlib.suppress(ConfigError):
        given, words = flags.parse(["-config-file=", "-exec", text])
        found = config.read(given or {}, words, {}).exec
        assert (found is None) == (text == "")
        assert found is None or all(isinstance(word, str) for word in found.words)


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ('command = "a"\nReload_signals = "HUP"', "3:1: warning: [exec]: Reload_signals", "write"),
        ('command = "a"\nsplay = "x"', "3:1: error: exec.splay: neither seconds", "fix the line"),
    ],
)
def test_lint_finds_what_confd_refuses_or_ignores(toml, capfd, text, place, advice):
    (toml.parent / "conf.d").mkdir()
    toml.write_text(f"[exec]\n{text}\n")
    assert tool.main(["lint", str(toml.parent)]) == 1
    said = capfd.readouterr().out
    assert f"{toml}:{place}" in said
    assert advice in said
