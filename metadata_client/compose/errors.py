"""What can be wrong with a compose file.

MetadataError
└── ComposeError          rancher-compose would not have accepted it
    ├── UnsetVariable     it would have, with this warning
    └── UnquotedKey       it would have; a warning of ours
"""

from __future__ import annotations

from metadata_client.errors import MetadataError


class ComposeError(MetadataError):
    """A compose file, or what was asked of a stack, is not acceptable.

    Attributes:
        reason: what is wrong, in the words of rancher-compose where it has some.
        path: the file; empty where the fault is in none.
        line: the line in it, from 1; 0 where there is none.

    >>> print(ComposeError("Failed to find sidekick: conf", path="docker-compose.yml", line=4))
    docker-compose.yml:4: Failed to find sidekick: conf
    """

    def __init__(self, reason: str, *, path: str = "", line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.line = line

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.reason}" if place else self.reason


class UnsetVariable(ComposeError, UserWarning):
    """A variable is not set, and blank was put in its place.

    A warning, since rancher-compose goes on as well;
    `warnings.simplefilter("error", UnsetVariable)` makes it the error that it is.

    Attributes:
        variable: its name.
    """

    def __init__(self, variable: str, *, path: str = "", line: int = 0) -> None:
        reason = f"The {variable} variable is not set. Substituting a blank string."
        super().__init__(reason, path=path, line=line)
        self.variable = variable
        self.args = (variable,)  # what pickle gives back to this constructor


class UnquotedKey(ComposeError, UserWarning):
    """A key without quotes is another key than it seems, such as `on`, which is `true`."""
