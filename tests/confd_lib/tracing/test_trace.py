"""Traces: the reads of the store, and the origins of the lines of the output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import confd_lib
import gotmpl
from confd_lib.tracing.terminal import coloured, explained

VALUES = {
    "app": {"port": 80, "hosts": {"a": {"ip": "1.1.1.1"}, "b": {"ip": "2.2.2.2"}}},
    "names": ["x", "y"],
    "pick": "b",
}

READS = [
    pytest.param('{{getv "/app/port"}}', ["line 1: getv /app/port: hit"], id="getv"),
    pytest.param('\n{{getv "/no" "1"}}', ["line 2: getv /no: default"], id="default"),
    pytest.param('{{getv "/pick" "1"}}', ["line 1: getv /pick: hit"], id="default-not-used"),
    pytest.param('{{exists "/no"}}', ["line 1: exists /no: missing"], id="exists-not"),
    pytest.param('{{exists "/pick"}}', ["line 1: exists /pick: hit"], id="exists"),
    pytest.param('{{get "/pick"}}', ["line 1: get /pick: hit"], id="get"),
    pytest.param('{{gets "/names/*"}}', ["line 1: gets /names/*: hit (2)"], id="gets"),
    pytest.param('{{gets "/no/*"}}', ["line 1: gets /no/*: missing"], id="gets-nothing"),
    pytest.param('{{getvs "/names/*"}}', ["line 1: getvs /names/*: hit (2)"], id="getvs"),
    pytest.param('{{ls "/app"}}', ["line 1: ls /app: hit (2)"], id="ls"),
    pytest.param('{{lsdir "/app"}}', ["line 1: lsdir /app: hit (1)"], id="lsdir"),
    pytest.param(
        '{{range ls "/app/hosts"}}\n{{getv (printf "/app/hosts/%s/ip" .)}}{{end}}',
        [
            "line 1: ls /app/hosts: hit (2)",
            "line 2: getv /app/hosts/a/ip: hit",
            "line 2: getv /app/hosts/b/ip: hit",
        ],
        id="a-read-for-each",
    ),
    pytest.param("{{toUpper `a`}}", [], id="no-read"),
]


@pytest.mark.parametrize(("template", "reads"), READS)
def test_reads(template: str, reads: list[str]) -> None:
    assert [str(read) for read in confd_lib.trace(template, VALUES).reads] == reads


# Of each line of the output: its text, the lines it is from, its keys, and those on the way to it.
LINES = [
    pytest.param("a\nb", [("a", (1,), (), ()), ("b", (2,), (), ())], id="text"),
    pytest.param(
        'p={{getv "/app/port"}}', [("p=80", (1,), ("/app/port",), ())], id="text-and-value"
    ),
    pytest.param(
        '{{$p := getv "/app/port"}}\n{{$q := $p}}{{$q}}',
        [("", (1,), (), ()), ("80", (2,), ("/app/port",), ())],
        id="through-variables",
    ),
    pytest.param(
        '{{$p := "0"}}{{$p = getv "/app/port"}}{{$p}}',
        [("80", (1,), ("/app/port",), ())],
        id="through-an-assignment",
    ),
    pytest.param(
        '{{if exists "/pick"}}x{{end}}', [("x", (1,), (), ("/pick",))], id="under-a-condition"
    ),
    pytest.param(
        '{{if exists "/no"}}x{{else}}y{{end}}', [("y", (1,), (), ("/no",))], id="under-an-else"
    ),
    pytest.param(
        '{{with getv "/pick"}}{{.}}{{end}}',
        [("b", (1,), ("/pick",), ("/pick",))],
        id="the-cursor-of-with",
    ),
    pytest.param(
        '{{range gets "/names/*"}}{{.Value}}\n{{end}}',
        [
            ("x", (1,), ("/names/x",), ("/names/x",)),
            ("y", (1,), ("/names/y",), ("/names/y",)),
        ],
        id="the-cursor-of-range-key-by-key",
    ),
    pytest.param(
        '{{range $i, $n := getvs "/names/*"}}{{$n}}\n{{end}}',
        [
            ("x", (1,), ("/names/x",), ("/names/x",)),
            ("y", (1,), ("/names/y",), ("/names/y",)),
        ],
        id="the-variables-of-range-key-by-key",
    ),
    pytest.param(
        '{{range reverse (getvs "/names/*")}}{{.}}{{end}}',
        [("yx", (1,), ("/names/x", "/names/y"), ("/names/x", "/names/y"))],
        id="of-a-new-list-all-keys",
    ),
    pytest.param(
        '{{define "t"}}<{{.}}>{{end}}{{template "t" (getv "/pick")}}',
        [("<b>", (1,), ("/pick",), ())],
        id="through-a-template",
    ),
    pytest.param(
        '{{printf "%s:%s" (getv "/pick") (getv "/app/port")}}',
        [("b:80", (1,), ("/pick", "/app/port"), ())],
        id="of-two-keys",
    ),
    pytest.param(
        '{{getv (printf "/app/hosts/%s/ip" (getv "/pick"))}}',
        [("2.2.2.2", (1,), ("/pick", "/app/hosts/b/ip"), ())],
        id="a-key-from-a-key",
    ),
    pytest.param(
        '{{$x := "a"}}{{range ls "/names"}}{{$x := getv "/pick"}}{{end}}{{$x}}',
        [("a", (1,), (), ())],
        id="a-name-used-twice",
    ),
]


@pytest.mark.parametrize(("template", "lines"), LINES)
def test_lines(template: str, lines: list[tuple[object, ...]]) -> None:
    made = confd_lib.trace(template, VALUES)
    found = [
        (line.text, line.template_lines, line.keys, line.conditions)
        for line in made.lines
        if line.pieces
    ]
    names = {f"/names/{i}": f"/names/{name}" for i, name in enumerate("xy")}
    assert [
        (
            text,
            numbers,
            tuple(names.get(key, key) for key in keys),
            tuple(names.get(k, k) for k in on),
        )
        for text, numbers, keys, on in found
    ] == lines
    assert made.text == confd_lib.render(template, VALUES)


def test_a_failed_render_is_traced_up_to_its_error() -> None:
    made = confd_lib.trace('a\nb{{getv "/pick"}}{{getv "/no"}}c', VALUES)
    assert made.text == "a\nbb"
    assert [str(read) for read in made.missing] == ["line 2: getv /no: missing"]
    assert isinstance(made.error, gotmpl.ExecError)
    assert str(made.error).endswith("key does not exist: /no")


def test_a_text_that_is_no_template_is_refused() -> None:
    with pytest.raises(gotmpl.ParseError, match="unclosed action"):
        confd_lib.trace("{{")


def test_a_file_is_named_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "a.tmpl"
    path.write_bytes(b"\xff{{getv `/pick`}}")
    made = confd_lib.trace(path, VALUES)
    assert (made.name, made.text, made.keys) == ("a.tmpl", "\udcffb", ("/pick",))


def test_arguments_are_refused_as_without_a_trace() -> None:
    made = confd_lib.trace("{{getv 1}}", VALUES)
    assert "expected string; found 1" in str(made.error)


def test_text_is_aligned_and_coloured() -> None:
    made = confd_lib.trace('port {{getv "/app/port"}}\n{{getv "/no" "x"}}\n', VALUES)
    assert str(made).splitlines() == [
        "port 80  <- line 1; /app/port",
        "x        <- line 2; /no",
        "",
        "line 1: getv /app/port: hit",
        "line 2: getv /no: default",
    ]
    assert coloured(made.lines) == "port \x1b[36m80\x1b[0m\n\x1b[36mx\x1b[0m\n"
    assert explained(made.lines, made.reads, colour=True).count("\x1b[0m") == 6


CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
CASES = CORPUS / "rancher_cases.jsonl"


def metadata(version: str, ip: str) -> dict[str, object]:
    """Return the metadata that a container of the corpus gets."""
    answers = json.loads((CORPUS / "metadata.json").read_text())[version]
    return {**answers["default"], "self": answers.get(ip, {}).get("self", {})}


@pytest.mark.skipif(not CASES.exists(), reason="the corpus is not beside the checkout")
def test_real_templates_render_the_same_under_a_trace() -> None:
    rows = [json.loads(line) for line in CASES.read_text().splitlines()]
    for row in (row for row in rows[::4] if row["ok"] or row["stage"] == "exec"):
        template = CORPUS / row["template"]
        store = confd_lib.Store(metadata(row["version"], row["ip"])).view(row["prefix"] or "/")
        try:
            expected, error = confd_lib.render_file(template, store), None
        except gotmpl.ExecError as failed:
            expected, error = failed.partial, str(failed)
        made = confd_lib.trace(template, store)
        assert (made.text, made.error and str(made.error)) == (expected, error), template
        assert made.html()
