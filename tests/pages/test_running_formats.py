"""docs/running.md: its log lines, its status file and its manifest are those of a real confd."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import yaml

from confd_lib.command.settings import flags
from confd_lib.destination.update import Status
from tests.layers import ROOT

from . import shell

PAGE: Final = (ROOT / "docs/running.md").read_text("utf-8")
COMMAND: Final = """\
mkdir conf.d templates
printf '[template]\\nsrc = "app.tmpl"\\ndest = "/etc/app.conf"\\n' > conf.d/app.toml
echo 'listen 80' > templates/app.tmpl
TZ=UTC confd -onetime -backend env -confdir . -root root -status-file status.json"""


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def block(title: str, language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", section(title), re.DOTALL)
    return str(found)


def outline(value: Any) -> Any:
    """Return the names and the types in a value of JSON."""
    if isinstance(value, dict):
        return {name: outline(part) for name, part in value.items()}
    return type(value).__name__


def test_a_log_line_is_as_the_page_shows(tmp_path: Path) -> None:
    *_, last = shell.run(shell.Step("sh", COMMAND, ""), tmp_path).splitlines()
    shown = block("Log", "").strip()
    parts = re.compile(
        r"(\S+Z) (\S+) (\S*confd)\[(\d+)\]: ([A-Z]+) Target config \S+ has been updated"
    )
    assert parts.fullmatch(shown)
    assert parts.fullmatch(last)


def test_an_object_of_the_log_is_as_the_page_shows(tmp_path: Path) -> None:
    command = f"{COMMAND} -log-format json"
    *_, last = shell.run(shell.Step("sh", command, ""), tmp_path).splitlines()
    shown, given = json.loads(block("Log", "json")), json.loads(last)
    assert outline(shown) == outline(given)
    assert re.fullmatch(r"Target config \S+ has been updated", shown["message"])
    assert re.fullmatch(r"Target config \S+ has been updated", given["message"])


def test_the_status_file_is_as_the_page_shows(tmp_path: Path) -> None:
    shell.run(shell.Step("sh", COMMAND, ""), tmp_path)
    shown = json.loads(block("Status file", "json"))
    given = json.loads((tmp_path / "status.json").read_text())
    # The environment has no state before it is asked, and this resource asks for no key.
    given["store"] |= {"since": "", "last_answer": ""}
    assert outline(shown) == outline(given)
    assert shown["resources"].keys() == given["resources"].keys()


def test_each_status_has_a_row() -> None:
    head, *named = re.findall(r"^\| `([a-z ]+)` \|", section("Status file"), re.MULTILINE)
    assert (head, named) == ("status", [*Status])


def test_the_arguments_and_probes_of_the_manifest_exist() -> None:
    (container,) = yaml.safe_load(block("Kubernetes", "yaml"))["containers"]
    given, rest = flags.parse(container["args"])
    assert given
    assert rest == ()
    port = int(str(given["listen"]).rpartition(":")[2])
    probes = [value["httpGet"] for name, value in container.items() if name.endswith("Probe")]
    assert {probe["port"] for probe in probes} == {port}
    pages = set(re.findall(r"^\| `(/\w+)` \|", PAGE, re.MULTILINE))
    assert {probe["path"] for probe in probes} <= pages
