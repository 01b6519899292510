"""Whole resources: the files that they write once the check has passed, as each container."""

from __future__ import annotations

import stat

import pytest

from confd_lib.errors import CommandError


@pytest.fixture
def stack(confd):
    return confd.compose(".", name="shop")


@pytest.fixture
def web(confd):
    return confd.as_(version="2015-12-19")


def test_the_file_is_written_with_its_mode(web, stack):
    out = web.resource("conf.d/sites.toml", stack, as_="shop_web_1")
    assert out.path.read_text() == str(out)
    assert out.path.parts[-4:] == ("etc", "nginx", "conf.d", "sites.conf")
    assert stat.S_IMODE(out.path.stat().st_mode) == 0o640


def test_a_file_without_a_server_name_is_refused(web, stack):
    empty = stack.with_metadata("web", {"sites": []})
    with pytest.raises(CommandError, match="Config check failed"):
        web.resource("conf.d/sites.toml", empty, as_="shop_web_1")


@pytest.mark.parametrize("scale", [1, 3])
def test_all_files_of_all_containers(web, stack, scale):
    web.assert_tree("expect", stack.scaled(web=scale), case=f"web-{scale}")
