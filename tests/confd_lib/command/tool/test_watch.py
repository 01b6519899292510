"""`confd-lib render --watch`: each save, and what it has changed."""

from __future__ import annotations

import os
import pty
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from confd_lib.command.tool import cli as tool

from .running import Running
from .test_following import SAVES, put

VALUES = '{"port": 80, "host": "a"}'
TEMPLATE = 'host {{getv "/host"}}\nport {{getv "/port"}}\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "app.tmpl").write_text(TEMPLATE)
    (tmp_path / "values.json").write_text(VALUES)
    return tmp_path


def watching(site: Path, *args: object) -> Running:
    values = ("--values", site / "values.json")
    return Running("render", site / "app.tmpl", *values, "--watch", *args)


def difference(first: int, second: int, *lines: str) -> list[str]:
    return [f"--- render-{first}", f"+++ render-{second}", *lines]


def test_a_save_of_the_template_shows_the_difference_since_the_last(site: Path) -> None:
    with watching(site) as command:
        assert command.lines(2) == ["host a", "port 80"]
        put(site / "app.tmpl", TEMPLATE.replace("port", "listen", 1))
        shown = difference(1, 2, "@@ -1,2 +1,2 @@", " host a", "-port 80", "+listen 80")
        assert command.lines(6) == shown
        put(site / "app.tmpl", TEMPLATE.replace("port", "bind", 1))
        shown = difference(2, 3, "@@ -1,2 +1,2 @@", " host a", "-listen 80", "+bind 80")
        assert command.lines(6) == shown
        assert command.ended() == (0, "", "")


def test_a_save_of_the_values_is_noticed(site: Path) -> None:
    with watching(site) as command:
        command.lines(2)
        put(site / "values.json", VALUES.replace("80", "81"))
        assert command.lines(6)[-1] == "+port 81"


def test_a_new_file_of_a_folder_of_values_is_noticed(site: Path) -> None:
    with Running("render", site / "app.tmpl", "--values", site / "v", "--watch") as command:
        assert "/v: no such file or directory" in command.said()
        (site / "v").mkdir()
        put(site / "v/a.json", VALUES)
        assert command.lines(2) == ["host a", "port 80"]
        put(site / "v/b.json", '{"port": 9}')
        assert command.lines(6)[-1] == "+port 9"


def test_a_save_of_a_file_that_a_store_reads_is_noticed(site: Path) -> None:
    toml = site / "confd.toml"
    toml.write_text(f'backend = "file"\nfile = ["{site}/values.json"]\n')
    with Running("render", site / "app.tmpl", "--config-file", toml, "--watch") as command:
        command.lines(2)
        put(site / "values.json", VALUES.replace("80", "81"))
        assert command.lines(6)[-1] == "+port 81"
        put(toml, "backend = ")
        assert f"{toml}: toml: line 1" in command.said()
        put(site / "other.json", VALUES.replace("80", "82"))
        put(toml, f'backend = "file"\nfile = ["{site}/other.json"]\n')
        assert command.lines(6)[-1] == "+port 82"


def test_a_save_of_a_compose_file_is_noticed(site: Path) -> None:
    compose = site / "docker-compose.yml"
    compose.write_text("web: {image: x}\n")
    (site / "app.tmpl").write_text('{{range ls "/self/service/metadata"}}{{.}}\n{{end}}one\n')
    args = ("--compose", site, "--project-name", "p", "--as", "p_web_1")
    with Running("render", site / "app.tmpl", *args, "--watch") as command:
        assert command.lines() == ["one"]
        put(site / "rancher-compose.yml", "web: {metadata: {port: 80}}\n")
        assert command.lines(5) == difference(1, 2, "@@ -1 +1,2 @@", "+port", " one")
        put(compose, "web: {image: x\n")
        assert command.said().startswith(f"confd-lib: {compose}:2: yaml: ")
        put(compose, "web: {image: y}\n")
        assert command.said() == "confd-lib: render 4 is the same as render 2"


