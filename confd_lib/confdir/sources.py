"""The files of a template, as a resource names them.

Knows nothing of their contents, nor of the folder in which they lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confd_lib.confdir.resource import TemplateResource


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of a template, relative to the folder of templates.

    Attributes:
        src: the template.
        delims: the beginning and the end of an action, in all of the files.
        parts: templates that it may call by their base names (Go: ParseFiles).
    """

    src: str
    delims: tuple[str, str] = ("{{", "}}")
    parts: tuple[str, ...] = ()

    @classmethod
    def of(cls, resource: TemplateResource) -> Sources:
        """Return the files of the template of a resource."""
        return cls(resource.src, resource.delims, resource.templates)

    @property
    def files(self) -> tuple[str, ...]:
        """All of the files, in the order in which they are parsed."""
        return (*self.parts, self.src)
