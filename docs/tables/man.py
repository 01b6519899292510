"""The man pages of the commands, made of their outlines and of the tables of settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from confd_lib.command.completion import outline
from confd_lib.command.completion.outline import Command, Option
from confd_lib.command.settings import usage
from confd_lib.command.settings.table import TABLE
from confd_lib.command.tool import cli as tool
from confd_lib.confdir.resource import FIELDS, TemplateResource
from docs.tables import attributes, roff, settings, statuses
from docs.tables.roff import bold, italic, section
from gotmpl.command import cli as gotmpl

# A page has to have a date; it is that of the last change of the words below.
_DATE: Final = "2026-11-26"
_OWN: Final = "options"
_WORDS: Final = "positional arguments"
_ABOUT: Final = {
    "confd": "confd reads template resources, TOML files below the folder conf.d, asks a store for "
    "the keys that they name, renders their templates, and writes the files that differ: each is "
    "staged beside the old one, checked by check_cmd, swapped in one step, and followed by "
    "reload_cmd. Flags and rules are those of confd 0.16. A flag has one dash or two; its value "
    "is the next word, or follows an equals sign.",
    "confd-lib": "confd-lib is for all work on templates but running them, which is that of confd. "
    "It writes no destinations.",
    "gotmpl": "gotmpl renders templates of Go's package text/template, without Go and without "
    "confd.",
}
_SIGNALS: Final = {
    "SIGHUP": "reads conf.d again, and begins a pass",
    "SIGTERM, SIGINT": "ends after the step in hand; a second one leaves at once",
    "others": "go to the child of -exec, if there is one",
}
_FILES: Final = {
    "/etc/confd/conf.d/*.toml": "the template resources",
    "/etc/confd/templates": "the templates",
    "/etc/confd/confd.toml": "the settings: each flag but -config-file, -exec and -version by its "
    "name, a table [exec], and [[layer]] tables",
}


def confd() -> str:
    """Return the page of `confd`."""
    command = outline.of_confd()
    own, stores = command.groups.values()
    return _page(
        command,
        section("Description", roff.paragraph(_ABOUT[command.name])),
        section("Flags", _options(own)),
        section("Flags of stores", _options(stores), roff.paragraph(usage.ignored())),
        section("Template resources", _RESOURCES, roff.entries(_fields())),
        section("Environment", roff.entries(_variables())),
        section("Files", roff.entries((bold(name), text) for name, text in _FILES.items())),
        section("Signals", roff.entries((bold(name), text) for name, text in _SIGNALS.items())),
        _exit_status("confd"),
        section("Examples", roff.entries(_examples())),
    )


_RESOURCES: Final = roff.paragraph("The settings of the table [template] of a file in conf.d:")


def _fields() -> Iterator[tuple[str, str]]:
    meanings = attributes.of(TemplateResource)
    for name, kind in FIELDS.items():
        yield f"{bold(name)} ({roff.escape(kind.name)})", meanings[name]


def _variables() -> Iterator[tuple[str, str]]:
    for flag in TABLE:
        if flag.variable:
            yield bold(flag.variable), f"stands for -{flag.name}"
    for variable, (name, stores) in settings.of_stores().items():
        yield bold(variable), f"stands for -{name} of backend {' and '.join(stores)}"


def _examples() -> Iterator[tuple[str, str]]:
    for command, about in usage.EXAMPLES.items():
        yield bold(command), about


def confd_lib() -> str:
    """Return the page of `confd-lib`."""
    return _of_tool(outline.of_parser(tool._parser()))


def gotmpl_() -> str:
    """Return the page of `gotmpl`."""
    return _of_tool(outline.of_parser(gotmpl.parser()))


# -- Pages of commands with commands


def _of_tool(command: Command) -> str:
    """Return a page with a part for each command; groups that several have stand once."""
    shared = {
        title: options
        for inner in command.commands
        for title, options in inner.groups.items()
        if title not in (_OWN, _WORDS)
    }
    return _page(
        command,
        section("Description", roff.paragraph(_ABOUT[command.name])),
        section("Flags", _options(command.options)),
        section("Commands", *map(_command, command.commands)),
        *(section(f"Flags of {title}", _options(options)) for title, options in shared.items()),
        _exit_status(command.name),
        section("Examples", *(roff.literal(_lines_of(one)) for one in command.commands)),
    )


def _command(command: Command) -> str:
    shared = [title for title in command.groups if title not in (_OWN, _WORDS)]
    about = command.about + "".join(f" It takes the flags of {title} too." for title in shared)
    return roff.part(
        command.name,
        f"{bold(command.name)} {roff.escape(command.synopsis)}",
        roff.paragraph(about),
        roff.entries((italic(one.value), _about(one)) for one in command.arguments),
        _options(one for one in command.groups.get(_OWN, ()) if "--help" not in one.names),
        *(
            roff.paragraph(text)
            for text in [command.notes.partition("Examples:")[0].strip()]
            if text
        ),
    )


def _lines_of(command: Command) -> str:
    return "\n".join(
        line.strip() for line in command.notes.partition("Examples:\n")[2].splitlines()
    )


# -- Parts of all pages


def _page(command: Command, *sections: str) -> str:
    others = [name for name in statuses.BY_COMMAND if name != command.name]
    parts = [
        roff.head(command.name, _DATE),
        section("Name", f"{roff.escape(command.name)} \\- {roff.escape(_phrase(command))}"),
        section("Synopsis", f"{bold(command.name)} {roff.escape(command.synopsis)}"),
        *sections,
        section("See also", ", ".join(f"{bold(name)}(1)" for name in others)),
    ]
    # An empty list leaves an empty line, which roff would print.
    return "".join(f"{line}\n" for one in parts for line in one.splitlines() if line)


def _phrase(command: Command) -> str:
    return command.brief[:1].lower() + command.brief[1:]


def _options(options: Iterator[Option] | tuple[Option, ...]) -> str:
    return roff.entries((_term(option), _about(option)) for option in options)


def _term(option: Option) -> str:
    """Return the names of an option; one that has a single dash needs no second one."""
    value = f" {italic(option.value)}" if option.value else ""
    names = (name for name in option.names if name.removeprefix("-") not in option.names)
    return ", ".join(map(bold, names)) + value


def _about(option: Option) -> str:
    """Return the help of an option, with its choices unless it names them."""
    if all(choice in option.about for choice in option.choices):
        return option.about
    return f"{option.about}: {', '.join(option.choices)}"


def _exit_status(command: str) -> str:
    found = statuses.BY_COMMAND[command]
    return section("Exit status", roff.entries((bold(n), text) for n, text in found.items()))
