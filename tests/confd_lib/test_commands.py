"""Commands: what the shell is given, and how each way of ending is told."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from confd_lib import commands
from confd_lib.errors import CommandError

SRC, DEST = Path("/etc/.app.conf.1"), Path("/etc/app.conf")


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("haproxy -c -f {{.src}}", "haproxy -c -f /etc/.app.conf.1"),
        ("diff {{.src}} {{ .dest }}", "diff /etc/.app.conf.1 /etc/app.conf"),
        ('{{printf "%s" .src | printf "[%s]"}}', "[/etc/.app.conf.1]"),
        ("echo {{.other}}", "echo <no value>"),
        ("true", "true"),
        ("", ""),
    ],
)
def test_a_check_is_a_template(command, text):
    assert commands.check_text(command, src=SRC, dest=DEST) == text


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("{{.src", "template: checkcmd:1: unclosed action"),
        ('{{getv "/a"}}', 'template: checkcmd:1: function "getv" not defined'),
        ("{{index .src 99}}", 'template: checkcmd:1:2: executing "checkcmd" at <index .src 99>'),
    ],
)
def test_a_check_that_is_no_template_is_told_in_gos_words(command, why):
    with pytest.raises(CommandError) as caught:
        commands.check_text(command, src=SRC, dest=DEST)
    assert str(caught.value).startswith(f"Config check failed: {why}")


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("cp {{.src}} /tmp", "cp /etc/app.conf /tmp"),
        ("touch {{.dest}}.done", "touch /etc/app.conf.done"),
        ("docker ps -f '{{.ID}}' {{ .src }}", "docker ps -f '{{.ID}}' {{ .src }}"),
    ],
)
def test_a_reload_is_verbatim_but_for_two_names(command, text):
    assert commands.reload_text(command, DEST) == text


def test_a_command_has_our_environment_and_folder_and_no_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GREETING", "hello")
    said = commands.run(commands.RELOAD, 'echo "$GREETING"; pwd; cat; echo bad >&2')
    assert said == f"hello\n{tmp_path}\nbad\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("exit 4", "Reload failed: exit status 4: exit 4"),
        ("echo no; echo way; exit 1", "exit status 1: echo no; echo way; exit 1: no; way"),
        ("kill -9 $$", "Reload failed: signal: killed: kill -9 $$"),
        ("kill $$", "Reload failed: signal: terminated: kill $$"),
        ("no-such-command-here", "exit status 127: no-such-command-here: "),
        ("true\0", "embedded null byte"),
    ],
)
def test_a_failure_is_told_in_one_line(command, said):
    with pytest.raises(CommandError) as caught:
        commands.run(commands.RELOAD, command)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_command_that_takes_too_long_is_killed_with_what_it_started(tmp_path):
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    # Its child holds the fifo open for as long as it lives.
    reader = threading.Thread(target=fifo.read_bytes)
    reader.start()
    with pytest.raises(CommandError) as caught:
        commands.run(commands.CHECK, f"sleep 1000 > {fifo} & wait", timeout=0.3)
    reader.join(timeout=30)
    assert not reader.is_alive()
    assert caught.value.outcome == "timed out after 0.3s"


def test_what_runs_on_in_the_background_is_not_waited_for(tmp_path):
    fifo = tmp_path / "go"
    os.mkfifo(fifo)
    assert commands.run(commands.RELOAD, f"cat {fifo} & echo started") == "started\n"
    fifo.write_bytes(b"")  # lets the background job end


def test_of_much_output_the_end_is_kept():
    with pytest.raises(CommandError) as caught:
        commands.run(commands.RELOAD, "seq 100000; exit 1")
    assert len(caught.value.output) <= 64 * 1024
    assert caught.value.output.endswith("\n100000\n")


def test_output_that_is_no_text_does_no_harm():
    assert commands.run(commands.RELOAD, r"printf '\377'") == "�"


def test_without_memory_files_a_temporary_one_does(monkeypatch):
    monkeypatch.setattr(commands, "_HAS_MEMORY_FILES", False)
    assert commands.run(commands.RELOAD, "echo ok") == "ok\n"


def test_what_a_command_said_is_logged_as_go_quotes_it(caplog):
    caplog.set_level("DEBUG")
    commands.run_logged(commands.RELOAD, "echo done", timeout=0)
    assert caplog.messages == ["Running echo done", '"done\\n"']
