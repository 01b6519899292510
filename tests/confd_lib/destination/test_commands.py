"""Commands: the text for the shell, and the error for each way of ending."""

from __future__ import annotations

import errno
import logging
import os
import pty
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from confd_lib.destination import commands
from confd_lib.errors import CommandError
from confd_lib.logs import LOGGER

ROOT = Path(__file__).parents[3]
SRC, DEST = Path("/etc/.app.conf.1"), Path("/etc/app.conf")


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("haproxy -c -f {{.src}}", "haproxy -c -f /etc/.app.conf.1"),
        ("diff {{.src}} {{ .dest }}", "diff /etc/.app.conf.1 /etc/app.conf"),
        ('{{printf "%s" .src | printf "[%s]"}}', "[/etc/.app.conf.1]"),
        ("echo {{.other}}", "echo <no value>"),
        ('echo {{index . "other"}} {{printf "%T" .}}', "echo  map[string]string"),
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
        ("{{.src.x}}", 'template: checkcmd:1:6: executing "checkcmd" at <.src.x>: '),
        ('{{getv "/a"}}', 'template: checkcmd:1: function "getv" not defined'),
        (
            "{{index .src 9999}}",
            'template: checkcmd:1:2: executing "checkcmd" at <index .src 9999>',
        ),
    ],
)
def test_a_check_that_is_no_template_fails_with_gos_error(command, why):
    with pytest.raises(CommandError) as caught:
        commands.check_text(command, src=SRC, dest=DEST)
    assert str(caught.value).startswith(f"Config check failed: {why}")


@pytest.mark.parametrize("timeout", [30 * 86_400, 1e300])
def test_a_command_may_have_more_time_than_the_system_can_wait_at_once(timeout):
    """Without a warning that is due, the whole of the time is waited for."""
    assert commands.run(commands.RELOAD, "sleep 0.1; echo x", timeout=timeout, slow=0) == "x\n"


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("cp {{.src}} /tmp", "cp /etc/app.conf /tmp"),
        ("touch {{.dest}}.done", "touch /etc/app.conf.done"),
        ("docker ps -f '{{.ID}}' {{ .src }}", "docker ps -f '{{.ID}}' /etc/app.conf"),
        ("{{ .dest}}{{.src }}{{\t.dest\n}}", "/etc/app.conf" * 3),
        ("a {{- .src }} b", "a/etc/app.conf b"),
        ("a {{ .src -}} b", "a /etc/app.confb"),
        ("a \t{{- .src -}}\r\n {{- .dest -}} b", "a/etc/app.conf/etc/app.confb"),
        ("{{ .src -}} ", "/etc/app.conf"),
        ("{{-.src}} {{.src-}}", "{{-.src}} {{.src-}}"),  # no dashes for Go without their spaces
        ("{{.srcs}} {{.dest.x}} {{ . src }} {{src}}", "{{.srcs}} {{.dest.x}} {{ . src }} {{src}}"),
        ("{{{.src}}}", "{/etc/app.conf}"),
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
def test_the_error_of_a_command_is_one_line(command, said):
    with pytest.raises(CommandError) as caught:
        commands.run(commands.RELOAD, command)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_command_that_takes_too_long_is_killed_with_what_it_started(tmp_path):
    fifo = tmp_path / "alive"
    os.mkfifo(fifo)
    # Its child holds the fifo open for as long as it lives.
    reader = threading.Thread(target=fifo.read_bytes, daemon=True)
    reader.start()
    with pytest.raises(CommandError) as caught:
        commands.run(commands.CHECK, f"sleep 1000 > {fifo} & wait", timeout=5)
    reader.join(timeout=30)
    assert not reader.is_alive()
    assert caught.value.outcome == "timed out after 5s"


def test_what_runs_on_in_the_background_is_not_waited_for(tmp_path):
    fifo = tmp_path / "go"
    os.mkfifo(fifo)
    assert commands.run(commands.RELOAD, f"cat {fifo} & echo started") == "started\n"
    fifo.write_bytes(b"")  # lets the background job end


def test_a_process_that_ignores_the_end_of_children_runs_no_command() -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with pytest.raises(CommandError, match="ignores SIGCHLD"):
            commands.run("x", "exit 3")
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_of_much_output_the_end_is_kept():
    with pytest.raises(CommandError) as caught:
        commands.run(commands.RELOAD, "seq 100000; exit 1")
    assert len(caught.value.output) <= 64 * 1024
    assert caught.value.output.endswith("\n100000\n")


def test_output_that_is_no_text_does_no_harm():
    assert commands.run(commands.RELOAD, r"printf '\377'") == "�"


def test_what_a_command_said_is_logged_as_go_quotes_it(caplog):
    caplog.set_level("DEBUG")
    commands.run_logged(commands.RELOAD, "echo done", timeout=0)
    assert caplog.messages == ["Running echo done", '"done\\n"']


# -- What is left running


def fifos(folder: Path, *names: str) -> list[Path]:
    made = [folder / name for name in names]
    for path in made:
        os.mkfifo(path)
    return made


def test_a_daemon_that_goes_on_writing_is_not_blocked_or_killed_and_fills_no_memory(tmp_path):
    go, done = fifos(tmp_path, "go", "done")
    writing = "head -c 10000000 /dev/zero; echo $? $(stat -L -c %s /proc/self/fd/2)"
    daemon = f"read x < {go}; exec 2>&1; {writing} > {done}"
    said = commands.run(commands.RELOAD, f"({daemon}) & echo started")
    assert said == "started\n"
    go.write_text("x\n")
    assert done.read_text() == "0 0\n"


