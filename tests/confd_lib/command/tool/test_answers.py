"""`confd-lib answers`: a file that a metadata service reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib.command.tool import cli as tool
from metadata_client import Answers, MetadataClient, MetadataServer, compose

from .running import ROOT, Running

GALERA = ("--compose", str(ROOT / "examples/galera"), "--env", "mysql_root_password=s3cret")


def test_the_file_holds_all_containers_of_all_versions(capfd) -> None:
    args = ("--scale", "galera=4", "--project-name", "db")
    assert tool.main(["answers", *GALERA, *args]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    env = {"mysql_root_password": "s3cret"}
    stack = compose.load(ROOT / "examples/galera", env=env, scale={"galera": 4}, name="db")
    assert Answers.loads(out) == stack.answers()
    assert set(Answers.loads(out)) == {"2015-07-25", "2015-12-19", "2016-07-29", "latest"}


def test_files_of_today_are_read_by_the_flag(capfd) -> None:
    folder = ROOT / "examples/compose"
    assert tool.main(["answers", "--compose", str(folder), "--dialect", "compose-spec"]) == 0
    stack = compose.load(folder, dialect="compose-spec")
    assert Answers.loads(capfd.readouterr().out) == stack.answers()


def test_a_service_reads_it_and_knows_each_container_by_its_address(capfd, tmp_path: Path) -> None:
    tool.main(["answers", *GALERA])
    file = tmp_path / "answers.json"
    file.write_text(capfd.readouterr().out)
    stack = compose.load(ROOT / "examples/galera", env={"mysql_root_password": "s3cret"})
    with MetadataServer(file, xff=True) as server:
        for name in ("galera_galera_1", "galera_galera_3"):
            with MetadataClient(server.url, ip=stack.container(name).address) as client:
                assert client.get("/self/container/name") == name


def test_serve_reads_it(capfd, tmp_path: Path) -> None:
    tool.main(["answers", *GALERA])
    file = tmp_path / "answers.json"
    file.write_text(capfd.readouterr().out)
    with Running("serve", "--answers", file) as served:
        names = [line.split()[0] for line in served.lines(5)[1:]]
        assert names == [*(f"galera_galera_{n}" for n in (1, 2, 3)), "galera_galera-lb_1"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(
            [*GALERA, "--scale", "galra=2"],
            "Failed to find galra to scale; the nearest is galera; there are galera, galera-lb",
            id="scale",
        ),
        pytest.param(
            ["--compose", "examples/galra"],
            "examples/galra: open examples/galra: no such file or directory;"
            " the nearest is examples/galera",
            id="folder",
        ),
        pytest.param(
            ["--compose", "examples"],
            "examples/docker-compose.yml: open examples/docker-compose.yml: no such file or"
            " directory; the nearest is examples/galera",
            id="folder-above",
        ),
    ],
)
def test_what_is_not_there_is_answered_with_the_nearest(
    capfd, monkeypatch: pytest.MonkeyPatch, args: list[str], said: str
) -> None:
    monkeypatch.chdir(ROOT)
    assert tool.main(["answers", *args]) == 1
    assert capfd.readouterr() == ("", f"confd-lib: {said}\n")


def test_compose_files_are_needed(capfd) -> None:
    with pytest.raises(SystemExit) as caught:
        tool.main(["answers"])
    assert caught.value.code == 2
    assert "--compose" in capfd.readouterr().err


def test_a_missing_file_is_waited_for_and_the_nearest_is_named(tmp_path: Path) -> None:
    (tmp_path / "answers.json").touch()
    asked = tmp_path / "answer.json"
    with Running("serve", "--answers", asked) as served:
        served.lines()
        near = f"the nearest is {tmp_path / 'answers.json'}"
        assert served.said() == f"no file {asked}; {near}: nothing is served until it exists"
