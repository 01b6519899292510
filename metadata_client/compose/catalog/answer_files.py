"""Files of answers, as Rancher's command line reads them.

Knows files and YAML, no questions.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from gotmpl.arguments import checked
from metadata_client.compose.catalog.questions import text_of
from metadata_client.compose.errors import ComposeError
from metadata_client.compose.options import Option
from metadata_client.compose.source import Document, Place, read

if TYPE_CHECKING:
    from os import PathLike

_YAML: Final = (".yml", ".yaml", ".json")


@checked
def read_answers(path: str | PathLike[str]) -> dict[str, str]:
    r"""Read a file of answers.

    Args:
        path: a file with a map of texts, numbers and booleans in YAML or JSON, if it is called so;
            else with lines `VARIABLE=ANSWER`, empty ones and comments.

    Raises:
        ComposeError: the file cannot be read, or holds something else.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "answers")
    ...     _ = file.write_text("# for tests\nTAG=10.1\nOPTIONS=a=b c\n")
    ...     read_answers(file)
    {'TAG': '10.1', 'OPTIONS': 'a=b c'}
    """
    document = read(Path(path))
    return _of_yaml(document) if Path(path).suffix in _YAML else _of_lines(document)


def _of_yaml(document: Document) -> dict[str, str]:
    top = Option(Place(document), document.values()[0])
    if top.value is None:
        return {}
    if not isinstance(top.value, dict):
        raise top.place.fault("a file of answers holds a map: one answer for each variable")
    return {str(name): text_of(top.within(str(name))) for name in top.value}


def _of_lines(document: Document) -> dict[str, str]:
    answers = {}
    for number, line in enumerate(document.text.splitlines(), 1):
        name, equals, answer = line.partition("=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not equals:
            reason = "neither VARIABLE=ANSWER nor a comment; call a YAML file .yml"
            raise ComposeError(reason, path=document.path, line=number)
        answers[name.strip()] = answer
    return answers
