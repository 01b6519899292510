"""One rendering of a template for the preview: traced, limited and explained if it fails.

Knows nothing of states and of what is shown of it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib import funcs
from confd_lib.confdir import templates
from confd_lib.funcs import sprig
from confd_lib.golang.strings import encode, from_bytes
from confd_lib.preview.model import records
from confd_lib.preview.model.paths import shown_path
from confd_lib.run import advice
from confd_lib.tracing.tracer import Tracer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from confd_lib.preview.model.projects import Entry
    from confd_lib.store.store import Store
    from confd_lib.tracing.traces import Trace

# More than a template of a configuration takes, and less than a person waits for.
_SECONDS: Final = 2.0
_MOST_OUTPUT: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules by which templates are rendered.

    Attributes:
        compat: the version of confd to follow, as `confd_lib.render` takes it.
        functions: the functions beside those of confd: `sprig`, `sprig:bare`, or none.
    """

    compat: str = ""
    functions: str = ""

    def own(self) -> Mapping[str, Callable[..., object]]:
        """Return the functions beside those of confd, by name."""
        return sprig.chosen(self.functions)

    def available(self, store: Store) -> Mapping[str, Callable[..., object]]:
        """Return the functions that a template may call, by name."""
        return funcs.functions(store, self.compat, self.own())

    def reading(self, store: Store) -> Mapping[str, Callable[..., object]]:
        """Return those of these functions that read the store."""
        return funcs.FAMILIES[self.compat][1](store)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A template as it was read.

    Attributes:
        entry: the file that is made of it.
        text: its text.
        parts: the texts of the templates that it may call, by their names.
    """

    entry: Entry
    text: str
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Its file."""
        return self.entry.files[-1]

    @property
    def delims(self) -> tuple[str, str]:
        """The beginning and the end of an action."""
        return self.entry.resource.delims if self.entry.resource else ("{{", "}}")

    @classmethod
    def read(cls, entry: Entry) -> Sheet:
        """Read the template of an entry.

        Raises:
            TemplateFileError: a file of it cannot be read.
        """
        *parts, path = entry.files
        texts = {part.name: templates.read_text(part) for part in parts}
        return cls(entry, templates.read_text(path), texts)


@dataclass(frozen=True, slots=True)
class Rendering:
    """A rendering.

    Attributes:
        trace: the output and the reads, up to the failure; None if the template cannot be parsed.
        failure: why it fails; None if it does not.
    """

    trace: Trace | None
    failure: records.Failure | None = None

    @property
    def text(self) -> str:
        """The output, as a file holds it."""
        # A round trip through bytes: files cannot hold lone surrogates.
        return from_bytes(encode(self.trace.text)) if self.trace else ""


def render(sheet: Sheet, stores: tuple[Store, Store], rules: Rules) -> Rendering:
    """Render a template, and trace it.

    Args:
        sheet: the template.
        stores: the keys that it sees, and all that are known.
        rules: the rules.
    """
    tracer = Tracer(sheet.path.name, sheet.text)
    called = tracer.functions(stores[0], rules.compat, rules.own())
    try:
        trace = tracer.finish(parse(sheet, called, tracer), sheet.entry.data)
    except gotmpl.TemplateError as error:
        return Rendering(None, _failure(error, sheet, stores, rules))
    failure = _failure(trace.error, sheet, stores, rules) if trace.error else None
    return Rendering(trace, failure)


def parse(
    sheet: Sheet,
    functions: Mapping[str, Callable[..., object]],
    observer: gotmpl.Observer | None = None,
) -> gotmpl.Template:
    """Return a template whose executions are limited.

    Args:
        sheet: the template.
        functions: the functions that it may call, by name.
        observer: an observer of its executions.

    Raises:
        gotmpl.ParseError: the text is not a template.
    """
    made = templates.parse(
        sheet.path.name, sheet.text, functions, sheet.delims, observer, sheet.parts
    )
    return made.limits(seconds=_SECONDS, output=_MOST_OUTPUT)


def _failure(
    error: gotmpl.TemplateError, sheet: Sheet, stores: tuple[Store, Store], rules: Rules
) -> records.Failure:
    path = shown_path(sheet.path)
    with suppress(Exception):  # a fault in the explanation must not hide the error
        of = advice.Rendered(sheet.path.name, sheet.text, path, sheet.entry.data, sheet.parts)
        store, whole = stores
        called = rules.available(store)
        found = advice.failure(error, of, called, whole, sheet.entry.resource, _SECONDS)
        line, begin, _ = found.place or (error.line, -1, 0)
        block = "\n".join(found.lines())
        return records.Failure(str(error), found.path, line, begin + 1, block)
    return records.Failure(str(error), path, error.line)
