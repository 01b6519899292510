"""The compose files of a loaded stack, and what they said: data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .service import Service
    from .source import Document


@dataclass(frozen=True, slots=True)
class Written:
    """The compose files of a stack, and its services as the files define them.

    Attributes:
        docker: `docker-compose.yml`.
        rancher: `rancher-compose.yml`; None without that file.
        services: the services, by name.
        expanded: by path, the texts of files whose templates were expanded.
    """

    docker: Path
    rancher: Path | None
    services: Mapping[str, Service]
    expanded: Mapping[str, Document] = field(default_factory=dict)
