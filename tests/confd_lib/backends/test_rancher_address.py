"""The address of the metadata service: one that can never be asked is refused at the start."""

from __future__ import annotations

import pytest

from confd_lib import backends
from confd_lib.errors import BackendError, ConfigError
from tests.confd_lib.commandline import confd

WRITE = "(write host:port or a URL)"
NO_SERVER: dict[str, str] = {
    "": "",
    " ": " ",
    "http://": "http://",
    "a b": "a b",
    "127.0.0.1:port": "127.0.0.1:port",
    "http://127.0.0.1:99999": "http://127.0.0.1:99999",
    "http://[::1": "http://[::1",
    "ftp://127.0.0.1:1": "ftp://127.0.0.1:1",
    "http://127.0.0.1:1\n": "http://127.0.0.1:1\n",
    "http://127.0.0.1:1/?a=b": "http://127.0.0.1:1/?a=b",
    "http://127.0.0.1:1#a": "http://127.0.0.1:1#a",
    "http://me:s3cret@127.0.0.1:port": "http://127.0.0.1:port",
}


@pytest.mark.parametrize("url", NO_SERVER, ids=ascii)
def test_what_is_no_address_is_refused_at_once(url: str):
    with pytest.raises(ConfigError) as caught:
        backends.Rancher(url)
    assert str(caught.value) == f"not the address of a server: {NO_SERVER[url]} {WRITE}"


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:1", "http://127.0.0.1:1/", "http://127.0.0.1:1/path", "https://me:p@127.0.0.1:1"],
)
def test_an_address_is_asked(url: str):
    with pytest.raises(BackendError, match="Connection refused"):
        backends.Rancher(url, ready_within=0).get_values(["/latest/self"])


@pytest.mark.parametrize(
    "ip", ["web_1", "10.42.0.2\n", "10.42.0.2, 10.1.1.1", "10.42.0"], ids=ascii
)
def test_a_container_is_named_by_its_address(ip: str):
    with pytest.raises(ConfigError) as caught:
        backends.Rancher("127.0.0.1:1", ip=ip)
    assert str(caught.value) == (
        f"not the IP address of a container: {ip!r} (flag -metadata-ip, such as 10.42.0.7)"
    )


def test_the_command_does_not_wait_for_what_can_never_answer(folder, capfd):
    args = ("-backend=rancher", "-node=http://rancher-metadata:eighty", "-confdir", folder.path)
    status, lines, _ = confd(capfd, *args)
    assert (status, lines) == (
        1,
        [f"FATAL not the address of a server: http://rancher-metadata:eighty {WRITE}"],
    )