def test_a_daemon_may_write_on_when_its_confd_has_left(tmp_path):
    go, done = fifos(tmp_path, "go", "done")
    command = f"(read x < {go}; head -c 1000000 /dev/zero; echo $? > {done}) & echo started"
    imports = "import sys; from confd_lib.destination import commands"
    code = f"{imports}; commands.run('Reload failed', sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, command], cwd=ROOT, check=True)
    go.write_text("x\n")
    assert done.read_text() == "0\n"


def test_a_daemon_may_write_on_where_no_thread_is_to_be_had(tmp_path, monkeypatch):
    go, done = fifos(tmp_path, "go", "done")

    def refused(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    commands.run(commands.RELOAD, f"(read x < {go}; head -c 1000000 /dev/zero; echo $? > {done}) &")
    go.write_text("x\n")
    assert done.read_text() == "0\n"


def test_reloads_that_start_daemons_take_no_more_descriptors_and_threads_each_time(tmp_path):
    (alive,) = fifos(tmp_path, "alive")

    def counts() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), threading.active_count()  # noqa: PTH208

    earlier = {*threading.enumerate()}
    before = counts()
    for _ in range(500):
        commands.run(commands.RELOAD, f"cat {alive} &")
        alive.write_bytes(b"")  # ends the daemon
        for thread in {*threading.enumerate()} - earlier:
            if thread.name == "confd-output":
                thread.join()
    # A daemon of an earlier test may end in between.
    assert all(now <= was for now, was in zip(counts(), before, strict=True))


def test_a_command_cannot_take_our_terminal(tmp_path):
    ours, terminal = pty.openpty()
    taking = "import os; os.tcsetpgrp(os.open('/dev/tty', os.O_RDWR), os.getpgrp())"
    code = (
        "import fcntl, os, sys, termios; from confd_lib.destination import commands; os.setsid()\n"
        "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "try: commands.run('Reload failed', sys.argv[1])\n"
        "finally: assert os.tcgetpgrp(0) == os.getpgrp()"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, f'{sys.executable} -c "{taking}"'],
            stdin=terminal, stderr=subprocess.PIPE, cwd=ROOT, check=False, timeout=60,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(terminal)
    assert b"CommandError: Reload failed: exit status 1" in done.stderr
    assert b"No such device or address" in done.stderr


# -- How long it takes


class Acting(logging.Handler):
    """Does something when a line is logged."""

    def __init__(self, act) -> None:
        super().__init__()
        self._act = act

    def emit(self, record: logging.LogRecord) -> None:
        self._act()


@pytest.fixture
def when_logged():
    added = []

    def add(act) -> None:
        added.append(Acting(act))
        LOGGER.addHandler(added[-1])

    yield add
    for handler in added:
        LOGGER.removeHandler(handler)


@pytest.fixture(params=["the end is reported", "the end is polled"])
def waiting(request, monkeypatch):
    """Both ways of waiting for a process: old kernels and some containers have no pidfd."""
    if request.param == "asking for its end":

        def missing(pid: int) -> int:
            raise OSError(errno.ENOSYS, "Function not implemented")

        monkeypatch.setattr(os, "pidfd_open", missing)


def test_a_command_that_runs_long_is_named_once_and_not_ended(
    waiting, tmp_path, when_logged, caplog
):
    (go,) = fifos(tmp_path, "go")
    when_logged(lambda: go.write_text("x\n"))
    command = f"read x < {go}; echo $x"
    assert commands.run(commands.RELOAD, command, slow=0.001) == "x\n"
    assert [(line.levelname, line.message) for line in caplog.records] == [
        ("WARNING", f"Still running after 0.001s: {command}")
    ]


def test_a_command_that_closes_its_output_is_waited_for(waiting, tmp_path):
    first, second = fifos(tmp_path, "first", "second")
    writer = threading.Thread(target=lambda: first.write_text(second.read_text()))
    writer.start()
    command = f"echo said; exec >&- 2>&-; echo x > {second}; read x < {first}; exit 3"
    with pytest.raises(CommandError) as caught:
        commands.run(commands.CHECK, command, timeout=60)
    writer.join()
    assert (caught.value.outcome, caught.value.output) == ("exit status 3", "said\n")


def test_a_command_is_killed_when_its_time_is_up_and_what_it_said_is_kept(waiting):
    with pytest.raises(CommandError) as caught:
        commands.run(commands.CHECK, "echo said; exec sleep 1000", timeout=2)
    assert (caught.value.outcome, caught.value.output) == ("timed out after 2s", "said\n")


def test_a_command_whose_run_is_broken_off_is_killed(tmp_path, when_logged):
    (alive,) = fifos(tmp_path, "alive")
    opened = threading.Event()

    def read() -> None:
        with alive.open() as file:
            opened.set()
            file.read()

    reader = threading.Thread(target=read)
    reader.start()

    def broken() -> None:
        assert opened.wait(60)  # killed before, the command would leave the reader waiting
        raise KeyboardInterrupt

    when_logged(broken)
    with pytest.raises(KeyboardInterrupt):
        commands.run(commands.CHECK, f"exec sleep 1000 > {alive}", slow=0.001)
    reader.join(timeout=60)
    assert not reader.is_alive()


def test_without_descriptors_a_command_fails_as_one(monkeypatch):
    def full() -> tuple[int, int]:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(os, "pipe", full)
    with pytest.raises(CommandError, match=r"Reload failed: .*Too many open files: true"):
        commands.run(commands.RELOAD, "true")
