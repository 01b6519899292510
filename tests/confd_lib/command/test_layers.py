"""The command with several stores: by flags, and by [[layer]] tables in confd.toml."""

from __future__ import annotations

import json
import re
import signal

import pytest

from confd_lib.backends.remote import addresses
from confd_lib.command.confd import cli
from confd_lib.command.settings import stores
from confd_lib.command.settings.config import read
from metadata_client import MetadataServer
from tests.confd_lib import sidekick
from tests.confd_lib.commandline import TREE, confd

SECRET = "s3cret-of-the-test"


@pytest.fixture
def secrets(tmp_path):
    path = tmp_path / "secrets.yaml"
    path.write_text(f"secret: {{password: {SECRET}}}\nself: {{container: {{name: override}}}}\n")
    return path


@pytest.fixture
def both(folder, secrets):
    """A resource that reads the keys of both layers."""
    folder.both(
        '{{getv "/self/container/name"}} {{getv "/self/container/ip"}} {{getv "/secret/password"}}',
        keys=["/self", "/secret"],
    )
    return folder


OUT = f"override 10.42.0.2 {SECRET}"


def test_several_backends_are_layers_by_flags(both, secrets, server, capfd):
    args = ("--backend=rancher", "--prefix=/latest", "--node", server.url)
    files = ("--backend=file", "--file", secrets, "--confdir", both.path)
    assert confd(capfd, *args, *files) == (0, [], "")
    assert both.dest().read_text() == OUT


def write_layers(path, url, secrets, more=""):
    path.write_text(
        f"""
log-level = "debug"

[[layer]]
backend = "rancher"
prefix = "/latest"
nodes = ["{url}"]
ready-timeout = 0

[[layer]]
backend = "file"
file = ["{secrets}"]
keys = ["/secret", "/self/container/name"]
{more}
"""
    )


def run(both, *args):
    toml = both.path.parent / "confd.toml"
    return cli.main(["-config-file", str(toml), "-confdir", str(both.path), *args], "confd")


def test_layers_of_confd_toml(both, secrets, server, tmp_path, capfd):
    url = server.url.replace("http://", "http://me:hidden@")
    write_layers(tmp_path / "confd.toml", url, secrets, f'{SECRET} = "{SECRET}x"')
    assert run(both, "-onetime", "-node=unused") == 0
    assert both.dest().read_text() == OUT
    said = capfd.readouterr().err
    assert "INFO Backend set to rancher, file\n" in said
    shown = url.replace("me:hidden@", "")
    assert f"INFO Backend source(s) set to {shown}, {secrets}\n" in said
    assert "WARNING Backend rancher, file does not use -node\n" in said
    assert "hidden" not in said
    assert f"{SECRET}x" not in said


def test_a_layer_that_is_away_leaves_the_other_its_changes(both, secrets, tmp_path):
    toml, status = tmp_path / "confd.toml", tmp_path / "status.json"
    args = ("-config-file", toml, "-confdir", both.path, "-watch", "-status-file", status)
    updated = f"Target config {both.dest()} has been updated"
    with MetadataServer({"latest": {"default": TREE}}, tick=0.1) as server:
        write_layers(toml, server.url, secrets)
        with sidekick.confd(*args) as running:
            running.until(updated)
            server.replace({})
            (lost,) = [line for line in running.until("404 Not found") if "ERROR" in line]
            assert lost.startswith(f"ERROR rancher keeps its last values: {server.url}/latest/")
            secrets.write_text("secret: {password: other}")
            assert "The store answers again" not in "".join(running.until(updated))
            assert both.dest().read_text() == "web_1 10.42.0.2 other"
            state = json.loads(status.read_text())
            assert (state["ok"], state["store"]["reachable"]) == (False, False)
            assert f"ERROR {state['store']['error']}" == lost
            server.replace({"latest": {"default": {**TREE, "version": "2"}}})
            running.until("INFO The store answers again")
            server.replace({"latest": {"default": changed("10.42.0.3")}})
            running.until(updated)
            assert both.dest().read_text() == "web_1 10.42.0.3 other"
            running.end(signal.SIGTERM)
            assert running.process.wait() == 0
    state = json.loads(status.read_text())
    assert (state["ok"], state["store"]["error"]) == (True, None)
    assert re.fullmatch("rancher 3, file [0-9a-f]+", state["version"])


def changed(ip):
    return {"version": "3", "self": {"container": {"name": "web_1", "ip": ip}}}


def test_a_layer_that_was_never_reached_is_an_error_that_names_it(both, secrets, tmp_path, capfd):
    write_layers(tmp_path / "confd.toml", "http://127.0.0.1:1", secrets)
    assert run(both, "-onetime", "-log-level=error") == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert "ERROR rancher: http://127.0.0.1:1/latest/" in line


def test_two_layers_of_one_backend_have_a_number(tmp_path, secrets):
    layer = f'[[layer]]\nbackend = "file"\nfile = ["{secrets}"]\n'
    (tmp_path / "confd.toml").write_text(layer + '[[layer]]\nbackend = "env"\n' + layer)
    config = read({"config-file": str(tmp_path / "confd.toml")}, (), {})
    assert stores.names(config) == ["file", "env", "file 2"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            ["-backend=file", "-backend=env"],
            "FATAL Backend file needs a file to read (flag -file)",
        ),
        (
            ["-backend=env", "-backend=etcdv4"],
            "FATAL Invalid backend etcdv4; there are ",
        ),
        (
            ["-backend=rancher", "-backend=etcd", "-node=a"],
            "FATAL -node may belong to backend rancher or etcd: write [[layer]] tables in confd",
        ),
    ],
)
def test_layers_that_cannot_be_made_are_fatal(capfd, args, said):
    status, (line,), _ = confd(capfd, *args)
    assert (status, line[: len(said)]) == (1, said)


def test_layers_whose_nodes_dns_names_are_located_each(monkeypatch):
    monkeypatch.setattr(addresses, "from_srv", lambda record: [f"from {record}"])
    config = read({"backend": ("env", "etcd"), "srv-domain": "lan", "config-file": ""}, (), {})
    located = stores.located(config)
    assert [layer.node for layer in located.layers] == [(), ("from _etcd._tcp.lan.",)]
