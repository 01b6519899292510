"""The rule that renders templates as the containers of a stack.

It finds what no other rule can know before the template runs: keys that `printf` makes, and values
that a function refuses. The module does not know how resources are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib import each, funcs
from confd_lib.confdir import templates
from confd_lib.errors import ResourceError
from confd_lib.funcs.readers import READERS
from confd_lib.lint.findings import Severity
from confd_lib.lint.rules.rule import Found, Rule
from confd_lib.lint.subjects import Project, Source, Subject
from confd_lib.lint.types import trials

if TYPE_CHECKING:
    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.store.store import Store

FAILS_ON_STACK: Final = "fails-on-stack"
# Bounds of one rendering, in seconds and characters.
_SECONDS: Final = 10
_MOST_OUTPUT: Final = 16 << 20
# What these give here says nothing about the container.
_OF_THE_MACHINE: Final = trials.OUTSIDE - READERS.keys() - {"datetime"}


def _fails_on_stack(subject: Subject, project: Project) -> Iterator[Found]:
    spec, source = subject.spec, subject.source
    if spec is None or source is None or source.fault or source.undefined:
        return
    if any(call.name in _OF_THE_MACHINE for call in subject.calls):
        return
    stores = [view.store_of(spec) for view in project.views]
    filled = [store for store in stores if next(store.items(), None)]
    parts = {part.name: part.text for part in subject.parts}
    errors = [_error(spec, source, parts, store, project.target.compat) for store in filled]
    failures = [error for error in errors if error is not None]
    if failures and len(failures) == len(errors):
        last = max(failures, key=lambda error: (error.line, error.column))
        yield _found(source, last, len(errors))


def _error(
    spec: TemplateResource, source: Source, parts: Mapping[str, str], store: Store, compat: str
) -> gotmpl.ExecError | None:
    """Return the error of rendering on a store; None if there is no error, or a limit ended it."""
    functions = funcs.functions(store, compat)
    try:
        data = each.names(spec, store) if spec.each else [None]
        template = templates.parse(source.name, source.text, functions, spec.delims, parts=parts)
        template.limits(seconds=_SECONDS, output=_MOST_OUTPUT)
        for one in data:
            template.render(one)
    except gotmpl.LimitError:
        return None
    except gotmpl.ExecError as error:
        return None if error.name in parts else error
    except (gotmpl.ParseError, ResourceError):  # rules of their own report these
        return None
    return None


def _found(source: Source, error: gotmpl.ExecError, count: int) -> Found:
    where = "the container" if count == 1 else "every container that has its keys"
    message = f"on {where} this fails: <{error.context}>: {error.reason}"
    line = source.text.split("\n")[error.line - 1]
    before = line.encode("utf-8", "surrogateescape")[: error.column]
    column = len(before.decode("utf-8", "surrogateescape")) + 1
    return Found(source.path, error.line, message, column=column)


RULES: Final = (
    Rule(
        FAILS_ON_STACK,
        Severity.ERROR,
        "give getv a default, check `exists` first, or set the key in the compose files",
        _fails_on_stack,
    ),
)
