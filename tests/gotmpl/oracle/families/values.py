"""Rows on data: fields, methods, keys, nil and missing values, truth, arguments, and the errors of execution."""

from __future__ import annotations

from typing import Final

from .actions import VALUES
from .rows import Row, each, on, rows

OPTIONS: Final = ["missingkey=default", "missingkey=invalid", "missingkey=zero", "missingkey=error"]


def fields_nil_missing() -> list[Row]:
    paths = [
        ".m.a", ".m.zz", ".m.zz.y", ".m.zz.y.x", ".m.nil", ".m.nil.x", ".m.nil.x.y", ".m.a.x", ".m.b.x", ".m.c.x", ".m.len", ".m.items", ".m.keys", ".s.upper", ".s.x", ".n.real", ".n.x", ".f.x", ".yes.x", ".c.x", ".by.x", ".l.x", ".l.append", ".l.0", ".le.x", ".ints.x", ".strs.x", ".mi.x", ".mb.x", ".mf.x", ".nil", ".nil.x", ".nil.x.y", ".missing", ".missing.x", ".missing.x.y", ".deep.x.y.z", ".deep.x.y.q", ".deep.x.y.q.r", ".deep.x.q.r", ".deep.x.y.z.q", ".deep.x.y.nil.q", ".deep.x.y.l.q",
        ".pt", ".pt.X", ".pt.Y", ".pt.x", ".pt.Z", ".pt.X.y", ".kv.Key", ".kv.Value.x", ".kv.key", ".box", ".box.Value", ".box.Value.x", ".boxed.Value", ".boxed.Value.x", ".boxmap.Value.k", ".boxmap.Value.zz", ".boxmap.Value.k.x", ".boxint.Value.x", ".svc.Name", ".svc.Name.x", ".svc.Port.x", ".svc.Weight", ".svc.Weight.x", ".svc.Up.x", ".svc.Tags", ".svc.Tags.x", ".svc.Labels", ".svc.Labels.role", ".svc.Labels.role.x", ".svc.Labels.nil", ".svc.Labels.nil.x", ".svc.Labels.zz", ".svc.Labels.zz.x", ".svc.Extra", ".svc.Extra.x", ".svc0", ".svc0.Name", ".svc0.Tags", ".svc0.Labels", ".svc0.Labels.x", ".svc0.Extra", ".svc0.Extra.x", ".svc.nosuch", ".p", ".p.Name", ".p.Name.x", ".p.Greet", ".p.Greet.x", ".p.greet", ".p.Fail", ".p.Fail.x", ".p.Nothing", ".p.Nothing.x", ".p.Any", ".p.Any.x", ".p.Panic", ".p.Nicknames", ".p.Nicknames.x", ".p.About", ".p.About.name", ".p.About.name.x", ".p.About.zz", ".p.About.zz.x", ".p.Add", ".p.Older", ".p.Nosuch", ".p.Join", ".p.Echo", ".p.Check",
        ".h.Name", ".h.Port", ".h.Address", ".h.Nosuch", ".h.Name.x", ".h.name", ".pretty", ".pretty.V", ".pretty.String", ".pretty.x", ".names", ".names.Count", ".names.x", ".d", ".d.k", ".d.Size", ".d.zz", ".d.zz.x", ".d.k.x", ".lb", ".lb.Shout", ".lb.x", ".lv", ".lv.Next", ".lv.Next.Next", ".lv.x", ".co", ".co.String", ".co.x", ".ce", ".ce.String", ".ce.x", ".err", ".err.Error", ".err.x", ".fn.x", ".ch.x", ".sq.x", "$", "$.m.a", "$.m.zz.y", "$.s.x", "$.nil.x", "$.p.Greet", ".p.__class__", ".p._x", ".s.__len__", ".m.__class__", ".pt.__go_type__", ".m.get", ".l.sort", ".d.keys", ".d.pop", ".lb.upper", ".lv.real", ".names.append", ".ce.hex",
    ]  # fmt: skip
    plain = [
        "{{.}}|", "{{$}}|", "{{.m}}", "{{.l}}", "{{.ll}}", "{{.lm}}", "{{.mo}}", "{{.mi}}", "{{.mb}}", "{{.mf}}", "{{.kvs}}", "{{.strs}}", "{{.none}}", "{{.svc}}", "{{.by}}", "{{.bybad}}", "{{.c}}", "{{.czero}}", "{{.nan}} {{.inf}} {{.ninf}}", "{{.million}} {{.tiny}} {{.fint}} {{.fneg}}", "{{.big}} {{.min}}", "{{.u}}{{.bad}}", "{{.fn}}", "{{.ch}}", "{{.sq}}", "a{{.fn}}b", "{{print .m.nil .m.zz}}", "{{printf \"%v %v\" .nil .missing}}", "{{(index .m \"a\").x}}", "{{(index .m \"zz\").x}}", "{{(index .m \"nil\").x}}", "{{(index .l 3).x}}", "{{(index .l 1).x}}", "{{(index .l 0).x.y}}", "{{(index .lm 0).a}}", "{{(index .lm 2).a}}", "{{(index .lm 0).a.b}}", "{{(index .kvs 0).Key}}", "{{(index .kvs 0).key}}", "{{(index .strs 0).x}}", "{{(.nil).x}}", "{{(.missing).x}}", "{{(.nil).x.y}}", "{{(.m.nil).x}}", "{{($.nil).x}}", "{{$v := .nil}}{{$v.x}}", "{{$v := .m.nil}}{{$v.x}}", "{{with .nil}}{{else}}{{.nil.x}}{{end}}", "{{range .l}}{{.x}}{{end}}", "{{range .ll}}{{.x}}{{end}}", "{{range .strs}}{{.x}}{{end}}", "{{range $e := .l}}{{$e.x}}{{end}}", "{{range $e := .strs}}{{$e.x}}{{end}}", "{{range $e := .kvs}}{{$e.x}}{{end}}", "{{range $i, $e := .l}}{{$i.x}}{{end}}", "{{range $k, $v := .m}}{{$k.x}}{{end}}", "{{range $k, $v := .m}}{{$v.x}}{{end}}", "{{range .m}}{{.x}}{{end}}", "{{range .lm}}{{.zz}}{{.zz.y}}{{end}}", "{{$v := index .l 0}}{{$v.x}}", "{{$v := .s}}{{$v.x}}", "{{$v := .m.a}}{{$v.x}}", "{{(.m.a).x}}", "{{(.s).x}}", "{{(print .s).x}}", "{{(echo .s).x}}", "{{(echo .nil).x}}", "{{(.p.Any).x}}", "{{.p.Any.x}}", "{{(.p.Greet).x}}", "{{(.p.Nothing).x}}", "{{(.box.Value).x}}", "{{(.boxed.Value).x}}", "{{with .boxed.Value}}{{.x}}{{end}}", "{{print.x}}", "{{none.x}}", "{{answer.x}}", "{{name.x.y}}", "{{(point 1 2).X}}", "{{(point 1 2).Z}}", "{{(person \"Bo\" 3).Greet}}", "{{(box 1).Value}}", "{{(box 1).Value.x}}", "{{(box nil).Value}}", "{{(box nil).Value.x}}", "{{(box .m).Value.a}}", "{{((box .m).Value).a.x}}", "{{.p.Older 5}}", "{{(.p.Older 5).Age}}", "{{(.p.Older 5).Nosuch}}", "{{.p.Older 5 | print}}", "{{5 | .p.Older}}", "{{(5 | .p.Older).Age}}", "{{.p.Add 1 2}}", "{{.p.Add 1}}", "{{.p.Add}}", "{{.p.Add 1 2 3}}", "{{.p.Add 1 \"a\"}}", "{{.p.Add 1 .s}}", "{{2 | .p.Add 1}}", "{{.p.Join}}", "{{.p.Join \",\"}}", "{{.p.Join \",\" \"a\" \"b\"}}", "{{\"b\" | .p.Join \",\" \"a\"}}", "{{.p.Join \",\" 1}}", "{{.p.Echo nil}}", "{{.p.Echo .m}}", "{{(.p.Echo .m).a}}", "{{.p.Check true}}", "{{.p.Check false}}", "{{.p.Check .s}}", "{{.p.Check 1}}", "{{.p.Name 1}}", "{{.p.Name | print}}", "{{1 | .p.Name}}", "{{.pt.X 1}}", "{{.box.Value 1}}", "{{.boxed.Value | print}}", "{{.d.k 1}}", "{{.d.Size}}", "{{.d.Size 1}}", "{{.names.Count}}{{len .names}}{{index .names 0}}", "{{.lb | printf \"%s %v %q\"}}", "{{.lb.Shout | print}}", "{{upper .lb}}", "{{add .lv 1}}", "{{upper (.lb.Shout)}}", "{{.lv.Next | printf \"%T %d\"}}", "{{half .ce}}", "{{.h.Address | upper}}", "{{.h}}", "{{.err}}{{print .err}}", "{{.h.Address 1}}", "{{print .p}}{{print .pt .kv}}", "{{range .kvs}}{{.}}{{end}}", "{{index .m \"a\"}}{{index .m \"zz\"}}|", "{{.mb}}{{index .mb true}}{{.mb.true}}",
    ]  # fmt: skip
    return [
        *each("path", "a{{@}}b", paths),
        *each("argument", "{{print @}}", [p for p in paths if p not in {".fn.x"} and not p.startswith(("$", ".ch"))]),
        *rows("plain", plain),
        *each("multi", "line\n  é {{ @ }}", [".s.x", ".m.zz.y", ".p.Fail", ".nil.x", "(.s).x", "$.s.x", "index .l 9", ".deep.x.y.z.q", "fail", ".p.Add 1"]),
        *on("nil-data", None, ["{{.}}", "{{.x}}", "{{.x.y}}", "{{$.x.y}}", "{{print .x}}", "{{(.x).y}}", "{{$v := .x}}{{$v}}{{$v.y}}", "{{with .x}}{{else}}n{{end}}"]),
    ]  # fmt: skip


