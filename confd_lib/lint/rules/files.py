"""Rules of files: those that cannot be read, their encodings, and a conf.d without resources.

The module does not know what resources and templates say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from confd_lib.lint.findings import Severity
from confd_lib.lint.rules.rule import Found, Rule
from confd_lib.lint.subjects import Project, Source, Subject

# Bytes that are not UTF-8, as `from_bytes` keeps them.
_NOT_UTF8: Final = re.compile("[\udc80-\udcff]")
_UTF16: Final = ("\udcff\udcfe", "\udcfe\udcff")


def _unreadable(subject: Subject, _: Project) -> Iterator[Found]:
    for file in (subject, subject.source):
        if file and file.unreadable:
            yield Found(file.path, 1, f"the file cannot be read: {file.unreadable}")


def _encoding(subject: Subject, _: Project) -> Iterator[Found]:
    source = subject.source
    if source is None:
        return
    strange = _NOT_UTF8.search(source.text)
    if source.text.startswith(_UTF16) or "\0" in source.text:
        yield Found(source.path, 1, "the template looks like UTF-16: confd reads UTF-8")
    elif strange:
        yield _found_at(source, strange)
    elif source.text.startswith("\ufeff"):
        yield Found(source.path, 1, "the template begins with a byte order mark, and so does dest")


def _found_at(source: Source, strange: re.Match[str]) -> Found:
    line = source.text.count("\n", 0, strange.start()) + 1
    column = strange.start() - source.text.rfind("\n", 0, strange.start())
    message = f"byte 0x{ord(strange[0]) - 0xDC00:02x} is not UTF-8: the file may be Latin-1"
    return Found(source.path, line, message, column=column)


def _unused_template(subject: Subject, project: Project) -> Iterator[Found]:
    if subject.source and not subject.is_resource and not subject.is_part and project.confdir:
        yield Found(subject.path, 1, "no resource uses this template")


def _empty_folder(project: Project) -> Iterator[Found]:
    if project.confdir is not None and not any(one.is_resource for one in project.subjects):
        yield Found(
            str(project.confdir / "conf.d"), 1, "conf.d has no resources: confd does nothing"
        )


_E, _W = Severity.ERROR, Severity.WARNING

RULES: Final = (
    Rule("unreadable-file", _E, "put a regular file here that confd may read", _unreadable),
    Rule("encoding", _W, "save it as UTF-8 without a byte order mark", _encoding),
    Rule(
        "unused-template",
        _W,
        "name it in the src or the templates of a resource, or remove it",
        _unused_template,
    ),
    Rule(
        "no-resources",
        _W,
        "add a file that ends in .toml, with a table [template]",
        folder_check=_empty_folder,
    ),
)
