"""A trace as an HTML page: the template on the left, the output on the right, lines between them.

The page loads nothing else. The module does not know how traces are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import gotmpl
from confd_lib.tracing import web
from confd_lib.tracing.records import OutputLine, Piece, Read, keys_of, missing

_HEADS: Final = ("Line", "Asked", "Outcome", "Value or keys")
_HINT: Final = (
    "Point at a line, or move to it with Tab and the arrow keys, to see where it comes from."
)


def page(
    name: str,
    source: str,
    lines: Iterable[OutputLine],
    reads: Sequence[Read],
    error: gotmpl.ExecError | None,
) -> str:
    """Return the page of a trace; the arguments are the attributes of the trace."""
    lines = [line for line in lines if line.pieces]
    head = (
        f"<header><h1>{escape(name)}</h1><p>{len(lines)} lines from {len(keys_of(reads))} keys, "
        f"{len(reads)} reads, {len(missing(reads))} of missing keys</p></header>"
    )
    shown = _template(source, lines, reads)
    body = (
        f'{head}<main><div class="sheets">'
        '<section id="template" class="card"><h2>Template</h2>'
        f'<ol class="lines">{shown}</ol></section>'
        '<svg id="links" aria-hidden="true"></svg>'
        '<section id="output" class="card"><h2>Output</h2>'
        f'<ol class="lines">{"".join(map(_output_line, lines))}</ol>'
        f"{_error(error)}</section></div>"
        f'<p id="origin" class="card" role="status">{_HINT}</p>'
        f"{_reads(reads)}</main>"
    )
    style = web.assets(__package__, "sheets.css", "trace.css")
    script = web.assets(__package__, "sheets.js", "trace.js")
    return web.page(f"Trace of {name}", body, style=style, script=script)


def _template(source: str, lines: Iterable[OutputLine], reads: Iterable[Read]) -> str:
    used = {number for line in lines for number in line.template_lines}
    asked = {read.line for read in reads}
    texts = source.removesuffix("\n").split("\n")
    return "".join(
        f'<li data-line="{i}" class="{_use(i, used, asked)}"><code>{_actions(text)}</code></li>'
        for i, text in enumerate(texts, 1)
    )


def _use(line: int, used: set[int], asked: set[int]) -> str:
    return "used" if line in used else "asked" if line in asked else "unused"


def _actions(text: str) -> str:
    """Return a line as HTML with its actions in bold; an action may span several lines."""
    shown = escape(text, quote=False).replace("{{", "<b>{{").replace("}}", "}}</b>")
    return shown or " "


def _output_line(line: OutputLine) -> str:
    origins = ",".join(map(str, line.template_lines))
    return (
        f'<li data-line="{line.number}" data-from="{origins}" data-keys="{_list(line.keys)}" '
        f'data-if="{_list(line.conditions)}"><code>{"".join(map(_piece, line.pieces)) or " "}'
        f"</code></li>"
    )


def _piece(piece: Piece) -> str:
    text = escape(piece.text, quote=False)
    if not piece.keys:
        return text
    return f'<mark title="{_list(piece.keys)}">{text}</mark>'


def _list(keys: Iterable[str]) -> str:
    return escape("\n".join(keys))


def _error(error: gotmpl.ExecError | None) -> str:
    return "" if error is None else f'<p class="error">{escape(str(error))}</p>'


def _reads(reads: Iterable[Read]) -> str:
    rows = [web.row(_HEADS, _read(read), read.outcome) for read in reads]
    if not rows:
        return "<p>The template does not read the store.</p>"
    return web.table(_HEADS, dict.fromkeys(rows))


def _read(read: Read) -> tuple[str, ...]:
    answer = read.value if read.value is not None else "\n".join(read.keys)
    return (
        str(read.line),
        f"<code>{escape(read.function)} {escape(read.argument)}</code>",
        f'<span class="label">{read.outcome}</span>',
        f"<code>{escape(answer)}</code>" if answer else "",
    )