def missingkey() -> list[Row]:
    templates = [
        "{{.zz}}", "{{.zz.y}}", "{{.zz.y.x}}", "{{.m.zz}}", "{{.m.zz.y}}", "{{.m.nil}}", "{{.m.nil.x}}", "{{print .m.zz}}", "{{printf \"%v %T\" .m.zz .m.zz}}", "{{if .m.zz}}y{{else}}n{{end}}", "{{with .m.zz}}y{{else}}n{{end}}", "{{range .m.zz}}y{{else}}n{{end}}", "{{len .m.zz}}", "{{index .m \"zz\"}}", "{{(index .m \"zz\").y}}", "{{eq .m.zz nil}}", "{{eq .m.zz 1}}", "{{and .m.zz 1}}", "{{or .m.zz 1}}", "{{not .m.zz}}", "{{html .m.zz}}", "{{.m.zz | print}}", "{{.m.zz | upper}}", "{{upper .m.zz}}", "{{echo .m.zz}}", "{{$x := .m.zz}}[{{$x}}]{{$x.y}}", "{{(.m.zz).y}}", "{{(.m).zz}}", "{{(.m).zz.y}}", "{{$m := .m}}{{$m.zz}}", "{{template \"x\" .m.zz}}{{define \"x\"}}[{{.}}]{{.y}}{{end}}", "{{with .m}}{{.zz}}{{end}}", "{{range .lm}}{{.a}};{{end}}", "{{.d.zz}}", "{{.d.zz.y}}", "{{.svc.Labels.zz}}", "{{.svc.Labels.zz.y}}", "{{.svc0.Labels.zz}}", "{{.pt.Z}}", "{{.s.zz}}", "{{.mi.zz}}", "{{.p.About.zz}}", "{{.p.About.zz.y}}", "a{{.m.a}}b{{.m.zz}}c", "{{.m.zz 1}}", "{{.m.a 1}}", "{{(dict \"a\" 1).zz}}", "{{.me.zz}}", "{{block \"b\" .m}}{{.zz}}{{end}}", "{{.boxmap.Value.zz}}", "{{index .m \"zz\" | printf \"%v\"}}", "{{call .m.zz}}", "{{slice .m.zz}}", "{{lt .m.zz 1}}", "{{js .m.zz}}{{urlquery .m.zz}}",
    ]  # fmt: skip
    made = []
    for option in OPTIONS:
        made += [{**row, "id": f"{option.partition('=')[2]}-{row['id']}"} for row in rows("key", templates, options=[option])]
    for option in OPTIONS:
        made += [{**row, "id": f"{option.partition('=')[2]}-{row['id']}"} for row in on("nil-data", None, ["{{.}}", "{{.x}}", "{{.x.y}}", "{{$.x}}", "{{(.x).y}}", "{{print .x}}", "{{with .x}}y{{else}}n{{end}}"])]
        for row in made[-7:]:
            row["options"] = [option]
    last = rows("several", ["{{.m.zz}}", "{{.m.zz.y}}"], options=["missingkey=error", "missingkey=zero"])
    bad = [{**rows("bad", ["{{.m.zz}}"])[0], "id": f"bad-{i:03}", "options": [option]} for i, option in enumerate(["", "missingkey", "missingkey=", "missingkey=Error", "missingkey=error ", "unknown=1", "=", "missingkey=error=zero", "é"], 1)]
    return [*made, *last, *bad]


