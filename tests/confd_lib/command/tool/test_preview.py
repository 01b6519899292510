"""`confd-lib preview` in a process of its own: its address, news after a save, and what it says."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from confd_lib.command.tool import cli as tool
from tests.servers.fixtures import Start
from tests.servers.redis import Redis

from .running import CODE, ROOT, Running
from .test_following import put, renamed_over


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A confd folder with compose files."""
    for name in ("conf.d", "templates"):
        (tmp_path / name).mkdir()
    (tmp_path / "docker-compose.yml").write_text("web: {image: x}\n")
    (tmp_path / "rancher-compose.yml").write_text("web: {scale: 2, metadata: {port: 80}}\n")
    (tmp_path / "conf.d/app.toml").write_text(
        '[template]\nsrc = "app.tmpl"\ndest = "/etc/app.conf"\nkeys = ["/"]\n'
    )
    template(tmp_path).write_text('port {{getv "/self/service/metadata/port"}}\n')
    return tmp_path


def template(site: Path) -> Path:
    return site / "templates/app.tmpl"


class Previewed(Running):
    """A `confd-lib preview` with the address that it has printed."""

    def __init__(self, *args: object, token: str = "") -> None:
        super().__init__("preview", *args, env={"CONFD_LIB_TOKEN": token})
        (self.url,) = self.lines()

    def ask(self, path: str, address: str = "") -> requests.Response:
        url = self.url.replace("/?", f"{path}?") + f"&{address}"
        return requests.get(url, timeout=20)

    def output(self, address: str = "") -> str:
        lines = self.ask("/view", address).json()["output"]["lines"]
        return "".join(piece["text"] for line in lines for piece in line["pieces"])

    @contextmanager
    def news(self) -> Iterator[Iterator[int]]:
        """Yield the generations as they come, after the one that there is."""
        url = self.url.replace("/?", "/events?")
        with requests.get(url, stream=True, timeout=20) as answer:
            lines = (line for line in answer.iter_lines(chunk_size=1) if line.startswith(b"data"))
            found = (json.loads(line.removeprefix(b"data: "))["generation"] for line in lines)
            next(found)
            yield found


