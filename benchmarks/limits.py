"""The cost of limits: `python -m benchmarks.limits` renders each workload with and without them.

The renderings take turns within one process, and their medians are compared.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Mapping
from typing import Final

from benchmarks.engines import Functions, functions
from benchmarks.workloads import workloads
from gotmpl import Template

Rendering = tuple[str, object, Functions]  # a template, its data and its functions

LIMITS: Final[Mapping[str, Mapping[str, float]]] = {
    "none": {},
    "none again": {},
    "seconds, output": {"seconds": 30, "output": 64 << 20},
    "all": {"seconds": 30, "output": 64 << 20, "steps": 10**9},
}
_ROUNDS: Final = 60
_LEAST_S: Final = 0.004
_PEOPLE: Final = [{"name": f"n{n}", "port": n, "tags": ["a", "b"]} for n in range(2000)]
# Loops whose bodies do little, where limits weigh most.
LOOPS: Final = {
    "text": "{{range .}}x{{end}}",
    "field": "{{range .}}{{.name}}{{end}}",
    "field, text": "{{range .}}server {{.name}};{{end}}",
    "condition": "{{range .}}{{if eq .port 7}}x{{end}}{{end}}",
    "printf": '{{range .}}{{printf "%s:%d " .name .port}}{{end}}',
    "two variables": "{{range $i, $x := .}}{{$i}} {{end}}",
    "short lists": "{{range .}}{{range .tags}}{{.}}{{end}}{{end}}",
    "template": '{{define "a"}}{{.name}}{{end}}{{range .}}{{template "a" .}}{{end}}',
    "function": '{{range .}}{{getv "/a" .name}}{{end}}',
    "number": "{{range 2000}}{{.}}{{end}}",
    "map": "{{range .}}{{range $k, $v := .}}{{$k}}{{end}}{{end}}",
    "assignment": "{{$n := 0}}{{range .}}{{$n = .port}}{{end}}{{$n}}",
}


def tasks() -> dict[str, Rendering]:
    """Return the text, the data and the functions of each workload."""
    found: dict[str, Rendering] = {
        one.name: (one.texts[".tmpl"], one.python_data(), functions(one)) for one in workloads()
    }
    for name, text in LOOPS.items():
        found[f"loop: {name}"] = text, _PEOPLE, {"getv": lambda _, default: default}
    return found


def medians(text: str, data: object, functions: Functions) -> list[float]:
    """Return the seconds of CPU of a rendering for each of `LIMITS`."""
    made = [
        Template("t").funcs(functions).parse(text).limits(**limits)  # type: ignore[arg-type]  # a mapping has one type of values
        for limits in LIMITS.values()
    ]
    times: list[list[float]] = [[] for _ in made]
    count = _count(made[0], data)
    for turn in range(_ROUNDS):
        for place in range(len(made)):
            index = (place + turn) % len(made)
            times[index].append(_seconds(made[index], data, count))
    return [statistics.median(one) for one in times]


def _count(template: Template, data: object) -> int:
    template.render(data)
    return max(1, round(_LEAST_S / max(_seconds(template, data, 1), 1e-6)))


def _seconds(template: Template, data: object, count: int) -> float:
    begun = time.thread_time()
    for _ in range(count):
        template.render(data)
    return (time.thread_time() - begun) / count


def main() -> None:
    """Print a line for each workload: microseconds without limits, and per cent more with them."""
    _, *others = LIMITS
    sys.stdout.write(f"{'workload':22}{'µs':>9}{''.join(f'{name:>17}' for name in others)}\n")
    for name, task in tasks().items():
        base, *rest = medians(*task)
        more = "".join(f"{(one / base - 1) * 100:+16.1f}%" for one in rest)
        sys.stdout.write(f"{name:22}{base * 1e6:9.0f}{more}\n")


if __name__ == "__main__":
    main()
