"""A trace as one page: the template on the left, the output on the right, and lines between them.

The page needs no network and no server. Knows traces; nothing of how they are made.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

import gotmpl
from confd_lib.tracing import web
from confd_lib.tracing.records import OutputLine, Piece, Read, keys_of, missing


def page(
    name: str,
    source: str,
    lines: Iterable[OutputLine],
    reads: Sequence[Read],
    error: gotmpl.ExecError | None,
) -> str:
    """Return the page of a trace, whose attributes the arguments are."""
    lines = [line for line in lines if line.pieces]
    head = (
        f"<header><h1>{escape(name)}</h1><p>{len(lines)} lines from {len(keys_of(reads))} keys, "
        f"{len(reads)} reads, {len(missing(reads))} of missing keys</p></header>"
    )
    shown = _template(source, lines, reads)
    body = (
        f'{head}<main><div class="sheets">'
        f'<section id="template"><h2>Template</h2><ol>{shown}</ol></section>'
        '<svg id="links" aria-hidden="true"></svg>'
        f'<section id="output"><h2>Output</h2><ol>{"".join(map(_output_line, lines))}</ol>'
        f"{_error(error)}</section></div>"
        f'<p id="told">Point at a line of the output to see its origin.</p>'
        f"{_reads(reads)}</main>"
    )
    return web.page(f"Trace of {name}", body, style=_STYLE, script=_SCRIPT)


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
    """Set off what stands between delimiters; a line is not always the whole of an action."""
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
    rows = "".join(dict.fromkeys(map(_read, reads)))
    heads = "".join(f"<th>{head}</th>" for head in ("Line", "Asked", "Outcome", "Value or keys"))
    return (
        f'<table id="reads"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        if rows
        else "<p>Nothing was asked of the store.</p>"
    )


def _read(read: Read) -> str:
    answer = read.value if read.value is not None else "\n".join(read.keys)
    return (
        f'<tr class="{read.outcome}"><td>{read.line}</td><td><code>{escape(read.function)} '
        f"{escape(read.argument)}</code></td><td><span>{read.outcome}</span></td>"
        f"<td><code>{escape(answer)}</code></td></tr>"
    )


_STYLE: Final = """
.sheets { display: grid; grid-template-columns: minmax(0, 1fr) 5rem minmax(0, 1fr); }
.sheets section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  overflow: hidden; align-self: start; }
h2 { font-size: .82rem; font-weight: 550; color: var(--soft); margin: 0; padding: .6rem 1rem;
  border-bottom: 1px solid var(--line); }
ol { list-style: none; margin: 0; padding: .4rem 0; counter-reset: line; }
li { display: flex; gap: .9rem; padding-right: .8rem; cursor: default; }
li::before { content: attr(data-line); flex: none; width: 2.4rem; text-align: right;
  color: var(--soft); font: .78rem/1.75 var(--mono); }
li code { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0; }
#template b { font-weight: 400; color: var(--accent); }
#template .unused code { opacity: .62; }
mark { background: var(--mark); color: inherit; border-radius: .2rem; padding: .05rem .1rem; }
li.on { background: var(--mark); }
li.on mark { background: var(--card); }
#links { width: 100%; height: 100%; overflow: visible; }
#links path { fill: none; stroke: var(--line); stroke-width: 1.4; }
#links path.keyed { stroke: var(--accent); opacity: .38; }
.pointing #links path { opacity: .1; }
.pointing #links path.on { stroke: var(--accent); stroke-width: 2.2; opacity: 1; }
#told { position: sticky; bottom: 0; margin: 1rem 0; padding: .7rem 1rem; min-height: 2.9rem;
  background: var(--card); border: 1px solid var(--line); border-radius: .6rem; color: var(--soft);
  font: .84rem/1.6 var(--mono); white-space: pre-wrap; }
.error { color: var(--missed); background: var(--missed-back); margin: 0; padding: .7rem 1rem;
  font: .84rem/1.5 var(--mono); }
#reads { border-collapse: collapse; width: 100%; background: var(--card); }
#reads th { text-align: left; color: var(--soft); font-weight: 550; font-size: .82rem; }
#reads th, #reads td { padding: .35rem .8rem; border: solid var(--line); border-width: 1px 0;
  vertical-align: top; }
#reads code { white-space: pre-wrap; overflow-wrap: anywhere; }
#reads span { border-radius: 1rem; padding: 0 .6rem; font-size: .78rem; border: 1px solid; }
.hit span { color: var(--taken); } .missing span { color: var(--missed); }
.default span { color: var(--partly); }
@media (max-width: 48rem) { .sheets { grid-template-columns: minmax(0, 1fr); gap: 1rem; }
  #links { display: none; } }
"""

_SCRIPT: Final = """
const links = document.getElementById("links"), told = document.getElementById("told");
const template = new Map([...document.querySelectorAll("#template li")]
  .map(line => [line.dataset.line, line]));
const output = [...document.querySelectorAll("#output li")];
const joined = output.flatMap(line => line.dataset.from.split(",").filter(Boolean)
  .map(number => ({ from: template.get(number), to: line, path: curve(line) })));

function curve(line) {
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  if (line.dataset.keys) path.classList.add("keyed");
  return links.appendChild(path);
}

function draw() {
  const box = links.getBoundingClientRect();
  const middle = line => { const at = line.getBoundingClientRect();
    return at.top + at.height / 2 - box.top; };
  for (const { from, to, path } of joined) {
    const left = middle(from), right = middle(to), half = box.width / 2;
    path.setAttribute("d",
      `M 0 ${left} C ${half} ${left} ${half} ${right} ${box.width} ${right}`);
  }
}

function point(test) {
  for (const { from, to, path } of joined) {
    const on = test(from, to);
    if (on) { from.classList.add("on"); to.classList.add("on"); path.classList.add("on"); }
  }
}

function clear() {
  document.querySelectorAll(".on").forEach(one => one.classList.remove("on"));
  document.body.classList.remove("pointing");
}

function tell(line) {
  const keys = line.dataset.keys || "no key", asked = line.dataset.if;
  told.textContent = keys + (asked ? "\\nif " + asked.split("\\n").join(", ") : "");
}

function listen(line, test, then) {
  line.addEventListener("mouseenter", () => {
    clear(); document.body.classList.add("pointing"); point(test); then(); });
  line.addEventListener("mouseleave", clear);
}

output.forEach(line => listen(line, (from, to) => to === line, () => tell(line)));
template.forEach(line => listen(line, from => from === line, () => {}));
addEventListener("resize", draw);
draw();
"""