def run(*args: object) -> tuple[int, str, str]:
    """Run the command to its end."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, "preview", *map(str, args)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


# -- It follows edits


EDITS = {
    "the template": ("templates/app.tmpl", "edited\n", "edited"),
    "the compose files": ("rancher-compose.yml", "web: {metadata: {port: 81}}\n", "port 81"),
}


@pytest.mark.parametrize(("file", "content", "shown"), EDITS.values(), ids=EDITS)
def test_a_saved_file_is_news(site: Path, file: str, content: str, shown: str) -> None:
    with Previewed(site) as previewed, previewed.news() as news:
        assert previewed.output() == "port 80"
        put(site / file, content)
        assert next(news) == 2
        assert previewed.output() == shown
        renamed_over(site / file)
        assert next(news) == 3


def test_a_new_resource_is_news(site: Path) -> None:
    with Previewed(site) as previewed, previewed.news() as news:
        text = (site / "conf.d/app.toml").read_text()
        (site / "conf.d/b.toml").write_text(text)
        next(news)
        resources = previewed.ask("/view").json()["controls"]["resources"]
        assert [one["name"] for one in resources] == ["app.toml", "b.toml"]


def test_the_file_on_the_disk_is_followed_too(site: Path) -> None:
    dest = site / "app.conf"
    (site / "conf.d/app.toml").write_text(
        f'[template]\nsrc = "app.tmpl"\ndest = "{dest}"\nkeys = ["/"]\n'
    )
    with Previewed(site) as previewed, previewed.news() as news:
        dest.write_text("port 79\n")
        next(news)
        lines = previewed.ask("/view", "against=disk").json()["difference"]["lines"]
        assert [one["text"] for one in lines if one["kind"] == "-"] == ["port 79"]


def test_a_broken_template_is_said_on_the_terminal_until_it_is_right(site: Path) -> None:
    with Previewed(site) as previewed:
        put(template(site), "{{if}}")
        assert previewed.said() == "confd-lib: template: app.tmpl:1: missing value for if"
        put(template(site), "good")
        assert previewed.said() == "confd-lib: all resources can be rendered"


def test_broken_compose_files_are_said_and_the_page_stays(site: Path) -> None:
    (site / "docker-compose.yml").write_text("web: {")
    with Previewed(site) as previewed:
        said = previewed.said()
        assert said.startswith(f"confd-lib: {site}/docker-compose.yml")
        assert f"confd-lib: {previewed.ask('/view').json()['error']}" == said


def test_a_store_that_is_away_is_said_and_comes_back(site: Path, start: Start) -> None:
    store = start(Redis)
    store.put("/port", "80")
    template(site).write_text('port {{getv "/port"}}')
    flags = ("--backend", "redis", "--node", store.address)
    with Previewed(site, *flags) as previewed, previewed.news() as news:
        assert previewed.output() == "port 80"
        store.put("/port", "81")
        next(news)
        assert previewed.output() == "port 81"
        store.server.stop()
        next(news)
        assert previewed.said() == f"confd-lib: {previewed.ask('/view').json()['error']}"
        store.server.start()
        next(news)
        assert previewed.output() == "port 81"


def test_a_folder_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with Previewed(tmp_path / "nowhere") as previewed:
        said = f"stat {tmp_path}/nowhere/conf.d: no such file or directory"
        assert previewed.said() == f"confd-lib: {said}"
        assert previewed.ask("/view").json()["error"] == said


def test_a_warning_is_printed_once(site: Path) -> None:
    (site / "docker-compose.yml").write_text("web: {image: $IMAGE}\n")
    with Previewed(site) as previewed:
        assert "IMAGE variable is not set" in previewed.said()
        assert [previewed.output(f"scale.web={count}") for count in (2, 3)] == ["port 80"] * 2
        assert previewed.ended()[2] == ""


# -- Its address


def test_it_ends_with_a_signal(site: Path) -> None:
    with Previewed(site) as previewed, previewed.news():
        assert previewed.ended() == (0, "", "")


def test_a_token_of_the_environment_stays_for_another_start(site: Path) -> None:
    with Previewed(site, token="a b&c") as previewed:
        assert previewed.url.endswith("/?token=a%20b%26c")
        assert previewed.output() == "port 80"


def test_the_token_is_never_printed_again(site: Path) -> None:
    with Previewed(site) as previewed:
        token = previewed.url.partition("token=")[2]
        previewed.ask("/view", "scale.web=x")
        previewed.ask("/nothing")
        _status, out, err = previewed.ended()
        assert token not in out + err


def test_a_port_of_ones_own(site: Path, port: int) -> None:
    with socket.create_server(("127.0.0.1", port)):
        status, out, err = run(site, "--port", port)
        assert (status, out) == (1, "")
        assert err == f"confd-lib: cannot listen on 127.0.0.1:{port}: address already in use\n"
    with Previewed(site, "--port", port) as previewed:
        assert previewed.url.startswith(f"http://127.0.0.1:{port}/?token=")


def test_another_address_is_listened_on_if_it_is_named(site: Path) -> None:
    with Previewed(site, "--listen", "127.0.0.2:0") as previewed:
        assert previewed.url.startswith("http://127.0.0.2:")
        assert previewed.output() == "port 80"


# -- Flags


REFUSED = {
    ("--port", "70000"): (1, "--port 70000: it is not between 0 and 65535"),
    ("--port", "1", "--listen", "127.0.0.1:1"): (2, "not allowed with argument"),
    ("--listen", "x"): (2, "'x' is not HOST:PORT"),
    ("--listen", "nowhere.invalid:0"): (1, "cannot listen on nowhere.invalid:0"),
    ("--mask", "password"): (1, "--mask password: it does not begin with /"),
    ("--values", "x", "--compose", "x"): (2, "not allowed with argument"),
    ("--values", "x", "--scale", "web=2"): (2, "--scale needs a stack (--compose DIR)"),
    ("--node", "x"): (2, "--node needs a store"),
    ("--compat", "0.17"): (2, "invalid choice"),
}


@pytest.mark.parametrize(("flags", "wanted"), REFUSED.items(), ids=map(" ".join, REFUSED))
def test_flags_that_cannot_be_used(
    site: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], wanted: tuple[int, str]
) -> None:
    status, said = wanted
    try:
        found = tool.main(["preview", str(site), *flags])
    except SystemExit as ended:
        found = ended.code
    out, err = capsys.readouterr()
    assert (found, out) == (status, "")
    assert said in err


def test_a_folder_without_values_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        tool.main(["preview", str(tmp_path)])
    said = "one of --compose DIR, --values FILE, --backend NAME and --config-file FILE is needed"
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("library", ["starlette", "uvicorn"])
def test_a_missing_library_is_said_in_one_line(
    site: Path,
    library: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in [one for one in sys.modules if re.match(rf"{library}|confd_lib\.preview\.s", one)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    assert tool.main(["preview", str(site)]) == 1
    assert capsys.readouterr().err == (
        "confd-lib: confd-lib preview needs a library: pip install 'confd-lib[preview]'\n"
    )


def test_other_commands_do_not_import_the_server() -> None:
    code = f"{CODE.replace('sys.exit(main())', 'main([chr(45) * 2 + chr(104)])')}"
    program = f"import sys\ntry:\n    exec({code!r})\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "preview" in done.stdout
    assert not {"starlette", "uvicorn", "asyncio"} & set(done.stdout.split())
