"""A version of an entry with its answers: the values of its variables, and its texts expanded.

Knows nothing of services.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from metadata_client.compose.catalog.answers import all_doubts, defaults, texts
from metadata_client.compose.catalog.expansion import Release, expanded
from metadata_client.compose.catalog.questions import Section, read_section
from metadata_client.compose.source import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metadata_client.compose.catalog.questions import Question


@dataclass(frozen=True, slots=True)
class Expansion:
    """The files of an entry's version, with all in its place but `${}`.

    Attributes:
        docker: `docker-compose.yml`, expanded.
        rancher: `rancher-compose.yml`, expanded; None where there is no such file.
        section: what the catalog section says.
        values: the values by variable.
        given: the answers that were given, as texts.
    """

    docker: Document
    rancher: Document | None
    section: Section
    values: Mapping[str, str]
    given: Mapping[str, str]

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions."""
        return self.section.questions


def deployed(
    docker: Document,
    rancher: Document | None,
    release: Release,
    env: Mapping[str, str],
    answers: Mapping[str, object],
    *,
    strict: bool = False,
) -> Expansion:
    """Return the expanded files.

    Args:
        docker: `docker-compose.yml`, or the template for it.
        rancher: `rancher-compose.yml`; None where there is no such file.
        release: the stack; the name of its version comes from the catalog section.
        env: values of variables that are no answers.
        answers: answers by variable.
        strict: whether a doubt about an answer is an error, and not only a warning.

    Raises:
        ComposeError: the questions cannot be read, or a template is wrong or fails; with `strict`,
            a `DoubtfulAnswer`.
    """
    section = read_section(rancher) if rancher else Section(path=docker.path)
    given = texts(answers)
    asked = defaults(section)
    known = {name: value for name, value in env.items() if name in asked}
    for doubt in all_doubts(section, {**known, **given}):
        if strict:
            raise doubt
        warnings.warn_explicit(doubt, None, doubt.path, doubt.line)
    values = {**asked, **env, **given}
    release = replace(release, version=section.version)
    expanded_docker = expanded(docker, values, release)
    return Expansion(
        expanded_docker,
        expanded(rancher, values, release) if rancher else None,
        section,
        values,
        given,
    )
