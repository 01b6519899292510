"""`confd-lib serve`: it follows the compose files, and `confd-lib scale` changes it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from confd_lib.command.tool import cli as tool
from metadata_client import MetadataClient, MetadataServer

from .running import CODE, ROOT, Running
from .test_following import folder_exchanged_by_a_link, put, renamed_over

WEB = "web: {image: x}\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with a stack of one service, with two containers."""
    folder = tmp_path / "first"
    folder.mkdir()
    (folder / "docker-compose.yml").write_text(WEB)
    (folder / "rancher-compose.yml").write_text("web: {scale: 2}\n")
    (tmp_path / "current").symlink_to("first")
    return tmp_path / "current"


class Served(Running):
    """A `confd-lib serve` with its URL and the first containers, which it has printed."""

    def __init__(self, site: Path, *args: object, count: int = 2, token: str = "") -> None:
        serve = ("serve", "--compose", site, "--project-name", "s", *args)
        super().__init__(*serve, env={"CONFD_LIB_TOKEN": token})
        self.url, *self.containers = self.lines(1 + count)

    def names(self) -> list[str]:
        with MetadataClient(self.url) as client:
            return [one["name"] for one in client.containers()]

    def ask(self, *words: str) -> object:
        """Ask for a path as its first container."""
        with MetadataClient(self.url, ip=self.containers[0].split()[1]) as client:
            return client.get("/" + "/".join(words))