def truth() -> list[Row]:
    literals = ["true", "false", "0", "1", "-1", "0.0", "-0.0", "0.5", "1e-400", '""', '" "', '"0"', '"false"', "``", "'a'", "'\\x00'", "0i", "1i", "0x0", "(print)", "(nil)", "(list)", "(list 0)", "(dict)", "(dict \"a\" 0)", "none", "yes", "answer", "ratio", "raw", "(point 0 0)", "(box nil)", "(adder 1)"]  # fmt: skip
    worldly = [*VALUES, ".blank", ".fneg", ".nan", ".inf", ".czero", ".mi", ".ch", ".che", ".sq", ".sqe", ".svc0", ".svc0.Name", ".svc0.Tags", ".svc0.Extra", ".svc0.Up", ".box.Value", ".boxed.Value", ".co", ".m.nil", ".m.zz"]  # fmt: skip
    values = [*literals, *[v for v in worldly if v not in {"."}]]
    return [
        *each("if", "{{if @}}y{{else}}n{{end}}", [*literals, *[v for v in worldly if v not in VALUES]]),
        *each("not", "{{not @}}", values),
        *each("not-piped", "{{@ | not}}", [v for v in values if v not in {"$"}]),
        *each("and", '{{and @ "last" | printf "%v %T"}}', [v for v in values if v not in {".fn", ".ch", ".che", ".sq", ".sqe", ".h", "(adder 1)", "$"}]),
        *each("or", '{{or @ "last" | printf "%v %T"}}', [v for v in values if v not in {".fn", ".ch", ".che", ".sq", ".sqe", ".h", "(adder 1)", "$"}]),
    ]  # fmt: skip


