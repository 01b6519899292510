"""The project that the tests preview: a web service of two containers and its database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.confd_lib.command.tool.test_following import put

DOCKER = """
web:
  image: example/web
database:
  image: example/database
"""
RANCHER = """
web:
  scale: 2
  metadata:
    workers: 4
    password: s3cret
database:
  scale: 1
"""
UPSTREAM = """\
# {{getv "/self/container/name"}}
workers {{getv "/self/service/metadata/workers"}}
log {{getv "/self/service/metadata/log" "warn"}}
{{- range ls "/self/service/containers"}}
server {{.}} {{getv (printf "/self/service/containers/%s/primary_ip" .)}}
{{- end}}
"""
PEERS = """\
{{range gets "/containers/*/name"}}{{.Value}}
{{end}}"""
RESOURCE = """\
[template]
src = "{name}.tmpl"
dest = "{dest}"
keys = ["/"]
"""


@dataclass(frozen=True)
class Project:
    """A confd folder with compose files."""

    path: Path

    def dest(self, name: str) -> Path:
        return self.path / "out" / name

    def template(self, name: str) -> Path:
        return self.path / "templates" / f"{name}.tmpl"

    def write(self, name: str, text: str) -> None:
        """Write a template, and its resource if it is a new one."""
        put(self.template(name), text)
        resource = self.path / "conf.d" / f"{name}.toml"
        if not resource.exists():
            resource.write_text(RESOURCE.format(name=name, dest=self.dest(name)))

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a template in the way of an editor."""
        text = self.template(name).read_text()
        assert old in text
        put(self.template(name), text.replace(old, new))


def make(path: Path) -> Project:
    """Write the project into a new folder."""
    for folder in ("conf.d", "templates", "out"):
        (path / folder).mkdir(parents=True)
    (path / "docker-compose.yml").write_text(DOCKER)
    (path / "rancher-compose.yml").write_text(RANCHER)
    project = Project(path)
    project.write("upstream.conf", UPSTREAM)
    project.write("peers.txt", PEERS)
    return project
