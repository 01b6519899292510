"""Generate templates that no engine has seen: series of workloads of which none comes twice.

They are made of numbered pieces of a configuration, in four languages; a workload of a series has
numbers of its own, so that no action of it was in another.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from benchmarks.workloads import LANGUAGES, Workload

SIZE: Final = 100_000  # bytes of the large Go template
_FILES: Final = 40
_MOST_IN_A_FILE: Final = 8  # pieces

Series = Callable[[int], Workload]


class _Piece(NamedTuple):
    """Equal texts; `@` is their number."""

    tmpl: str
    jinja: str
    mako: str
    minijinja: str = ""  # where it has no operator `%`

    def text(self, language: str) -> str:
        """Return the text in a language."""
        return str(getattr(self, language.removeprefix("."))) or self.jinja


_PIECES: Final = (
    _Piece("name@ = {{.name@}}\n", "name@ = {{ name@ }}\n", "name@ = ${name@}\n"),
    _Piece(
        '{{printf "%05d" .port@}} {{.name@ | printf "%-8s|"}}\n',
        '{{ "%05d" % port@ }} {{ "%-8s|" % name@ }}\n',
        '${"%05d" % port@} ${"%-8s|" % name@}\n',
        '{{ "%05d" | format(port@) }} {{ "%-8s|" | format(name@) }}\n',
    ),
    _Piece(
        '{{if eq .name@ "web"}}web@{{else if gt .port@ 1024}}high@{{else}}low@{{end}}\n',
        '{% if name@ == "web" %}web@{% elif port@ > 1024 %}high@{% else %}low@{% endif %}\n',
        '% if name@ == "web":\nweb@\\\n% elif port@ > 1024:\nhigh@\\\n% else:\nlow@\\\n% endif\n\n',
    ),
    _Piece(
        "{{range $i@, $x@ := .list@}}{{if $i@}}, {{end}}{{$x@}}{{end}}\n",
        "{% for x@ in list@ %}{% if loop.index0 %}, {% endif %}{{ x@ }}{% endfor %}\n",
        '% for i@, x@ in enumerate(list@):\n${", " if i@ else ""}${x@}\\\n% endfor\n\n',
    ),
    _Piece(
        '{{with .map@}}{{.ip}}:{{.port}} {{getv "/key/@" "none"}}{{end}}\n',
        '{% with m@ = map@ %}{{ m@.ip }}:{{ m@.port }} {{ getv("/key/@", "none") }}{% endwith %}\n',
        '<% m@ = map@ %>${m@["ip"]}:${m@["port"]} ${getv("/key/@", "none")}\n',
    ),
    _Piece(
        "{{$v@ := .name@}}{{if and .port@ (not .off@)}}{{$v@}} {{len .list@}}{{end}}\n",
        "{% set v@ = name@ %}{% if port@ and not off@ %}{{ v@ }} {{ list@ | length }}{% endif %}\n",
        "<% v@ = name@ %>\\\n% if port@ and not off@:\n${v@} ${len(list@)}\\\n% endif\n\n",
    ),
    _Piece(
        "{{range .rows@}}server {{.name}} {{.ip}}:{{.port}}{{if .backup}} backup{{end}}\n{{end}}",
        "{% for r@ in rows@ %}server {{ r@.name }} {{ r@.ip }}:{{ r@.port }}"
        "{% if r@.backup %} backup{% endif %}\n{% endfor %}",
        '% for r@ in rows@:\nserver ${r@["name"]} ${r@["ip"]}:${r@["port"]}'
        '${" backup" if r@["backup"] else ""}\n% endfor\n',
    ),
    _Piece(
        "{{range $k@, $v@ := .map@}}{{$k@}}={{$v@}};{{end}} {{len .rows@}}\n",
        "{% for k@, v@ in map@ | dictsort %}{{ k@ }}={{ v@ }};{% endfor %} {{ rows@ | length }}\n",
        "% for k@, v@ in sorted(map@.items()):\n${k@}=${v@};\\\n% endfor\n ${len(rows@)}\n",
    ),
)


def series() -> Mapping[str, Series]:
    """Return the series by name."""
    return {"forty": forty, "large": large}


def forty(turn: int) -> Workload:
    """Return forty small files, with data for them."""
    title = "forty small files"
    groups = [[(f"{turn}_{n}", _chosen(n))] for n in range(_FILES)]
    return _workload("forty", title, groups)


def _chosen(number: int) -> Sequence[_Piece]:
    """Return the pieces of a file: six to eight, beginning with another one for each file."""
    rest = itertools.islice(itertools.cycle(_PIECES), number, None)
    return list(itertools.islice(rest, number % 3 + _MOST_IN_A_FILE - 2))


def large(turn: int) -> Workload:
    """Return a template of 100 KB with conditions, ranges and calls, and data for it."""
    return _workload("large", "100 KB with ranges", [[(n, _PIECES) for n in _numbers(turn)]])


def _numbers(turn: int) -> Sequence[str]:
    """Return the numbers of as many groups of pieces as make up the size."""
    found, size = list[str](), 0
    for count in itertools.count():
        number = f"{turn}_{count}"
        size += len(_text(number, _PIECES, ".tmpl"))
        if size > SIZE:
            return found
        found.append(number)
    raise AssertionError


_Group = tuple[str, Sequence[_Piece]]


def _workload(name: str, title: str, files: Sequence[Sequence[_Group]]) -> Workload:
    texts = {
        language: "\f".join(
            "".join(_text(number, pieces, language) for number, pieces in file) for file in files
        )
        for language in LANGUAGES
    }
    data: dict[str, object] = {}
    for place, (number, _) in enumerate(itertools.chain.from_iterable(files)):
        data |= _data(number, place)
    return Workload(name, title, texts, data, {})


def _text(number: str, pieces: Sequence[_Piece], language: str) -> str:
    return "".join(piece.text(language).replace("@", number) for piece in pieces)


def _data(number: str, place: int) -> Mapping[str, object]:
    address = f"10.0.0.{place % 250}"
    return {
        f"name{number}": ("web", "db", "cache")[place % 3],
        f"port{number}": 80 * place + 1,
        f"list{number}": [place, place + 1, place + 2],
        f"map{number}": {"ip": address, "port": place},
        f"off{number}": place % 4 == 0,
        f"rows{number}": [
            {"name": f"web{n}", "ip": address, "port": 8000 + n, "backup": n == 2} for n in range(3)
        ],
    }
