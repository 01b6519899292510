"""Rules of keys: those that templates read, those that resources list, and those of a stack.

A key that is not known well enough before the template runs is not reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from confd_lib.funcs.readers import READERS, Argument
from confd_lib.golang import match as gomatch
from confd_lib.golang import path as gopath
from confd_lib.lint.findings import Severity
from confd_lib.lint.fixes import AddItems, Fix
from confd_lib.lint.rules.rule import Found, Rule
from confd_lib.lint.subjects import Project, Subject
from confd_lib.lint.types.calls import Call
from confd_lib.store.rules import FILE, RANCHER, KeyRules, env_key, env_name

_VARIABLE: Final = re.compile("/?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_META: Final = re.compile(r"[*?\[\\]")


def _no_keys(subject: Subject, _: Project) -> Iterator[Found]:
    reads = subject.all_reads
    if subject.spec and not subject.spec.keys and reads:
        message = f"the template reads {reads[0].key}, and the resource lists no keys"
        yield Found(subject.path, subject.line("keys"), message, fix=_added(subject, reads))


def _key_not_listed(subject: Subject, project: Project) -> Iterator[Found]:
    listed = _Listed.of(subject, project)
    for read in subject.reads if listed.keys else ():
        if not _unclean(read) and not listed.may_give(read):
            message = f"{read.name} {read.key} is not below any of the resource's keys"
            fix = _added(subject, [read])
            yield Found(subject.template_path, read.line, message, column=read.column, fix=fix)


def _added(subject: Subject, reads: Sequence[Call]) -> Fix | None:
    """Return the fix that lists the keys of some reads; None if one is not known as a whole."""
    if subject.spec is None or any(
        read.key.literal is None or _takes(read) is Argument.PATTERN or _unclean(read)
        for read in reads
    ):
        return None
    keys = ((read.key.literal or "").rstrip("/") or "/" for read in reads)
    return AddItems(subject.path, "keys", tuple(dict.fromkeys(keys)))


def _unused_key(subject: Subject, project: Project) -> Iterator[Found]:
    source = subject.source
    if subject.spec is None or source is None or source.fault or source.unreadable:
        return
    listed = _Listed.of(subject, project)
    for written, key in zip(subject.spec.keys, listed.keys, strict=True):
        is_read = any(listed.key_may_give(key, read) for read in subject.all_reads)
        if not is_read and not _names_may_be(key, subject.spec.each, listed.rules):
            message = f"{written} is listed, and the template never reads it"
            yield Found(subject.path, subject.line_of_item("keys", written), message)


def _each_not_listed(subject: Subject, project: Project) -> Iterator[Found]:
    pattern = subject.spec.each if subject.spec else ""
    listed = _Listed.of(subject, project)
    if pattern and not any(_names_may_be(key, pattern, listed.rules) for key in listed.keys):
        message = f"each {pattern} is not below any of the resource's keys, and matches nothing"
        yield Found(subject.path, subject.line("each"), message)


def _names_may_be(key: str, pattern: str, rules: KeyRules) -> bool:
    """Return whether `key`, fetched from the store, may give names that match a pattern."""
    if not pattern:
        return False
    known = _META.split(pattern, maxsplit=1)[0]
    return rules.gives(key, known.rstrip("/") or "/") or key.startswith(known)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The keys that a resource lists.

    Attributes:
        keys: as the backend stores them.
        rules: the rules by which it gives the keys below them.
    """

    keys: tuple[str, ...]
    rules: KeyRules

    @classmethod
    def of(cls, subject: Subject, project: Project) -> _Listed:
        """Return the keys of a resource, by the rules of the backend."""
        written = subject.spec.keys if subject.spec else ()
        is_env = all(map(_VARIABLE.fullmatch, written)) if not project.backend else False
        keys = tuple(gopath.join("/", key) for key in written)
        if is_env or project.backend == "env":
            return cls(tuple(env_key(env_name(key)) for key in keys), FILE)
        return cls(keys, FILE if project.backend == "file" else RANCHER)

    def may_give(self, read: Call) -> bool:
        """Return whether the keys may include those that `read` asks for."""
        return any(self.key_may_give(key, read) for key in self.keys)

    def key_may_give(self, key: str, read: Call) -> bool:
        """Return whether `key`, fetched from the store, may include those that `read` asks for."""
        known = _asked(read)
        if read.key.literal is not None and _takes(read) is Argument.KEY:
            return self.rules.gives(key, known)
        whole = read.key.literal is not None and _takes(read) is Argument.PATH
        if self.rules.gives(key, known.rstrip("/") or "/") or self.rules.gives(key, known):
            return True
        if whole:
            return self.rules.gives(known.rstrip("/") or "/", key)
        return key.startswith(known) or not known


