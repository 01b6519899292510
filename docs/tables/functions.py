"""docs/functions.md: each function of a template, with its signature, examples and version.

What a function does is the first line of its docstring, its types are those that templates see,
and each result is what the example renders as. Only the order, the examples and the versions of
confd stand here.
"""

from __future__ import annotations

import inspect
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final, NamedTuple
from unittest import mock

import yaml

import confd_lib
from confd_lib import funcs
from confd_lib.funcs import lookup, system
from confd_lib.lint.targets import SYNTAX, TARGETS
from confd_lib.store.store import Store
from docs.tables.markdown import table
from gotmpl import BUILTINS
from gotmpl.golang.time import Time
from gotmpl.values.signatures import Signature

Function = Callable[..., object]

_INTRO: Final = """# Functions

The functions that a template can call: first those of confd, in the order in which people look for
them, then those that Go has built in. Beside them there are [the functions of sprig](sprig.md), for
those who ask for them, and functions of your own (`funcs`).

A call is the name with the arguments behind it, `{{join $list ","}}`. A value that is piped in is
the last argument: `{{"," | join $list}}`. Types are Go's, and each value of the store is a text:
`{{add (getv "/a") 1}}` is an error, `{{add (atoi (getv "/a")) 1}}` is a sum. `confd-lib lint` finds
such calls.

*Since* names the first confd that has a function under its name. confd 0.16 has all of them, and
[COMPATIBILITY.md](../COMPATIBILITY.md) says where an answer differs on purpose. Rancher's confd,
which `-compat 0.11` follows, has those up to 0.11.

The examples see these values, and the variable `ZONE=eu` in the environment:

```yaml
{values}```

This page is written by `make pages` from the code, and each result is what the example gives.
"""

VALUES: Final = {
    "app": {
        "host": "db1",
        "port": 3306,
        "tags": "a,b,c",
        "limits": '{"open": 64, "hosts": ["x", "y"]}',
    },
    "servers": {"web1": {"ip": "10.0.0.1"}, "web20": {"ip": "10.0.0.2"}, "up": "yes"},
}
_CLOCK: Final = Time(1_700_000_000 * 10**9)
_HOSTS: Final = {"db.example.com": ("10.0.0.9", "10.0.0.10", "fd00::9")}
_SERVICES: Final = {"_db._tcp.example.com": [lookup.SRV("db1.example.com.", 3306, 10, 1)]}


class Entry(NamedTuple):
    """A function of confd on the page.

    Attributes:
        name: its name.
        since: the first confd that has it.
        examples: templates that call it.
        note: what is to be said beside its docstring.
    """

    name: str
    since: str
    examples: tuple[str, ...]
    note: str = ""


