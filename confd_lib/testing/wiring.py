"""The parts that a `Bench` works with, and the rendering of one template or resource by them.

Knows one template at a time: no trees of expected files. The plugin makes the parts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib.confdir import templates
from confd_lib.destination.update import Options, update
from confd_lib.destination.wanted import below
from confd_lib.golang.strings import encode
from confd_lib.testing.files import Finder
from confd_lib.testing.goldens.comparison import Goldens
from confd_lib.testing.rendered import Rendered

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
        return self.recorder.record(scene.path, scene.delims, scene.functions())

    def rendered(self, scene: Scene) -> Rendered:
        """Render a template."""
        text = scene.render(self.observer(scene))
        return Rendered(text, scene.path.name, None, scene, self.goldens)

    def processed(self, wanted: TemplateResource, values: Values, viewer: Viewer) -> Rendered:
        """Render the template of a resource with the keys that it lists."""
        source = templates.path_of(_templates(Path(wanted.path)), wanted.src)
        return self.rendered(viewer.scene_of(wanted, source, values))

    def written(self, out: Rendered, wanted: TemplateResource, *, check: bool) -> Rendered:
        """Write a rendered text to the destination of its resource, below an empty folder.

        Raises:
            ConfdError: the file cannot be written, or check_cmd refuses it.
            ValueError: there is no folder for files.
        """
        if self.temporary is None:
            raise ValueError("this Bench has no folder for files: pass `temporary`")
        dest = below(self.temporary(), wanted.dest)
        update(wanted, dest, encode(out.text), Options(sync_only=not check))
        return replace(out, path=dest)


def _templates(resource: Path) -> Path:
    """Return the folder `templates` beside conf.d; the resource may be in a folder below conf.d."""
    # A symbolic link counts where it stands, as in confd.
    folders = resource.absolute().parents
    return next((one for one in folders if one.name == "conf.d"), folders[0]).parent / "templates"