@pytest.mark.parametrize("save", SAVES, ids=lambda save: save.__name__)
def test_each_way_to_save_is_noticed(tmp_path: Path, save: Callable[[Path], None]) -> None:
    (tmp_path / "first").mkdir()
    (tmp_path / "current").symlink_to("first")
    template = tmp_path / "current" / "a.tmpl"
    template.write_text("old")
    (tmp_path / "v.json").write_text("{}")
    with Running("render", template, "--values", tmp_path / "v.json", "--watch") as command:
        assert command.lines() == ["old"]
        save(template)
        if save.__name__ == "removed":
            assert command.said() == f"confd-lib: Missing template: {template}"
        else:
            shown = command.lines(7)
            assert shown[3:] == [
                "-old",
                "\\ No newline at end of file",
                f"+{template.read_text()}",
                "\\ No newline at end of file",
            ]


def test_an_error_is_reported_and_the_last_output_stays_the_one_to_compare_with(site: Path) -> None:
    with watching(site) as command:
        command.lines(2)
        put(site / "app.tmpl", '{{getv "/prot"}}')
        assert "key does not exist: /prot" in command.said()
        block = [command.said() for _ in range(5)]
        assert block[-1].endswith("did you mean /port?")
        put(site / "app.tmpl", TEMPLATE)
        assert command.said() == "confd-lib: render 3 is the same as render 1"
        put(site / "app.tmpl", f"{TEMPLATE}end\n")
        assert command.lines(6) == difference(
            3, 4, "@@ -1,2 +1,3 @@", " host a", " port 80", "+end"
        )


def test_the_first_output_is_shown_once_there_is_one(site: Path) -> None:
    (site / "app.tmpl").unlink()
    with watching(site) as command:
        assert command.said() == f"confd-lib: Missing template: {site / 'app.tmpl'}"
        put(site / "app.tmpl", TEMPLATE)
        assert command.lines(2) == ["host a", "port 80"]


def test_the_difference_of_a_trace_names_the_keys(site: Path) -> None:
    with watching(site, "--trace") as command:
        command.lines(5)
        put(site / "values.json", VALUES.replace("80", "81"))
        shown = command.lines(9)
        assert "-port 80  <- line 2; /port" in shown
        assert "+port 81  <- line 2; /port" in shown


def test_the_page_is_written_again(site: Path) -> None:
    page = site / "page.html"
    with watching(site, "--html", page) as command:
        command.lines(2)
        put(site / "values.json", VALUES.replace("80", "8181"))
        command.lines(6)
        assert "8181" in page.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_0(site: Path, number: signal.Signals) -> None:
    with watching(site) as command:
        command.lines(2)
        assert command.ended(number) == (0, "", "")


def test_a_closed_pipe_ends_it_without_a_line(site: Path) -> None:
    reading, writing = os.pipe()
    with Running(
        "render",
        site / "app.tmpl",
        "--values",
        site / "values.json",
        "--watch",
        stdout=writing,
    ) as command:
        os.close(writing)
        os.close(reading)
        assert command.end() == (1, "")


@pytest.mark.parametrize("no_colour", ["", "1"], ids=["colours", "NO_COLOR"])
def test_a_terminal_gets_colours_and_no_control_characters(site: Path, no_colour: str) -> None:
    near, far = pty.openpty()
    args = ("render", site / "app.tmpl", "--values", site / "values.json", "--watch")
    with (
        os.fdopen(near, "rb", buffering=0) as terminal,
        Running(*args, stdout=far, env={"NO_COLOR": no_colour}) as command,
    ):
        os.close(far)
        said = b""
        while said.count(b"\n") < 2:
            said += terminal.read(1024)
        put(site / "values.json", '{"port": "\\u001b[2J", "host": "a"}')
        while said.count(b"\n") < 8:
            said += terminal.read(1024)
        command.ended()
    last = said.splitlines()[-1]
    line = rb"+port \x1b[2J"
    assert last == (line if no_colour else b"\x1b[32m" + line + b"\x1b[0m")


def test_standard_input_cannot_be_watched(capfd) -> None:
    with pytest.raises(SystemExit) as caught:
        tool.main(["render", "-", "--values", "v", "--watch"])
    assert caught.value.code == 2
    assert "--watch needs a file: standard input cannot be read again" in capfd.readouterr().err
