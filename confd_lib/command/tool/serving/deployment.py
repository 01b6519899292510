"""A stack that runs while its files are edited and its services are scaled: `confd-lib serve`.

Each change makes a new one. Knows nothing of files, HTTP and threads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metadata_client import Answers, Stack


@dataclass(frozen=True, slots=True)
class Deployment:
    """A stack as it runs at one moment.

    Attributes:
        defined: the stack with the scales in its files.
        scales: the scales that count instead of those in the files, by service.
        running: the stack that runs.
    """

    defined: Stack
    scales: Mapping[str, int]
    running: Stack

    @classmethod
    def of(cls, defined: Stack, scales: Mapping[str, int]) -> Deployment:
        """Return the deployment at its start.

        Args:
            defined: the stack with the scales in its files.
            scales: the scales that count instead of those, by service.

        Raises:
            ComposeError: a scale is of no service.
        """
        return cls(defined, scales, defined.launched(scales))

    def scaled(self, scales: Mapping[str, int]) -> Deployment:
        """Return the deployment with other scales of some services.

        Raises:
            ComposeError: a scale is of no service.
        """
        running = self.running.scaled(scales)
        return replace(self, scales={**self.scales, **scales}, running=running)

    def edited(self, defined: Stack) -> Deployment:
        """Return the deployment after an edit of its files.

        A scale that the edit has changed counts from now on; another one stays as it was chosen.

        >>> from metadata_client import compose
        >>> before, after = (compose.load("examples/testing", name=name) for name in "ab")
        >>> running = Deployment.of(before, {"web": 3}).edited(after).running
        >>> len(running.containers("web"))
        3
        """
        was, now = _scales(self.defined), _scales(defined)
        scales = {name: n for name, n in self.scales.items() if was.get(name) == now.get(name)}
        running = self.running.redefined(defined.scaled(scales))
        return Deployment(defined, scales, running)


def containers(answers: Answers) -> dict[str, str]:
    """Return the names of the containers in answers by address, as the oldest version names them.

    >>> from metadata_client import Answers
    >>> tree = {"self": {"container": {"name": "web_1"}}}
    >>> containers(Answers({"latest": {"default": {}, "10.42.0.2": tree}}))
    {'10.42.0.2': 'web_1'}
    """
    names: dict[str, str] = {}
    for _, clients in sorted(answers.items()):
        for address, tree in clients.items():
            match tree.get("self"):
                case {"container": {"name": str(name)}}:
                    names.setdefault(address, name if name.isprintable() else ascii(name))
    return names


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each container that has gone, then for each that has come.

    Args:
        old: names by address.
        new: the same later.

    >>> list(differences({"10.42.0.2": "web_1"}, {"10.42.0.2": "web_1", "10.42.0.3": "web_2"}))
    ['+ web_2 10.42.0.3']
    """
    for sign, ones, others in (("-", old, new), ("+", new, old)):
        for address, name in ones.items():
            if others.get(address) != name:
                yield f"{sign} {name} {address}"


def _scales(stack: Stack) -> dict[str, int]:
    return {one.name: one.scale for one in stack.services if one.is_primary}
