"""`confd -exec`: the child starts, is reloaded, restarted and ended, and its end is confd's."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.confd_lib.conftest import Folder
from tests.confd_lib.sidekick import (
    HOSTS,
    UNSHARE,
    Sidekick,
    confd,
    needs_namespaces,
    rest,
    send,
)

# Process 1 of a namespace whose /proc is that of the outer one.
WITHOUT_PROC = pytest.param(
    tuple(word for word in UNSHARE if word != "--mount-proc"),
    id="process 1 without its own proc",
    marks=needs_namespaces,
)
# A child that reports each signal by its name, and does not end until it is killed.
DEAF = (
    'for name in TERM INT QUIT USR1 USR2 WINCH; do trap "echo $name > {said}" $name; done; '
    "echo started > {said}; while :; do sleep 1000 & wait $!; done"
)
# A child that reports the content of a file at its start and at each SIGHUP.
FOLLOWER = (
    "trap 'cat {dest} > {said}' HUP; cat {dest} > {said}; while :; do sleep 1000 & wait $!; done"
)


class Said:
    """A named pipe that a child reports to."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path

    def next(self) -> str:
        """Wait for the next report of the child."""
        return self.path.read_text().rstrip("\n")


@pytest.fixture
def said(tmp_path: Path) -> Said:
    return Said(tmp_path / "said")


@pytest.fixture
def flags(folder: Folder) -> Callable[..., tuple[str, ...]]:
    """Return the flags for a command, and for the other settings of the table [exec]."""

    def give(command: str, **settings: object) -> tuple[str, ...]:
        toml = folder.path / "confd.toml"
        lines = "".join(f"{name} = {value!r}\n" for name, value in settings.items())
        toml.write_text(f"[exec]\n{lines}" if lines else "")
        fixed = ("-backend=env", f"-confdir={folder.path}", "-interval=3600", f"-exec={command}")
        return (*fixed, f"-config-file={toml}")

    return give


def until_has(sidekick: Sidekick, words: str) -> None:
    """Read the log up to a line that holds some words."""
    assert sidekick.process.stderr is not None
    assert any(words in line for line in sidekick.process.stderr)


# -- Start and end


@pytest.mark.parametrize("under", HOSTS)
@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("true", 0),
        ("exit 3", 3),
        ("kill -TERM $$", 143),
        ("kill -KILL $$", 137),
        ("exec no-such-command", 127),
    ],
)
def test_the_end_of_the_child_is_that_of_confd(folder, flags, command, status, under):
    folder.both("x\n")
    with confd(*flags(f"cat {folder.dest()} >&2; {command}"), under=under) as running:
        lines = rest(running)
        assert running.process.wait() == status
    # The file was there before the child.
    level = "ERROR" if status else "INFO"
    assert "x" in lines
    assert lines[-1].endswith(f"{level} The child has ended: exit status {status}")


@pytest.mark.parametrize("under", HOSTS)
@pytest.mark.parametrize(
    ("number", "settings", "heard"),
    [
        (signal.SIGTERM, {}, "TERM"),
        (signal.SIGINT, {}, "INT"),
        (signal.SIGTERM, {"kill_signal": "QUIT"}, "QUIT"),
    ],
)
def test_a_child_that_ignores_its_end_is_killed(
    folder, flags, said, number, settings, heard, under
):
    folder.both("x")
    args = flags(DEAF.format(said=said.path), kill_timeout="2s", **settings)
    with confd(*args, under=under) as running:
        assert said.next() == "started"
        send(running, number)
        assert said.next() == heard
        lines = rest(running)
        assert running.process.wait() == 137
    assert lines[-2:] == [
        "WARNING The child has not ended for 2s, and is killed",
        "INFO The child has ended: exit status 137",
    ]


@pytest.mark.parametrize("number", ["TERM", "INT"])
def test_a_child_that_ends_by_itself_gives_its_own_status(folder, flags, said, number):
    folder.both("x")
    ending = f"trap 'exit 7' {number}; echo > {said.path}; while :; do sleep 1000 & wait $!; done"
    with confd(*flags(ending)) as running:
        said.next()
        running.process.send_signal(signal.Signals[f"SIG{number}"])
        assert running.process.wait() == 7


