"""The expansion of the two texts of an entry, by Go's `text/template`.

The one file here that knows templates: the engine and the functions of Rancher's executor come from
the front doors of `gotmpl`, when there is something to expand.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

from gotmpl.golang.unicode import SPACES
from metadata_client.compose.errors import ComposeError
from metadata_client.compose.source import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gotmpl import Visit

_NAME: Final = "template"  # which error texts carry
_UNTOUCHED: Final = ("#notemplating", "# notemplating")


@dataclass(frozen=True, slots=True)
class Release:
    """The stack and its version, which templates see beside the values.

    Attributes:
        name: the name of the stack.
        version: the name of the version.
        previous_version: that of the running stack; empty for a new one.
        environment: the name of the environment.
    """

    name: str
    version: str = ""
    previous_version: str = ""
    environment: str = "Default"


def expanded(document: Document, values: Mapping[str, str], release: Release) -> Document:
    r"""Return the document with the templates in its text expanded.

    A text that begins with `# notemplating` stays as it is.

    Args:
        document: the document; what it is called does not matter.
        values: the values by variable.
        release: the stack and its version.

    Raises:
        ComposeError: a template is wrong, or fails; `reason` is Go's text, `line` the line of the
            template.

    >>> text = "# notemplating: no\nimage: x:{{ .Values.TAG }}"
    >>> expanded(Document("docker-compose.yml", text[19:]), {"TAG": "1"}, Release("web")).text
    'image: x:1'
    >>> expanded(Document("docker-compose.yml", text), {}, Release("web")).text == text
    True
    """
    text = document.text
    if "{{" not in text or text.lstrip(SPACES).startswith(_UNTOUCHED):
        return document
    from gotmpl import Template, TemplateError  # noqa: PLC0415 - few texts are templates
    from gotmpl.sprig import rancher  # noqa: PLC0415

    lines = _Lines()
    # The same on every run, like all that a stack is made of.
    functions = rancher.functions(random=random.Random(text))
    template = Template(_NAME).funcs(functions).observe(lines)
    try:
        made = template.parse(text).render(_data(values, release))
    except TemplateError as error:
        raise ComposeError(str(error), path=document.path, line=error.line) from error
    return Document(document.path, made, tuple(lines.of_output))


def _data(values: Mapping[str, str], release: Release) -> dict[str, object]:
    from gotmpl import Map  # noqa: PLC0415 - as above

    stack = SimpleNamespace(
        Version=release.version, PreviousVersion=release.previous_version, Name=release.name
    )
    return {
        "Values": Map("string", values),
        "Release": stack,
        "Stack": stack,
        "Environment": SimpleNamespace(Name=release.environment),
    }


@dataclass(slots=True)
class _Lines:
    """Observes an expansion, and finds which line of the template wrote each line.

    Attributes:
        of_output: for each line of the output so far, the line of the template.
        line: the line of the template that is executed.
        is_text: whether plain text is, which goes through the lines.
    """

    of_output: list[int] = field(default_factory=lambda: [1])
    line: int = 1
    is_text: bool = False

    def visit(self, visit: Visit) -> None:
        from gotmpl import nodes  # noqa: PLC0415 - as above

        self.line = visit.tree.source.line(visit.node.pos)
        self.is_text = isinstance(visit.node, nodes.TextNode)

    def write(self, text: str) -> None:
        breaks = text.count("\n")
        if self.is_text:
            self.of_output += range(self.line + 1, self.line + 1 + breaks)
        else:
            self.of_output += [self.line] * breaks