THEMES: Final[Mapping[str, tuple[Entry, ...]]] = {
    "Keys and values": (
        Entry(
            "getv",
            "0.6",
            ('{{getv "/app/host"}}', '{{getv "/app/user" "root"}}'),
            "The default exists since confd 0.12. Without one a missing key is an error.",
        ),
        Entry(
            "exists",
            "0.7",
            ('{{exists "/app/host"}}', '{{if exists "/app"}}yes{{else}}no{{end}}'),
        ),
        Entry("get", "0.6", ('{{with get "/app/host"}}{{.Key}} is {{.Value}}{{end}}',)),
        Entry(
            "gets",
            "0.6",
            ('{{range gets "/servers/*/ip"}}{{.Key}} {{.Value}}; {{end}}',),
            "A `*` stands for any text between two slashes, `?` for one character, `[a-z]` for one "
            "of several.",
        ),
        Entry("getvs", "0.6", ('{{getvs "/servers/*/ip"}}', '{{join (getvs "/app/h*") ","}}')),
        Entry("ls", "0.6", ('{{ls "/servers"}}', '{{range ls "/app"}}{{.}} {{end}}')),
        Entry("lsdir", "0.6", ('{{lsdir "/servers"}}',)),
    ),
    "The machine": (
        Entry(
            "getenv",
            "0.7",
            ('{{getenv "ZONE"}}', '{{getenv "REGION" "none"}}'),
            "The default exists since confd 0.12.",
        ),
        Entry("fileExists", "0.12", ('{{fileExists "/"}}', '{{fileExists "/no/such/file"}}')),
        Entry(
            "datetime",
            "0.8",
            ('{{datetime.UTC.Format "2006-01-02 15:04"}}', "{{datetime.Unix}}"),
            "The format is Go's reference moment, 2006-01-02 15:04:05 MST, as it is to be "
            "written. A file with a time in it changes in every pass.",
        ),
    ),
    "Texts": (
        Entry(
            "split",
            "0.6",
            ('{{split (getv "/app/tags") ","}}', '{{index (split "a:b" ":") 1}}'),
        ),
        Entry("join", "0.7.1", ('{{join (split "a b c" " ") "-"}}',)),
        Entry(
            "replace", "0.11", ('{{replace "a.b.c" "." "_" -1}}', '{{replace "a.b.c" "." "_" 1}}')
        ),
        Entry("contains", "0.10", ('{{contains (getv "/app/tags") "b"}}',)),
        Entry("toUpper", "0.9", ('{{getv "/app/host" | toUpper}}',)),
        Entry("toLower", "0.9", ('{{toLower "DB1"}}',)),
        Entry("trimSuffix", "0.13", ('{{trimSuffix "db1.example.com" ".com"}}',)),
    ),
    "Paths": (
        Entry("base", "0.6", ('{{base "/servers/web1"}}',)),
        Entry("dir", "0.7", ('{{dir "/servers/web1"}}',)),
    ),
    "JSON and base64": (
        Entry(
            "json",
            "0.6",
            ('{{(json (getv "/app/limits")).open}}', '{{index (json "{\\"a-b\\": 1}") "a-b"}}'),
        ),
        Entry("jsonArray", "0.6", ('{{range jsonArray "[1, 2]"}}<{{.}}>{{end}}',)),
        Entry("base64Encode", "0.13", ('{{base64Encode "user:secret"}}',)),
        Entry("base64Decode", "0.13", ('{{base64Decode "dXNlcjpzZWNyZXQ="}}',)),
    ),
    "Numbers and booleans": (
        Entry("atoi", "0.16", ('{{add (atoi (getv "/app/port")) 1}}',)),
        Entry("add", "0.13", ("{{add 1 2}}",)),
        Entry("sub", "0.13", ("{{sub 1 2}}",)),
        Entry("mul", "0.13", ("{{mul 6 7}}",)),
        Entry("div", "0.13", ("{{div -7 2}}",)),
        Entry("mod", "0.13", ("{{mod -7 2}}",)),
        Entry("seq", "0.13", ("{{seq 1 4}}", "{{range seq 1 3}}web{{.}} {{end}}")),
        Entry("parseBool", "0.16", ('{{if parseBool "true"}}on{{end}}',)),
    ),
    "Lists and maps": (
        Entry(
            "map",
            "0.12",
            ('{{with map "name" "db1" "port" 3306}}{{.name}}:{{.port}}{{end}}',),
            'It hands several values to a template: `{{template "row" map "a" 1 "b" 2}}`.',
        ),
        Entry(
            "reverse",
            "0.13",
            ('{{reverse (ls "/servers")}}',),
            "The result of `gets` stays as it is, as in confd, unless it was sorted before.",
        ),
        Entry("sortByLength", "0.13", ('{{sortByLength (ls "/app")}}',)),
        Entry(
            "sortKVByLength",
            "0.13",
            ('{{range sortKVByLength (gets "/app/*")}}{{.Key}} {{end}}',),
        ),
    ),
    "Addresses": (
        Entry(
            "lookupIP",
            "0.12",
            ('{{lookupIP "db.example.com"}}',),
            "A name that cannot be looked up gives an empty list, and no error.",
        ),
        Entry("lookupIPV4", "0.16", ('{{index (lookupIPV4 "db.example.com") 0}}',)),
        Entry("lookupIPV6", "0.16", ('{{join (lookupIPV6 "db.example.com") ","}}',)),
        Entry(
            "lookupSRV",
            "0.12",
            ('{{range lookupSRV "db" "tcp" "example.com"}}{{.Target}}:{{.Port}}{{end}}',),
            "Each record has `Target`, `Port`, `Priority` and `Weight`. "
            "It needs `pip install 'confd-lib[dns]'`.",
        ),
    ),
}
GO: Final = (
    Entry("eq", "", ('{{eq (getv "/app/host") "db1" "db2"}}',)),
    Entry("ne", "", ('{{ne (getv "/app/host") "db1"}}',)),
    Entry("lt", "", ("{{lt 1 2}}",)),
    Entry("le", "", ("{{le 2 2}}",)),
    Entry("gt", "", ('{{gt "b" "a"}}',)),
    Entry("ge", "", ("{{ge 1.5 2.5}}",)),
    Entry("and", "", ('{{and (exists "/app/host") "both"}}',)),
    Entry("or", "", ('{{or (getenv "REGION") "nowhere"}}',)),
    Entry("not", "", ('{{not (exists "/app/user")}}',)),
    Entry("print", "", ('{{print "port " 3306}}',)),
    Entry("printf", "", ('{{printf "%s:%05d %q" "db1" 3306 "x"}}',)),
    Entry("println", "", ('{{println "a" 1}}',)),
    Entry("len", "", ('{{len (ls "/servers")}}', '{{len "é"}}')),
    Entry("index", "", ('{{index (split "a,b,c" ",") 1}}',)),
    Entry("slice", "", ('{{slice "db1.example.com" 0 3}}',)),
    Entry(
        "call", "", (), "The data of confd's templates hold no function; it is for `gotmpl.render`."
    ),
    Entry("html", "", ('{{html "<b>"}}',)),
    Entry("js", "", ('{{js "it\'s"}}',)),
    Entry("urlquery", "", ('{{urlquery "a b&c"}}',)),
)
"""The functions of Go, whose versions are those of `confd_lib.lint`."""


