"""The child by itself, with a clock of the test: when it is started, reloaded and given up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from confd_lib.command.confd.agenda import Agenda
from confd_lib.command.settings.exec import Exec
from confd_lib.command.sidecar.child import NOT_READY, PASSED_ON, Child
from confd_lib.destination import children
from confd_lib.destination.update import Result, Status
from confd_lib.run.events import Passed, Reloading

CHANGED = Passed([Result("a", Status.UPDATED, changed=True)], "", began=10.0)
SAME = Passed([Result("a", Status.IN_SYNC)], "", began=10.0)
FAILED = Passed([Result("a", Status.FAILED, error=ValueError())], "")


class Turns:
    """The thread of a child, which has a turn when the test says so."""

    def __init__(self, **settings: object) -> None:
        self.now = 0.0
        self.over = False
        self.agenda = Agenda(lambda: self.now)
        self.child = Child(
            Exec("sleep 1000", **settings),
            self.agenda,
            wake=lambda: None,
            on_over=lambda: setattr(self, "over", True),
        )
        # The most that may be drawn.
        self.child._draw = SimpleNamespace(uniform=lambda _, most: most)

    def turn(self, seconds: float = 0.0) -> float | None:
        """Let some time pass; return the seconds until the next thing to do."""
        self.now += seconds
        self.agenda.run_due()
        self.child.turn()
        return self.agenda.pause()

    def reported(self, *reports: Passed | Reloading) -> float | None:
        for report in reports:
            self.child.observe(report)
        return self.turn()


@pytest.fixture
def turns(request: pytest.FixtureRequest) -> Iterator[Turns]:
    made = Turns(**getattr(request, "param", {}))
    yield made
    process = made.child._process
    if process is not None:
        process.kill()
        while not process.has_ended():
            pass
        process.bury()
    assert not children._KEPT


def with_settings(**settings: object) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("turns", [settings], indirect=True)


def test_actions_are_taken_in_the_order_of_their_moments() -> None:
    now, done = [0.0], []
    agenda = Agenda(lambda: now[0])
    later, sooner = (lambda: done.append("later")), (lambda: done.append("sooner"))
    agenda.set(later, 2)
    agenda.set(sooner, 3)
    agenda.set(sooner, 1)  # is planned once
    assert agenda.pause() == 1
    now[0] = 5.0
    agenda.run_due()
    assert (done, agenda.pause(), later in agenda) == (["sooner", "later"], None, False)


@with_settings(start_timeout=30.0)
def test_it_is_given_up_at_its_deadline(turns: Turns) -> None:
    assert turns.turn() == 30.0
    assert turns.reported(FAILED) == 30.0
    turns.turn(29.0)
    assert not turns.over
    turns.turn(1.0)
    assert (turns.over, turns.child.status, turns.child.starts) == (True, NOT_READY, 0)


def test_a_good_pass_starts_it_once(turns: Turns) -> None:
    assert turns.reported(FAILED, SAME, SAME) is None  # the deadline is off too
    assert (turns.child.running, turns.child.starts) == (True, 1)


@with_settings(splay=5.0, reload_signal=signal.SIGCONT)
def test_changes_within_the_splay_are_one_reload(turns: Turns) -> None:
    turns.reported(SAME)
    assert turns.reported(CHANGED, CHANGED) == 5.0
    turns.turn(4.0)
    assert turns.reported(CHANGED) == 1.0
    assert turns.child.reloads == 0
    turns.child._process.expects = lambda _: True  # type: ignore[union-attr,method-assign]
    turns.turn(1.0)
    assert (turns.child.reloads, turns.agenda.pause()) == (1, None)
    assert turns.reported(CHANGED) == 5.0


@with_settings(reload_signal=signal.SIGCONT)
@pytest.mark.parametrize(
    ("reports", "reloads"),
    [
        ([SAME], 0),
        ([FAILED], 0),
        ([CHANGED], 1),
        ([Reloading(10.0), SAME], 1),
        ([Reloading(10.1), SAME], 0),  # that pass had begun before
        ([Reloading(10.0), SAME, SAME], 1),
    ],
)
def test_a_change_or_a_wish_is_a_reload(turns: Turns, reports: list[Passed], reloads: int) -> None:
    turns.reported(SAME)
    turns.child._process.expects = lambda _: True  # type: ignore[union-attr,method-assign]
    turns.reported(*reports)
    turns.turn()
    assert turns.child.reloads == reloads


def test_without_a_reload_signal_a_wish_alone_restarts_nothing(turns: Turns) -> None:
    turns.reported(SAME)
    assert turns.reported(Reloading(1.0), SAME) is None


def test_it_is_asked_to_end_and_then_killed(turns: Turns) -> None:
    turns.reported(SAME)
    process = turns.child._process
    assert process is not None
    process.send(signal.SIGSTOP)
    process.end = lambda _: None  # type: ignore[method-assign] # it does not act on it
    turns.child.end(signal.SIGTERM)
    assert turns.turn() == 8.0
    assert turns.turn(7.9) is not None
    turns.turn(0.1)
    while not turns.over:
        turns.turn()
    assert turns.child.status == 137


def test_the_signals_that_are_passed_on_are_those_that_others_send() -> None:
    assert {signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT, signal.SIGWINCH} <= PASSED_ON
    own = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD, signal.SIGKILL}
    assert not PASSED_ON & {*own, signal.SIGPIPE, signal.SIGSEGV, signal.SIGXFSZ}
