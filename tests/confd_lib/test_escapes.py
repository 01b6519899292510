"""Output for people has no control characters from the data."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confd_lib import escapes
from confd_lib.command import stdout
from confd_lib.command.confd import cli
from confd_lib.command.tool import cli as tool
from confd_lib.lint import Finding, Severity
from confd_lib.lint.report import as_github, as_text

HOSTILE = "\x1b]0;title\x07\x1b[2J\rforged\u202e\x9b31m"
ESCAPED = r"\x1b]0;title\x07\x1b[2J\rforged\u202e\x9b31m"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain é 日本 \U0001f600", "plain é 日本 \U0001f600", id="letters"),
        pytest.param("a\tb", "a\tb", id="tab"),
        pytest.param("a\nb", r"a\nb", id="line-feed"),
        pytest.param("a\r\nb", r"a\r\nb", id="carriage-return"),
        pytest.param(HOSTILE, ESCAPED, id="terminal-sequences"),
        pytest.param("\x00\x7f\x85", r"\x00\x7f\x85", id="other-controls"),
        pytest.param("\u2028\u2029", r"\u2028\u2029", id="separators"),
        pytest.param("\udc9b31m\ud800", r"\x9b31m\ud800", id="bytes-and-halves"),
    ],
)
def test_one_line(text: str, shown: str) -> None:
    assert escapes.one_line(text) == shown


@given(st.text(st.characters()))
def test_only_tabs_and_line_feeds_control_a_terminal(text: str) -> None:
    shown = escapes.lines(text)
    left = {char for char in shown if unicodedata.category(char) in ("Cc", "Cs")}
    assert left <= {"\t", "\n"}
    assert escapes.one_line(text) == shown.replace("\n", r"\n")


@given(st.text(st.sampled_from("ab é\t\n")))
def test_other_characters_are_kept(text: str) -> None:
    assert escapes.lines(text) == text


# -- The commands


def in_terminal(code: str) -> str:
    """Return the output of Python code whose stdout is a terminal."""
    near, far = pty.openpty()
    with os.fdopen(near, "rb", buffering=0) as terminal:
        env = {**os.environ, "NO_COLOR": "1"}
        subprocess.run([sys.executable, "-c", code], stdout=far, env=env, check=True)
        output = terminal.read(65536).decode()
        os.close(far)
    return output.replace("\r\n", "\n")  # a terminal adds the carriage return


@pytest.fixture
def hostile(folder):
    """Return a folder with a resource whose key and value control a terminal."""
    folder.both('{{range gets "/*"}}{{.Key}}={{.Value}};{{end}}\n')
    text = "".join(f"\\u{ord(char):04x}" for char in HOSTILE)
    (folder.path / "values.json").write_text(f'{{"k\\n\\u001b[2J": "{text}"}}')
    return folder


def test_rendered_text_is_escaped_on_a_terminal(hostile) -> None:
    template, values = hostile.path / "templates/a.tmpl", hostile.path / "values.json"
    words = ["render", str(template), "--values", str(values)]
    output = in_terminal(f"from confd_lib.command.tool import cli as tool; tool.main({words!r})")
    assert output == f"/k\n\\x1b[2J={ESCAPED};\n"


def test_a_difference_is_escaped_on_a_terminal(hostile) -> None:
    words = ["-onetime", "-noop", "-log-level=error", "-config-file="]
    words += ["-backend=file", f"-file={hostile.path}/values.json", f"-confdir={hostile.path}"]
    output = in_terminal(f"from confd_lib.command.confd import cli; cli.main({words!r})")
    assert r"+\x1b[2J=\x1b]0;title\x07\x1b[2J\r" in output
    assert escapes.lines(output) == output


def test_rendered_text_is_not_escaped_elsewhere(capfdbinary, hostile) -> None:
    template, values = hostile.path / "templates/a.tmpl", hostile.path / "values.json"
    assert tool.main(["render", str(template), "--values", str(values)]) == 0
    assert capfdbinary.readouterr().out == f"/k\n\x1b[2J={HOSTILE};\n".encode()


def test_a_lone_surrogate_is_printed_as_by_go(capfd) -> None:
    stdout.write("a\ud800b\n")
    assert capfd.readouterr().out == "a\ufffdb\n"


def test_a_trace_has_no_control_characters(capfd, hostile) -> None:
    template, values = hostile.path / "templates/a.tmpl", hostile.path / "values.json"
    template.write_text('{{range gets "/*"}}{{.Value}}\n{{end}}{{getv "/a\\nline 9: getv /b" "d"}}')
    assert tool.main(["render", str(template), "--values", str(values), "--trace"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0] == f"{ESCAPED}  <- line 1; /k\\n\\x1b[2J"
    assert lines[-1] == r"line 2: getv /a\nline 9: getv /b: default"
    assert len(lines) == 5


FINDING = Finding(f"{HOSTILE}.toml", 1, "r", Severity.ERROR, f"a\n::error::{HOSTILE}", "x\x1by")


def test_a_finding_is_two_lines_of_text() -> None:
    assert as_text([FINDING]).splitlines() == [
        rf"{ESCAPED}.toml:1:1: error: a\n::error::{ESCAPED} [r]",
        r"    x\x1by",
        "1 error",
    ]


def test_a_finding_is_one_workflow_command_of_github() -> None:
    path = ESCAPED.replace(":", "%3A")
    assert as_github([FINDING]) == (
        rf"::error file={path}.toml,line=1,col=1,title=r::a%0A::error::{ESCAPED}: x\x1by"
    )


def test_usage_errors_quote_words_with_escapes(capfd) -> None:
    assert cli.main([f"-{HOSTILE}\n"]) == 2
    first, usage, *_ = capfd.readouterr().err.splitlines()
    assert first == rf"flag provided but not defined: -{ESCAPED}\n"
    assert usage.startswith("Usage of ")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["render", "t", "--values", "v", f"--{HOSTILE}"], id="unknown-flag"),
        pytest.param(["render", "t", "--values", "v", f"{HOSTILE}\nx"], id="unknown-word"),
    ],
)
def test_usage_errors_of_the_tool_quote_words_with_escapes(capfd, words: list[str]) -> None:
    with pytest.raises(SystemExit):
        tool.main(words)
    assert ESCAPED in capfd.readouterr().err.splitlines()[-1]


def test_errors_of_the_tool_are_one_line(capfd, tmp_path: Path) -> None:
    assert tool.main(["render", "t", "--values", f"{tmp_path}/{HOSTILE}\nx"]) == 1
    output = capfd.readouterr().err
    assert rf"/{ESCAPED}\nx: no such file or directory" in output
    assert output.count("\n") == 1
