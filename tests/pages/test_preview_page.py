"""docs/preview.md: its examples run, and it names the parameters, flags and addresses there are."""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import requests

from confd_lib.command.tool.previewing import preview as command
from confd_lib.preview.model.previews import Preview
from confd_lib.preview.model.states import State
from tests.confd_lib.command.tool.test_page import PORT, Shell, steps
from tests.layers import ROOT

PAGE = (ROOT / "docs/preview.md").read_text("utf-8")


def rows(head: str) -> list[list[str]]:
    """Return the cells of the table with this first head."""
    lines = PAGE.split(f"\n| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    command.add_flags(made)
    return made


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shutil.copytree(ROOT / "examples/testing", tmp_path / "site")
    made = Shell(tmp_path)
    try:
        yield made
    finally:
        made.end()


def test_the_example_serves_the_pages_of_the_table(shell: Shell, port: int) -> None:
    (example,) = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    ((start, [address]),) = steps(example.replace(PORT, str(port)))
    assert shell.run(start, 1) == [address]
    for (path, _), status in zip(rows("address"), [200] * 6, strict=True):
        url = address.replace("/?", f"{path.strip('`')}?")
        with requests.get(url, timeout=20, stream=True) as answer:
            assert answer.status_code == status
    assert requests.get(address.partition("?")[0], timeout=20).status_code == 403
    assert requests.post(address, timeout=20).status_code == 405
    assert shell.end() == 0


def test_the_parameters_are_those_of_states() -> None:
    named = [row[0].strip("`") for row in rows("parameter")]
    state = State.parse(pair for one in named for pair in parse_qsl(one))
    assert {*state.parameters()} == {one.partition("=")[0] for one in named}
    assert {one.partition("=")[0].partition(".")[0] for one in named} == {
        *("resource", "container", "version", "scale", "set", "answer", "against")
    }


def test_the_flags_exist() -> None:
    named = {*re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)}
    assert named <= parser()._option_string_actions.keys()
    own = {"--port", "--listen", "--open", "--mask", "--compose", "--values", "--answers"}
    assert own <= named


def test_the_test_is_the_one_that_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (shown,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    options = parser().parse_args(["examples/testing"])
    command.complete(options)
    preview = Preview(command.setting(options))
    address = "resource=status.toml&container=testing_web_2&scale.web=3"
    assert preview.test(parse_qsl(address)) == shown


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)", PAGE)
    assert links
    assert all((ROOT / "docs" / link).exists() for link in links)