def and_or() -> list[Row]:
    return [
        *rows("short", [
            "{{and}}", "{{or}}", "{{not}}", "{{and 1}}", "{{or 1}}", "{{and 0}}", "{{or 0}}", "{{and 1 0 2}}", "{{or 0 \"\" 2}}", "{{and 1 2 3}}", "{{or 0 \"\" false}}", "{{and false fail}}", "{{or true fail}}", "{{and true fail}}", "{{or false fail}}", "{{and false (fail)}}", "{{and 1 false (print fail)}}", "{{or 1 .s.x}}", "{{and 0 .s.x}}", "{{and 1 .s.x}}", "{{or 0 .s.x}}", "{{and 0 (index .l 99)}}", "{{1 | and 2}}", "{{1 | and 0}}", "{{0 | or 1}}", "{{0 | or 0}}", "{{1 | or 0}}", "{{1 | and}}", "{{0 | or}}", "{{0 | and}}", "{{fail | and 0}}", "{{.s | and 1 | upper}}", "{{1 | not}}", "{{not 1 2}}", "{{1 | not 2}}", "{{not (not 1)}}", "{{not nil}}", "{{and nil 1}}", "{{or nil 1}}", "{{or nil nil}}", "{{and 1 nil}}", "{{or .nil .missing}}", "{{and .nil .missing}}", "{{print (and .nil 1)}}", "{{print (or .missing nil)}}", "{{or .nil \"d\"}}", "{{or .missing \"d\"}}", "{{or .missing.x \"d\"}}", "{{or .nil.x \"d\"}}", "{{(or .nil .m).a}}", "{{(and .s .m).a}}", "{{(and .s .m).a.x}}", "{{(or .empty .s).x}}", "{{with and .s .m}}{{.a}}{{end}}", "{{if and .s (or .empty .n) (not .zero)}}y{{end}}", "{{if or (eq .n 1) (eq .n 7)}}y{{end}}", "{{and .s .n | printf \"%T\"}}", "{{or .empty .n | printf \"%T\"}}", "{{or 0 1.5 | printf \"%T\"}}", "{{and 1 'a' | printf \"%T\"}}", "{{or .le .l | len}}", "{{range or .le .ls}}{{.}}{{end}}", "{{range and .ls .le}}{{else}}none{{end}}", "{{or (dict) (list 1)}}", "{{and .pt .box}}", "{{or .fzero .nan}}", "{{and .nan 1}}", "{{or \"\" `` \"x\"}}", "{{and true 08}}", "{{or 1 2 | print 3}}", "{{or (print) (print 1)}}", "{{and 1 2 fail 3}}", "{{or 0 0 fail 3}}", "{{and (print 1 | print) 2}}", "{{and $ 1}}", "{{$x := or .missing 5}}{{$x}}", "{{$x := and .nil 5}}[{{$x}}]", "{{and 9223372036854775808 1}}", "{{or 0 9223372036854775808}}", "{{or 1 9223372036854775808}}", "{{and true print}}", "{{or false print | len}}", "{{and (fail) 0}}", "{{not fail}}", "{{and 1 (and 2 (and 3 4))}}", "{{or (or (or 0 0) 0) 5}}", "{{and.x}}", "{{(and 1 .m).a}}", "{{and 1 | print}}", "{{or .p.Nothing \"d\"}}", "{{and .p.Greet .p.Fail}}", "{{or .p.Greet .p.Fail}}", "{{and .fn 1}}", "{{call (and 1 .fn) 1 2}}", "{{call (or .nil .fn) 1 2}}",
        ]),
        *rows("redefined", ["{{and 0 2}}", "{{and 2 3}}", "{{and 0 fail}}", "{{or 1 2}}", "{{or 1 fail}}", "{{and 1}}", "{{1 | and 2}}", "{{not 5}}", "{{not true}}", "{{len 1}}", "{{print 1}}"], funcs={"and": "add", "or": "sum", "not": "invert", "fail": "fail", "len": "count", "print": "half"}),
    ]  # fmt: skip


