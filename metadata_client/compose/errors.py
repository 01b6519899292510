"""Errors and warnings about compose files.

MetadataError
└── ComposeError          rancher-compose would not have accepted it
    ├── UnsetVariable     a warning of rancher-compose
    ├── UnquotedKey       a warning of ours
    ├── DoubtfulAnswer    a warning of ours
    ├── MissingLink       a warning of ours
    ├── StrayService      a warning of ours
    └── IgnoredOption     a warning of ours
"""

from __future__ import annotations

from metadata_client.errors import MetadataError


class ComposeError(MetadataError):
    """A compose file, or a change of a stack, is not acceptable.

    Attributes:
        reason: what is wrong, in the words of rancher-compose where it has some.
        path: the file; empty if the fault is not in a file.
        line: the line of the fault, from 1; 0 if the fault has no line.

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
    """A variable is not set, and is replaced by an empty text.

    A warning, since rancher-compose only warns as well;
    `warnings.simplefilter("error", UnsetVariable)` makes it an error.

    Attributes:
        variable: its name.
    """

    def __init__(self, variable: str, *, path: str = "", line: int = 0) -> None:
        reason = f"The {variable} variable is not set. Substituting a blank string."
        super().__init__(reason, path=path, line=line)
        self.variable = variable
        self.args = (variable,)  # the arguments that pickle passes to this constructor


class UnquotedKey(ComposeError, UserWarning):
    """A key without quotes is read as another text, such as `on`, which is read as `true`."""


class MissingLink(ComposeError, UserWarning):
    """A link has no target: a question for a service has no answer. The link is left out."""


class StrayService(ComposeError, UserWarning):
    """A service of `rancher-compose.yml` is not in `docker-compose.yml`, and counts for nothing."""


class IgnoredOption(ComposeError, UserWarning):
    """An option of today's compose files has no meaning in a simulated stack."""


class DoubtfulAnswer(ComposeError, UserWarning):
    """An answer to no question, or one that does not keep what its question says.

    Rancher deploys the stack all the same, so it is a warning, and an error under `strict=True`.

    Attributes:
        variable: the variable that the question is about.
    """

    def __init__(self, variable: str, reason: str, *, path: str = "", line: int = 0) -> None:
        super().__init__(reason, path=path, line=line)
        self.variable = variable
        self.args = (variable, reason)  # the arguments that pickle passes to this constructor
