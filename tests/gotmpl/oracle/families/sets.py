"""Rows on sets of templates, played step by step, and on what a template may not do: reach out, or go too deep."""

from __future__ import annotations

from typing import Any, Final

from .rows import Row, each, rows

Steps = list[list[Any]]


def play(family: str, plays: list[Steps]) -> list[Row]:
    return [{"id": f"{family}-{i:03}", "mode": "steps", "steps": steps} for i, steps in enumerate(plays, 1)]


def after(*before: list[Any], then: list[Steps]) -> list[Steps]:
    """Plays that begin alike."""
    return [[*before, *steps] for steps in then]


LOOK: Final[Steps] = [["templates", "a"], ["defined_templates", "a"]]


def sets() -> list[Row]:
    new = ["new", "a", "A"]
    return [
        *play("parse", after(new, then=[
            [*LOOK, ["name", "a"], ["execute", "a"], ["execute_template", "a", "A"], ["lookup", "l", "a", "A"]],
            [["parse", "a", "one"], ["execute", "a"], ["parse", "a", "two"], ["execute", "a"], *LOOK],
            [["parse", "a", "one"], ["parse", "a", ""], ["execute", "a"]],
            [["parse", "a", "one"], ["parse", "a", " \n\t"], ["execute", "a"]],
            [["parse", "a", "one"], ["parse", "a", "{{/* c */}}"], ["execute", "a"]],
            [["parse", "a", "one"], ["parse", "a", "{{- /* c */ -}}\n"], ["execute", "a"]],
            [["parse", "a", ""], ["execute", "a"], *LOOK],
            [["parse", "a", " "], ["execute", "a"], *LOOK, ["parse", "a", "full"], ["execute", "a"]],
            [["parse", "a", "one"], ["parse", "a", "{{bad"], ["execute", "a"], *LOOK],
            [["parse", "a", "{{bad"], ["execute", "a"], *LOOK],
            [["parse", "a", '{{define "x"}}X{{end}}'], ["execute", "a"], *LOOK, ["execute_template", "a", "x"]],
            [["parse", "a", '{{define "x"}}X{{end}}own'], ["parse", "a", '{{define "x"}}Y{{end}}'], ["execute_template", "a", "x"], ["execute", "a"]],
            [["parse", "a", '{{define "x"}}X{{end}}'], ["parse", "a", '{{define "x"}} {{end}}'], ["execute_template", "a", "x"]],
            [["parse", "a", '{{define "x"}}X{{end}}'], ["parse", "a", '{{define "x"}}Y{{end}}{{bad'], ["execute_template", "a", "x"]],
            [["parse", "a", '{{define "x"}}X{{end}}{{define "y"}}{{template "x"}}!{{end}}{{template "y"}}'], ["execute", "a"], ["parse", "a", '{{define "x"}}Z{{end}}'], ["execute", "a"]],
            [["parse", "a", '{{define "A"}}inner{{end}}'], ["execute", "a"], *LOOK],
            [["parse", "a", '{{define "A"}}inner{{end}}outer'], ["execute", "a"], *LOOK],
            [["parse", "a", '{{define "A"}}inner{{end}} '], ["execute", "a"]],
            [["parse", "a", '{{block "x" .}}default{{end}}'], ["execute", "a"], ["parse", "a", '{{define "x"}}over{{end}}'], ["execute", "a"], *LOOK],
            [["parse", "a", '{{block "x" .}}default{{end}}'], ["parse", "a", '{{define "x"}} {{end}}'], ["execute", "a"]],
            [["parse", "a", '{{template "x" .}}'], ["execute", "a", 1], ["parse", "a", '{{define "x"}}<{{.}}>{{end}}'], ["execute", "a", 1]],
            [["parse", "a", "{{.}}"], ["execute", "a"], ["execute", "a", 1], ["execute", "a", "s"], ["execute", "a", {"k": [1]}]],
            [["parse", "a", "a{{.x.y}}"], ["execute", "a", {"x": 1}], ["execute", "a", {"x": {"y": 2}}]],
            [["execute_template", "a", "no"], ["execute_template", "a", ""], ["parse", "a", "x"], ["execute_template", "a", "no%d\"q"]],
            [["parse", "a", "{{define \"q\\\"x\"}}1{{end}}"], ["templates", "a"], ["defined_templates", "a"]],
            [["parse", "a", "{{define \"e\"}}{{end}}"], *LOOK, ["execute_template", "a", "e"]],
            [["parse", "a", "{{ .x | print }}"], ["tree", "a"]],
        ])),
        *play("new-in", after(new, then=[
            [["new_in", "b", "a", "B"], *LOOK, ["lookup", "l", "a", "B"], ["execute", "b"], ["execute_template", "a", "B"]],
            [["new_in", "b", "a", "B"], ["parse", "b", "bee"], *LOOK, ["execute", "b"], ["execute", "a"], ["execute_template", "a", "B"]],
            [["parse", "a", '{{template "B" .}}'], ["new_in", "b", "a", "B"], ["execute", "a"], ["parse", "b", "[{{.}}]"], ["execute", "a", 3]],
            [["new_in", "b", "a", "B"], ["new_in", "c", "a", "B"], ["parse", "b", "one"], ["parse", "c", "two"], ["execute", "b"], ["execute", "c"], ["execute_template", "a", "B"], *LOOK],
            [["new_in", "b", "a", "B"], ["new_in", "c", "a", "B"], ["parse", "b", "one"], ["parse", "c", " "], ["execute", "b"], ["execute", "c"], ["execute_template", "a", "B"]],
            [["new_in", "b", "a", "A"], ["parse", "b", "other"], ["execute", "a"], ["execute", "b"], ["execute_template", "a", "A"]],
            [["new_in", "b", "a", "B"], ["parse", "b", '{{define "A"}}from b{{end}}x'], ["execute", "a"], ["execute_template", "b", "A"], *LOOK],
            [["new_in", "b", "a", "B"], ["parse", "b", "{{.x.y}}"], ["execute", "b", {"x": 1}], ["parse", "a", '{{template "B" .}}'], ["execute", "a", {"x": 1}]],
            [["new_in", "b", "a", ""], ["parse", "b", "nameless"], ["execute", "b"], *LOOK, ["parse", "b", "{{bad"]],
            [["parse", "a", "x"], ["new_in", "b", "a", "B"], ["name", "b"], ["defined_templates", "b"], ["templates", "b"]],
        ])),
        *play("clone", after(new, then=[
            [["clone", "c", "a"], ["name", "c"], ["execute", "c"], ["parse", "c", "copy"], ["execute", "c"], ["execute", "a"]],
            [["parse", "a", "one"], ["clone", "c", "a"], ["execute", "c"], ["parse", "c", "two"], ["execute", "c"], ["execute", "a"]],
            [["parse", "a", '{{block "x" .}}d{{end}}'], ["clone", "c", "a"], ["parse", "c", '{{define "x"}}c{{end}}'], ["execute", "a"], ["execute", "c"], ["templates", "c"]],
            [["parse", "a", '{{block "x" .}}d{{end}}'], ["clone", "c", "a"], ["parse", "a", '{{define "x"}}new{{end}}'], ["execute", "a"], ["execute", "c"]],
            [["option", "a", "missingkey=error"], ["parse", "a", "{{.zz}}"], ["clone", "c", "a"], ["execute", "c", {}], ["option", "c", "missingkey=zero"], ["execute", "c", {}], ["execute", "a", {}]],
            [["delims", "a", "<<", ">>"], ["clone", "c", "a"], ["parse", "c", "<<1>>{{1}}"], ["execute", "c"]],
            [["funcs", "a", ["upper"]], ["clone", "c", "a"], ["parse", "c", "{{upper .}}"], ["execute", "c", "x"], ["funcs", "c", {"upper": "check"}], ["execute", "c", "x"]],
            [["clone", "c", "a"], ["funcs", "c", ["upper"]], ["parse", "c", "{{upper .}}"], ["parse", "a", "{{upper .}}"]],
            [["new_in", "b", "a", "B"], ["parse", "b", "bee"], ["clone", "c", "b"], ["execute", "c"], ["templates", "c"], ["lookup", "l", "c", "A"]],
        ])),
        *play("lookup", after(new, then=[
            [["lookup", "l", "a", "A"], ["lookup", "l", "a", "no"], ["parse", "a", "x"], ["lookup", "l", "a", "A"], ["name", "l"], ["execute", "l"]],
            [["parse", "a", '{{define "x"}}X{{.}}{{end}}'], ["lookup", "l", "a", "x"], ["execute", "l", 1], ["lookup", "m", "l", "A"], ["name", "l"], ["parse", "l", "again"], ["execute_template", "a", "x"]],
            [["parse", "a", "x"], ["lookup", "l", "a", "A"], ["parse", "l", "y"], ["execute", "a"]],
        ])),
        *play("option", after(new, then=[
            [["option", "a", option], ["parse", "a", "{{.zz}}|{{.zz.y}}"], ["execute", "a", {}]]
            for option in ("missingkey=default", "missingkey=invalid", "missingkey=zero", "missingkey=error", "missingkey=", "missingkey", "other=1", "", "=")
        ] + [
            [["option", "a"], ["parse", "a", "{{.zz}}"], ["execute", "a", {}]],
            [["option", "a", "missingkey=error", "missingkey=zero"], ["parse", "a", "{{.zz}}"], ["execute", "a", {}]],
            [["option", "a", "missingkey=error", "bad"], ["parse", "a", "{{.zz}}"], ["execute", "a", {}]],
            [["parse", "a", '{{template "B" .}}'], ["new_in", "b", "a", "B"], ["parse", "b", "{{.zz}}"], ["option", "b", "missingkey=error"], ["execute", "a", {}], ["option", "a", "missingkey=default"], ["execute", "b", {}]],
        ])),
        *play("delims", after(new, then=[
            [["delims", "a", "<<", ">>"], ["parse", "a", "<<1>>{{1}}"], ["execute", "a"], ["tree", "a"]],
            [["delims", "a", "<<", ""], ["parse", "a", "<<1}}{{1}}"], ["execute", "a"]],
            [["delims", "a", "", ">>"], ["parse", "a", "{{1>>"], ["execute", "a"]],
            [["delims", "a", "<<", ">>"], ["delims", "a", "", ""], ["parse", "a", "<<1>>{{1}}"], ["execute", "a"]],
            [["new_in", "b", "a", "B"], ["delims", "a", "<<", ">>"], ["new_in", "c", "a", "C"], ["parse", "b", "<<1>>{{1}}"], ["parse", "c", "<<1>>{{1}}"], ["execute", "b"], ["execute", "c"]],
            [["delims", "a", "<<", ">>"], ["parse", "a", '<<define "x">>1<<end>>'], ["lookup", "l", "a", "x"], ["parse", "l", "<<2>>{{2}}"], ["execute", "l"]],
            [["parse", "a", '{{define "x"}}1{{end}}'], ["lookup", "l", "a", "x"], ["delims", "a", "<<", ">>"], ["parse", "l", "<<2>>{{2}}"], ["execute", "l"]],
            [["delims", "a", "<<", ">>"], ["parse", "a", "<<.x.y>>"], ["execute", "a", {"x": 1}]],
            [["delims", "a", "<<", ">>"], ["parse", "a", '<<template "no">>'], ["execute", "a"]],
            [["delims", "a", "<<", ">>"], ["parse", "a", "<<if>>"], ["parse", "a", "<<break>>"], ["parse", "a", "<<1"], ["parse", "a", "<<1}}"]],
        ])),
        *play("funcs", after(new, then=[
            [["parse", "a", "{{upper .}}"], ["funcs", "a", ["upper"]], ["parse", "a", "{{upper .}}"], ["execute", "a", "x"]],
            [["funcs", "a", ["upper"]], ["parse", "a", "{{upper .}}"], ["funcs", "a", {"upper": "check"}], ["execute", "a", "x"]],
            [["funcs", "a", ["upper"]], ["funcs", "a", ["add"]], ["parse", "a", "{{upper .}}{{add 1 2}}"], ["execute", "a", "x"]],
            [["new_in", "b", "a", "B"], ["funcs", "b", ["upper"]], ["parse", "a", "{{upper .}}"], ["execute", "a", "x"]],
            *[[["funcs", "a", {name: "upper"}], ["parse", "a", "{{1}}"]] for name in ("", "a-b", "1a", "a b", "é", "_", "a.b", "$x", "if", "_1", "日本", "a1", "\udcff", "a\n")],
            [["funcs", "a", {"print": "upper"}], ["parse", "a", "{{print .}}"], ["execute", "a", "x"]],
            [["funcs", "a", {"and": "add"}], ["parse", "a", "{{and 1 2}}"], ["execute", "a"]],
            [["parse", "a", "{{and 0 2}}"], ["funcs", "a", {"and": "add"}], ["execute", "a"]],
            [["parse", "a", "{{len .}}"], ["funcs", "a", {"len": "upper"}], ["execute", "a", "x"]],
            [["funcs", "a", {"break": "upper"}], ["parse", "a", "{{break .}}"], ["execute", "a", "x"]],
            [["funcs", "a", {"break": "answer"}], ["parse", "a", "{{range .}}{{break}}{{end}}"], ["execute", "a", [1, 2]]],
        ])),
        *play("add-parse-tree", after(new, ["new", "b", "B"], then=[
            [["parse", "b", "bee{{.x.y}}"], ["add_parse_tree", "c", "a", "C", "b"], ["name", "c"], *LOOK, ["execute", "c", {"x": 1}], ["execute_template", "a", "C", {"x": {"y": 2}}], ["execute_template", "a", "C", {"x": 1}]],
            [["parse", "a", "own"], ["parse", "b", "bee"], ["add_parse_tree", "c", "a", "A", "b"], ["execute", "a"], ["execute", "c"]],
            [["parse", "a", "own"], ["parse", "b", " "], ["add_parse_tree", "c", "a", "A", "b"], ["execute", "a"], ["execute", "c"]],
            [["parse", "a", '{{template "C" .}}'], ["parse", "b", "<{{.}}>"], ["add_parse_tree", "c", "a", "C", "b"], ["execute", "a", 5]],
            [["parse", "b", '{{template "inner"}}'], ["add_parse_tree", "c", "a", "C", "b"], ["execute", "c"], ["parse", "a", '{{define "inner"}}I{{end}}'], ["execute", "c"]],
            [["delims", "b", "<<", ">>"], ["parse", "b", "<<.x>>"], ["add_parse_tree", "c", "a", "C", "b"], ["execute", "c", {"x": 1}], ["tree", "c"]],
        ])),
        *play("files", [
            [["file", "x.tmpl", "X{{.}}"], new, ["parse_files", "a", "x.tmpl"], *LOOK, ["execute", "a"], ["execute_template", "a", "x.tmpl", 1]],
            [["file", "x.tmpl", "X"], ["new", "a", "x.tmpl"], ["parse_files", "a", "x.tmpl"], ["execute", "a"]],
            [["file", "x.tmpl", "X"], ["file", "y.tmpl", 'Y{{template "x.tmpl"}}'], new, ["parse_files", "a", "x.tmpl", "y.tmpl"], *LOOK, ["execute_template", "a", "y.tmpl"]],
            [["file", "d/x.tmpl", "first"], ["file", "e/x.tmpl", "second"], new, ["parse_files", "a", "d/x.tmpl", "e/x.tmpl"], *LOOK, ["execute_template", "a", "x.tmpl"]],
            [["file", "x.tmpl", "{{define \"in\"}}I{{end}}"], new, ["parse_files", "a", "x.tmpl"], *LOOK, ["execute_template", "a", "x.tmpl"], ["execute_template", "a", "in"]],
            [["file", "bad.tmpl", "a\n{{if}}"], ["file", "x.tmpl", "X"], new, ["parse_files", "a", "x.tmpl", "bad.tmpl"], *LOOK, ["execute_template", "a", "x.tmpl"]],
            [["file", "x.tmpl", "a\n {{.x.y}}"], new, ["parse_files", "a", "x.tmpl"], ["execute_template", "a", "x.tmpl", {"x": "s"}]],
            [new, ["parse_files", "a"]],
            [new, ["parse_files", "a", "missing.tmpl"], ["execute", "a"]],
            [["file", "x.tmpl", "X"], new, ["parse_files", "a", "x.tmpl", "missing.tmpl"], *LOOK],
            [new, ["parse_glob", "a", "*.tmpl"]],
            [["file", "b.tmpl", "B"], ["file", "a.tmpl", "A"], ["file", "c.txt", "C"], new, ["parse_glob", "a", "*.tmpl"], *LOOK, ["execute_template", "a", "b.tmpl"]],
            [["file", "d/x.tmpl", "D"], ["file", "e/y.tmpl", "E"], new, ["parse_glob", "a", "*/*.tmpl"], *LOOK],
            [["file", "a1.tmpl", "1"], ["file", "a2.tmpl", "2"], ["file", "b1.tmpl", "3"], new, ["parse_glob", "a", "[ab]1.tmpl"], *LOOK],
            [["file", "a1.tmpl", "1"], ["file", "a22.tmpl", "2"], new, ["parse_glob", "a", "a?.tmpl"], *LOOK],
            [["file", "x.tmpl", ""], new, ["parse_files", "a", "x.tmpl"], *LOOK, ["execute_template", "a", "x.tmpl"]],
            [["file", "x.tmpl", "<<1>>"], new, ["delims", "a", "<<", ">>"], ["funcs", "a", ["upper"]], ["parse_files", "a", "x.tmpl"], ["execute_template", "a", "x.tmpl"]],
            [["file", "A", "file of the same name"], new, ["parse", "a", "own"], ["parse_files", "a", "A"], ["execute", "a"]],
            [new, ["parse_glob", "a", "[bad"]],
            [["file", ".hidden", "H"], ["file", "seen", "S"], new, ["parse_glob", "a", "*"], *LOOK],
        ]),
    ]  # fmt: skip


