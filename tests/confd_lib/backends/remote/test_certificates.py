"""Certificates that are replaced, or are gone, while a backend lives: as where they are renewed."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from confd_lib import backends
from confd_lib.backends.remote.tls import TLS
from confd_lib.errors import BackendError
from tests.servers.consul.store import Consul
from tests.servers.etcd import Etcd
from tests.servers.fixtures import Start
from tests.servers.loopback.certificates import Certificates, write_certificates
from tests.servers.redis import Redis
from tests.servers.zookeeper import ZooKeeper

STORES = [
    pytest.param(partial(Etcd, asks_for_certificates=True), backends.Etcd, id="etcd"),
    pytest.param(Redis, backends.Redis, id="redis"),
    pytest.param(Consul, backends.Consul, id="consul"),
    pytest.param(ZooKeeper, backends.ZooKeeper, id="zookeeper"),
]


def asking(make: Callable[..., Any], store: Any, files: Certificates) -> Any:
    return make(store.address, ca=files.ca, cert=files.client, key=files.client_key)


def read(backend: Any) -> dict[str, str]:
    return dict(backend.get_values(["/a"]).view("/", ["/a"]).items())


@pytest.mark.parametrize(("make", "backend"), STORES)
def test_new_certificates_are_used_once_the_server_has_them(
    start: Start, tmp_path: Path, make: Callable[..., Any], backend: Callable[..., Any]
) -> None:
    files = write_certificates(tmp_path)
    store = start(make, tls=files)
    asked = asking(backend, store, files)
    store.put("/a", "1")
    assert read(asked) == {"/a": "1"}
    store.server.stop()
    write_certificates(tmp_path)
    store.server.start()
    store.put("/a", "2")
    assert read(asked) == {"/a": "2"}


DAMAGE = [
    ("ca", None, "open {}: no such file or directory"),
    ("client", None, "open {}: no such file or directory"),
    ("client_key", None, "open {}: no such file or directory"),
    ("ca", "half of", "{}: holds no certificate that can be read"),
    ("client_key", "half of", "{}: is not a key, without a password, of "),
]


@pytest.mark.parametrize(("name", "content", "reason"), DAMAGE)
def test_a_file_that_is_gone_or_damaged_is_named_until_it_is_whole(
    tmp_path: Path, name: str, content: str | None, reason: str
) -> None:
    files = write_certificates(tmp_path)
    tls = TLS(files.ca, files.client, files.client_key)
    asked = asking(backends.Redis, SimpleNamespace(address="127.0.0.1:1"), files)
    file = Path(getattr(files, name))
    whole = file.read_text()
    file.unlink()
    if content is not None:
        file.write_text(content)
    with pytest.raises(OSError, match=re.escape(reason.format(file))):
        tls.context()
    with pytest.raises(BackendError, match=re.escape(f"redis 127.0.0.1:1: {reason.format(file)}")):
        read(asked)
    file.write_text(whole)
    assert tls.context() is not None
    with pytest.raises(BackendError, match="Connection refused"):
        read(asked)
