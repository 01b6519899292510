"""Shared by tests of the preview: a stack with templates to edit, and previews of it."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from confd_lib.command.tool.previewing import preview as command
from confd_lib.preview.model.previews import Preview
from confd_lib.preview.model.records import Overview, View

COMPOSE = """\
web:
  image: x
db:
  image: x
"""
RANCHER = """\
web:
  scale: 2
  metadata: {port: 80, password: s3cret}
db:
  scale: 1
  metadata: {port: 5432, password: hidden}
"""
TEMPLATE = """\
name = {{getv "/self/container/name"}}
port = {{getv "/self/service/metadata/port"}}
user = {{getv "/self/service/metadata/user" "nobody"}}
{{range ls "/services/web/containers"}}server {{.}}
{{end}}"""


@dataclass(frozen=True)
class Site:
    """A folder with a stack, and with resources to preview."""

    path: Path

    def template(self, text: str, name: str = "app") -> Path:
        path = self.path / "templates" / f"{name}.tmpl"
        path.write_text(text)
        return path

    def resource(self, name: str = "app", **fields: object) -> Path:
        dest = str(self.path / "out" / f"{name}.conf")
        said = {"src": f"{name}.tmpl", "dest": dest, "keys": ["/"], **fields}
        path = self.path / "conf.d" / f"{name}.toml"
        path.write_text("[template]\n" + "".join(f"{key} = {said[key]!r}\n" for key in said))
        return path

    def compose(self, docker: str = COMPOSE, rancher: str = RANCHER) -> None:
        (self.path / "docker-compose.yml").write_text(docker)
        (self.path / "rancher-compose.yml").write_text(rancher)

    def options(self, *flags: str) -> argparse.Namespace:
        parser = argparse.ArgumentParser()
        command.add_flags(parser)
        options = parser.parse_args([str(self.path), *flags])
        command.complete(options)
        return options

    def preview(self, *flags: str) -> Seen:
        return Seen(Preview(command.setting(self.options(*flags))))


@dataclass(frozen=True)
class Seen:
    """A preview that is asked with addresses."""

    preview: Preview

    def view(self, address: str = "", tab: str = "") -> View:
        return self.preview.view(parse_qsl(address, keep_blank_values=True), tab)

    def overview(self, address: str = "", tab: str = "") -> Overview:
        return self.preview.overview(parse_qsl(address, keep_blank_values=True), tab)

    def test(self, address: str = "") -> str:
        return self.preview.test(parse_qsl(address, keep_blank_values=True))


def text(view: View) -> str:
    """Return the output of a view."""
    return "".join(
        "".join(piece.text for piece in line.pieces) + "\n" for line in view.output.lines
    )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with one resource, for two containers of one service and one of another."""
    made = Site(tmp_path / "shop")
    for name in ("conf.d", "templates", "out"):
        (made.path / name).mkdir(parents=True)
    made.compose()
    made.template(TEMPLATE)
    made.resource()
    return made
