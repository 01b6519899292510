"""A root and a symbolic link that leads out of it, made after the folder was checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib import Confd, backends
from tests.confd_lib.each.services import services
from tests.confd_lib.outcomes import names, statuses

# A check_cmd moves the folder of destinations away and leads its path to another one.
FLIP = "test -L {etc} || {{ mv {etc} {aside} && ln -s {outside} {etc}; }}"


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """The folder of destinations, below a root; where a check moves it; one outside the root."""
    found = {
        "etc": tmp_path / "root/etc",
        "aside": tmp_path / "root/aside",
        "outside": tmp_path / "outside",
    }
    found["etc"].mkdir(parents=True)
    found["outside"].mkdir()
    return found


def confd(folder, values: dict[str, object] | None = None) -> Confd:
    memory = backends.Memory(values or {})
    return Confd(backend=memory, confdir=folder.path, root=folder.path.parent / "root")


@pytest.mark.parametrize(
    "flip",
    [
        pytest.param(FLIP, id="another-folder"),
        pytest.param("mv {etc} {outside}/etc && ln -s {outside}/etc {etc}", id="its-own-folder"),
        pytest.param(FLIP + " && ln {aside}/.a.* {outside}", id="a-second-name-of-the-stage"),
    ],
)
def test_a_link_that_is_made_before_the_swap_leads_no_file_out_of_the_root(folder, places, flip):
    folder.both("new", dest="/etc/a.conf", check_cmd=flip.format(**places))
    (places["outside"] / "a.conf").write_text("theirs")
    (result,) = confd(folder).run_once()
    assert "a symbolic link leads out of" in str(result.error)
    assert (places["outside"] / "a.conf").read_text() == "theirs"
    assert not [path for path in places["outside"].rglob("*.conf") if path.read_text() != "theirs"]


def test_a_link_that_is_made_before_the_stage_leads_no_file_out_of_the_root(folder, places):
    folder.both("new", dest="/etc/a.conf", check_cmd=FLIP.format(**places))
    # What looks at files is rendered after the swap of those before it.
    folder.both('{{fileExists "/"}}', "b", dest="/etc/b.conf")
    results = confd(folder).run_once()
    assert statuses(results) == {"a": "failed", "b": "failed"}
    assert "a symbolic link leads out of" in str(results[1].error)
    assert names(places["outside"]) == []


def test_a_link_that_is_made_before_a_removal_takes_no_file_of_others(folder, places):
    folder.both("same", dest="/etc/{{.}}.conf", each="/services/*", check_cmd="true")
    confd(folder, services(web=80, db=1)).run_once()
    (places["outside"] / "db.conf").write_text("same")
    check = FLIP.format(**places)
    folder.both("other", dest="/etc/{{.}}.conf", each="/services/*", check_cmd=check)
    results = confd(folder, services(web=80)).run_once()
    assert {result.status.value for result in results} == {"failed"}
    assert names(places["outside"]) == ["db.conf"]


def test_a_link_within_the_root_is_followed(folder, places):
    link = places["etc"].with_name("link")
    link.symlink_to("etc")
    folder.both("new", dest="/link/a.conf")
    assert statuses(confd(folder).run_once()) == {"a": "updated"}
    assert (places["etc"] / "a.conf").read_text() == "new"
