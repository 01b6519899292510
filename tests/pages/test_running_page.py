"""docs/running.md: its examples work, and it names what there is: settings, pages, metrics."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from confd_lib.command.settings import config, flags, table
from confd_lib.command.settings.exec import KINDS, Exec
from confd_lib.command.sidecar.metrics import Metrics
from confd_lib.destination.update import Result, Status
from confd_lib.run.events import Passed
from confd_lib.run.source import Connection

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/running.md").read_text()
UNITS = sorted((ROOT / "examples/systemd").glob("*.service"))


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def rows(head: str) -> list[list[str]]:
    """Return the cells of the table with a head that begins so."""
    lines = PAGE.split(f"\n| {head} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(cell: str) -> str:
    return cell.strip("`")


def confd(args: str, folder: Path) -> subprocess.CompletedProcess[str]:
    code = "from confd_lib.command.confd import cli; cli.script('confd')"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code, "-config-file=", *shlex.split(args)],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_example_in_shell_runs(tmp_path: Path) -> None:
    (script,) = blocks("sh")
    command = tmp_path / "bin/confd"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m confd_lib "$@"\n')
    command.chmod(0o755)
    environ = {
        **os.environ,
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    (tmp_path / "work").mkdir()
    done = subprocess.run(
        ["sh", "-e"],
        input=script,
        cwd=tmp_path / "work",
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "listen 8080\n"), done.stderr


def test_the_table_of_the_example_is_read(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    file = tmp_path / "confd.toml"
    file.write_text(text)
    found = config.read({"config-file": str(file)}, (), {})
    assert found.exec == Exec("nginx -g 'daemon off;'", 1, 3, 8.0, 5.0, 60.0, 3)
    assert not [line for line in found.warnings if "ignored" in line]


def test_each_setting_has_a_row_with_its_default() -> None:
    table = {named(cells[0]): named(cells[1]) for cells in rows("setting | default")}
    assert list(table) == list(KINDS)
    defaults = Exec("")
    for name, default in table.items():
        value = getattr(defaults, name)
        assert default.strip('"') == (f"{value:g}" if value or default == "0" else "")


def test_each_page_and_each_metric_has_a_row() -> None:
    assert [named(cells[0]) for cells in rows("page | 200")] == ["/health", "/ready", "/metrics"]
    here = Connection(reachable=True, since=1.0, last_answer=1.0)
    child = SimpleNamespace(running=True, starts=1, reloads=1)
    metrics = Metrics(lambda: here, child)  # type: ignore[arg-type] # what it reads of a child
    metrics.observe(Passed([Result("a", Status.UPDATED)], "1"))
    served = re.findall(r"^# TYPE (\w+)", metrics.text(), re.MULTILINE)
    table = {named(cells[0]): named(cells[1]) for cells in rows("metric | labels")}
    assert set(table) == set(served)
    for family in text_string_to_metric_families(metrics.text()):
        labels = {label for sample in family.samples for label in sample.labels}
        name = family.name if family.name in table else f"{family.name}_total"
        assert labels == set(filter(None, [table[name]]))


def test_each_flag_that_is_named_exists() -> None:
    words = re.findall(r"`(-[a-z][a-z-]+)", PAGE) + re.findall(
        r" (-[a-z][a-z-]+) ", blocks("sh")[0]
    )
    known = {f"-{name}" for name in table.FLAGS} | {"-p"}
    assert set(words) <= known


@pytest.mark.parametrize(
    ("args", "template", "status"),
    [
        ("-onetime", "x", 0),
        ("-onetime", '{{getv "/no"}}', 1),
        ("-listen=nowhere -onetime", "x", 1),
        ("-nope", "x", 2),
        ("-onetime -diff-exit-code", "x", 2),
        ("-exec true", "x", 0),
        ("-exec 'exit 9'", "x", 9),
        ("-exec 'kill -9 $$'", "x", 137),
        ("-exec no-such-command", "x", 127),
        ("-exec /etc/passwd", "x", 126),
        ("-onetime -exec true", '{{getv "/no"}}', 1),
        ("-exec true -config-file confd.toml", '{{getv "/no"}}', 75),
    ],
)
def test_the_exit_statuses_are_those_of_the_table(
    tmp_path: Path, args: str, template: str, status: int
) -> None:
    for name in ("conf.d", "templates"):
        (tmp_path / name).mkdir()
    (tmp_path / "templates/a").write_text(template)
    dest = tmp_path / "a.conf"
    (tmp_path / "conf.d/a.toml").write_text(f'[template]\nsrc = "a"\ndest = "{dest}"\n')
    (tmp_path / "confd.toml").write_text("[exec]\nstart_timeout = 0.1\n")
    done = confd(f"-backend env -confdir . {args}", tmp_path)
    assert done.returncode == status, done.stderr
    table = [named(cells[0]) for cells in rows("status | without `-exec`")]
    assert any(
        str(status) in row or row == "any other" or (row == "128 + n" and status > 128)
        for row in table
    )


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (ROOT / "docs" / link).exists(), link


# -- The units of systemd


def setting(unit: Path, name: str) -> str:
    found = re.search(rf"^{name}=(.*)$", unit.read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_command_of_a_unit_has_flags_that_exist(unit: Path) -> None:
    _, *words = shlex.split(setting(unit, "ExecStart"))
    given, rest = flags.parse(words)
    assert given
    assert rest == ()
    assert given["watch"] is True


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_a_unit(unit: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    # The command has to exist, so another one stands for confd.
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/usr/local/bin/confd", "/bin/true"))
    done = subprocess.run(
        [program, "verify", copy], capture_output=True, text=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (setting(unit, "Type"), setting(unit, "NotifyAccess")) == ("notify", "main")
