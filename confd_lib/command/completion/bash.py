"""The script by which bash completes the commands.

One function finds the command and the flag before the cursor; two `case` statements, made of the
outlines, say what may stand there.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from confd_lib.command.completion.outline import Command, Option, every

_SCRIPT: Final = r"""# bash completion for {names}, printed by `confd-lib completion bash`

_confd_lib() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} flag=${{COMP_WORDS[COMP_CWORD - 1]}}
    local command=${{COMP_WORDS[0]##*/}} IFS=$' \t\n' word kind='' words='' flags=''
    # Readline makes three words of --flag=value.
    if [[ $cur == '=' ]]; then
        cur=''
    elif [[ $flag == '=' ]]; then
        flag=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    case $command in
    {parents})
        for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
            [[ $word == -* ]] && continue
            command+=" $word"
            break
        done
        ;;
    esac
    case "$command $flag" in
{values}
    esac
    if [[ -z $kind ]]; then
        case $command in
{commands}
        esac
        if [[ $cur == -* || -z $kind ]]; then
            kind=words words=$flags
        fi
    fi
    case $kind in
    words) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur") ;;
    files) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    folders) compopt -o filenames && mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    *) COMPREPLY=() ;;
    esac
}}

complete -F _confd_lib {names}
"""


def script(commands: Sequence[Command]) -> str:
    """Return the script.

    Args:
        commands: the commands that it completes.
    """
    inner = [command for top in commands for command in every(top)]
    return _SCRIPT.format(
        names=" ".join(command.name for command in commands),
        parents=" | ".join(command.name for command in commands if command.commands),
        values="\n".join(line for command in inner for line in _values(command)),
        commands="\n".join(map(_command, inner)),
    )


def _values(command: Command) -> Iterator[str]:
    """Yield a line for each flag with a value: what may stand behind it."""
    for option in command.options:
        if option.value:
            spellings = " | ".join(shlex.quote(f"{command.name} {name}") for name in option.names)
            yield f"    {spellings}) {_kind(option)} ;;"


def _command(command: Command) -> str:
    """Return a line with the flags of a command, and with what else may stand there."""
    words = [inner.name.rpartition(" ")[2] for inner in command.commands]
    taken = [one for one in command.arguments if one.is_known]
    kind = f" kind=words words={shlex.quote(' '.join(words))}" if words else ""
    if taken:
        kind = f" {_kind(taken[0])}"
    flags = " ".join(name for option in command.options for name in option.names)
    return f"        {shlex.quote(command.name)}) flags={shlex.quote(flags)}{kind} ;;"


def _kind(option: Option) -> str:
    if option.choices:
        return f"kind=words words={shlex.quote(' '.join(option.choices))}"
    if option.takes_folder:
        return "kind=folders"
    return "kind=files" if option.takes_file else "kind=anything"
