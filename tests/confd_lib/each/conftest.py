"""Shared by tests of passes: a resource whose names are services."""

from __future__ import annotations

import pytest

from confd_lib import Confd, backends
from tests.confd_lib.each.services import PORT, services


@pytest.fixture
def each(folder):
    """A folder with one resource, and the store that it reads."""

    def made(text: str = PORT, values: object = None, **fields: object):
        dest = fields.pop("dest", f"{folder.out}/{{{{.}}}}.conf")
        folder.both(text, each="/services/*", dest=dest, **fields)
        memory = backends.Memory(services(web=80, db=5432) if values is None else values)
        return memory, Confd(backend=memory, confdir=folder.path)

    return made
