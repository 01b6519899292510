"""Stacks from compose files: the metadata of every container, at any scale, without a Rancher.

    docker-compose.yml ┐
    rancher-compose.yml┴▶ services ─▶ Stack ─▶ answers of every version, for every container

A version of a catalog's entry is a stack with questions. A thin front over the package. Knows
nothing of HTTP.

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

from metadata_client.yaml11 import KeyNotice

from .catalog.answer_files import read_answers
from .catalog.answers import doubts
from .catalog.choosing import files_of
from .catalog.deployment import Expansion
from .catalog.entries import Catalog, Entry, Version
from .catalog.questions import Question, Section
from .catalog.rewritten import Rewritten, rewritten
from .container import Container
from .environment import Environment
from .errors import (
    ComposeError,
    DoubtfulAnswer,
    IgnoredOption,
    MissingLink,
    StrayService,
    UnquotedKey,
    UnsetVariable,
)
from .loading import expand, load
from .origins import place_of
from .service import Link, Port, Service
from .source import Document
from .stack import Stack
from .written import Written

__all__ = [
    "Catalog",
    "ComposeError",
    "Container",
    "Document",
    "DoubtfulAnswer",
    "Entry",
    "Environment",
    "Expansion",
    "IgnoredOption",
    "KeyNotice",
    "Link",
    "MissingLink",
    "Port",
    "Question",
    "Rewritten",
    "Section",
    "Service",
    "Stack",
    "StrayService",
    "UnquotedKey",
    "UnsetVariable",
    "Version",
    "Written",
    "doubts",
    "expand",
    "files_of",
    "load",
    "place_of",
    "read_answers",
    "rewritten",
]
