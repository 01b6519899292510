"""Shared by tests of the Galera demonstration."""

from __future__ import annotations

from typing import Final

from examples.galera.cluster.server import PACKAGES
from tests.examples.place import needs

MODULE: Final = "examples.galera.cluster"

needs_galera = needs(PACKAGES)
