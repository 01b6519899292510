"""The script by which fish completes the commands: a line for each flag, word and value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from confd_lib.command.completion.outline import Command, Option, every


def script(commands: Sequence[Command]) -> str:
    """Return the script.

    Args:
        commands: the commands that it completes.
    """
    names = ", ".join(command.name for command in commands)
    lines = [f"# fish completion for {names}, printed by `confd-lib completion fish`"]
    for top in commands:
        lines.append(f"complete -c {top.name} -f")
        lines += [line for command in every(top) for line in _lines(top, command)]
    return "\n".join([*lines, ""])


def _lines(top: Command, command: Command) -> Iterator[str]:
    word = command.name.partition(" ")[2]
    head = f"complete -c {top.name}"
    if word:
        head += f" -n '__fish_seen_subcommand_from {word}'"
    elif top.commands:
        head += " -n __fish_use_subcommand"
    for option in command.options:
        names = "".join(f" {_name(name)}" for name in option.names)
        yield f"{head}{names}{_value(option)} -d {_quoted(option.about)}"
    for one in command.commands:
        yield f"{head} -a {one.name.rpartition(' ')[2]} -d {_quoted(one.brief)}"
    for argument in command.arguments:
        if argument.is_known:
            yield f"{head}{_offers(argument)}"


def _name(name: str) -> str:
    """Return the flag of `complete` for a spelling: `-x`, `-old` or `--long`."""
    if name.startswith("--"):
        return f"-l {name[2:]}"
    return f"-s {name[1:]}" if len(name) == 2 else f"-o {name[1:]}"


def _value(option: Option) -> str:
    """Return the flags of `complete` by which a flag takes a value."""
    if not option.value:
        return ""
    return f" {'-r' if option.takes_file else '-x'}{_offers(option)}"


def _offers(option: Option) -> str:
    """Return the flags of `complete` that say which values are offered."""
    if option.choices:
        return f" -a {_quoted(' '.join(option.choices))}"
    if option.takes_folder:
        return " -a '(__fish_complete_directories)'"
    return " -F" if option.takes_file else ""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("'", r"\'")
    return f"'{escaped}'"