def safety() -> list[Row]:
    names = ["__class__", "__dict__", "__init__", "__globals__", "__code__", "__len__", "__go_type__", "__doc__", "__module__", "_private", "mro", "format", "upper", "join", "encode", "items", "keys", "get", "pop", "append", "sort", "real", "imag", "bit_length", "to_bytes", "conjugate", "hex", "decode", "gi_frame", "send", "close", "throw", "args", "with_traceback", "func_globals", "im_func", "run", "read", "write"]  # fmt: skip
    receivers = [".s", ".n", ".l", ".m", ".p", ".fn", ".by", ".err", ".d", ".lb", ".names", ".pt", ".nil", ".ch", ".sq", ".p.Greet", ".yes", ".f", "(words `a`)", "(adder 1)", "$"]  # fmt: skip
    shapes = [receiver + "." + name for receiver in receivers for name in (names if receiver in {".s", ".m", ".p", ".fn"} else names[:: len(names) // 8])]  # fmt: skip
    return [
        *each("attribute", "a{{@}}b", shapes),
        *each("through-variable", "{{$v := @}}{{$v.__class__}}", [r for r in receivers if r != "$"]),
        *each("indexed", '{{index @ "__class__"}}', [r for r in receivers if r not in {"$"}]),
        *each("called", "{{@ 1}}", [".s.__class__", ".s.upper", ".l.append", ".m.get", ".p.__init__", ".fn.__call__", ".s.format", ".m.pop"]),
        *rows("format", ["{{printf \"{0.__class__}\" .s}}", "{{printf \"%(x)s\" .m}}", "{{printf \"{}\" 1}}", "{{print \"{x!r:>{y}}\"}}", "{{.s}}{x}%s", "{x} %d {{printf \"%s\" \"{}%s\"}}", "'''\"\"\"\\n{{\"'''\"}}", "\\x41\\N{BULLET}{{.s}}", "{{\"\\\\x41\"}}", "# {{/* */}}\n\"\"\"", "{{define \"a'b\\\"c\\n\"}}in{{end}}{{template \"a'b\\\"c\\n\"}}", "{{$class := 1}}{{$class}}", "{{$print := 1}}{{$print}}{{print 2}}", "{{$None := 1}}{{$None}}{{$__builtins__ := 2}}{{$__builtins__}}", "{{$lambda := 1}}{{$import := 2}}{{$def := 3}}{{$lambda}}{{$import}}{{$def}}", "{{.m.class}}{{.m.import}}{{.m.None}}", "{{range $self := .ls}}{{$self}}{{end}}", "{{$out := 1}}{{$ctx := 2}}{{$dot := 3}}{{$out}}{{$ctx}}{{$dot}}", "{{$a := 1}}{{$A := 2}}{{$a}}{{$A}}", "{{$ſ := 1}}{{$s := 2}}{{$ſ}}{{$s}}", "{{$ﬁ := 1}}{{$fi := 2}}{{$ﬁ}}{{$fi}}", "{{$µ := 1}}{{$μ := 2}}{{$µ}}{{$μ}}"]),
        *rows("variable-data", ["{{$ª := 1}}{{$a := 2}}{{$ª}}{{$a}}", "{{.ª}}{{.a}}", "{{.ﬁ}}{{.fi}}"], data={"ª": 1, "a": 2, "ﬁ": 3, "fi": 4}),
    ]  # fmt: skip


def depth() -> list[Row]:
    def nested(before: str, inside: str, after_: str, count: int) -> list[Any]:
        return [[before, count], inside, [after_, count]]

    made: list[Row] = []
    for count in (20, 21, 98, 100, 300):
        made += [
            {"template": nested("{{if true}}", "in", "{{end}}", count)},
            {"template": nested("{{if .}}a", "in", "b{{else}}c{{end}}", count), "data": 1},
            {"template": nested("{{with 1}}", "{{.}}", "{{end}}", count)},
            {"template": nested("{{range 1}}", "{{.}}", "{{end}}", count)},
            {"template": nested("{{range $i, $e := .}}{{$i}}", "in", "{{end}}", count), "data": [1]},
            {"template": nested("{{if false}}{{else}}", "in", "{{end}}", count)},
            {"template": ["{{if false}}", ["{{else if false}}", count], "{{else}}last{{end}}"]},
            {"template": ["{{with false}}", ["{{else with false}}", count], "{{else}}last{{end}}"]},
            {"template": ["{{", ["(", count], "1", [")", count], "}}"]},
            {"template": ["{{print ", ["(print ", count], "1", [")", count], "}}"]},
            {"template": ["{{1", [" | print", count], "}}"]},
            {"template": ["{{.", ["a.", count], "a}}"], "data": {"a": {"a": {"a": None}}}},
            {"template": ["{{not ", ["(not ", count], "1", [")", count], "}}"]},
            {"template": ["{{and 1 ", ["(and 1 ", count], "2", [")", count], "}}"]},
            {"template": nested("{{block \"x\" .}}", "", "{{end}}", count)},
            {"template": ["{{$x := 1}}", *nested("{{if true}}{{$x = add $x 1}}", "{{$x}}", "{{end}}", count), "{{$x}}"], "funcs": ["add"]},
            {"template": nested("{{if true}}{{range 2}}", "{{.}}", "{{break}}{{end}}{{end}}", count // 2)},
            {"template": nested("{{range 2}}{{if .}}", "{{continue}}", "{{end}}{{end}}", min(count // 2, 6))},
            {"template": [["{{if true}}", count], "in"]},
            {"template": [["{{end}}", count]]},
            {"template": ["{{", ["(", count], "1", [")", count - 1], "}}"]},
            {"template": ["{{", ["(", count], "1", [")", count + 1], "}}"]},
            {"template": nested("{{if true}}", "{{fail}}", "{{end}}", count), "funcs": ["fail"]},
            {"template": nested("{{with 1}}\n", "{{.x}}", "{{end}}", count)},
            {"template": [["{{print 1}}\n", count * 10]]},
            {"template": ["{{print", [" 1", count], "}}"]},
            {"template": [["x", count * 1000], "{{.x.y}}"], "data": {"x": 1}},
        ]  # fmt: skip
    levels = [10_000, 10_001, 12_000]
    made += [{"template": ["{{", ["(", n], "1", [")", n], "}}"]} for n in levels[1:]]
    made += [{"template": ["{{", ["(", n], "}}"]} for n in levels]
    for calls in (10, 100, 200):
        made += [
            {"template": '{{define "d"}}{{.}} {{if .}}{{template "d" add . -1}}{{end}}{{end}}{{template "d" .}}', "data": calls, "funcs": ["add"]},
            {"template": '{{define "d"}}{{range .}}[{{template "d" .}}]{{end}}{{end}}{{template "d" .}}', "data": lists(min(calls, 100))},
        ]  # fmt: skip
    made += [
        {"template": ["{{printf `%", ["9", 30], "d` 1}}"]},
        {"template": "{{printf `%1000001d` 1}}"},
        {"template": "{{printf `%.1000001f` 1.5}}"},
        {"template": "{{printf `%*d` 1000001 1}}"},
        {"template": "{{len (printf `%1000000d` 1)}}"},
        {"template": "{{len (printf `%.1000000d` 1)}}"},
        {"template": "{{.}}", "data": lists(150)},
        {"template": "{{printf `%#v` .}}", "data": lists(100)},
    ]
    return [{"id": f"depth-{i:03}", **row} for i, row in enumerate(made, 1)]


def lists(count: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(count):
        made = [made]
    return made


THEMES: Final = (sets, safety, depth)
