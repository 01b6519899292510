"""The parts that a `Bench` works with, and the rendering of one template or resource by them.

Knows one template at a time: no trees of expected files. The plugin makes the parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib.confdir import templates
from confd_lib.confdir.sources import Sources
from confd_lib.destination.update import Options, update
from confd_lib.destination.wanted import below
from confd_lib.golang.strings import encode
from confd_lib.testing.files import Finder
from confd_lib.testing.goldens.comparison import Goldens
from confd_lib.testing.rendered import Rendered
from confd_lib.tracing.observers import together

if TYPE_CHECKING:
    import gotmpl
    from confd_lib.backends.simulated import Values
    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.testing.coverage.recording import Recorder
    from confd_lib.testing.scene import Scene
    from confd_lib.testing.viewers import Viewer


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts that a `Bench` works with.

    Attributes:
        goldens: the expected files, and what finds files.
        temporary: makes an empty folder; None if there can be no such folder.
        recorder: records coverage; None if it is not measured.
        test: returns the name of the test that runs; empty outside tests.
    """

    goldens: Goldens = field(default_factory=Goldens)
    temporary: Callable[[], Path] | None = None
    recorder: Recorder | None = None
    test: Callable[[], str] = str

    @property
    def find(self) -> Finder:
        """Finds the files that tests name."""
        return self.goldens.find

    def observer(self, scene: Scene) -> gotmpl.Observer | None:
        """Return what records the coverage of a template; None if it is not measured."""
        if self.recorder is None:
            return None
        files, functions = (scene.path, *scene.parts), scene.functions()
        return together(*(self.recorder.record(file, scene.delims, functions) for file in files))

    def rendered(self, scene: Scene) -> Rendered:
        """Render a template."""
        text = scene.render(self.observer(scene))
        return Rendered(text, scene.path.name, None, scene, self.goldens)

    def processed(
        self, wanted: TemplateResource, values: Values, viewer: Viewer, name: str | None = None
    ) -> Rendered:
        """Render the template of a resource with the keys that it lists.

        Args:
            wanted: the resource.
            values: the values.
            viewer: who asks for them.
            name: the name for which it is rendered; None for a resource without `each`.
        """
        folder = templates.folder_of(Path(wanted.path))
        files = [templates.path_of(folder, src) for src in Sources.of(wanted).files]
        return self.rendered(viewer.scene_of(wanted, files, values, name))

    def root(self) -> Path:
        """Return an empty folder for files.

        Raises:
            ValueError: there is no such folder.
        """
        if self.temporary is None:
            raise ValueError("this Bench has no folder for files: pass `temporary`")
        return self.temporary()

    def written(
        self, out: Rendered, wanted: TemplateResource, root: Path, *, check: bool
    ) -> Rendered:
        """Write a rendered text to the destination of its resource, below a folder.

        Raises:
            ConfdError: the file cannot be written, or check_cmd refuses it.
        """
        dest = below(root, wanted.dest)
        update(wanted, dest, encode(out.text), Options(sync_only=not check))
        return replace(out, path=dest)
