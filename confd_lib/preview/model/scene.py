"""A scene: what is shown of one state of the address, as far as it can be rendered.

Knows nothing of how it is made, nor of how it looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from confd_lib.preview.model.records import Controls

if TYPE_CHECKING:
    from confd_lib.preview.model.masks import Masked
    from confd_lib.preview.model.projects import Entry
    from confd_lib.preview.model.renderings import Rendering, Sheet
    from confd_lib.preview.model.states import State


@dataclass(slots=True)
class Scene:
    """All that is shown of one state; a part that could not be made is None.

    Attributes:
        state: the state, with the names of what is shown.
        controls: the choices.
        entry: the file.
        sheet: its template.
        masked: the keys that the template sees.
        rendering: the rendering.
        error: why there is no rendering; empty if there is one.
    """

    state: State
    controls: Controls = field(default_factory=Controls)
    entry: Entry | None = None
    sheet: Sheet | None = None
    masked: Masked | None = None
    rendering: Rendering | None = None
    error: str = ""
