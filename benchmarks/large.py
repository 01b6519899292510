"""Generate a large template to measure parsing: 100 KB, in which no action comes twice.

It repeats numbered pieces of a configuration, in three languages.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Final

from benchmarks.workloads import LANGUAGES, Workload

SIZE: Final = 100_000  # bytes of the Go template

# Equal pieces; `@` is their number.
_PIECES: Final = (
    ("name@ = {{.name@}}\n", "name@ = {{ name@ }}\n", "name@ = ${name@}\n"),
    (
        '{{printf "%05d" .port@}} {{.name@ | printf "%-8s|"}}\n',
        '{{ "%05d" % port@ }} {{ "%-8s|" % name@ }}\n',
        '${"%05d" % port@} ${"%-8s|" % name@}\n',
    ),
    (
        '{{if eq .name@ "web"}}web@{{else if gt .port@ 1024}}high@{{else}}low@{{end}}\n',
        '{% if name@ == "web" %}web@{% elif port@ > 1024 %}high@{% else %}low@{% endif %}\n',
        '% if name@ == "web":\nweb@\\\n% elif port@ > 1024:\nhigh@\\\n% else:\nlow@\\\n% endif\n\n',
    ),
    (
        "{{range $i@, $x@ := .list@}}{{if $i@}}, {{end}}{{$x@}}{{end}}\n",
        "{% for x@ in list@ %}{% if loop.index0 %}, {% endif %}{{ x@ }}{% endfor %}\n",
        '% for i@, x@ in enumerate(list@):\n${", " if i@ else ""}${x@}\\\n% endfor\n\n',
    ),
    (
        '{{with .map@}}{{.ip}}:{{.port}} {{getv "/key/@" "none"}}{{end}}\n',
        '{% with m@ = map@ %}{{ m@.ip }}:{{ m@.port }} {{ getv("/key/@", "none") }}{% endwith %}\n',
        '<% m@ = map@ %>${m@["ip"]}:${m@["port"]} ${getv("/key/@", "none")}\n',
    ),
    (
        "{{$v@ := .name@}}{{if and .port@ (not .off@)}}{{$v@}} {{len .list@}}{{end}}\n",
        "{% set v@ = name@ %}{% if port@ and not off@ %}{{ v@ }} {{ list@ | length }}{% endif %}\n",
        "<% v@ = name@ %>\\\n% if port@ and not off@:\n${v@} ${len(list@)}\\\n% endif\n\n",
    ),
)


def large() -> Workload:
    """Return the template, with data for it."""
    count = _count()
    data: dict[str, object] = {}
    for number in range(count):
        data |= _data(number)
    texts = {suffix: _text(count, index) for index, suffix in enumerate(LANGUAGES)}
    return Workload("large", "100 KB of varied actions", texts, data, {}, must=0.60, aim=0.35)


def _count() -> int:
    """Return how many groups make up the size."""
    sizes = itertools.accumulate(len(_group(number, 0)) for number in itertools.count())
    return sum(1 for _ in itertools.takewhile(lambda size: size <= SIZE, sizes))


def _text(count: int, language: int) -> str:
    return "".join(_group(number, language) for number in range(count))


def _group(number: int, language: int) -> str:
    return "".join(piece[language].replace("@", str(number)) for piece in _PIECES)


def _data(number: int) -> Mapping[str, object]:
    return {
        f"name{number}": ("web", "db", "cache")[number % 3],
        f"port{number}": 80 * number + 1,
        f"list{number}": [number, number + 1, number + 2],
        f"map{number}": {"ip": f"10.0.0.{number % 250}", "port": number},
        f"off{number}": number % 4 == 0,
    }
