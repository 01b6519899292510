"""Puts the failures of a pass into words: with advice or, where a file is private, without secrets.

Knows nothing of how a job came to fail.
"""

from __future__ import annotations

import stat
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib.confdir.sources import Sources
from confd_lib.errors import CommandError, ConfdError
from confd_lib.run.advice import Rendered, explain, failure
from confd_lib.run.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from confd_lib.confdir.resource import Key
    from confd_lib.confdir.templates import Templates
    from confd_lib.destination.update import Result
    from confd_lib.run.jobs import Job
    from confd_lib.run.views import Views

# Seconds that a template may be rendered once more, for advice.
_RENDER_S: Final = 1.0
_OF_A_CHECK: Final = (
    "a check_cmd is a template of its own, which knows {{.src}} and {{.dest}} alone"
)


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of a pass.

    Attributes:
        templates: the templates of the run.
        views: the views of the jobs on the store.
        jobs: the jobs by their keys.
    """

    templates: Templates
    views: Views
    jobs: Mapping[Key, Job]

    def explained(self, result: Result) -> Result:
        """Return a failed result with its message: with advice, or without secrets."""
        job = self.jobs.get(result.key)
        if job is None or result.error is None:
            return result
        if _is_private(job):
            return replace(result, message=message(result.error, self._secrets(job)))
        with suppress(Exception):  # advice asks the store, which may be what has failed
            if advice := self._advice(result.error, job):
                return replace(result, message=f"{result.error}; {advice}")
        return result

    def _secrets(self, job: Job) -> list[str]:
        """Return the values that the template of a private file could read."""
        try:
            return [value for _, value in self.views.store(job).items()]
        except Exception:  # noqa: BLE001 - the store may be what has failed; quotations are masked
            return []

    def _advice(self, error: Exception, job: Job) -> str:
        """Return what can be found out about an error in one line, or empty."""
        if isinstance(error, CommandError):
            return _OF_A_CHECK if isinstance(error.__cause__, gotmpl.TemplateError) else ""
        fault = error if isinstance(error, gotmpl.TemplateError) else error.__cause__
        if not isinstance(fault, gotmpl.TemplateError):
            return explain(error, self.views.whole(job), job.resource)
        sources = Sources.of(job.resource)
        return failure(
            fault,
            _rendered(job, self.templates.texts(sources)),
            self.views.functions(job),
            self.views.whole(job),
            job.resource,
            seconds=_RENDER_S if self.templates.is_repeatable(sources) else 0,
        ).sentence()


def _rendered(job: Job, texts: Mapping[Path, str]) -> Rendered:
    *parts, (path, text) = texts.items()
    shared = {part.name: inner for part, inner in parts}
    return Rendered(path.name, text, str(path), job.name, shared)


def _is_private(job: Job) -> bool:
    """Return whether the file of a job is, or will be, hidden from other users."""
    try:
        mode = job.resource.file_mode()
        if mode is None:
            mode = job.dest.lstat().st_mode
    except FileNotFoundError:
        return False
    except (ConfdError, OSError, ValueError):
        return True
    return not mode & stat.S_IROTH