@pytest.mark.parametrize("under", HOSTS)
def test_a_second_signal_kills_the_child_and_leaves_at_once(folder, flags, said, under):
    folder.both("x")
    args = flags(DEAF.format(said=said.path), kill_timeout=1000)
    with confd(*args, under=under) as running:
        assert said.next() == "started"
        send(running, signal.SIGTERM)
        assert said.next() == "TERM"
        send(running, signal.SIGTERM)
        assert rest(running)[-1] == "ERROR Left unfinished: the child"
        assert running.process.wait() == 143


@pytest.mark.parametrize("name", ["USR1", "USR2", "QUIT", "WINCH"])
def test_other_signals_are_passed_on(folder, flags, said, name):
    folder.both("x")
    with confd(*flags(DEAF.format(said=said.path), kill_timeout=0)) as running:
        assert said.next() == "started"
        running.process.send_signal(signal.Signals[f"SIG{name}"])
        assert said.next() == name


def test_what_the_child_leaves_in_its_group_ends_with_it(folder, flags, tmp_path):
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    folder.both("x")
    command = f"(trap '' TERM HUP; exec 3> {alive}; echo >&3; while :; do sleep 1000; done) & "
    go = tmp_path / "go"
    os.mkfifo(go)
    with confd(*flags(f"{command} read line < {go}; exit 0")) as running, alive.open("rb") as held:
        assert held.readline() == b"\n"
        go.write_text("\n")
        assert running.process.wait() == 0
        assert held.read() == b""  # nobody holds it any more


def test_the_child_sees_neither_systemd_nor_our_descriptors(folder, flags):
    folder.both("x")
    before = (
        "import os; os.environ |= "
        "{'NOTIFY_SOCKET': '/nonexistent/socket', 'WATCHDOG_USEC': '1', 'WATCHDOG_PID': '1'}"
    )
    command = "env | grep -c -e NOTIFY -e WATCHDOG >&2; ls /proc/self/fd >&2; exit 0"
    with confd(*flags(command), "-listen=:0", before=before) as running:
        lines = rest(running)
        assert running.process.wait() == 0
    assert "0" in lines
    numbers = {int(line) for line in lines if line.isdecimal()}
    assert max(numbers) <= 3  # `ls` itself opens one


# -- Not started


def test_a_command_that_is_not_there_is_one_error_before_anything_is_done(folder, flags, tmp_path):
    folder.both("x")
    plain = tmp_path / "plain"
    plain.touch(0o644)
    for command, status, reason in (
        ("no-such-command -x", 127, "no-such-command: there is no such command in PATH"),
        (f"{tmp_path}/nothing", 127, f"{tmp_path}/nothing: there is no such file"),
        (str(plain), 126, f"{plain}: it may not be executed"),
        (str(tmp_path), 126, f"{tmp_path}: it may not be executed"),
    ):
        with confd(*flags(command), "-listen=:0") as running:
            assert rest(running) == [f"FATAL Cannot start the child: {reason}"]
            assert running.process.wait() == status
    assert not folder.dest().exists()


def test_a_program_that_cannot_be_run_is_one_error(folder, flags, tmp_path):
    folder.both("x")
    program = tmp_path / "program"
    program.write_text("#!/nonexistent/interpreter\n")
    program.chmod(0o755)
    with confd(*flags(str(program))) as running:
        said = rest(running)
        assert f"ERROR Cannot start the child: {program}: no such file or directory" in said
        assert running.process.wait() == 127


@pytest.mark.parametrize("under", HOSTS)
@pytest.mark.parametrize("template", ['{{getv "/missing"}}', None])
def test_without_a_good_pass_there_is_no_start_but_a_deadline(
    folder, flags, tmp_path, template, under
):
    if template:
        folder.both(template)
    started = tmp_path / "started"
    with confd(*flags(f"touch {started}", start_timeout="200ms"), under=under) as running:
        lines = rest(running)
        assert running.process.wait() == 75
    assert (
        "FATAL No pass in which every file is in step for 0.2s: the child is not started" in lines
    )
    assert not started.exists()