def scale(served: Served, *args: str) -> tuple[int, str, str]:
    """Run `confd-lib scale` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, "scale", served.url, *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


# -- Edits of the files


def test_an_edited_scale_brings_containers_and_takes_them_away(site: Path) -> None:
    with Served(site) as served:
        put(site / "rancher-compose.yml", "web: {scale: 3}\n")
        (line,) = served.lines()
        assert line.startswith("+ s_web_3 10.42.")
        assert served.names() == ["s_web_1", "s_web_2", "s_web_3"]
        put(site / "rancher-compose.yml", "web: {scale: 2}\n")
        assert served.lines() == [line.replace("+", "-")]
        assert served.names() == ["s_web_1", "s_web_2"]


def test_edited_metadata_is_served_to_those_who_wait(site: Path) -> None:
    with Served(site) as served, MetadataClient(served.url) as client:
        version = client.current_version()
        put(site / "rancher-compose.yml", "web: {scale: 2, metadata: {port: 81}}\n")
        changed = client.wait(version)
        assert changed != version
        said = f"confd-lib: {site}: the files have changed; the metadata have version {changed}"
        assert served.said() == said
        assert served.ask("self", "service", "metadata", "port") == 81


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("web: {image: x", "/docker-compose.yml:2: yaml: line 2: ", id="no-yaml"),
        pytest.param("- web", "/docker-compose.yml:1: cannot unmarshal !!seq into ", id="a-list"),
        pytest.param("web: {links: [db]}", ":1: Failed to find service db to link to", id="link"),
        pytest.param("", ": the files define no service; ", id="empty"),
    ],
)
def test_a_file_that_is_broken_for_a_moment_keeps_the_last_good_stack(
    site: Path, text: str, said: str
) -> None:
    with Served(site) as served:
        put(site / "docker-compose.yml", text)
        line = served.said()
        assert line.startswith(f"confd-lib: {site}")
        assert said in line
        assert line.endswith("; the last good stack is still served")
        assert served.names() == ["s_web_1", "s_web_2"]
        put(site / "docker-compose.yml", WEB)
        said = f"confd-lib: {site}: the files have changed; the metadata are as before"
        assert served.said() == said
        assert served.ended() == (0, "", "")


def test_a_folder_that_is_away_for_a_moment_keeps_the_last_good_stack(site: Path) -> None:
    with Served(site) as served:
        site.rename(site.with_name("away"))
        assert "no such file or directory" in served.said()
        assert served.names() == ["s_web_1", "s_web_2"]
        site.with_name("away").rename(site)
        assert "the metadata are as before" in served.said()


def into_place(path: Path) -> None:
    renamed_over(path)
    path.write_text(WEB + "db: {image: x}\n")


def with_a_folder(path: Path) -> None:
    folder_exchanged_by_a_link(path)
    path.write_text(WEB + "db: {image: x}\n")


@pytest.mark.parametrize("save", [into_place, with_a_folder], ids=lambda save: save.__name__)
def test_each_way_to_save_is_noticed(site: Path, save: Callable[[Path], None]) -> None:
    with Served(site) as served:
        save(site / "docker-compose.yml")
        lines = iter(lambda: served.lines()[0], "")
        assert any(line.startswith("+ s_db_1 ") for line in lines)


def test_a_rancher_compose_file_that_comes_later_counts(site: Path) -> None:
    (site / "rancher-compose.yml").unlink()
    with Served(site, count=1) as served:
        (site / "rancher-compose.yaml").write_text("web: {scale: 2}\n")
        assert served.lines()[0].startswith("+ s_web_2 ")


def test_variables_and_the_name_stay_those_of_the_flags(site: Path) -> None:
    with Served(site, "--env", "PORT=80") as served:
        put(site / "rancher-compose.yml", "web: {scale: 2, metadata: {port: $PORT}}\n")
        served.said()
        assert served.ask("self", "service", "metadata", "port") == "80"
        assert served.ask("self", "stack", "name") == "s"


# -- Scales


def test_a_scale_is_changed_while_it_runs(site: Path) -> None:
    with Served(site) as served:
        status, out, err = scale(served, "web=4")
        assert (status, err) == (0, "")
        assert out.splitlines()[:2] == served.containers
        assert served.lines(2) == [f"+ {line}" for line in out.splitlines()[2:]]
        assert served.names() == [f"s_web_{number}" for number in range(1, 5)]
        assert scale(served, "web=1") == (0, f"{served.containers[0]}\n", "")
        assert [line[:9] for line in served.lines(3)] == ["- s_web_2", "- s_web_3", "- s_web_4"]


def test_a_chosen_scale_stays_through_an_edit_of_something_else(site: Path) -> None:
    with Served(site) as served:
        scale(served, "web=3")
        served.lines()
        (site / "docker-compose.yml").write_text(WEB + "db: {image: x}\n")
        assert served.lines()[0].startswith("+ s_db_1 ")
        assert set(served.names()) == {"s_web_1", "s_web_2", "s_web_3", "s_db_1"}


def test_a_scale_of_no_service_names_the_nearest_and_changes_nothing(site: Path) -> None:
    with Served(site) as served:
        status, out, err = scale(served, "wbe=4", "web=4")
        said = "Failed to find wbe to scale; the nearest is web; there are web"
        assert (status, out, err) == (1, "", f"confd-lib: {served.url}: {said}\n")
        assert served.names() == ["s_web_1", "s_web_2"]


@pytest.mark.parametrize(
    ("token", "given", "refusal"),
    [
        pytest.param("", "", "scales need a token where others than this machine connect", id="no"),
        pytest.param("s3cret", "", "the token is missing or wrong", id="missing"),
        pytest.param("s3cret", "s3", "the token is missing or wrong", id="wrong"),
        pytest.param("s3cret", "s3cret", "", id="right"),
    ],
)
def test_on_all_addresses_scales_need_the_token(
    site: Path, capfd, monkeypatch: pytest.MonkeyPatch, token: str, given: str, refusal: str
) -> None:
    monkeypatch.setenv("CONFD_LIB_TOKEN", given)
    with Served(site, "--listen", "0.0.0.0:0", token=token) as served:
        url = served.url.replace("0.0.0.0", "127.0.0.1")
        assert tool.main(["scale", url, "web=1"]) == (1 if refusal else 0)
        said = capfd.readouterr()
        assert said.err == (f"confd-lib: {url}: {refusal}\n" if refusal else "")
        assert len(served.names()) == (2 if refusal else 1)
        assert "s3cret" not in said.out + said.err


@pytest.mark.parametrize("token", ["s3crét", "a\nb", " s3cret"])
def test_a_token_that_no_header_can_hold_is_refused(
    site: Path, capfd, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("CONFD_LIB_TOKEN", token)
    said = (
        "CONFD_LIB_TOKEN holds other characters than printable ASCII, or outer spaces or line "
        "breaks: remove them"
    )
    for args in (["serve", "--compose", str(site)], ["scale", "http://127.0.0.1:9", "web=1"]):
        assert tool.main(args) == 1
        assert capfd.readouterr().err == f"confd-lib: {said}\n"


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:x", "ftp://127.0.0.1", "127.0.0.1:1/?a=b"])
def test_what_is_no_url_of_a_server_is_refused(capfd, url: str) -> None:
    assert tool.main(["scale", url, "web=1"]) == 1
    said = f"confd-lib: not the address of a server: {url} (write host:port or a URL)\n"
    assert capfd.readouterr().err == said


@pytest.fixture
def answers() -> Iterator[MetadataServer]:
    with MetadataServer({"latest": {"default": {"version": "1"}}}) as server:
        yield server


def test_a_service_without_a_stack_cannot_be_scaled(capfd, answers: MetadataServer) -> None:
    assert tool.main(["scale", answers.url, "web=1"]) == 1
    said = "404 404 page not found; is it the URL that `confd-lib serve --compose` has printed?"
    assert capfd.readouterr().err == f"confd-lib: {answers.url}: {said}\n"


def test_a_url_without_a_scheme_is_http(capfd, answers: MetadataServer) -> None:
    assert tool.main(["scale", answers.url.removeprefix("http://"), "web=1"]) == 1
    assert capfd.readouterr().err.startswith(f"confd-lib: {answers.url}: 404")


def test_a_url_at_which_nothing_listens_is_named_without_its_password(capfd) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    assert tool.main(["scale", f"http://me:s3cret@127.0.0.1:{port}", "web=1"]) == 1
    said = capfd.readouterr().err.lower()
    assert said == f"confd-lib: metadata service http://127.0.0.1:{port}: connection refused\n"


@pytest.mark.parametrize(
    "args",
    [
        ["scale"],
        ["scale", "http://127.0.0.1:9"],
        ["scale", "http://127.0.0.1:9", "web"],
        ["scale", "http://127.0.0.1:9", "web=-1"],
    ],
    ids=" ".join,
)
def test_arguments_that_are_wrong_end_with_2(capfd, args: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        tool.main(args)
    assert caught.value.code == 2
    assert "usage: confd-lib scale" in capfd.readouterr().err


def test_files_that_are_broken_at_the_start_are_refused(site: Path, capfd) -> None:
    (site / "docker-compose.yml").write_text("web: {image: x\n")
    assert tool.main(["serve", "--compose", str(site)]) == 1
    assert capfd.readouterr().err.startswith(f"confd-lib: {site}/docker-compose.yml:2: yaml: ")