def page() -> str:
    """Return the page."""
    values = yaml.safe_dump(VALUES, sort_keys=False)
    parts = [_INTRO.replace("{values}", values)]
    with machine():
        for theme, entries in THEMES.items():
            parts += [f"## {theme}\n", *map(_of_confd, entries)]
        parts += ["## Functions of Go\n", _GO_INTRO, *map(_of_go, GO)]
    return "\n".join([*parts, _newer_syntax()])


_GO_INTRO: Final = """\
Every template of Go has them, and so has every confd, but for the one that is newer.
`if`, `range`, `with`, `define`, `template`, `block`, `break` and `continue` are no functions but
[actions of Go](https://pkg.go.dev/text/template#hdr-Actions).
"""


def _of_confd(entry: Entry) -> str:
    return _section(entry, confd_functions()[entry.name], f"since confd {entry.since}")


def _of_go(entry: Entry) -> str:
    has = entry.name in TARGETS["0.16"].functions()
    return _section(entry, BUILTINS[entry.name], "Go" if has else "newer than confd 0.16")


def confd_functions() -> Mapping[str, Function]:
    """Return the functions of confd by name."""
    return funcs.functions(Store())


def _section(entry: Entry, function: Function, since: str) -> str:
    about = f"{_about(function)} {entry.note}".rstrip()
    head = f"### {entry.name}\n\n`{_signature(entry.name, function)}` · {since}\n\n{about}\n"
    if not entry.examples:
        return head
    width = max(map(len, entry.examples))
    lines = (f"{example:<{width}}  →  {result(example)}\n" for example in entry.examples)
    return f"{head}\n```text\n{''.join(lines)}```\n"


def result(example: str) -> str:
    """Return what an example renders as, without the space at its end."""
    return confd_lib.render(example, VALUES).rstrip()


def _about(function: Function) -> str:
    """Return the first sentence of a docstring, without the word that begins it."""
    line = (inspect.getdoc(function) or "").partition("\n")[0].removeprefix("Return ")
    return line[:1].upper() + line[1:]


def _signature(name: str, function: Function) -> str:
    """Return the signature as Go writes it: `getv(key string, default ...string) string`."""
    found = Signature.of(function)
    types = [one.name for one in found.params]
    if found.variadic is not None:
        types.append(f"...{found.variadic.name}")
    names = list(inspect.signature(function).parameters)
    taken = ", ".join(f"{one} {of}" for one, of in zip(names, types, strict=False))
    return f"{name}({taken}) {found.result.name}".replace("interface {}", "any")


def _newer_syntax() -> str:
    go = TARGETS["0.16"].go
    rows = ((one.name, _version(one.since)) for one in SYNTAX if one.since > go)
    return (
        "## Syntax that is newer than confd\n\n"
        f"confd 0.16 is built with Go {_version(go)}. What came later works here, and is an error\n"
        f"there; `confd-lib lint` reports it.\n\n{table(('syntax', 'since Go'), rows)}"
    )


def _version(parts: tuple[int, int]) -> str:
    return ".".join(map(str, parts))


@contextmanager
def machine() -> Iterator[None]:
    """Give the examples one clock, one environment and one name server, on any machine."""
    with ExitStack() as patches:
        patches.enter_context(mock.patch.dict(os.environ, {"ZONE": "eu"}, clear=True))
        patches.enter_context(mock.patch.object(system, "now", return_value=_CLOCK))
        patches.enter_context(mock.patch.object(socket, "getaddrinfo", _addresses))
        patches.enter_context(mock.patch.object(lookup, "_services", _SERVICES.__getitem__))
        yield


def _addresses(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
    return [(None, None, None, "", (address, 0)) for address in _HOSTS[host]]
