"""The preview of a confd folder: views, overviews and tests, while its files change.

Knows nothing of HTTP. Several threads may ask.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib.preview.model import masks, pins, projects, records, shown
from confd_lib.preview.model.history import MOST_FILES, MOST_TABS, Good, Recent, Tally
from confd_lib.preview.model.moments import FAULTS, Moment, Setting, said
from confd_lib.preview.model.paths import shown_path
from confd_lib.preview.model.scene import Scene
from confd_lib.preview.model.states import DISK, LAST, State, StateError

if TYPE_CHECKING:
    from confd_lib.preview.model.overviews import Outcome

# The time for one step of an overview: the page shows what is there, and asks for more.
_SECONDS: Final = 0.7

Parameters = Iterable[tuple[str, str]]
"""Names and values, as they stand in an address."""


class Preview:
    """The preview of one confd folder, for several pages at once.

    Args:
        setting: the folder, the values and the rules.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._lock = threading.Lock()
        self._moment = Moment(setting, 1)
        self._goods: Recent[tuple[str, str, str], Good] = Recent(MOST_FILES)
        self._tallies: Recent[str, Tally] = Recent(MOST_TABS)

    @property
    def generation(self) -> int:
        """The number of the state of the files."""
        return self._moment.generation

    def renew(self) -> int:
        """Forget what is known of the files, since they have changed; return the new generation."""
        with self._lock:
            self._moment = Moment(self._setting, self.generation + 1)
            return self.generation

    def files(self) -> Iterator[Path]:
        """Yield the files that views depend on."""
        yield from projects.files(self._setting.confdir)
        yield from self._setting.source.files()
        try:
            resources = self._moment.project.resources
        except FAULTS:  # a view reports it
            return
        yield from (Path(one.dest) for one in resources if one.dest and not one.each)

    # -- One view

    def view(self, parameters: Parameters, tab: str = "") -> records.View:
        """Return what the page shows of a state.

        Args:
            parameters: the state, as it stands in the address.
            tab: the page, of which the last rendering counts.
        """
        moment = self._moment
        scene = _scene(moment, parameters)
        return _view(moment, scene, self._good(moment, scene, tab))

    def test(self, parameters: Parameters) -> str:
        """Return the lines of a test that pins what a state shows."""
        scene = _scene(self._moment, parameters)
        return pins.test(scene, self._setting.source.pinned(scene), self._setting.rules)

    def faults(self) -> Iterator[str]:
        """Yield what is wrong by default, step by step; an empty text for what is not.

        The steps are the resources, of which one with `each` counts once, and then the masks.
        """
        moment, patterns = self._moment, set(self._setting.patterns)
        for name in _names(moment):
            scene = moment.scene(State(resource=name))
            yield _fault(scene)
            if scene.masked is None:  # it may hold what a mask is for
                patterns.clear()
            else:
                patterns -= {one for one in patterns if scene.masked.store.matching(one)}
        yield from (f"--mask {one}: no resource sees such a key" for one in sorted(patterns))

    def _good(self, moment: Moment, scene: Scene, tab: str) -> Good | None:
        """Return the last output of the file that succeeded, which may be that of the scene."""
        key = tab, scene.state.resource, scene.state.container
        made = scene.rendering
        with self._lock:
            old = self._goods.get(key)
            if made is None or made.trace is None or made.failure:
                return old
            of = moment.generation, replace(scene.state, against=LAST)
            new = Good(of, made.text, shown.output(made.trace))
            good = old.then(new) if old else new
            self._goods.put(key, good)
            return good

    # -- All of them

    def overview(self, parameters: Parameters, tab: str = "") -> records.Overview:
        """Return how all files render as all containers.

        Args:
            parameters: the state; its resource and its container do not count.
            tab: the page, of which the last overview counts.
        """
        moment = self._moment
        try:
            state = replace(State.parse(parameters), resource="", container="", against=LAST)
            progress = moment.progress(state)
            found = progress.advance(_SECONDS)
        except FAULTS as error:
            return records.Overview(error=said(error))
        digests = {(one.resource, one.container): one.digest for one in found if not one.error}
        with self._lock:
            tally = Tally.after(self._tallies.get(tab), (moment.generation, state), digests)
            self._tallies.put(tab, tally)
        rows = tuple(_row(one, tally) for one in found)
        return records.Overview(rows, progress.is_complete)


