"""Real programs as check_cmd: they accept valid files and refuse others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from confd_lib import Confd, backends
from metadata_client import Answers

GALERA = Path(__file__).parent / "data" / "galera"

HAPROXY = """\
global
  maxconn {{getv "/self/service/metadata/maxconn" "1024"}}
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend www
  bind 127.0.0.1:8080
  default_backend web
backend web
{{- range $name := ls "/containers"}}
{{- with printf "/containers/%s" $name}}
  server {{$name}} {{getv (printf "%s/primary_ip" .)}}:80 check{{end}}{{end}}
"""


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


def members(*addresses: str) -> dict[str, object]:
    return {"containers": [{"name": f"web_{a[-1]}", "primary_ip": a} for a in addresses]}


@needs("haproxy")
def test_haproxy_accepts_a_good_file_and_refuses_a_bad_one(folder):
    folder.both(HAPROXY, check_cmd="haproxy -c -f {{.src}}")
    memory = backends.Memory(members("10.42.0.1", "10.42.0.2"))
    confd = Confd(backend=memory, confdir=folder.path)
    (result,) = confd.run_once()
    assert result.error is None
    good = folder.dest().read_bytes()
    assert b"  server web_2 10.42.0.2:80 check\n" in good
    memory.replace(members("10.42.0.1", "not-an-address-3"))
    (result,) = confd.run_once()
    assert str(result.error).startswith("Config check failed: exit status 1: haproxy -c -f ")
    assert "not-an-address-3" in str(result.error)
    assert "\n" not in str(result.error)
    assert folder.dest().read_bytes() == good


# The program reads the whole configuration before it prints its settings.
MARIADBD = "mariadbd --defaults-file={{.src}} --help --verbose > /dev/null"


@needs("mariadbd")
def test_mariadbd_accepts_the_galera_file_and_refuses_an_unknown_option(tmp_path):
    confdir = tmp_path / "confd"
    shutil.copytree(GALERA, confdir)
    toml = confdir / "conf.d" / "galera.toml"
    toml.write_text(toml.read_text() + f"check_cmd = '{MARIADBD}'\n")
    tree = Answers.load(GALERA / "answers.json").tree("2015-07-25", "10.42.106.51")
    assert tree is not None
    memory = backends.Memory(tree)
    confd = Confd(backend=memory, confdir=confdir, root=tmp_path / "root")
    (result,) = confd.run_once()
    assert result.error is None
    dest = tmp_path / "root/etc/mysql/conf.d/001-galera.cnf"
    good = dest.read_bytes()
    assert good == (GALERA / "expect/galera_galera_1.cnf").read_bytes()
    memory.replace({**tree, "self/service/metadata/mysqld": "no_such_option = 1"})
    (result,) = confd.run_once()
    assert "unknown variable 'no_such_option=1'" in str(result.error)
    assert dest.read_bytes() == good
