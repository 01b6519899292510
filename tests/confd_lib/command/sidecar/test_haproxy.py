"""A real HAProxy as the child: it is reloaded by its own signal, and no request fails."""

from __future__ import annotations

import contextlib
import signal
import threading
import urllib.error
import urllib.request

from tests.confd_lib.conftest import Folder
from tests.confd_lib.sidekick import Sidekick, confd, rest
from tests.servers.loopback.programs import system_program

TEMPLATE = """
global
  stats socket {socket} mode 600 level admin expose-fd listeners
defaults
  mode http
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend web
  bind 127.0.0.1:{port}
  http-request return status 200 content-type text/plain string "{text}"
"""


def get(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as reply:
        return reply.read().decode()


def until(port: int, text: str) -> None:
    """Wait until HAProxy answers with a text; the guard of its `confd` ends it."""
    found = ""
    while found != text:
        with contextlib.suppress(urllib.error.URLError):
            found = get(port)


def until_said(running: Sidekick, words: str) -> list[str]:
    """Read the log up to a line of HAProxy; what is busy with a reload may lose the next signal."""
    assert running.process.stderr is not None
    lines: list[str] = []
    for line in running.process.stderr:
        lines.append(line)
        if words in line:
            break
    return lines


def test_haproxy_is_reloaded_by_its_signal_while_requests_go_on(folder: Folder, port: int) -> None:
    haproxy, stop, answers = system_program("haproxy"), threading.Event(), set[str]()
    socket = folder.out / "socket"
    failures: list[Exception] = []

    def render(text: str) -> None:
        folder.template(TEMPLATE.format(socket=socket, port=port, text=text))

    def ask() -> None:
        while not stop.is_set():
            try:
                answers.add(get(port))
            except OSError as error:
                failures.append(error)

    render("0")
    folder.resource(keys=[], check_cmd=f"{haproxy} -c -f {{{{.src}}}}")
    toml = folder.path / "confd.toml"
    toml.write_text('[exec]\nreload_signal = "USR2"\n')
    command = f"{haproxy} -W -db -f {folder.dest()}"
    args = ("-backend=env", f"-confdir={folder.path}", "-interval=3600", f"-config-file={toml}")
    with confd(*args, f"-exec={command}") as running:
        lines = until_said(running, "Loading success")
        until(port, "0")
        client = threading.Thread(target=ask)
        client.start()
        try:
            for number in range(1, 6):
                render(str(number))
                running.process.send_signal(signal.SIGHUP)
                until(port, str(number))
                lines += until_said(running, "Former worker")
        finally:
            stop.set()
            client.join()
        running.process.terminate()
        lines += rest(running)
        assert running.process.wait() in (0, 143)
    assert failures == []
    assert answers
    assert sum("Started the child" in line for line in lines) == 1
    assert sum("Reloading the child: signal 12 (SIGUSR2)" in line for line in lines) == 5
