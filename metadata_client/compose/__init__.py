"""Stacks from compose files: the metadata of every container, at any scale, without a Rancher.

    docker-compose.yml ┐
    rancher-compose.yml┴▶ services ─▶ Stack ─▶ answers of every version, for every container

A thin front over the package. Knows nothing of templates, and nothing of HTTP.

>>> import metadata_client
>>> stack = load("examples/galera", env={"mysql_root_password": "s3cret"})
>>> [container.name for container in stack.containers("galera")]
['galera_galera_1', 'galera_galera_2', 'galera_galera_3']
>>> address = stack.container("galera_galera_2").address
>>> tree = stack.scaled(galera=5).answers().tree("latest", address)
>>> tree["self"]["service"]["scale"], len(tree["self"]["service"]["containers"])
(5, 5)
"""

from __future__ import annotations

from .container import Container
from .environment import Environment
from .errors import ComposeError, UnquotedKey, UnsetVariable
from .files import files_of
from .loading import load
from .origins import place_of
from .service import Link, Port, Service
from .stack import Stack
from .written import Written

__all__ = [
    "ComposeError",
    "Container",
    "Environment",
    "Link",
    "Port",
    "Service",
    "Stack",
    "UnquotedKey",
    "UnsetVariable",
    "Written",
    "files_of",
    "load",
    "place_of",
]
