"""`each` in a running `confd`: its child, its pages, its status file; and `-preflight`."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.confd_lib.command.sidecar.test_exec import FOLLOWER, Said
from tests.confd_lib.command.sidecar.test_pages import base, get, samples
from tests.confd_lib.conftest import Folder
from tests.confd_lib.each.services import PORT, services, shown
from tests.confd_lib.outcomes import names
from tests.confd_lib.sidekick import HOSTS, confd, send

Ports = Callable[..., None]


@pytest.fixture
def ports(tmp_path: Path) -> Ports:
    """Write the ports of services to the file that is the store, in one step."""

    def write(**given: object) -> None:
        new = tmp_path / "values.new"
        new.write_text(json.dumps(services(**given)))
        new.replace(tmp_path / "values.json")

    return write


@pytest.fixture
def args(folder: Folder, tmp_path: Path, ports: Ports) -> tuple[str, ...]:
    """Return the flags of a watch of that file, with a resource that has a file for each."""
    ports(web=80, db=5432)
    dest = f"{folder.out}/{{{{.}}}}.conf"
    folder.both(f"{PORT}\n", each="/services/*", dest=dest, keys=["/services"])
    values = tmp_path / "values.json"
    return ("-backend=file", f"-file={values}", f"-confdir={folder.path}", "-watch")


@pytest.fixture
def said(tmp_path: Path) -> Said:
    return Said(tmp_path / "said")


@pytest.mark.parametrize("under", HOSTS)
def test_the_child_is_reloaded_once_for_all_files_of_a_change(
    folder, tmp_path, args, ports, said, under
):
    toml = tmp_path / "confd.toml"
    toml.write_text('[exec]\nreload_signal = "HUP"\n')
    command = FOLLOWER.format(dest=f"{folder.out}/*.conf", said=said.path)
    with confd(*args, f"-exec={command}", f"-config-file={toml}", under=under) as running:
        assert said.next() == "db 5432\nweb 80"
        # A second reload for one change would be heard before that of the next change.
        ports(web=81, cache=1, queue=2)
        assert said.next() == "cache 1\nqueue 2\nweb 81"
        ports(web=82)
        assert said.next() == "web 82"
        ports(web=83, db=5432)
        assert said.next() == "db 5432\nweb 83"
        send(running, signal.SIGTERM)
        assert running.process.wait() == 143


def test_the_child_waits_for_the_files_of_all_names(folder, args, ports, said):
    ports(web=80, db="x")
    folder.template('{{$port := getv (printf "/services/%s/port" .)}}{{atoi $port}}\n')
    command = f"cat {folder.out}/*.conf > {said.path}; exec sleep 1000"
    with confd(*args, f"-exec={command}") as running:
        running.until("$port is of type string")
        assert shown(folder.out) == {"web.conf": "80\n"}
        ports(web=80, db=1)
        assert said.next() == "1\n80"


def test_a_run_with_names_is_watched_over_http(folder, tmp_path, args, ports):
    status = tmp_path / "status.json"
    folder.template('{{atoi (getv (printf "/services/%s/port" .))}}')
    with confd(*args, "-listen=:0", f"-status-file={status}") as running:
        url = base(running)
        while get(f"{url}/ready") != (200, "ready\n"):  # the guard ends it
            pass
        ports(web=80, cache="s3cret")
        running.until("is of type string")
        while get(f"{url}/ready")[0] == 200:  # the guard ends it
            pass
        toml = f"{folder.path}/conf.d/a.toml"
        name = f"{toml} {folder.out}/cache.conf"
        assert get(f"{url}/ready") == (503, f"{name}: failed\n")
        state = json.loads(status.read_text())
        statuses = {Path(key).name: one["status"] for key, one in state["resources"].items()}
        assert state["ok"] is False
        assert statuses == {"cache.conf": "failed", "db.conf": "removed", "web.conf": "in sync"}
        text = get(f"{url}/metrics")[1]
        assert samples(text)["confd_resource_in_step", toml] == 0
        assert "s3cret" not in text
        ports(web=80)
        while get(f"{url}/ready") != (200, "ready\n"):  # the guard ends it
            pass
        assert shown(folder.out) == {"web.conf": "80"}


# -- -preflight


def test_preflight_starts_no_child_and_takes_no_address(folder, tmp_path, args):
    status, ran = tmp_path / "status.json", tmp_path / "ran"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        flags = (f"-listen=127.0.0.1:{port}", f"-exec=touch {ran}", f"-status-file={status}")
        with confd(*args, "-preflight", *flags) as running:
            assert running.process.wait() == 0
    assert [path.exists() for path in (status, ran)] == [False, False]
    assert names(folder.out) == []
