"""The ten functions of sprig that charts call most, by gotmpl beside gotpl, in one run.

    python -m benchmarks.sprig

Each template calls one of them a hundred times; both engines must write the same. Knows no Go.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from benchmarks.engines import Calls
from benchmarks.timing import FULL, QUICK, Effort, medians
from gotmpl import Template
from gotmpl.sprig import functions

# A call of each, the most frequent first.
CALLS: Final[Mapping[str, str]] = {
    "dict": '(dict "name" .name "port" .port).name',
    "nindent": ".text | nindent 8",
    "quote": ".name | quote",
    "indent": ".text | indent 4",
    "default": '.missing | default "none"',
    "list": "list .name .name .name | len",
    "trunc": ".text | trunc 10",
    "trimSuffix": '.name | trimSuffix "-"',
    "empty": "empty .missing",
    "b64enc": ".text | b64enc",
}
DATA: Final = {"name": "release-", "port": 8080, "text": "a: 1\nb:\n  - c\n  - d\n"}
_TIMES: Final = 100


def template(call: str) -> str:
    """Return a template of many calls."""
    return f"{{{{ {call} }}}}\n" * _TIMES


def tasks() -> dict[tuple[str, str], Calls]:
    """Return the tasks by function and engine.

    Raises:
        ValueError: the engines write different texts.
    """
    made: dict[tuple[str, str], Calls] = {}
    for name, call in CALLS.items():
        ours, theirs = _ours(template(call)), _theirs(template(call))
        if ours.output() != theirs.output():
            raise ValueError(f"{name}: the engines write different texts")
        made[name, "gotmpl"], made[name, "gotpl"] = ours, theirs
    return made


def _ours(text: str) -> Calls:
    made = Template("t").funcs(functions()).parse(text)
    return Calls(lambda: made.render(DATA), lambda: made.render(DATA))


def _theirs(text: str) -> Calls:
    import gotpl  # noqa: PLC0415
    from gotpl.funcs.sprig import text_func_map  # noqa: PLC0415

    made = gotpl.Template(text, functions=text_func_map())
    return Calls(lambda: made.render(DATA), lambda: made.render(DATA))


def table(effort: Effort) -> str:
    """Return the microseconds of each call as a table of Markdown."""
    times = medians(tasks(), effort)
    lines = ["| function | gotmpl, µs a call | gotpl, µs a call | ratio |", "|---|---|---|---|"]
    for name in CALLS:
        ours, theirs = (times[name, engine] / 1000 / _TIMES for engine in ("gotmpl", "gotpl"))
        lines.append(f"| `{name}` | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(QUICK if "--quick" in sys.argv else FULL))