def _takes(read: Call) -> Argument:
    return READERS[read.name]


def _asked(read: Call) -> str:
    """Return the known beginning of the key; for a pattern, the part before its first wildcard."""
    known = read.key.beginning
    return _META.split(known, maxsplit=1)[0] if _takes(read) is Argument.PATTERN else known


def _unclean_key(subject: Subject, _: Project) -> Iterator[Found]:
    for read in subject.reads:
        fault = _unclean(read)
        if fault:
            message = f"{read.name} {read.key} finds nothing: it {fault}"
            yield Found(subject.template_path, read.line, message, column=read.column)


def _unclean(read: Call) -> str:
    known = read.key.beginning
    if known and not known.startswith("/"):
        return "does not begin with /"
    if read.key.literal is None and not known.strip("/"):
        return ""
    whole = read.key.literal is not None and _takes(read) is Argument.KEY
    if whole and len(known) > 1 and known.endswith("/"):
        return "ends with /"
    parts = known.split("/")[1:-1]
    return "has empty or dotted parts" if {"", ".", ".."}.intersection(parts) else ""


def _bad_pattern(subject: Subject, _: Project) -> Iterator[Found]:
    for read in subject.reads:
        if _takes(read) is Argument.PATTERN and read.key.literal is not None:
            try:
                gomatch.read(read.key.literal)
            except gomatch.BadPattern as error:
                yield Found(
                    subject.template_path,
                    read.line,
                    f"{read.name} {read.key}: {error}",
                    column=read.column,
                )


def _shell_pattern(subject: Subject, _: Project) -> Iterator[Found]:
    for read in subject.reads:
        shown = str(read.key)
        for sign, meaning in _SHELL.items() if _takes(read) is Argument.PATTERN else ():
            if sign in shown:
                yield Found(
                    subject.template_path,
                    read.line,
                    f"{read.name} {shown}: {meaning}",
                    column=read.column,
                )


_SHELL: Final = {
    "**": "** is the same as *, and does not cross a /",
    "[!": "[! begins a class that holds the !, and negates nothing",
    "{": "{} is taken literally, and offers no alternatives",
}


def _pattern_in_key(subject: Subject, _: Project) -> Iterator[Found]:
    for read in subject.reads:
        if _takes(read) is not Argument.PATTERN and "*" in (read.key.literal or ""):
            message = f"{read.name} takes a key, not a pattern: {read.key} is taken literally"
            yield Found(subject.template_path, read.line, message, column=read.column)


def _key_not_in_stack(subject: Subject, project: Project) -> Iterator[Found]:
    spec = subject.spec
    if spec is None or not project.views:
        return
    stores = [view.store_of(spec) for view in project.views]
    for read in _needed(subject):
        key = read.key.literal or ""
        is_listed = _Listed.of(subject, project).may_give(read)
        if is_listed and not any(store.exists(key) for store in stores):
            perhaps = " if this branch runs" if read.conditional else ""
            message = f"the stack has no {key}: {read.name} fails{perhaps}"
            yield Found(subject.template_path, read.line, message, column=read.column)


def _needed(subject: Subject) -> Iterator[Call]:
    """Yield the reads that fail if their key is missing, and that no condition guards."""
    for read in subject.reads:
        fails = read.name == "get" or (read.name == "getv" and len(read.arguments) == 1)
        if fails and read.key.literal is not None and not _is_guarded(read):
            yield read


def _is_guarded(read: Call) -> bool:
    return any(RANCHER.gives(guard, read.key.literal or "") for guard in read.guards)


_E, _W = Severity.ERROR, Severity.WARNING

RULES: Final = (
    Rule("no-keys", _E, "list the keys that the template reads in `keys`", _no_keys),
    Rule("key-not-listed", _E, "add it, or a key above it, to `keys`", _key_not_listed),
    Rule("each-not-listed", _E, "add a key above it to `keys`", _each_not_listed),
    Rule("unused-key", _W, "remove it: confd fetches it for nothing", _unused_key),
    Rule("unclean-key", _E, "write it as it is stored: /a/b", _unclean_key),
    Rule("bad-pattern", _E, "fix the pattern, or escape its brackets", _bad_pattern),
    Rule("shell-pattern", _W, "use the patterns of path.Match: * ? [a-z] [^a]", _shell_pattern),
    Rule("pattern-in-key", _E, "use gets or getvs", _pattern_in_key),
    Rule(
        "key-not-in-stack",
        _E,
        "give getv a default, check `exists` first, or set it in the compose files",
        _key_not_in_stack,
    ),
)
