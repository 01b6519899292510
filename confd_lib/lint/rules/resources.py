"""Rules of template resources: settings that confd refuses, ignores or misreads.

The module does not know the contents of templates.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

import gotmpl
from confd_lib import each
from confd_lib.confdir import templates
from confd_lib.confdir.resource import NAMES
from confd_lib.confdir.tomlfile import octal_mode
from confd_lib.golang import path as gopath
from confd_lib.golang.strconv import parse_uint
from confd_lib.lint.findings import Severity
from confd_lib.lint.fixes import Fix, ReplaceLine, SetValue
from confd_lib.lint.rules.rule import Found, Rule
from confd_lib.lint.subjects import Project, Subject
from confd_lib.lint.targets import NEWEST, actions

# The fields that commands may use.
_OF_COMMANDS: Final = ("src", "dest")
# Settings that only confd-lib has: confd ignores or refuses them.
OURS: Final = (
    *("left_delim", "right_delim", "check_timeout", "reload_timeout", "each", "templates"),
    *("output_format", "min_reload_interval", "debounce"),
)
# Modes as `ls` prints them, and octal ones in other notations.
_LETTERS: Final = re.compile("-?((?:[r-][w-][x-]){3})")
_DIGITS: Final = re.compile("0?o?([0-7]{3,4})")
# String constants and fields in an action.
_CONSTANT: Final = re.compile(r"(?<!\\)\"(?:\\.|[^\"\\])*+\"|`[^`]*+`")
_FIELD: Final = re.compile(r"(?<![\w.)])\.([^\W\d]\w*)")


def _toml_syntax(subject: Subject, _: Project) -> Iterator[Found]:
    fault = subject.fault
    if fault is not None and fault.line and not fault.key:
        yield Found(subject.path, fault.line, fault.reason, fix=_fix_of_line(subject, fault.line))


def _fix_of_line(subject: Subject, number: int) -> Fix | None:
    """Return the fix of a line that is no TOML: what stands twice goes."""
    lines = subject.text.split("\n")
    line = lines[number - 1] if number <= len(lines) else ""
    again = "=" in line and line.strip() in map(str.strip, lines[: number - 1])
    return ReplaceLine(subject.path, number, "") if again else None


def _outdated_toml(subject: Subject, _: Project) -> Iterator[Found]:
    for fault in subject.outdated:
        yield Found(subject.path, fault.line, fault.reason)


def _wrong_value(subject: Subject, _: Project) -> Iterator[Found]:
    fault = subject.fault
    if fault is not None and fault.key:
        name = fault.key.rpartition(".")[2]
        line = fault.line or subject.line(name)
        mode = octal_mode(subject.setting(name)) if name.lower() == "mode" else ""
        fix = SetValue(subject.path, name, mode.strip('"')) if mode else None
        yield Found(subject.path, line, f"{fault.key}: {fault.reason}", fix=fix)


def _no_src(subject: Subject, _: Project) -> Iterator[Found]:
    fault = subject.fault
    if fault is not None and not fault.line and not fault.key:
        yield Found(subject.path, subject.line("src"), fault.reason)


def _unknown_key(subject: Subject, _: Project) -> Iterator[Found]:
    for name in subject.spec.ignored if subject.spec else ():
        number = subject.line(name)
        near = _near(name, subject)
        fix = _renamed(subject, number, name, near) if near else None
        advice = f"write {near}" if near else ""
        yield Found(subject.path, number, f"confd knows no setting {name}", advice, fix=fix)
    for name in subject.values:
        if name.lower() != "template":
            line = _line_of_table(subject.text, name)
            yield Found(subject.path, line, f"confd ignores {name}, which is outside [template]")


def _near(name: str, subject: Subject) -> str:
    """Return the one setting that a name is near to, if the file does not have it yet."""
    near = difflib.get_close_matches(name.lower(), NAMES, 2, 0.75)
    return near[0] if len(near) == 1 and subject.setting(near[0]) is None else ""


def _renamed(subject: Subject, number: int, name: str, near: str) -> Fix | None:
    line = subject.text.split("\n")[number - 1]
    if not line.lstrip().startswith(name):
        return None
    return ReplaceLine(subject.path, number, line.replace(name, near, 1))


def _line_of_table(text: str, name: str) -> int:
    heads = (name, f"[{name}]", f"[[{name}]]")
    lines = (line.split("=")[0].strip() for line in text.splitlines())
    return next((i for i, head in enumerate(lines, 1) if head in heads), 1)


def _no_dest(subject: Subject, _: Project) -> Iterator[Found]:
    if subject.spec and not subject.spec.dest:
        yield Found(subject.path, subject.line("dest"), "dest is missing")


def _relative_dest(subject: Subject, _: Project) -> Iterator[Found]:
    if subject.spec and subject.spec.dest and not subject.spec.dest.startswith("/"):
        message = f"{subject.spec.dest} is relative to the folder in which confd is started"
        yield Found(subject.path, subject.line("dest"), message)


def _duplicate_dest(subject: Subject, project: Project) -> Iterator[Found]:
    if subject.spec is None or not subject.spec.dest:
        return
    mine = gopath.clean(subject.spec.dest)
    for other in project.subjects:
        if other is subject:
            return
        if other.spec and other.spec.dest and gopath.clean(other.spec.dest) == mine:
            message = f"{other.path} writes {subject.spec.dest} too: each pass swaps it twice"
            yield Found(subject.path, subject.line("dest"), message)


def _dest_template(subject: Subject, _: Project) -> Iterator[Found]:
    if subject.spec is None or not subject.spec.each or not subject.spec.dest:
        return
    try:
        each.dest_template(subject.spec.dest)
    except gotmpl.ParseError as error:
        yield Found(subject.path, subject.line("dest"), f"dest: {error.reason}")


def _dest_action(subject: Subject, _: Project) -> Iterator[Found]:
    if subject.spec and not subject.spec.each and _actions(subject.spec.dest):
        message = f"{subject.spec.dest} is the name of the file as it is: there is no each"
        yield Found(subject.path, subject.line("dest"), message)


def _missing_part(subject: Subject, project: Project) -> Iterator[Found]:
    for part in subject.spec.templates if subject.spec else ():
        where = templates.path_of(project.templates, part)
        if str(where) not in {source.path for source in subject.parts}:
            line = subject.line_of_item("templates", part)
            yield Found(subject.path, line, f"there is no template {where}")


def _mode_not_octal(subject: Subject, _: Project) -> Iterator[Found]:
    mode = subject.spec.mode if subject.spec else ""
    number = _number(mode)
    if mode and not mode.startswith("0") and number is not None:
        message = f'mode "{mode}" is decimal, and gives the file {_effect(subject):04o}'
        advice = f"write mode = {octal_mode(number)}" if octal_mode(number) else ""
        fix = _set_mode(subject, octal_mode(number))
        yield Found(subject.path, subject.line("mode"), message, advice, fix=fix)


def _effect(subject: Subject) -> int:
    """Return the permissions that confd gives the destination."""
    return (subject.spec.file_mode() if subject.spec else None) or 0


def _set_mode(subject: Subject, quoted: str) -> Fix | None:
    return SetValue(subject.path, "mode", quoted.strip('"')) if quoted else None


def _mode_invalid(subject: Subject, _: Project) -> Iterator[Found]:
    mode = subject.spec.mode if subject.spec else ""
    if mode and _number(mode) is None:
        advice = f"write mode = {_meant(mode)}" if _meant(mode) else ""
        message = f'mode "{mode}" is not a number'
        fix = _set_mode(subject, _meant(mode))
        yield Found(subject.path, subject.line("mode"), message, advice, fix=fix)


def _meant(mode: str) -> str:
    """Return the octal digits of a mode that is not a number, such as `rw-r--r--`, or empty."""
    letters = _LETTERS.fullmatch(mode)
    if letters:
        return octal_mode(int("".join("01"[letter != "-"] for letter in letters[1]), 2))
    digits = _DIGITS.fullmatch(mode.strip())
    return f'"0{digits[1]:0>3}"' if digits else ""


def _mode_bits(subject: Subject, _: Project) -> Iterator[Found]:
    mode = subject.spec.mode if subject.spec else ""
    number = _number(mode)
    if mode.startswith("0") and number is not None and number != _effect(subject):
        message = f'of mode "{mode}" only {_effect(subject):04o} takes effect'
        yield Found(subject.path, subject.line("mode"), message)


def _number(mode: str) -> int | None:
    try:
        return parse_uint(mode, 32)
    except ValueError:
        return None


def _missing_src(subject: Subject, project: Project) -> Iterator[Found]:
    if subject.spec and subject.source is None:
        where = templates.path_of(project.templates, subject.spec.src)
        yield Found(subject.path, subject.line("src"), f"there is no template {where}")


def _src_outside(subject: Subject, _: Project) -> Iterator[Found]:
    if subject.spec and gopath.clean(subject.spec.src).startswith(".."):
        message = f"src {subject.spec.src} is outside the templates folder"
        yield Found(subject.path, subject.line("src"), message)


def _check_cmd(subject: Subject, _: Project) -> Iterator[Found]:
    command = subject.spec.check_cmd if subject.spec else ""
    try:
        gotmpl.parse("checkcmd", command)
    except gotmpl.ParseError as error:
        yield Found(subject.path, subject.line("check_cmd"), f"check_cmd: {error.reason}")


def _check_without_src(subject: Subject, _: Project) -> Iterator[Found]:
    command = subject.spec.check_cmd if subject.spec else ""
    if command and ".src" not in command:
        message = f"check_cmd `{command}` does not use the new file, {{{{.src}}}}"
        yield Found(subject.path, subject.line("check_cmd"), message)


def _check_action(subject: Subject, _: Project) -> Iterator[Found]:
    for action in _actions(subject.spec.check_cmd if subject.spec else ""):
        unknown = [name for name in _fields(action) if name not in _OF_COMMANDS]
        if unknown:
            message = f"check_cmd knows no .{unknown[0]}, only .src and .dest: {{{{{action}}}}}"
            yield Found(subject.path, subject.line("check_cmd"), message)


def _reload_action(subject: Subject, _: Project) -> Iterator[Found]:
    for action in _actions(subject.spec.reload_cmd if subject.spec else ""):
        if not _is_path(action):
            message = f"reload_cmd passes {{{{{action}}}}} to the shell unchanged"
            yield Found(subject.path, subject.line("reload_cmd"), message)


def _actions(command: str) -> list[str]:
    return [action.text for action in actions(command, ("{{", "}}")) if not action.is_comment]


def _fields(action: str) -> list[str]:
    """Return the first names of the fields in an action, outside its string constants."""
    names: list[str] = _FIELD.findall(_CONSTANT.sub("", action))
    return names


def _is_path(action: str) -> bool:
    """Return whether an action is just `.src` or `.dest`."""
    return action.strip().removeprefix(".") in _OF_COMMANDS and action.strip().startswith(".")


def _only_confd_lib(subject: Subject, project: Project) -> Iterator[Found]:
    if subject.spec is None or project.target == NEWEST:
        return
    for key in OURS:
        if getattr(subject.spec, key):
            yield Found(subject.path, subject.line(key), f"confd does not know {key}")
    for key in ("uid", "gid"):
        if isinstance(getattr(subject.spec, key), str):
            yield Found(subject.path, subject.line(key), f"confd accepts only a number for {key}")
    if any("dest" in _fields(action) for action in _actions(subject.spec.check_cmd)):
        yield Found(subject.path, subject.line("check_cmd"), "confd's check_cmd has no {{.dest}}")
    if any(map(_is_path, _actions(subject.spec.reload_cmd))):
        message = "confd passes reload_cmd to the shell unchanged"
        yield Found(subject.path, subject.line("reload_cmd"), message)


_E, _W, _N = Severity.ERROR, Severity.WARNING, Severity.NOTE

RULES: Final = (
    Rule("toml-syntax", _E, "fix the file: confd cannot read it", _toml_syntax),
    Rule("outdated-toml", _W, "write TOML 1.0: only confd 0.16 and older read it", _outdated_toml),
    Rule("wrong-value", _E, "write a value that the key takes", _wrong_value),
    Rule("no-src", _E, "name the template in `src`, in the table [template]", _no_src),
    Rule("unknown-key", _W, "check the spelling, or remove it", _unknown_key),
    Rule("no-dest", _E, "name the file to write in `dest`", _no_dest),
    Rule("relative-dest", _W, "write an absolute path", _relative_dest),
    Rule("duplicate-dest", _E, "give each resource a file of its own", _duplicate_dest),
    Rule("dest-template", _E, "write {{.}}, the name, or a function of it", _dest_template),
    Rule("dest-action", _W, "add each, or name the file itself", _dest_action),
    Rule("mode-not-octal", _E, "write it in octal digits after a 0", _mode_not_octal),
    Rule("mode-invalid", _E, "write it in octal digits after a 0", _mode_invalid),
    Rule("mode-bits", _W, "set it in reload_cmd: confd sets only the last nine bits", _mode_bits),
    Rule("missing-src", _E, "add the template, or correct `src`", _missing_src),
    Rule("missing-part", _E, "add the template, or correct `templates`", _missing_part),
    Rule("src-outside", _W, "keep templates below templates/", _src_outside),
    Rule("check-cmd", _E, "fix the template: confd knows only {{.src}} in it", _check_cmd),
    Rule("check-action", _W, "write {{.src}}, the new file, or {{.dest}}", _check_action),
    Rule("reload-action", _N, "only {{.src}} and {{.dest}} are replaced", _reload_action),
    Rule("check-without-src", _W, "pass {{.src}} to the command", _check_without_src),
    Rule("only-confd-lib", _N, "remove it if confd itself runs this", _only_confd_lib),
)
