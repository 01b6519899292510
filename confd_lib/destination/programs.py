"""The programs that a shell command starts, as far as its text shows them, and whether they exist.

Only words that are plain text are judged. Runs none of the programs.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Final

from confd_lib.destination import commands
from confd_lib.errors import CommandError

_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=", re.ASCII)
# What the shell replaces before it looks for a program, and actions of templates.
_NOT_PLAIN: Final = re.compile(r"[$`*?\[~]|\{\{")
_SEPARATORS: Final = frozenset([";", "&", "&&", "||", "|", "(", ")", ";;", "|&"])
# After these a command begins; the others of the shell's words end one.
_BEFORE_COMMAND: Final = frozenset(
    ["if", "then", "else", "elif", "do", "while", "until", "!", "{", "time", "exec"]
)
_NO_COMMAND: Final = frozenset(
    ["for", "case", "in", "esac", "fi", "done", "}", "function", "select"]
)
_SECONDS: Final = 10


def programs(command: str) -> list[str]:
    """Return the words at which the simple commands of a shell command begin.

    >>> programs("cd /tmp && LANG=C nginx -t -c {{.src}} 2>&1 | grep -q ok; $RELOAD now")
    ['cd', 'nginx', 'grep']
    """
    lexer = shlex.shlex(command.replace("\n", ";"), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(_first_words(list(lexer)))
    except ValueError:  # a quotation without its end, which the shell reports
        return []


def _first_words(tokens: list[str]) -> Iterator[str]:
    begins, is_file = True, False
    for token in tokens:
        if token in _SEPARATORS:
            begins = True
        elif is_file or set(token) <= set("<>&"):
            is_file = not is_file and token[-1:] in "<>&"
        elif begins and token not in _BEFORE_COMMAND and not _ASSIGNMENT.match(token):
            begins = False
            if token not in _NO_COMMAND and not token.isdigit() and not _NOT_PLAIN.search(token):
                yield token


def missing(command: str) -> list[str]:
    """Return the programs of a shell command that do not exist.

    >>> missing("test -e /etc && /nonexistent/nginx -t")
    ['/nonexistent/nginx']
    """
    return [word for word in dict.fromkeys(programs(command)) if not _exists(word)]


def _exists(word: str) -> bool:
    """Ask the shell, which knows its own commands too.

    As a command like any other: process 1 would take the exit status of an unknown child.
    """
    try:
        commands.run("", f"command -v -- {shlex.quote(word)}", timeout=_SECONDS)
    except CommandError:
        return False
    return True
