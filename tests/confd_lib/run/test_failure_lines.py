"""The one line of the log and the status file about a template that fails: error and cause."""

from __future__ import annotations

import json

import pytest

from tests.confd_lib.commandline import confd

VALUES = {"/app/port": 80, "/sites/blog": "/srv", "/word": "text"}

LINES = {
    "a misspelt field": (
        '{{range gets "/sites/*"}}{{.Vaule}}{{end}}',
        (
            'template: a.tmpl:1:27: executing "a.tmpl" at <.Vaule>: can\'t evaluate field Vaule in '
            "type memkv.KVPair; . is of type memkv.KVPair; did you mean Value?"
        ),
    ),
    "a text compared with a number": (
        '{{if eq (getv "/app/port") 80}}{{end}}',
        (
            'template: a.tmpl:1:5: executing "a.tmpl" at <eq (getv "/app/port") 80>: '
            "error calling eq: incompatible types for comparison: string and int; "
            'getv "/app/port" is of type string'
        ),
    ),
    "a key that is made of values": (
        '{{$k := "prot"}}{{getv (printf "/app/%s" $k)}}',
        (
            'template: a.tmpl:1:18: executing "a.tmpl" at <getv (printf "/app/%s" $k)>: '
            "error calling getv: key does not exist: /app/prot; "
            'printf "/app/%s" $k is of type string; '
            "did you mean /app/port?"
        ),
    ),
    "a misspelt function": (
        '{{toUper "a"}}',
        (
            'Unable to process template TEMPLATE, template: a.tmpl:1: function "toUper" not '
            "defined; did you mean toUpper or toLower?"
        ),
    ),
    "a block without its end": (
        '{{range ls "/sites"}}\n{{.}}\n',
        (
            "Unable to process template TEMPLATE, template: a.tmpl:3: unexpected EOF; "
            '{{range ls "/sites"}} on line 1 has no {{end}}'
        ),
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_ends_with_the_cause(folder, name):
    text, wanted = LINES[name]
    folder.both(text)
    (result,) = folder.confd(VALUES).run_once()
    assert result.message == wanted.replace("TEMPLATE", str(folder.path / "templates/a.tmpl"))


CHECKS = {
    '{{getv "/app/port"}}': 'template: checkcmd:1: function "getv" not defined',
    "{{.src": "template: checkcmd:1: unclosed action",
    "{{index .src 9999}}": (
        'template: checkcmd:1:2: executing "checkcmd" at <index .src 9999>: '
        "error calling index: index out of range: 9999"
    ),
}


@pytest.mark.parametrize("command", CHECKS)
def test_a_check_that_is_no_template_is_not_explained_by_the_template_of_its_file(folder, command):
    folder.both('{{getv "/app/port"}}{{index "a" 0}}', check_cmd=command)
    (result,) = folder.confd(VALUES).run_once()
    assert result.message == (
        f"Config check failed: {CHECKS[command]}; "
        "a check_cmd is a template of its own, which knows {{.src}} and {{.dest}} alone"
    )


def test_the_line_of_a_private_file_is_that_of_the_error(folder):
    folder.both('{{if eq (getv "/word") 80}}{{end}}', mode="0600")
    (result,) = folder.confd(VALUES).run_once()
    assert result.message.endswith("incompatible types for comparison: string and int")


SECRET = "s3cretvalue"
STORE = {"/pw": SECRET, "/json": f'{{"{SECRET}": "{SECRET}"}}', "/list": f'["{SECRET}"]'}

# Templates that fail on a secret value which Go's own words do not quote.
SECRETIVE = [
    '{{$p := getv "/pw"}}{{$p.foo}}',
    '{{(getv "/pw").foo}}',
    '{{(get "/pw").Vaule}}',
    '{{range gets "/*"}}{{.Vaule}}{{end}}',
    '{{range getvs "/*"}}{{.Value}}{{end}}',
    '{{if eq (getv "/pw") 1}}{{end}}',
    '{{if lt 1 (getv "/pw")}}{{end}}',
    '{{add (getv "/pw") 1}}',
    '{{index (getv "/pw") "x"}}',
    '{{index (jsonArray (getv "/list")) 7}}',
    '{{join (jsonArray (getv "/list")) ","}}',
    '{{range json (getv "/json")}}{{.x}}{{end}}',
    '{{with json (getv "/json")}}{{template "row" .}}{{end}}{{define "row"}}{{.x 1}}{{end}}',
    '{{range jsonArray (getv "/list")}}{{.x}}{{end}}',
    '{{define "row"}}{{.x}}{{end}}{{template "row" (getv "/pw")}}',
    '{{getv "/pw" | slice 1}}',
    '{{getv (printf "/%d" (len (getv "/pw")))}}',
    '{{getv "/pw" | toUper}}',
    '{{getv "/pw"',
]
# Templates that fail on a secret value which Go's own words quote: that is masked in the error of a
# private file.
QUOTING = [
    '{{range getv "/pw"}}{{end}}',
    '{{atoi (getv "/pw")}}',
    '{{getv (getv "/pw")}}',
]


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        *((text, mode) for text in SECRETIVE for mode in ("0644", "0600")),
        *((text, "0600") for text in QUOTING),
    ],
)
def test_no_value_of_a_key_reaches_the_log_or_the_status_file(folder, tmp_path, capfd, text, mode):
    folder.both(text, mode=mode)
    (folder.path / "values.json").write_text(json.dumps(STORE))
    status = tmp_path / "status.json"
    store = ("-backend=file", "-file", folder.path / "values.json")
    code, lines, out = confd(capfd, *store, "-confdir", folder.path, "-status-file", status)
    assert (code, out) == (1, "")
    assert "template" in lines[0]
    assert SECRET not in "".join(lines)
    assert json.loads(status.read_text())["ok"] is False
    assert SECRET not in status.read_text()


def test_a_function_of_the_user_s_is_not_called_again(folder):
    calls = []
    folder.both('{{note "x"}}{{eq (getv "/word") 80}}')
    confd = folder.confd(VALUES, funcs={"note": calls.append})
    (result,) = confd.run_once()
    assert result.message.endswith("string and int")
    assert calls == ["x"]