def _names(moment: Moment) -> list[str]:
    """Return the names of the resources; an empty one where they cannot be read."""
    try:
        return [*moment.project.found]
    except FAULTS:
        return [""]


def _fault(scene: Scene) -> str:
    failure = scene.rendering.failure if scene.rendering else None
    return scene.error or (failure.message if failure else "")


def _row(found: Outcome, tally: Tally) -> records.Row:
    if found.error:
        return records.Row(found.resource, found.container, "failed", found.error)
    has_changed = tally.has_changed((found.resource, found.container))
    return records.Row(found.resource, found.container, "changed" if has_changed else "same")


def _scene(moment: Moment, parameters: Parameters) -> Scene:
    """Return what a state shows; of an address that is refused, the choices that there are."""
    try:
        return moment.scene(State.parse(parameters))
    except StateError as error:
        scene = moment.scene(State())
        return replace(scene, sheet=None, rendering=None, error=said(error))


# -- The parts of a view


def _view(moment: Moment, scene: Scene, good: Good | None) -> records.View:
    state, made = scene.state, scene.rendering
    secrets = scene.masked.secrets if scene.masked else frozenset[str]()
    hidden: Mapping[str, str] = scene.masked.shown if scene.masked else {}
    trace = made.trace if made else None
    return records.View(
        generation=moment.generation,
        title=" in ".join(filter(None, (state.resource, state.container))),
        state=_parameters(state, hidden, secrets),
        controls=_controls(scene.controls, secrets),
        resource=_resource(moment, scene),
        template=_template(moment, scene),
        output=_output(scene, good),
        reads=shown.reads(trace, hidden) if trace else (),
        difference=_difference(scene, good, secrets),
        failure=made.failure if made else None,
        error=scene.error or None,
    )


def _parameters(state: State, hidden: Mapping[str, str], secrets: frozenset[str]) -> dict[str, str]:
    """Return the parameters of a state without the values that are hidden."""
    changed = ((key, hidden.get(key, value)) for key, value in state.changed)
    answers = ((name, masks.MASK if one in secrets else one) for name, one in state.answers)
    return replace(state, changed=tuple(changed), answers=tuple(answers)).parameters()


def _controls(controls: records.Controls, secrets: frozenset[str]) -> records.Controls:
    """Return the choices without what is hidden: where values are, all passwords are."""

    def unseen(asked: records.Question, value: str) -> str:
        is_password = asked.type == "password" and bool(value and secrets)
        return masks.MASK if is_password or value in secrets else value

    questions = (
        replace(one, answer=unseen(one, one.answer), default=unseen(one, one.default))
        for one in controls.questions
    )
    return replace(controls, questions=tuple(questions))


def _resource(moment: Moment, scene: Scene) -> records.ResourceFile:
    if scene.entry is None or scene.entry.resource is None:
        return records.ResourceFile()
    path = scene.entry.resource.path
    found = shown.by_line(moment.findings(path))
    lines = (records.ResourceLine(number, findings) for number, findings in found.items())
    return records.ResourceFile(shown_path(path), tuple(lines))


def _template(moment: Moment, scene: Scene) -> records.Template:
    if scene.sheet is None:
        return records.Template()
    path = scene.sheet.path
    trace = scene.rendering.trace if scene.rendering else None
    return shown.template(shown_path(path), scene.sheet.text, trace, moment.findings(str(path)))


def _output(scene: Scene, good: Good | None) -> records.Output:
    """Return the output; of a failure the last good one, or else what came before the failure."""
    made = scene.rendering
    if made is None:
        return records.Output()
    if made.failure is None:
        return records.Output(good.lines if good else ())
    if good:
        return records.Output(good.lines, is_last_good=True)
    return records.Output(shown.output(made.trace) if made.trace else ())


def _difference(scene: Scene, good: Good | None, secrets: frozenset[str]) -> records.Difference:
    made, entry = scene.rendering, scene.entry
    if made is None or made.failure or entry is None or entry.resource is None:
        return records.Difference(scene.state.against)
    if scene.state.against == DISK:
        return shown.difference_to_disk(made.text, entry.resource.dest, secrets)
    return shown.difference_to_last(made.text, good.before if good else None)
