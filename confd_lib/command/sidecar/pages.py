"""The pages of a run: /health, /ready and /metrics.

Knows nothing of sockets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from confd_lib.command.sidecar import exposition
from confd_lib.command.sidecar.health import Health
from confd_lib.command.sidecar.listening import Page
from confd_lib.command.sidecar.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from confd_lib.command.settings.config import Config
    from confd_lib.command.sidecar.child import Child
    from confd_lib.run.processor import Confd
    from confd_lib.run.source import Connection

# A step of the loop may take so many seconds beside the time that a render or the store may take.
_STEP_S: Final = 60
_SLACK_S: Final = 30


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits by which a run is judged.

    Attributes:
        answer: the seconds within which the store has to have answered; None where nobody asks it
            again.
        step: the seconds that a step of the loop may take.
    """

    answer: float | None
    step: float

    @classmethod
    def of(cls, config: Config) -> Self:
        """Return the limits for the settings of a run."""
        answer = config.ready_within or 2 * max(1, config.interval) + _SLACK_S
        longest = max(0, config.render_timeout, config.ready_timeout)
        return cls(None if config.onetime else answer, _STEP_S + longest)


def of_run(
    confd: Confd, child: Child | None, limits: Limits, away: Callable[[], str]
) -> Mapping[str, Callable[[], Page]]:
    """Return the pages of a run by their paths, which follow it from now on.

    Args:
        confd: the run.
        child: the process beside it, if there is one.
        limits: the limits by which it is judged.
        away: names the stores that do not answer.
    """

    def connection() -> Connection:
        return confd.connection

    health = Health(connection, away, child, within=limits.answer, stuck_after=limits.step)
    metrics = Metrics(connection, child)
    confd.events.add(metrics.observe)
    confd.events.add(health.observe)  # last: whoever finds it ready finds its numbers
    return {
        "/health": lambda: _verdict(health.stuck(), "alive"),
        "/ready": lambda: _verdict(health.faults(), "ready"),
        "/metrics": lambda: Page(metrics.text(), content_type=exposition.CONTENT_TYPE),
    }


def _verdict(faults: Sequence[str], good: str) -> Page:
    return Page("".join(f"{line}\n" for line in faults or [good]), good=not faults)
