"""The metrics of a run: counted from its events, and shown in Prometheus' text format.

Knows nothing of HTTP. No value of a key is among them.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

from confd_lib.command.sidecar import exposition
from confd_lib.command.sidecar.exposition import Family, Sample, single
from confd_lib.destination.update import Status
from confd_lib.run.events import IN_STEP, ConnectionChanged, Passed, Reloaded
from confd_lib.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from confd_lib.command.sidecar.child import Child
    from confd_lib.run.events import Report
    from confd_lib.run.source import Connection

_BOUNDS: Final = (0.01, 0.1, 1.0, 10.0, 60.0)


class Metrics:
    """Counts what a run reports; safe in any thread.

    Args:
        connection: returns the state of the store.
        child: the process beside the loop, if there is one.
        monotonic: gives seconds that never go back.
    """

    def __init__(
        self,
        connection: Callable[[], Connection],
        child: Child | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._child = child
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._passes = {"good": 0, "bad": 0}
        self._buckets = Counter[float]()
        self._seconds = 0.0
        self._failures = Counter[str]()
        self._reloads = Counter[str]()
        self._failed_reloads = Counter[str]()
        self._reconnects = 0
        self._was_away = False
        self._last: Passed | None = None

    def observe(self, report: Report) -> None:
        """Count what a run reports."""
        with self._lock:
            if isinstance(report, Passed):
                self._count(report)
            elif isinstance(report, Reloaded):
                counter = self._failed_reloads if report.failed else self._reloads
                counter.update({path for path, _ in report.keys})
            elif isinstance(report, ConnectionChanged):
                now = report.connection
                self._reconnects += now.reachable and self._was_away
                self._was_away = not now.reachable

    def _count(self, passed: Passed) -> None:
        self._last = passed
        self._passes["good" if passed.good else "bad"] += 1
        self._seconds += passed.seconds
        self._buckets.update(bound for bound in _BOUNDS if passed.seconds <= bound)
        here = {result.path for result in passed.results}
        self._failures.update({result.path for result in passed.results if result.error})
        for counter in (self._failures, self._reloads, self._failed_reloads):
            for path in counter.keys() - here:  # a resource that is gone
                del counter[path]

    def text(self) -> str:
        """Return all metrics in Prometheus' text format."""
        with self._lock:
            return exposition.text(self._families())

    def _families(self) -> Iterator[Family]:
        yield Family(
            "confd_build_info",
            "gauge",
            "The version of confd.",
            (Sample(1, {"version": __version__}),),
        )
        yield from self._of_passes()
        yield from self._of_resources()
        yield from self._of_store()
        if self._child is not None:
            yield from _of_child(self._child)

    def _of_passes(self) -> Iterator[Family]:
        count = sum(self._passes.values())
        yield Family(
            "confd_passes_total",
            "counter",
            "Passes that have ended; good ones left every file in step.",
            tuple(Sample(number, {"outcome": name}) for name, number in self._passes.items()),
        )
        buckets = {**{str(bound): self._buckets[bound] for bound in _BOUNDS}, "+Inf": count}
        yield Family(
            "confd_pass_duration_seconds",
            "histogram",
            "How long passes took.",
            (
                *(Sample(number, {"le": le}, "_bucket") for le, number in buckets.items()),
                Sample(self._seconds, {}, "_sum"),
                Sample(count, {}, "_count"),
            ),
        )

    def _of_resources(self) -> Iterator[Family]:
        results = self._last.results if self._last is not None else ()
        states = Counter(result.status for result in results)
        yield Family(
            "confd_resources",
            "gauge",
            "Resources by their state after the last pass; of those with each, their files.",
            tuple(Sample(states[status], {"state": status.value}) for status in Status),
        )
        in_step = {result.path: 1 for result in results}
        in_step |= {result.path: 0 for result in results if result.status not in IN_STEP}
        rows = (
            ("in_step", "gauge", "Whether each file of a resource is in step.", in_step),
            ("failures_total", "counter", "Passes in which a resource failed.", self._failures),
            ("reloads_total", "counter", "Reloads that were run for a resource.", self._reloads),
            ("reload_failures_total", "counter", "Reloads that failed.", self._failed_reloads),
        )
        for name, kind, text, values in rows:
            yield Family(f"confd_resource_{name}", kind, text, _by_resource(in_step, values))

    def _of_store(self) -> Iterator[Family]:
        now = self._connection()
        reachable = int(now.reachable)
        yield single("confd_store_reachable", "gauge", "Whether the store answers.", reachable)
        if now.last_answer:
            age = self._monotonic() - now.answered
            text = "The seconds since the store last answered."
            yield single("confd_store_last_answer_age_seconds", "gauge", text, age)
        text = "How often the store, or its watch, was back after an outage."
        yield single("confd_watch_reconnects_total", "counter", text, self._reconnects)
        if self._last is not None:
            labels = {"version": self._last.version}
            text = "The version of the store that was rendered last."
            yield Family("confd_rendered_version_info", "gauge", text, (Sample(1, labels),))


def _by_resource(paths: Iterable[str], values: Mapping[str, int]) -> tuple[Sample, ...]:
    return tuple(Sample(values.get(path, 0), {"resource": path}) for path in paths)


def _of_child(child: Child) -> Iterator[Family]:
    running = int(child.running)
    yield single("confd_child_running", "gauge", "Whether the child runs.", running)
    yield single("confd_child_starts_total", "counter", "Starts of the child.", child.starts)
    text = "Reload signals to the child."
    yield single("confd_child_reloads_total", "counter", text, child.reloads)
