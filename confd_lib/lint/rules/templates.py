"""Rules of templates: syntax and calls that Go or the functions of confd refuse or misread.

The module does not know which keys exist.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Final

from confd_lib.funcs import sprig
from confd_lib.lint.findings import Severity
from confd_lib.lint.rules.rule import Found, Rule
from confd_lib.lint.subjects import Project, Subject
from confd_lib.lint.targets import NEWEST, SYNTAX
from confd_lib.lint.types.calls import Spot
from gotmpl import nodes


def _template_syntax(subject: Subject, _: Project) -> Iterator[Found]:
    if subject.source and subject.source.fault:
        yield Found(subject.source.path, subject.source.fault.line, subject.source.fault.reason)


def _unknown_function(subject: Subject, _: Project) -> Iterator[Found]:
    for name, line in subject.source.undefined if subject.source else ():
        message = f"confd has no function {name}, in any version"
        hint = sprig.advice(name)
        message = f"{message}; {hint}" if hint else message
        yield Found(subject.template_path, line, message)


def _newer_function(subject: Subject, project: Project) -> Iterator[Found]:
    has, known = project.target.functions(), NEWEST.functions()
    for call in subject.calls:
        if call.name in known and call.name not in has:
            message = f"confd {project.target.name} has no function {call.name}"
            yield Found(subject.template_path, call.line, message, column=call.column)


def _newer_syntax(subject: Subject, project: Project) -> Iterator[Found]:
    source, go = subject.source, project.target.go
    for one in SYNTAX if source else ():
        lines = (
            one.lines(source.actions, source.contents.spots) if source and one.since > go else []
        )
        if source and lines:
            more = f", and on {len(lines) - 1} more lines" if len(lines) > 1 else ""
            came = f"{one.name} came with Go {one.since[0]}.{one.since[1]}"
            built = f"confd {project.target.name} was built with {go[0]}.{go[1]}"
            yield Found(source.path, lines[0], f"{came}, {built}{more}")


def _wrong_arguments(subject: Subject, project: Project) -> Iterator[Found]:
    known = project.target.functions()
    for call in subject.calls:
        signature = known.get(call.name)
        if signature is not None and not _fits(signature, len(call.arguments)):
            message = (
                f"{call.name} takes {_takes(signature)} in confd {project.target.name}, "
                f"not {len(call.arguments)}"
            )
            hint = sprig.clash(call.name, len(call.arguments))
            message = f"{message}; {hint}" if hint else message
            yield Found(subject.template_path, call.line, message, column=call.column)


def _fits(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return False
    return True


def _takes(signature: inspect.Signature) -> str:
    parameters = signature.parameters.values()
    needed = sum(
        one.default is one.empty and one.kind is not one.VAR_POSITIONAL for one in parameters
    )
    more = any(one.kind is one.VAR_POSITIONAL for one in parameters)
    many = "at least " if more else "" if needed == len(parameters) else "up to "
    count = needed if more else len(parameters)
    return f"{many}{count} argument{'' if count == 1 else 's'}"


def _default_ignored(subject: Subject, project: Project) -> Iterator[Found]:
    for call in subject.calls:
        limit = _WITH_DEFAULT.get(call.name)
        if limit is not None and len(call.arguments) > limit and project.target.compat != "0.11":
            message = f"{call.name} uses one default and ignores the others"
            yield Found(subject.template_path, call.line, message, column=call.column)


_WITH_DEFAULT: Final = {"getenv": 2, "getv": 2}


def _reverse_gets(subject: Subject, _: Project) -> Iterator[Found]:
    for call in subject.calls:
        if call.name == "reverse" and call.key.made_by == "gets":
            message = "reverse does not change the order of a list that gets returns"
            yield Found(subject.template_path, call.line, message, column=call.column)


def _datetime(subject: Subject, _: Project) -> Iterator[Found]:
    for call in subject.calls:
        if call.name == "datetime":
            message = "datetime changes the file on every pass, which reloads every time"
            yield Found(subject.template_path, call.line, message, column=call.column)


def _undefined_template(subject: Subject, _: Project) -> Iterator[Found]:
    source = subject.source
    if source is None or subject.is_part:  # it may call what its caller defines
        return
    files = (source, *subject.parts)
    known = {name for one in files for name in (one.name, *one.trees)}
    for spot in source.contents.spots:
        if isinstance(spot.node, nodes.TemplateNode) and spot.node.name not in known:
            message = f'no template "{spot.node.name}" is defined in this file'
            yield Found(source.path, spot.line, message, column=spot.column)


def _unused_define(subject: Subject, _: Project) -> Iterator[Found]:
    source = subject.source
    if source is None or subject.is_part:
        return
    called = {
        spot.node.name
        for one in (source, *subject.parts)
        for spot in one.contents.spots
        if isinstance(spot.node, nodes.TemplateNode)
    }
    for name, tree in source.trees.items():
        if name not in called and name != source.name and tree.root.nodes:
            first = tree.source.text.rfind("define", 0, tree.root.nodes[0].pos)
            message = f'template "{name}" is defined and never used'
            yield Found(source.path, tree.source.line(max(first, 0)), message)


def _no_data(subject: Subject, _: Project) -> Iterator[Found]:
    for spot in subject.source.contents.spots if subject.source else ():
        if _is_empty_field(spot):
            message = f"{spot.node} is <no value> here: confd gives templates no data"
            yield Found(subject.template_path, spot.line, message, column=spot.column)


def _is_empty_field(spot: Spot) -> bool:
    match spot.node:
        case nodes.FieldNode():
            return not spot.has_cursor
        case nodes.VariableNode(ident=("$", _, *_)):
            return not spot.has_root
    return False


_E, _W = Severity.ERROR, Severity.WARNING

RULES: Final = (
    Rule("template-syntax", _E, "fix the template: it cannot be parsed", _template_syntax),
    Rule(
        "unknown-function",
        _E,
        "check the spelling; cget, cgets, cgetv and cgetvs need a keyring",
        _unknown_function,
    ),
    Rule(
        "newer-function",
        _E,
        "avoid it, or name the confd that runs this with --for",
        _newer_function,
    ),
    Rule(
        "newer-syntax",
        _E,
        "write it the old way, or name the confd that runs this with --for",
        _newer_syntax,
    ),
    Rule("wrong-arguments", _E, "pass the number of arguments that it takes", _wrong_arguments),
    Rule("default-ignored", _W, "remove all defaults but the first", _default_ignored),
    Rule("reverse-gets", _W, "reverse what sortKVByLength, ls or getvs returns", _reverse_gets),
    Rule("datetime", _W, "remove the time from the file", _datetime),
    Rule(
        "undefined-template",
        _E,
        "define it in this file, or name its file in the templates of the resource",
        _undefined_template,
    ),
    Rule("unused-define", _W, "call it with {{template}}, or remove it", _unused_define),
    Rule("no-data", _W, "ask the store with getv, or move it into a range or with", _no_data),
)