def functions_args() -> list[Row]:
    arguments = ['"x"', "1", "-1", "1.0", "2.5", "1e3", "'a'", "1i", "2+0i", "true", "nil", "9223372036854775808", ".s", ".n", ".f", ".fint", ".yes", ".nil", ".missing", ".missing.x", ".l", ".le", ".ints", ".strs", ".m", ".mi", ".by", ".c", ".pt", ".box", ".p", ".lb", ".lv", ".co", ".ce", ".names", ".d", ".err", "$", "(print 1)", "(len .s)", "(nil)", "(index .l 0)", "(index .l 1)", "(index .l 3)", "(echo 1)", "(echo .s)", "none", "answer", "ratio", "name", "yes", "raw", "print", "add", ".boxed.Value", ".box.Value", ".boxint.Value", ".m.a", ".m.b", ".m.c", ".svc.Name", ".svc.Port", ".svc.Tags", ".svc.Labels", ".svc.Extra", ".p.Greet", ".p.Any", ".p.Nothing", "(.s).x", "(add 1 2)", "(half 1.0)", "(upper .s)", "(words .s)", "(list 1)", "(dict)"]  # fmt: skip
    targets = {"string": "upper @", "int": "add 1 @", "float": "half @", "bool": "invert @", "slice": "first @", "strings": "join @ `,`", "map": "size @"}  # fmt: skip
    plain = [
        "{{add}}", "{{add 1}}", "{{add 1 2}}", "{{add 1 2 3}}", "{{1 | add}}", "{{1 | add 2}}", "{{1 | add 2 3}}", "{{answer}}", "{{answer 1}}", "{{1 | answer}}", "{{upper}}", "{{sum}}", "{{sum 1}}", "{{sum 1 2 3}}", "{{3 | sum 1 2}}", "{{3 | sum}}", "{{sum 1 \"a\"}}", "{{\"a\" | sum 1}}", "{{sum 1 .s}}", "{{sum 1 2.0 1e1}}", "{{sum 1 2.5}}", "{{sum nil}}", "{{sum .nil}}", "{{sum .missing}}", "{{sum .ints}}", "{{concat}}", "{{concat \",\"}}", "{{concat \",\" \"a\" \"b\"}}", "{{\"b\" | concat \",\" \"a\"}}", "{{\",\" | concat}}", "{{concat 1}}", "{{concat \",\" 1}}", "{{concat \",\" .strs}}", "{{1 | concat}}", "{{1 | concat \",\"}}", "{{count}}", "{{count 1 \"a\" nil .l .missing}}", "{{.l | count 1}}", "{{list}}", "{{list 1 2.5 \"a\" 'a' true nil .nil .missing 1i}}", "{{list .l .m}}", "{{first .le}}", "{{first (list)}}", "{{first .ints}}", "{{first .names}}", "{{first nil}}", "{{size nil}}", "{{size .m}}", "{{size .mi}}", "{{size .d}}", "{{join .strs \"-\"}}", "{{join (words \"a b\") \"-\"}}", "{{join nil \"-\"}}", "{{join .none \"-\"}}", "{{\"-\" | join .strs}}", "{{.strs | join \"-\"}}", "{{repeat \"ab\" 3}}", "{{repeat \"ab\" -1}}", "{{3 | repeat \"ab\"}}", "{{\"ab\" | repeat 3}}", "{{fail}}", "{{fail 1}}", "{{1 | fail}}", "a{{fail}}b", "{{crash}}", "{{print (crash)}}", "{{broken 1}}", "{{1 | broken}}", "{{broken nil}}", "{{check \"\"}}", "{{check \"ok\"}}", "{{\"\" | check}}", "{{print (check \"\")}}", "{{upper (check \"\")}}", "{{check (upper \"\")}}", "{{upper (upper (check \"\"))}}", "{{dict 1}}", "{{dict 1 2}}", "{{dict \"a\"}}", "{{dict \"a\" 1 \"a\" 2}}", "{{dict \"b\" 1 \"a\" nil}}", "{{(dict \"a\" .l).a}}", "{{point 1 2}}", "{{point 1.0 'a'}}", "{{point 1 nil}}", "{{person \"a\" 1}}", "{{person 1 \"a\"}}", "{{person .s .n}}", "{{person .n .s}}", "{{half 1}}", "{{half 'a'}}", "{{half 1i}}", "{{half 3+0i}}", "{{half 1e400}}", "{{invert true}}", "{{invert .yes}}", "{{invert 0}}", "{{none}}", "{{none 1}}", "{{print none none}}", "{{if none}}y{{else}}n{{end}}", "{{with none}}y{{else}}n{{end}}", "{{range none}}y{{else}}n{{end}}", "{{len none}}", "{{index none 1}}", "{{eq none nil}}", "{{raw}}", "{{raw | printf \"%s %v %x\"}}", "{{upper raw}}",
        "{{call}}", "{{call .fn}}", "{{call .fn 1 2}}", "{{call .fn 1}}", "{{call .fn 1 2 3}}", "{{call .fn 1 \"a\"}}", "{{call .fn 1 nil}}", "{{call .fn 1 .nil}}", "{{call .fn 1 1.0}}", "{{call .fn 1 .f}}", "{{call .fn 1 .lv}}", "{{2 | call .fn 1}}", "{{call .fn0}}", "{{call .fn0 1}}", "{{.fn0 | call}}", "{{call .fnfail}}", "{{call .fnvar}}", "{{call .fnvar \",\"}}", "{{call .fnvar \",\" \"a\" \"b\"}}", "{{call .fnvar \",\" 1}}", "{{call .fnvar 1}}", "{{call .fnany nil}}", "{{call .fnany .m}}", "{{(call .fnany .m).a}}", "{{call .fnany .missing}}", "{{call .s}}", "{{call .nil}}", "{{call .missing}}", "{{call nil}}", "{{call 1}}", "{{call \"a\"}}", "{{call .l}}", "{{call print}}", "{{call print 1}}", "{{call answer}}", "{{call (adder 1) 2}}", "{{call (adder 1)}}", "{{call (adder 1) \"a\"}}", "{{call (call .fnany .fn) 1 2}}", "{{1 | call (adder 2)}}", "{{call .p.Greet}}", "{{call .boxed.Value}}", "{{call .m.a}}", "{{call .m.a 1}}", "{{call $.fn 1 2}}", "{{$f := .fn}}{{call $f 1 2}}", "{{call $.s 1}}", "{{call (index .l 0)}}", "{{call (print 1)}}", "{{with .fn}}{{call . 1 2}}{{end}}", "{{.fn 1 2}}", "{{1 | .fn 2}}", "{{if .fn}}y{{end}}", "{{print .fn0.x}}", "{{not .fn}}", "{{call .fn 1 9223372036854775807}}", "{{call 1i}}", "{{call true 1}}", "{{call .fn .n .n | print}}",
    ]  # fmt: skip
    made = []
    for family, call in targets.items():
        made += each(family, "{{" + call + "}}", [a for a in arguments if a != "$" or family in {"string", "int"}])
    for family, call in list(targets.items())[:4]:
        made += each(f"{family}-piped", "{{@ | " + call.replace(" @", "") + "}}", [a for a in arguments if a not in {"nil"}][12:])
    return [*rows("plain", plain), *made]


