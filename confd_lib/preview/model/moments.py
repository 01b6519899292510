"""A moment between two changes of the files, in which each scene is made once.

Knows nothing of what was rendered before, nor of how a view looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib.errors import ConfdError, system_reason
from confd_lib.lint import Finding, lint
from confd_lib.preview.model import masks, projects, records
from confd_lib.preview.model.history import Recent
from confd_lib.preview.model.masks import Masked
from confd_lib.preview.model.overviews import Progress, outcomes
from confd_lib.preview.model.projects import Entry, Project
from confd_lib.preview.model.renderings import Rules, Sheet, render
from confd_lib.preview.model.scene import Scene
from confd_lib.preview.model.states import LAST, State
from metadata_client import MetadataError

if TYPE_CHECKING:
    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.preview.model.worlds import Source, World

FAULTS: Final = (ConfdError, MetadataError, gotmpl.TemplateError, OSError)
"""The errors in what a preview is given; each is said in one line."""

_MOST_WORLDS: Final = 8
_MOST_SCENES: Final = 64
# What `confd-lib lint` takes by default.
_LINTED: Final = "0.16"


@dataclass(frozen=True, slots=True)
class Setting:
    """The settings of a preview, which hold for all its views.

    Attributes:
        confdir: the folder that holds `conf.d`.
        source: where the values come from.
        rules: the rules by which templates are rendered.
        patterns: of the keys whose values are hidden, as those of `getvs`.
    """

    confdir: Path
    source: Source
    rules: Rules = field(default_factory=Rules)
    patterns: tuple[str, ...] = ()


class Moment:
    """The files as they are between two changes, and what is known of them.

    Args:
        setting: what the preview is given.
        generation: the number of the moment.
    """

    def __init__(self, setting: Setting, generation: int) -> None:
        self._setting = setting
        self.generation = generation
        self._worlds: Recent[object, World] = Recent(_MOST_WORLDS)
        self._scenes: Recent[State, Scene] = Recent(_MOST_SCENES)
        self._progress: Recent[State, Progress] = Recent(_MOST_WORLDS)
        self._findings: Recent[str, Sequence[Finding]] = Recent(_MOST_SCENES)

    @cached_property
    def project(self) -> Project:
        """The confd folder.

        Raises:
            ConfdError: it has no `conf.d`, or no resource.
        """
        return projects.read(self._setting.confdir)

    def world(self, state: State) -> World:
        """Return the values of a state.

        Raises:
            ConfdError: as for `Source.world`.
            MetadataError: as for `Source.world`.
        """
        resources = self.project.resources
        return self._worlds.get_or_make(
            (state.scales, state.answers), lambda: self._setting.source.world(resources, state)
        )

    def scene(self, state: State) -> Scene:
        """Return what a state shows; what differs in `against` alone is rendered once."""
        asked = replace(state, against=LAST)
        made = self._scenes.get_or_make(asked, lambda: _made(self, self._setting, asked))
        return replace(made, state=replace(made.state, against=state.against))

    def progress(self, state: State) -> Progress:
        """Return what becomes of each file as each container, as far as that is known.

        Raises:
            ConfdError: as for `world`.
            MetadataError: as for `world`.
        """
        setting, world = self._setting, self.world(state)
        given = state, setting.rules, setting.patterns
        return self._progress.get_or_make(
            state, lambda: Progress(outcomes(self.project, world, *given))
        )

    def findings(self, path: str) -> Sequence[Finding]:
        """Return the findings of lint in a file that depend on no stack."""
        return self._findings.get_or_make(path, lambda: self._lint(path))

    def _lint(self, path: str) -> Sequence[Finding]:
        rules = self._setting.rules
        try:
            target = rules.compat or _LINTED
            return tuple(lint(path, target=target, functions=rules.functions))
        except FAULTS:  # a scene reports it
            return ()


def said(error: BaseException) -> str:
    """Return an error in one line.

    >>> said(FileNotFoundError(2, "No such file or directory", "a.tmpl"))
    'a.tmpl: no such file or directory'
    """
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {system_reason(error)}"
    return " ".join(str(error).split("\n"))


def _made(moment: Moment, setting: Setting, state: State) -> Scene:
    scene = Scene(state)
    try:
        _fill(scene, moment, setting)
    except FAULTS as error:
        scene.error = said(error)
    return scene


def _fill(scene: Scene, moment: Moment, setting: Setting) -> None:
    """Fill a scene step by step: what was made before a step fails is shown."""
    project = moment.project
    seen = _Seen(setting, moment, scene.state)
    scene.controls = seen.controls()
    scene.state = seen.state
    entries = tuple(project.entries(lambda one: seen.masked(one)[0].store))
    scene.controls = replace(scene.controls, resources=tuple(map(_resource, entries)))
    scene.entry = entry = projects.chosen(entries, scene.state.resource)
    scene.state = replace(scene.state, resource=entry.name)
    if entry.resource is None:
        raise ConfdError(entry.error)
    scene.sheet = Sheet.read(entry)
    scene.masked, whole = seen.masked(entry.resource)
    scene.rendering = render(scene.sheet, (scene.masked.store, whole.store), setting.rules)


def _resource(entry: Entry) -> records.Resource:
    return records.Resource(entry.name, entry.resource.dest if entry.resource else "")


class _Seen:
    """The values of a state as its container sees them; each use raises why it cannot see them."""

    def __init__(self, setting: Setting, moment: Moment, state: State) -> None:
        self._setting, self._moment, self.state = setting, moment, state
        self._world: World | None = None
        try:
            self._world = moment.world(state)
        except FAULTS as error:
            self._fault = error

    def controls(self) -> records.Controls:
        """Return the choices; of a state that is refused, those of the state without it."""
        world = self._world or self._instead()
        if world is None:
            return records.Controls()
        containers = world.controls.containers
        if containers and not self.state.container:
            self.state = replace(self.state, container=containers[0].name)
        return world.controls

    def masked(self, resource: TemplateResource) -> tuple[Masked, Masked]:
        """Return the keys that a resource sees, and all that are known.

        Raises:
            ConfdError: there are no values, or no such container or version.
        """
        if self._world is None:
            raise ConfdError(said(self._fault))
        store, whole = self._world.stores(resource, self.state)
        patterns = self._setting.patterns
        return masks.masked(store, patterns), masks.masked(whole, patterns)

    def _instead(self) -> World | None:
        for state in (State(answers=self.state.answers), State()):
            try:
                return self._moment.world(state)
            except FAULTS:
                continue
        return None
