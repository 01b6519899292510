"""Whole resources: the files that they write once the check has passed."""

from __future__ import annotations

import stat

import pytest

from confd_lib.errors import CommandError


@pytest.fixture
def stack(confd):
    return confd.compose(".", name="shop")


def test_the_file_is_written_with_its_mode(confd, stack):
    out = confd.resource("conf.d/sites.toml", stack, as_="shop_web_1", version="2015-12-19")
    assert out.path.read_text() == str(out)
    assert out.path.parts[-4:] == ("etc", "nginx", "conf.d", "sites.conf")
    assert stat.S_IMODE(out.path.stat().st_mode) == 0o640


def test_a_file_without_a_server_name_is_refused(confd, stack):
    empty = stack.with_metadata("web", {"sites": []})
    with pytest.raises(CommandError, match="Config check failed"):
        confd.resource("conf.d/sites.toml", empty, as_="shop_web_1", version="2015-12-19")


@pytest.mark.parametrize("resource", ["sites", "peers", "status"])
def test_the_keys_are_enough(confd, stack, resource):
    path = f"conf.d/{resource}.toml"
    for container in stack.containers("web"):
        assert confd.resource(path, stack, as_=container, version="2015-12-19").text
