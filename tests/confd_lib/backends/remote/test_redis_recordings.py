"""The command beside a real Redis does what confd did there, but for what differs on purpose."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import dns.resolver
import pytest

from confd_lib.command import cli
from tests.servers.certificates import Certificates
from tests.servers.fixtures import Share, Start
from tests.servers.recorded import Recording, elsewhere, recordings, set_up, stand, value_of

ROWS: Final = {one.id: one for one in recordings() if one.store == "redis"}
NOTHING: Final = "ls / [] lsdir / []\n"
# The destinations that differ from those of confd, with what they hold here.
DIFFERENT: Final[Mapping[str, Mapping[str, str]]] = {
    # A glob sign in a key or a separator stands for itself, where confd finds what it matches.
    "redis-star-part": {"out0": NOTHING},
    "redis-star-middle": {"out2": NOTHING},
    "redis-separator-star": {"out0": f'2 "/a/b" "1"\n{NOTHING}'},
    # A percent sign in a separator stands for itself, where confd finds nothing.
    "redis-separator-percent": {"out0": f'2 "/a/b" "1"\n{NOTHING}'},
    # The hashes below a folder are there, where confd has texts alone.
    "redis-hash-below": {
        "out0": f'2 "/hh/str" "s"\n3 "/hh/sub/x" "1"\n{NOTHING}',
        "out2": '2 "/h/*" "star"\n2 "/h/a" "1"\n2 "/h/d" "3"\n2 "/h/e f" ""\n2 "/h/ü" "ö"\n'
        f'2 "/hh/str" "s"\n3 "/h/b/c" "2"\n3 "/hh/sub/x" "1"\n{NOTHING}',
    },
    # -password is the password as well.
    "redis-password-flag": {"out0": f'2 "/app/name" "confd"\n{NOTHING}'},
}

Run = Callable[[Recording, Any], tuple[int, Mapping[str, bytes | None]]]


@pytest.fixture
def run(tmp_path: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command as a recording did, and return its status and the destinations."""

    def run(recording: Recording, store: Any) -> tuple[int, Mapping[str, bytes | None]]:
        setting = set_up(recording, tmp_path, store, certificates)
        for name in ("CONFD_CLIENT_CAKEYS", "CONFD_CLIENT_CERT", "CONFD_CLIENT_KEY"):
            monkeypatch.delenv(name, raising=False)
        for name, value in setting.environment.items():
            monkeypatch.setenv(name, value)
        # `ls "/"` lists as confd does only where that is asked for.
        status = cli.main(["-compat=0.16", *setting.argv], "confd")
        return status, {Path(path).name: held for path, held in setting.written.items()}

    return run


def expected(recording: Recording) -> tuple[int, Mapping[str, bytes | None]]:
    """Return the status and the destinations of a recording, with what differs on purpose."""
    files = recording.files.items()
    held = {Path(path).name: None if one is None else value_of(one) for path, one in files}
    different = DIFFERENT.get(recording.id, {})
    held |= {name: text.encode() for name, text in different.items()}
    return 0 if different else int(recording.exit), held


@pytest.mark.parametrize(
    "recording", [one for one in ROWS.values() if not elsewhere(one)], ids=lambda one: one.id
)
def test_a_recording_is_followed(
    recording: Recording, run: Run, share: Share, start: Start, certificates: Certificates
):
    store = stand(recording, share, start, certificates)
    assert run(recording, store) == expected(recording)


def test_what_differs_does(run: Run):
    """Each difference is of a recording, and is one."""
    for name, held in DIFFERENT.items():
        before = {Path(path).name: one for path, one in ROWS[name].files.items()}
        assert all(before[out] != text for out, text in held.items())


# -- Recordings that need something else than a store with keys


def serving(port: int) -> Any:
    """A stand-in for a store, of which only the port is needed."""
    return SimpleNamespace(server=SimpleNamespace(port=port, data=""))


@pytest.mark.parametrize("name", ["redis-silent", "redis-silent-first"])
def test_a_port_that_never_answers(name: str, run: Run, capfd, monkeypatch):
    monkeypatch.setattr("confd_lib.backends.remote.redis_link.READ_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert run(ROWS[name], serving(port)) == expected(ROWS[name])
    assert f"redis 127.0.0.1:{port}: no answer in time" in capfd.readouterr().err


def test_a_port_of_something_else(run: Run, capfd):
    handler = http.server.BaseHTTPRequestHandler
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        found = run(ROWS["redis-not-redis"], serving(server.server_port))
        thread.join()
    assert found == expected(ROWS["redis-not-redis"])
    assert (
        f"redis 127.0.0.1:{server.server_port}: not an answer of Redis: " in capfd.readouterr().err
    )


@pytest.mark.parametrize("name", ["redis-srv-domain", "redis-srv-two"])
def test_names_of_dns_lead_to_the_store(
    name: str, run: Run, share: Share, monkeypatch: pytest.MonkeyPatch
):
    """Of two servers the preferred one is dead."""
    store = share("redis")
    asked: list[str] = []

    def resolve(record: str, *_: object, **__: object) -> list[SimpleNamespace]:
        asked.append(record)
        alive = SimpleNamespace(priority=2, weight=1, target="127.0.0.1.", port=store.server.port)
        dead = SimpleNamespace(priority=1, weight=1, target="127.0.0.1.", port=1)
        return [alive, dead] if name == "redis-srv-two" else [alive]

    monkeypatch.setattr(dns.resolver, "resolve", resolve)
    for key, value in ROWS[name].contents:
        store.put(key, value)
    assert run(ROWS[name], store) == expected(ROWS[name])
    assert asked == ["_redis._tcp.example.test."]