@pytest.mark.parametrize("start_timeout", ["1000h", 1e300])
def test_signals_are_served_while_a_deadline_is_months_away(folder, flags, start_timeout):
    folder.both('{{getv "/missing"}}')
    with confd(*flags("true", start_timeout=start_timeout)) as running:
        until_has(running, "key does not exist")
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=30) == 143


def test_a_pass_that_is_good_at_last_starts_the_child(folder, flags, said):
    folder.both('{{getv "/missing"}}')
    args = flags(FOLLOWER.format(dest=folder.dest(), said=said.path), start_timeout=0)
    with confd(*args) as running:
        running.until("key does not exist: /missing")
        folder.template("found")
        running.process.send_signal(signal.SIGHUP)
        assert said.next() == "found"


def test_a_signal_that_comes_before_the_start_ends_confd_with_its_number(folder, flags):
    folder.both('{{getv "/missing"}}')
    with confd(*flags("true")) as running:
        running.until("key does not exist: /missing")
        running.process.send_signal(signal.SIGUSR1)
        running.until("No child runs that could get signal 10 (SIGUSR1)")
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait() == 143


@pytest.mark.parametrize("under", HOSTS)
def test_a_signal_that_comes_before_there_is_a_child_ends_confd_too(folder, flags, under):
    folder.both("x")
    signalled = """
import gc, os, signal, sys
class Finder:
    def find_spec(name, *_):
        if name == "confd_lib.command.sidecar.child":
            from confd_lib.command.confd.shutdown import Shutdown
            os.kill(os.getpid(), signal.SIGTERM)
            while not any(isinstance(one, Shutdown) and one.number for one in gc.get_objects()):
                pass
sys.meta_path.insert(0, Finder)
"""
    with confd(*flags("sleep 1000"), before=signalled, under=under) as running:
        assert not any("Left unfinished" in line for line in rest(running))
        assert running.process.wait() == 143


# -- Changes


def test_a_change_reloads_the_child_by_a_signal(folder, flags, said):
    folder.both("1")
    command = FOLLOWER.format(dest=folder.dest(), said=said.path)
    with confd(*flags(command, reload_signal="SIGHUP")) as running:
        assert said.next() == "1"
        for content in ("2", "3", "4"):
            folder.template(content)
            running.process.send_signal(signal.SIGHUP)
            assert said.next() == content
        lines = running.end(signal.SIGTERM)
        assert running.process.wait() == 143
    assert sum("Started the child" in line for line in lines) == 1


def test_sighup_reloads_the_child_though_no_file_changed(folder, flags, said):
    folder.both("1")
    command = FOLLOWER.format(dest=folder.dest(), said=said.path)
    with confd(*flags(command, reload_signal="HUP")) as running:
        assert said.next() == "1"
        running.process.send_signal(signal.SIGHUP)
        assert said.next() == "1"


@pytest.mark.parametrize("under", HOSTS)
def test_a_change_restarts_a_child_without_a_reload_signal(folder, flags, said, under):
    folder.both("1")
    command = f"cat {folder.dest()} > {said.path}; exec sleep 1000"
    with confd(*flags(command), "-log-level=debug", under=under) as running:
        assert said.next() == "1"
        for content in ("2", "3"):
            folder.template(content)
            send(running, signal.SIGHUP)
            assert said.next() == content
        send(running, signal.SIGHUP)  # nothing has changed
        for _ in range(3):
            running.until("Captured hangup. Reading conf.d again")
        running.until("in sync")
        send(running, signal.SIGTERM)
        assert sum("Restarting" in line for line in rest(running)) == 0
        assert running.process.wait() == 143


def test_a_child_that_does_not_end_for_its_restart_is_killed(folder, flags, said):
    folder.both("1")
    command = f"trap '' TERM; cat {folder.dest()} > {said.path}; while :; do sleep 1000; done"
    with confd(*flags(command, kill_timeout=0.1)) as running:
        assert said.next() == "1"
        folder.template("2")
        running.process.send_signal(signal.SIGHUP)
        assert said.next() == "2"