def exec_errors() -> list[Row]:
    failing = [".s.x", ".nil.x", "fail", "index .l 99", ".p.Fail", "$x.y", "(.s).x", "print .s.x", "upper 1", "add 1", "nil", ".s 1", "(index .m `a`).x", "print (print (fail))", "call .s", "1 | upper", ".s | add 1", "len 3", "eq 1 1.5", "eq", "lt .l 1", "slice .s 9", "and 1 fail", "not", "9223372036854775808", "print 9223372036854775808", "print 1 (index .m 1)", "index .m 1 2", "index .l .s.x", ".deep.x.y.z.q.r", "index (index .ll 0) 9", "html .s.x | print", "printf", "printf 1", "$.nil.x", "$x 1", "(1) 2", "print (1 | .s)", ".m.a.b.c"]  # fmt: skip
    shapes = {
        "plain": "a{{$x := 1}}{{@}}b",
        "if": "{{$x := 1}}a{{if @}}b{{end}}",
        "range": "{{$x := 1}}a{{range @}}b{{end}}",
        "with": "{{$x := 1}}a{{with @}}b{{end}}",
        "declared": "{{$x := 1}}a{{$y := @}}b{{$y}}",
        "assigned": "{{$x := 1}}a{{$x = @}}b",
        "template": '{{$x := 1}}a{{template "d" @}}{{define "d"}}b{{end}}',
        "in-template": '{{define "d"}}{{$x := 1}}\n a{{@}}{{end}}{{template "d" .}}',
        "in-block": '{{block "d" .}}{{$x := 1}}é{{@}}{{end}}',
        "parenthesised": "{{$x := 1}}{{print (@)}}",
        "nested": "{{$x := 1}}{{if true}}{{with $}}{{range .ls}}\n{{with $}}{{@}}{{end}}{{end}}{{end}}{{end}}",
        "line-two": "{{$x := 1}}one\n\ttwo {{- @ -}} three",
        "multi-line": "{{$x := 1}}{{\n@\n}}",
        "else": "{{$x := 1}}{{if false}}{{else}}{{@}}{{end}}",
    }
    made = []
    for family, shape in shapes.items():
        made += [row for row in each(family, shape, failing) if family != "nested" or row["data"].setdefault("ls", ["a", "b"])]
    return made


THEMES: Final = (fields_nil_missing, missingkey, truth, and_or, functions_args, exec_errors)
