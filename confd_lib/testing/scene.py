"""A scene: a template with the store that it reads, which can be rendered, traced and explained.

Renders are repeated here with a trace once a test fails. Knows neither stacks nor pytest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import gotmpl
from confd_lib.confdir import templates
from confd_lib.funcs import functions as available
from confd_lib.golang.strings import encode, from_bytes
from confd_lib.run import advice
from confd_lib.testing.files import shown
from confd_lib.tracing.observers import together
from confd_lib.tracing.tracer import Tracer

if TYPE_CHECKING:
    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.store.store import Store
    from confd_lib.tracing.traces import Trace


def _nowhere(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Scene:
    """A template with all that its output depends on.

    Attributes:
        path: the file of the template.
        store: the store that it reads.
        compat: the version of confd to follow.
        funcs: functions beside those of confd.
        without: the functions of confd that are left out.
        data: the value of `.`: the name, of a resource with `each`.
        parts: the files of the templates that it may call by their base names.
        resource: the resource that is rendered; None for a template alone.
        whole: all keys, without the prefix of the resource and not only the listed ones.
        origin: returns the file and the line on which the value of a key was written; None if
            that is not known.
        is_of_a_stranger: whether a client asks that is no container of the stack.
    """

    path: Path
    store: Store
    compat: str = ""
    funcs: Mapping[str, Callable[..., object]] | None = None
    without: Collection[str] = ()
    data: object = None
    parts: tuple[Path, ...] = ()
    resource: TemplateResource | None = None
    whole: Store | None = None
    origin: Callable[[str], tuple[str, int] | None] = _nowhere
    is_of_a_stranger: bool = False

    @property
    def delims(self) -> tuple[str, str]:
        """The delimiters of the actions of the template."""
        return self.resource.delims if self.resource else ("{{", "}}")

    def functions(self) -> Mapping[str, Callable[..., object]]:
        """Return the functions that the template may call, by name."""
        return available(self.store, self.compat, self.funcs, self.without)

    def render(self, observer: gotmpl.Observer | None = None) -> str:
        """Return the output, as a file holds it; a failure is explained in a note of the error.

        Raises:
            TemplateFileError: the file cannot be read.
            gotmpl.TemplateError: the template cannot be parsed or rendered; the message is Go's.
        """
        functions, parts = self.functions(), self._parts()
        name, text = self.path.name, templates.read_text(self.path)
        try:
            template = templates.parse(name, text, functions, self.delims, observer, parts)
            # A round trip through bytes: files cannot hold lone surrogates.
            return from_bytes(encode(template.render(self.data)))
        except gotmpl.TemplateError as error:
            whole = self.whole or self.store
            with suppress(Exception):  # a fault in the explanation must not hide the error
                rendered = advice.Rendered(name, text, shown(self.path), self.data, parts)
                found = advice.failure(error, rendered, functions, whole, self.resource)
                hint = advice.of_a_stranger(error, "as_") if self.is_of_a_stranger else ""
                error.add_note("\n".join(found.with_hints(hint).lines()))
            raise

    def trace(self, observer: gotmpl.Observer | None = None) -> Trace:
        """Render the template once more, and return which keys made which line.

        Raises:
            TemplateFileError: the file cannot be read.
            gotmpl.ParseError: the template cannot be parsed.
        """
        name, text = self.path.name, templates.read_text(self.path)
        tracer = Tracer(name, text)
        functions = tracer.functions(self.store, self.compat, self.funcs, self.without)
        both = together(observer, tracer)
        template = templates.parse(name, text, functions, self.delims, both, self._parts())
        return tracer.finish(template, self.data)

    def _parts(self) -> Mapping[str, str]:
        return {part.name: templates.read_text(part) for part in self.parts}