@pytest.mark.parametrize("under", [*HOSTS, WITHOUT_PROC])
def test_a_reload_waits_until_the_child_has_its_handler(folder, flags, said, tmp_path, under):
    go = tmp_path / "go"
    os.mkfifo(go)
    folder.both("1")
    command = f"echo started > {said.path}; read x < {go}; " + FOLLOWER.format(
        dest=folder.dest(), said=said.path
    )
    with confd(*flags(command, reload_signal="HUP"), under=under) as running:
        assert said.next() == "started"
        running.until("has been updated")
        folder.template("2")
        send(running, signal.SIGHUP)
        running.until("has been updated")
        go.write_text("x\n")
        # Its start has read the new file already, and the reload comes nevertheless.
        heard = ""
        with said.path.open() as reports:  # closed between both, it could lose the second
            while len(heard) < 2:
                heard += reports.read()
        assert heard == "22"
        send(running, signal.SIGTERM)
        assert not any("has no handler" in line for line in rest(running))


# -- Restarts


def quick(seconds: float = 0.01) -> str:
    return (
        "from confd_lib.command.sidecar import child\n"
        f"child._FIRST_PAUSE_S = child._LAST_PAUSE_S = {seconds}"
    )


@pytest.mark.parametrize(("restarts", "starts"), [(0, 1), (1, 2), (3, 4)])
def test_a_child_that_fails_at_once_is_started_as_often_as_was_asked_for(
    folder, flags, restarts, starts
):
    folder.both("x")
    with confd(*flags("exit 5", restarts=restarts), before=quick()) as running:
        lines = rest(running)
        assert running.process.wait() == 5
    assert sum("Started the child" in line for line in lines) == starts


def test_a_program_that_cannot_be_run_is_tried_as_often_as_was_asked_for(folder, flags, tmp_path):
    folder.both("x")
    program = tmp_path / "program"
    program.write_bytes(b"\x01\x02")
    program.chmod(0o755)
    with confd(*flags(str(program), restarts=2), before=quick()) as running:
        lines = rest(running)
        assert running.process.wait() == 126
    assert [line for line in lines if "start " in line] == [
        f"ERROR Cannot start the child: {program}: exec format error",
        *(
            line
            for number in (1, 2)
            for line in (
                f"ERROR The child has ended: exit status 126; start {number} of 2 comes in 0.0s",
                f"ERROR Cannot start the child: {program}: exec format error",
            )
        ),
    ]


def test_a_child_that_succeeds_is_not_started_again(folder, flags):
    folder.both("x")
    with confd(*flags("true", restarts=5), before=quick()) as running:
        assert sum("Started the child" in line for line in rest(running)) == 1
        assert running.process.wait() == 0


def test_a_signal_ends_the_pause_before_a_restart(folder, flags):
    folder.both("x")
    with confd(*flags("exit 5", restarts=5), before=quick(1000)) as running:
        until_has(running, "start 1 of 5 comes in")
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait() == 143


# -- A single pass


def test_a_single_pass_starts_the_child_and_waits_for_its_end(folder, flags, said):
    folder.both("1")
    command = FOLLOWER.format(dest=folder.dest(), said=said.path)
    with confd(*flags(command), "-onetime") as running:
        assert said.next() == "1"
        folder.template("2")
        running.process.send_signal(signal.SIGHUP)  # is passed on, as no pass follows
        assert said.next() == "1"
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait() == 143


@pytest.mark.parametrize(("template", "status"), [('{{getv "/missing"}}', 1), (None, 75)])
def test_a_single_pass_that_is_not_good_starts_no_child(folder, flags, tmp_path, template, status):
    if template:
        folder.both(template)
    with confd(*flags(f"touch {tmp_path}/started"), "-onetime") as running:
        rest(running)
        assert running.process.wait() == status
    assert not (tmp_path / "started").exists()


def test_sighup_promises_no_second_pass_where_there_is_one_alone(folder, tmp_path):
    go, begun = tmp_path / "go", tmp_path / "begun"
    for fifo in (go, begun):
        os.mkfifo(fifo)
    folder.both("x", check_cmd=f"echo > {begun}; cat {go}")
    with confd("-backend=env", f"-confdir={folder.path}", "-onetime") as running:
        begun.read_bytes()
        running.process.send_signal(signal.SIGHUP)
        running.until("INFO Captured hangup, but -onetime makes no second pass")
        go.write_bytes(b"")
        rest(running)
        assert running.process.wait() == 0
