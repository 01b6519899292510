"""After a plain install every optional part says in one line which extra it needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.packaging.builds import Environment
from tests.test_packaging import EXTRAS

CONFD = ("confd", "-onetime", "-confdir", ".", "-node", "127.0.0.1:1")
DUMP = ("confd-lib", "dump", "--node", "127.0.0.1:1")
RENDER = ("gotmpl", "render", "--functions", "sprig")
CONFD_RENDER = ("confd-lib", "render", "--values", "values.yaml")
# The command, and the end of the line that says what to install.
CASES = [
    *(
        ((*command, f"{dashes}backend", name), f"Backend {name} needs a library", name)
        for name in ("redis", "vault", "zookeeper")
        for command, dashes in ((CONFD, "-"), (DUMP, "--"))
    ),
    *(
        (("python", "-c", f"import confd_lib; confd_lib.backends.{call}"), needed, extra)
        for call, needed, extra in (
            ("Redis()", "Backend redis needs a library", "redis"),
            ("Vault('http://127.0.0.1:1')", "Backend vault needs a library", "vault"),
            ("ZooKeeper('127.0.0.1:1')", "Backend zookeeper needs a library", "zookeeper"),
        )
    ),
    (
        ("confd", "-onetime", "-confdir", ".", "-backend", "etcd", "-srv-domain", "a.invalid"),
        "A look-up of SRV records needs a library",
        "dns",
    ),
    ((*CONFD_RENDER, "srv.tmpl"), "lookupSRV needs a library", "dns"),
    ((*CONFD_RENDER, "--functions", "sprig:bare", "aes.tmpl"), "AES needs a library", "sprig"),
    ((*RENDER, "aes.tmpl"), "AES needs a library", "sprig"),
    ((*RENDER, "bcrypt.tmpl"), "bcrypt needs a library", "sprig"),
    ((*RENDER, "match.tmpl"), "regular expressions need a library", "sprig"),
    ((*RENDER, "ca.tmpl"), "certificates need a library", "sprig"),
    ((*RENDER, "key.tmpl"), "private keys need a library", "sprig"),
    (("confd-lib", "serve", "--compose", "."), "MetadataServer needs h11", "testing"),
    (("confd-lib", "mutate", ".", "--templates", "."), "mutate runs tests", "testing"),
    (("confd-lib", "preview", "."), "confd-lib preview needs a library", "preview"),
    (
        ("python", "-c", "from metadata_client import MetadataServer; MetadataServer({})"),
        "MetadataServer needs h11",
        "testing",
    ),
    *(
        (
            ("python", "-c", f"from confd_lib.testing import {name}"),
            f"confd_lib.testing.{name} needs a library",
            "testing",
        )
        for name in ("stacks", "histories", "entries", "answers")
    ),
]
FILES = {
    "values.yaml": "a: 1\n",
    "docker-compose.yml": "version: '2'\nservices:\n  web:\n    image: web\n",
    "srv.tmpl": '{{lookupSRV "a" "b" "c"}}',
    "aes.tmpl": '{{encryptAES "a" "b"}}',
    "bcrypt.tmpl": '{{bcrypt "a"}}',
    "match.tmpl": '{{regexMatch "a" "b"}}',
    "ca.tmpl": '{{genCA "a" 1}}',
    "key.tmpl": '{{genPrivateKey "rsa"}}',
}


@pytest.mark.parametrize(
    ("command", "needed", "extra"), CASES, ids=[" ".join(case[0])[-50:] for case in CASES]
)
def test_what_is_missing_is_said_in_one_line(
    plain: Environment, tmp_path: Path, command: tuple[str, ...], needed: str, extra: str
) -> None:
    for folder in ("conf.d", "templates"):
        (tmp_path / folder).mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    done = plain.run(*command, cwd=tmp_path)
    assert done.returncode != 0
    said = f"{needed}: pip install 'confd-lib[{extra}]'"
    lines = done.stderr.splitlines()
    if command[0] == "python":  # the lines before are Python's own, of the frames
        lines = lines[-1:]
    assert [line[-len(said) :] for line in lines if "pip install" in line] == [said]
    assert "Traceback" not in "".join(lines)


def test_each_extra_of_users_is_named_by_a_case() -> None:
    named = {extra for _, _, extra in CASES}
    ours = set(re.findall(r"[a-z]+", EXTRAS["all"].partition("[")[2]))
    assert ours - {"stores"} | {"redis", "vault", "zookeeper"} == named
