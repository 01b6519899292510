"""docs/security.md: its examples print what they show, and what it names exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

import confd_lib
from confd_lib.command.settings.flags import FLAGS
from confd_lib.testing import trace
from tests.layers import ROOT

from . import shell

PAGE: Final = (ROOT / "docs/security.md").read_text("utf-8")
RESOURCE: Final = """\
[template]
src = "a.tmpl"
dest = "/etc/a.ini"
mode = "0600"
keys = ["/db"]
check_cmd = "cat {{.src}}; exit 1"
"""


def test_the_examples_print_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    steps = [*shell.steps(PAGE)]
    assert len(steps) == 2
    for step in steps:
        exec(step.source, names)
        assert capsys.readouterr().out == step.shown


def test_the_functions_that_reach_out_are_as_many() -> None:
    assert len(confd_lib.SYSTEM_FUNCTIONS) == 7
    assert "seven ask the machine or other hosts" in PAGE


def test_each_flag_of_confd_exists() -> None:
    named = set(re.findall(r"`(?:confd )?-([a-z][a-z-]+)", PAGE))
    assert named <= set(FLAGS)


@pytest.mark.parametrize(
    ("flags", "is_shown"),
    [
        ("-onetime", False),
        ("-onetime -log-level debug", True),
        ("-onetime -noop -log-level error", True),
    ],
)
def test_a_secret_is_shown_where_the_page_says(tmp_path: Path, flags: str, is_shown: bool) -> None:
    """A file that others may not read, and a command that prints it, as in the table."""
    for folder in ("conf.d", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "conf.d/a.toml").write_text(RESOURCE)
    (tmp_path / "templates/a.tmpl").write_text('{{getv "/db/password"}}')
    (tmp_path / "values.json").write_text('{"db": {"password": "s3cret"}}')
    store = "-backend file -file values.json -confdir . -root root -status-file status.json"
    command = f"confd {flags} {store} || true; cat status.json"
    out = shell.run(shell.Step("sh", command, ""), tmp_path)
    assert ("s3cret" in out) == is_shown


def test_a_page_of_a_trace_asks_no_server() -> None:
    html = trace('{{getv "/a"}}', {"a": "<b>"}).html()
    assert not re.findall(r'(?:src|href)="(?!#)[^"]', html)
    assert "&lt;b&gt;" in html
