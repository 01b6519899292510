"""Every example at two scales, rendered as each of its containers, by itself and over HTTP.

The expected files were written by Go's own text/template; those of galera at scale 3 are the ones
that three generations of the real confd wrote against the real metadata service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from confd_lib import Confd, backends
from confd_lib.testing import Bench
from metadata_client import MetadataServer, Stack, compose

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass(frozen=True)
class Example:
    """An example with the arguments that load it.

    Attributes:
        name: its folder.
        service: the service whose containers are configured.
        scaled: the service whose scale differs between the expected outputs.
        prefix: the version of the metadata that its sidekick asks for.
    """

    name: str
    service: str
    scaled: str
    prefix: str = "/2015-07-25"
    env: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return EXAMPLES / self.name

    def stack(self, scale: int) -> Stack:
        return compose.load(
            self.folder, env=self.env, scale={self.scaled: scale}, addresses=self.addresses
        )


EXAMPLES_AND_SCALES = [
    pytest.param(example, scale, id=f"{example.name}-{scale}")
    for example, *scales in (
        (
            Example(
                "galera",
                "galera",
                "galera",
                env={"mysql_root_password": "123456"},
                addresses={
                    "galera_galera_1": "10.42.106.51",
                    "galera_galera_2": "10.42.17.203",
                    "galera_galera_3": "10.42.230.9",
                },
            ),
            3,
            5,
        ),
        (Example("mongodb", "mongo", "mongo", env={"replset": "rs0"}), 3, 5),
        (
            Example(
                "haproxy",
                "lb",
                "web",
                prefix="/2015-12-19",
                env={"certificate": "/etc/ssl/site.pem"},
            ),
            2,
            4,
        ),
        (Example("zookeeper", "zookeeper", "zookeeper"), 3, 5),
    )
    for scale in scales
]


@pytest.mark.parametrize(("example", "scale"), EXAMPLES_AND_SCALES)
def test_files(confd: Bench, example: Example, scale: int) -> None:
    confd.assert_tree(
        example.folder / "expect",
        example.stack(scale),
        case=f"{example.scaled}-{scale}",
        confdir=example.folder,
        services=[example.service],
        version=example.prefix.strip("/"),
    )


def write_over_http(example: Example, stack: Stack, root: Path) -> None:
    """Write the files of each container below a folder of its own, from a service for tests."""
    with MetadataServer(stack.answers(), xff=True) as server:
        for container in stack.containers(example.service):
            with backends.Rancher(server.url, ip=container.address) as backend:
                results = Confd(
                    confdir=example.folder,
                    backend=backend,
                    prefix=example.prefix,
                    root=root / container.name,
                    sync_only=True,
                ).run_once()
            assert [result.error for result in results] == [None] * len(results)


def texts(folder: Path) -> dict[str, str]:
    """Return the texts of the files below a folder, by their paths."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in files}


@pytest.mark.parametrize(("example", "scale"), EXAMPLES_AND_SCALES)
def test_files_over_http(example: Example, scale: int, tmp_path: Path) -> None:
    write_over_http(example, example.stack(scale), tmp_path)
    assert texts(tmp_path) == texts(example.folder / "expect" / f"{example.scaled}-{scale}")


def test_a_lost_and_an_unhealthy_server_leave_the_balancer(tmp_path: Path) -> None:
    example = Example("haproxy", "lb", "web", "/2015-12-19", {"certificate": "/etc/ssl/site.pem"})
    stack = example.stack(5).stopped("haproxy_web_2").started("haproxy_web_4", health="unhealthy")
    write_over_http(example, stack.without("haproxy_web_1"), tmp_path)
    (text,) = texts(tmp_path).values()
    servers = [line.split()[1] for line in text.splitlines() if "server haproxy_web" in line]
    assert servers == ["haproxy_web_3", "haproxy_web_5"]
