"""The environment as a store: `MYAPP_DATABASE_URL` is `/myapp/database/url`.

Knows nothing of templates or resources. A process's environment does not change, so there is
nothing to watch.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confd_lib.errors import CannotWatch
from confd_lib.golang.path import join
from confd_lib.store.rules import env_values
from confd_lib.store.store import Store
from gotmpl.arguments import checked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from threading import Event

    from .protocol import Snapshot


@dataclass(frozen=True, slots=True)
class EnvSnapshot:
    """The variables of an environment.

    Attributes:
        variables: by name.
    """

    variables: Mapping[str, str]

    @property
    def version(self) -> str:
        """Empty: an environment has none."""
        return ""

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """Return the variables that one resource asks for, as keys with its prefix cut off.

        >>> EnvSnapshot({"APP_DB_HOST": "h", "APPLE": "a"}).view("/app", ["/db"]).getv("/db/host")
        'h'
        """
        asked = [join(prefix, key) for key in keys]
        return Store.from_documents({"/": env_values(self.variables, asked)}).view(prefix)


class Env:
    """The environment of this process, or another mapping, as a store.

    Args:
        variables: by name; by default those of this process.

    >>> Env({"APP_PORT": "80"}).get_values(["/app"]).view("/", ["/app"]).getv("/app/port")
    '80'
    """

    joins_prefixes = False

    # The environment is no default value: `help` would show its secrets.
    @checked
    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables

    def get_values(self, keys: Sequence[str]) -> Snapshot:  # noqa: ARG002 - the Protocol's
        """Return a copy of all variables; `view` picks those of a resource."""
        return EnvSnapshot(dict(self._variables))

    def changes(
        self,
        keys: Sequence[str],  # noqa: ARG002 - the Protocol's
        since: Snapshot | None,  # noqa: ARG002 - the Protocol's
        stop: Event,  # noqa: ARG002 - the Protocol's
    ) -> Iterator[Snapshot]:
        """Raise CannotWatch: the environment of a process does not change.

        Raises:
            CannotWatch: at once.
        """
        raise CannotWatch("Watch is not supported for backend env")
