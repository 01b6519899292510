"""The script by which zsh completes the commands, with what each flag does.

It may be sourced, or lie in a folder of `$fpath` as a file `_confd_lib`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from confd_lib.command.completion.outline import Command, Option, every

_SCRIPT: Final = r"""#compdef {names}
# zsh completion for {names}, printed by `confd-lib completion zsh`

_confd_lib() {{
    local command=${{words[1]:t}} flag=${{words[CURRENT-1]}} word
    local -a flags entries
    case $command in
    ({parents})
        for word in "${{(@)words[2,CURRENT-1]}}"; do
            [[ $word == -* ]] && continue
            command+=" $word"
            break
        done
        ;;
    esac
    if [[ $PREFIX == -*=* ]]; then
        flag=${{PREFIX%%=*}}
        compset -P '*='
    fi
    case "$command $flag" in
{values}
    esac
    case $command in
{commands}
    esac
    if [[ $PREFIX == -* ]]; then
        _describe -o flag flags
    elif (( $#entries )); then
        _describe word entries
    fi
}}

compdef _confd_lib {names}
if [[ $funcstack[1] == _confd_lib ]]; then
    _confd_lib "$@"
fi
"""


def script(commands: Sequence[Command]) -> str:
    """Return the script.

    Args:
        commands: the commands that it completes.
    """
    inner = [command for top in commands for command in every(top)]
    return _SCRIPT.format(
        names=" ".join(command.name for command in commands),
        parents="|".join(command.name for command in commands if command.commands),
        values="\n".join(line for command in inner for line in _values(command)),
        commands="\n".join(map(_command, inner)),
    )


def _values(command: Command) -> Iterator[str]:
    """Yield a line for each flag with a value: what may stand behind it."""
    for option in command.options:
        if option.value:
            spellings = "|".join(shlex.quote(f"{command.name} {name}") for name in option.names)
            yield f"    ({spellings}) {_action(option)}; return ;;"


def _command(command: Command) -> str:
    """Return the lines with the flags of a command, and with what else may stand there."""
    flags = " ".join(
        _entry(name, option.about) for option in command.options for name in option.names
    )
    words = [_entry(one.name.rpartition(" ")[2], one.brief) for one in command.commands]
    words += [shlex.quote(choice) for one in command.arguments for choice in one.choices]
    files = [one for one in command.arguments if one.takes_file or one.takes_folder]
    lines = [f"    ({shlex.quote(command.name)})", f"        flags=({flags})"]
    lines += [f"        entries=({' '.join(words)})"] if words else []
    lines += [f"        [[ $PREFIX == -* ]] || {_action(files[0])}"] if files else []
    return "\n".join([*lines, "        ;;"])


def _entry(word: str, about: str) -> str:
    escaped = word.replace(":", r"\:")
    return shlex.quote(f"{escaped}:{about}")


def _action(option: Option) -> str:
    if option.choices:
        return f"compadd -- {shlex.join(option.choices)}"
    if option.takes_folder:
        return "_files -/"
    return "_files" if option.takes_file else f"_message {shlex.quote(option.value)}"
