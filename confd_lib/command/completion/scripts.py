"""The shells whose completion can be printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from confd_lib.command.completion import bash, fish, zsh
from confd_lib.command.completion.outline import Command

SHELLS: Final[Mapping[str, Callable[[Sequence[Command]], str]]] = {
    "bash": bash.script,
    "zsh": zsh.script,
    "fish": fish.script,
}
"""The function that makes the script, by the name of the shell."""
