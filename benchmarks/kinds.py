"""Loops of one line, one for each kind of value or action: `python -m benchmarks.kinds` beside Go.

Where a workload mixes kinds, a slow one hides behind the others. With words, only the loops that
have one of them in their name.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.comparison import GO, compare
from benchmarks.data import Data
from benchmarks.engines import python_engines
from benchmarks.golang import Go
from benchmarks.timing import QUICK
from benchmarks.workloads import Maps, Workload

_KEYS: Final = {"/host/master": "1", "/host/replica": "2", "/host/arbiter": "3", "/port": "80"}
# What stands in `{{range .Rows}}…{{end}}`, before the end of a line.
BODIES: Final[Mapping[str, str]] = {
    "text": "{{.Name}} {{.Ip}} {{.Role}}",
    "one text": "{{.Name}}",
    "int": "{{.Port}} {{.Weight}}",
    "float": "{{.Load}}",
    "float twice": "{{.Load}} {{.Load}}",
    "nil": "{{.Note}}",
    "bool": "{{.Up}}",
    "mixed": "{{.Name}} {{.Port}} {{.Load}} {{.Up}}",
    "list": "{{.Tags}}",
    "map": "{{.Labels}}",
    "deep": "{{.Meta.Zone.Name}} {{.Meta.Zone.Dc}}",
    "missing": "{{.Name}} {{.Nope}}",
    "root": "{{.Name}} {{$.Title}}",
    "if": "{{if .Up}}up{{else}}down{{end}}",
    "if missing": "{{if .Nope}}x{{end}}",
    "if two missing": "{{if .Nope}}x{{end}}{{if .Nor}}y{{end}}",
    "if nil": "{{if .Note}}x{{end}}",
    "if and": "{{if and .Up (gt .Port 8100)}}x{{end}}",
    "if between": "{{if and (ge .Port 8100) (lt .Port 8300)}}x{{end}}",
    "if not": "{{if not .Up}}x{{end}}",
    "if len": "{{if gt (len .Tags) 1}}x{{end}}",
    "else if": '{{if eq .Role "master"}}M{{else if eq .Role "replica"}}R{{else}}A{{end}}',
    "eq of fields": "{{if eq .Role .Name}}x{{end}}",
    "or": "{{or .Nope .Name}}",
    "with": "{{with .Meta}}{{.Rack}}{{with .Zone}} {{.Name}}{{end}}{{end}}",
    "range": "{{range .Tags}}{{.}} {{end}}",
    "range, int": "{{range 3}}{{.}}{{end}}",
    "range, index": "{{range $i, $t := .Tags}}{{$i}}={{$t}} {{end}}",
    "range, map": "{{range .Labels}}{{.}} {{end}}",
    "range, keys": "{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}",
    "variables": "{{$a := .Name}}{{$b := .Port}}{{$a}}:{{$b}}",
    "template": '{{template "one" .}}',
    "printf %s %d": '{{printf "%s:%d" .Ip .Port}}',
    "printf, constant": '{{printf "/host/%s/%s" .Role "port"}}',
    "printf, widths": '{{printf "%05d %-10s|" .Weight .Name}}',
    "printf %.2f": '{{printf "%.2f" .Load}}',
    "printf %v": '{{printf "%v/%v/%v" .Name .Load .Up}}',
    "printf %q": '{{printf "%q" .Name}}',
    "print one": "{{print .Port}}",
    "print": '{{print .Name ":" .Port}}',
    "html": "{{html .Name}}",
    "index, map": '{{index .Labels "Env"}}',
    "index, missing": '{{index .Labels "Nope"}}',
    "index, list": "{{index .Tags 1}}",
    "slice": "{{slice .Name 0 3}}",
    "len": "{{len .Tags}}",
    "function": '{{getv "/port"}} {{getv (printf "/host/%s" .Role)}}',
}
_OF_OTHERS: Final[Sequence[str]] = (
    *("text", "mixed", "deep", "nil", "if nil", "else if", "with", "template"),
)
_LOOP: Final = '{{define "one"}}{{.Name}}:{{.Port}}{{end}}{{range .Rows}}@\n{{end}}'


def kinds(rows: int = 400) -> list[Workload]:
    """Return the loops over dicts, and some of them over other maps and objects."""
    data = {"Rows": [_row(number) for number in range(rows)], "Title": "hosts"}
    others = itertools.product(_OF_OTHERS, ("ordered", "object"))
    return [
        *(_kind(name, body, data, "dict") for name, body in BODIES.items()),
        *(_kind(name, BODIES[name], data, maps) for name, maps in others),
    ]


def _kind(name: str, body: str, data: Data, maps: Maps) -> Workload:
    title = name if maps == "dict" else f"{name}, {maps}"
    texts = {".tmpl": _LOOP.replace("@", body)}
    return Workload(f"kind {title}", title, texts, data, _KEYS, maps=maps)


def _row(number: int) -> Data:
    return {
        "Name": f"host{number}",
        "Ip": f"10.0.{number >> 8}.{number & 255}",
        "Role": ("master", "replica", "arbiter")[number % 3],
        "Port": 8000 + number,
        "Weight": number % 7,
        "Load": number / 7,
        "Up": number % 3 != 0,
        "Note": None,
        "Tags": [f"t{number % 5}", f"u{number % 3}"],
        "Labels": {"Env": "production", "Tier": f"t{number % 3}", "Owner": "shop"},
        "Meta": {"Zone": {"Name": f"eu-{number % 4}", "Dc": "a"}, "Rack": number % 40},
    }


def main(words: Sequence[str]) -> None:
    """Print each loop's time in Go and the ratio to it, the slowest first."""
    chosen = [kind for kind in kinds() if not words or any(word in kind.title for word in words)]
    found, _ = python_engines()
    ours = next(engine for engine in found if engine.name == "gotmpl")
    with Go() as go:
        rows = compare(lambda engine, kind: engine.render(kind), [go, ours], chosen, QUICK)
    for row in sorted(rows, key=lambda row: row.ratio(ours.name) or 0, reverse=True):
        ratio, times = row.ratio(ours.name), row.times
        shown = row.faults.get(ours.name) if ratio is None else f"{ratio:.2f}"
        print(f"{row.workload.title:20} {times[GO] / 1000:8.1f} µs {shown:>6}")


if __name__ == "__main__":
    main(sys.argv[1:])
