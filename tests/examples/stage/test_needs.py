"""A program that is missing and an address that is in use are named, with what to do."""

from __future__ import annotations

import socket

import pytest

from examples.stage import Failure, find, require, require_free


def test_those_that_are_installed_need_nothing() -> None:
    require({"sh": "dash", "/etc/passwd": "base-passwd"})
    assert find("sh").endswith("/sh")


@pytest.mark.parametrize(
    ("packages", "message"),
    [
        (
            {"sh": "dash", "no-db": "db-server"},
            "no-db is not installed: apt-get install db-server",
        ),
        (
            {"no-db": "db-server", "no-dump": "db-server", "/no/lib.so": "lib"},
            "no-db, no-dump, /no/lib.so are not installed: apt-get install db-server lib",
        ),
    ],
)
def test_those_that_are_missing_are_named_with_their_packages(
    packages: dict[str, str], message: str
) -> None:
    with pytest.raises(Failure) as caught:
        require(packages)
    assert str(caught.value) == message


def test_the_folders_of_servers_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert find("ldconfig").endswith("sbin/ldconfig")
    with pytest.raises(Failure, match=r"^no-db is not installed$"):
        find("no-db")


def test_one_that_is_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        _, port = server.getsockname()
        require_free([("127.0.7.1", port)], "end it")
        with pytest.raises(Failure) as caught:
            require_free([("127.0.7.1", port), ("127.0.0.1", port)], "end it")
    assert str(caught.value) == f"127.0.0.1:{port}: address already in use: end it"


def test_one_that_a_server_of_all_addresses_uses_is_named() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        _, port = server.getsockname()
        with pytest.raises(Failure) as caught:
            require_free([("127.0.7.1", port)], "end it")
    assert str(caught.value) == f"127.0.7.1:{port}: address already in use: end it"


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(Failure, match=r"^192\.0\.2\.1:1024: cannot assign .*: move$"):
        require_free([("192.0.2.1", 1024)], "move")
