"""Rows on the text: lexing, literals, comments, delimiters, parse errors, and trees printed back."""

from __future__ import annotations

from typing import Final

from .rows import Row, cross, each, rows, trees

SPACES: Final = ["", " ", "  ", "\t", "\n", "\r\n", " \n\t ", "\u00a0", "\v", "\f", "\u2003", "\u0085"]


def lexing() -> list[Row]:
    plain = [
        "", " ", "text", "a\nb\n", "}}", "}} {", "{", "{ {1}}", "{}", "a{b}c", "}}{{1}}{{", "{{", "{{ ",
        "{{{", "{{{1}}}", "{{1}}}", "{{1}}}}", "{ {{1}} }", "{{{{1}}}}", "a{{1}}b{{2}}c", "{{1}}\n{{2}}\n",
        "{{ 1 }}", "{{\n1\n}}", "{{\t1\t}}", "{{\r1\r}}", "{{\n\n1}}", "{{1\n}}", "é{{1}}日", "\x00{{1}}\x00",
        "{{1}}\udcff", "\udcff\udcfe{{.s}}", "\ufeff{{1}}", "{{.s}}\u2028{{.n}}", "{{.s}}{{.s}}", "{%1%}", "${1}",
    ]
    fields = [
        "{{.s}}", "{{ .s }}", "{{.s }}", "{{. s}}", "{{.s.}}", "{{.s..x}}", "{{..}}", "{{..s}}", "{{.}}", "{{ . }}",
        "{{.1}}", "{{.1s}}", "{{.-}}", "{{._x}}", "{{.é}}", "{{.日本}}", "{{.s1}}", "{{.s-1}}", "{{.s+1}}", "{{.s*2}}",
        "{{.s\"a\"}}", "{{.s`a`}}", "{{.s'a'}}", "{{.s(1)}}", "{{.s|print}}", "{{.s,1}}", "{{.s:1}}", "{{.s)}}",
        "{{.s$x}}", "{{.s{}}", "{{.s}", "{{.s", "{{.s/* c */}}", "{{.s\u00a0}}", "{{.s#}}", "{{.s\x00}}", "{{.s\udcff}}",
        "{{.s é}}", "{{.a_b}}", "{{.A}}", "{{.x1.y2}}", "{{.true}}", "{{.if}}", "{{.end}}", "{{.nil}}", "{{.٣}}", "{{.ª}}",
    ]
    variables = [
        "{{$}}", "{{$ }}", "{{$.s}}", "{{$.}}", "{{$x}}", "{{$x.y}}", "{{$1}}", "{{$-}}", "{{$$}}", "{{$x$y}}", "{{$é := 1}}{{$é}}",
        "{{$1 := 1}}{{$1}}", "{{$_ := 1}}{{$_}}", "{{$x:=1}}{{$x}}", "{{$x :=1}}{{$x}}", "{{$x:= 1}}{{$x}}", "{{$x : = 1}}",
        "{{$x=1}}", "{{$x := 1}}{{$x=2}}{{$x}}", "{{$x := 1}}{{$x+1}}", "{{$x := 1}}{{$x-1}}", "{{$x := 1}}{{$x -1}}", "{{$ := 1}}{{$}}",
        "{{$x := 1}}{{ $x }}", "{{$x := 1}}{{$x}}{{$y}}", "{{$x : 1}}", "{{:= 1}}", "{{= 1}}", "{{: 1}}", "{{$x == 1}}", "{{$x := := 1}}",
    ]
    words = [
        "{{print}}", "{{prin}}", "{{print1}}", "{{Print}}", "{{_}}", "{{é}}", "{{true}}{{false}}", "{{True}}", "{{nil}}", "{{null}}", "{{None}}",
        "{{true.x}}", "{{nil.x}}", "{{1.x}}", "{{\"a\".x}}", "{{print.x}}", "{{(nil).x}}", "{{(1).x}}", "{{.s.x.y}}", "{{if.s}}y{{end}}", "{{if(.s)}}y{{end}}",
        "{{if\n.s}}y{{end}}", "{{if\"a\"}}y{{end}}", "{{range.ls}}{{.}}{{end}}", "{{with.s}}{{.}}{{end}}", "{{end}}", "{{ end }}", "{{if true}}{{ end}}", "{{iffy}}",
        "{{template}}", "{{template\"x\"}}", "{{print\"a\"}}", "{{print(1)}}", "{{print (1)}}", "{{(1)2}}", "{{(1) 2}}", "{{1(2)}}", "{{\"a\"\"b\"}}", "{{\"a\"`b`}}",
        "{{print 1,2}}", "{{print 1 , 2}}", "{{,}}", "{{print |}}", "{{|print}}", "{{|}}", "{{1||print}}", "{{1 | | print}}", "{{1|print|print}}", "{{()}}", "{{( )}}", "{{(}}", "{{)}}",
        "{{(1}}", "{{1)}}", "{{((1))}}", "{{(1))}}", "{{((1)}}", "{{( 1 )}}", "{{(print 1 | print)}}", "{{*}}", "{{&}}", "{{!true}}", "{{1 + 2}}", "{{1 == 2}}", "{{1 < 2}}", "{{a && b}}",
        "{{#}}", "{{@}}", "{{?}}", "{{~}}", "{{[1]}}", "{{{}}}", "{{;}}", "{{\\}}", "{{^}}", "{{%}}", "{{€}}", "{{\x01}}", "{{\udcff}}", "{{\u200b}}", "{{“a”}}", "{{print \u00a0 1}}", "{{print\v1}}",
    ]
    multi = [
        "{{print\n1\n2}}", "{{print 1\n|\nprint 2}}", "a\n{{print\n\n}", "a\n{{print \"x\n\"}}", "{{print `x\ny`}}|", "{{print `x\r\ny\r`}}|", "{{if .s\n}}y{{end\n}}", "{{\nif .s}}y{{\nend}}",
        "{{print\n$x}}", "{{print\n\n1x}}", "{{print\n\n.s+1}}", "{{print\n  \"abc}}\nmore", "{{\n\n'ab\n}}", "x\n{{(\n1\n}}", "{{range .ls\n}}{{.}},{{end}}", "{{define\n\"x\"\n}}in{{end}}{{template\n\"x\"\n}}",
    ]  # fmt: skip
    return [
        *rows("text", plain), *rows("field", fields), *rows("variable", variables), *rows("word", words), *rows("lines", multi),
        *cross("space", "{{print@1#2}}|", SPACES, ["", " "]),
        *each("around", "{{@.s@}}", SPACES),
    ]  # fmt: skip


NUMBERS: Final = (
    "0 1 -1 +1 00 01 0777 08 09 0x 0x1F 0X1f 0xg 0b101 0B11 0b2 0b 0o17 0O17 0o8 0o 1_000 1_ _1 1__0 0_1 0x_1F 0x1_F 0b_1 0_777 1_0.5 1_0e1_0 "
    "1. .5 1.5 -1.5 +1.5 1.. 1.5.2 1e3 1E3 1e+3 1e-3 1e 1e+ 1e3x e3 -e3 1e400 -1e400 1e-400 1e308 1.0 2.50 100000.0 1e5 1e6 1e20 1e21 123456789.0 0.0001 0.00001 "
    "0x1p4 0x1P-2 0x1.8p1 0x.8p0 0x1p 0xp1 0x1.8 1p4 0x1p1024 0x1e3 0x1e+3 0x_1p4 1i 0i 1.5i -1i 1e3i 0x1i 0x1p1i 1+2i 1-2i -1-2i +1+2i 1.5+2.5i 1e1+1e1i 1i+2 1+2 1-2 1+i i 1+2i3 1+2ii 08i 010i 1_0i "
    "9223372036854775807 9223372036854775808 18446744073709551615 18446744073709551616 -9223372036854775808 -9223372036854775809 99999999999999999999 1e18 1e19 -0 -0.0 +0 "
    "--1 -+1 - + 3- 3+ -x 1x 1a 0a 1$ 1. 1.x 1.e3 .e3 . .. 1,2 ½ ١ 1é 0x7fffffffffffffff 0x8000000000000000 0xffffffffffffffff 0x10000000000000000 0777777777777777777777 0b11111111 "
    "1e1000i 1.7976931348623157e308 5e-324 4.9e-325 9007199254740993 9007199254740993.0 1e15 123456.7 1234567.8 0.1 0.30000000000000004 1e100 1.0e+10"
).split()
CHARACTERS: Final = (
    r"'a' 'é' '日' '😀' '0' '\n' '\t' '\\' '\'' '\"' '\a' '\b' '\f' '\r' '\v' '\x41' '\xff' '\x4' '\xgg' '\101' '\377' '\400' '\1' '\u0041' '\u004' '\ud800' '\U0001F600' '\U00110000' '\q' '\0' "
    r"'' 'ab' ''' '\' 'a 'é\n' '''' '\x411' 'a'b 'a'.x"
).split()


def numbers() -> list[Row]:
    typed = "0 1 -1 1.0 2.5 1e3 0x10 'a' 1i 1+0i 0i 0777 1e400 9223372036854775808 -9223372036854775808 0x1p2 1_0 1e-1 9007199254740993 08 true \"s\" nil .5 1e19 18446744073709551615 -0.0".split()
    return [
        *each("plain", "{{@}}", NUMBERS),
        *each("type", '{{printf "%T %v" @ @}}', NUMBERS),
        *each("character", "{{@}}", [*CHARACTERS, "' '", "'\n'", "'a\n'", "'", "'\\", "'\udcff'", "'\ufffd'"]),
        *each("character-type", '{{printf "%T %d %q" @ @ @}}', CHARACTERS[:28]),
        *each("to-int", "{{add @ 0}}", typed),
        *each("to-float", "{{half @}}", typed),
        *each("to-string", "{{upper @}}", typed),
        *each("to-bool", "{{invert @}}", typed),
        *each("to-any", "{{echo @ | printf `%T %v`}}", typed),
        *each("adjacent", "{{@}}", ["1(2)", "1\"a\"", "1`a`", "1|print", "(1)", "1.5.x", "1e3.x", "0x1F.x", "'a'.x", "print 1 2", "print 1,2", "1:2", "1 .s", "1/2", "1*2", "1=2"]),
        *each("index", "{{index .ints @}}", ["1", "1.0", "1e0", "'\\x01'", "0x1", "1i", "-1", "true", "9223372036854775808"]),
    ]  # fmt: skip


def strings() -> list[Row]:
    escapes = [
        r"\a", r"\b", r"\f", r"\n", r"\r", r"\t", r"\v", r"\\", r"\"", r"\'", r"\q", r"\0", r"\00", r"\000", r"\101", r"\377", r"\400", r"\8", r"\x", r"\x4", r"\x41", r"\x411", r"\xff", r"\xe9",
        r"\xc3\xa9", r"\xgg", r"\X41", r"\u", r"\u0041", r"\u00e9", r"\u004", r"\ud800", r"\udfff", r"\uffff", r"\U0001F600", r"\U00110000", r"\U0010FFFF", r"\U1", r"\/", r"\ ", r"\e", r"\{", r"\}", r"\?",
    ]
    quoted = [
        '{{"a"}}', '{{""}}', '{{"a b"}}', '{{"}}"}}', '{{"{{"}}', '{{"a\nb"}}', '{{"a\tb"}}', '{{"a\rb"}}', '{{"é日😀"}}', '{{"\x00"}}', '{{"\udcff"}}', '{{"a}}', '{{"a\\"}}', '{{"a\\}}', '{{"', '{{"\\', '{{"a\\\nb"}}', "{{\"'\"}}", '{{"`"}}', '{{"/* no comment */"}}', '{{"-}}"}} x', '{{"a" -}} x',
        "{{`a`}}", "{{``}}", "{{`a\nb`}}", "{{`a\r\nb\r`}}|", "{{`\\n`}}", "{{`\\`}}", "{{`\"`}}", "{{`'`}}", "{{`}}`}}", "{{`a}}", "{{`", "{{`é\udcff`}}", "{{`a``b`}}", "{{`a` `b`}}", "{{print `a` `b`}}", "{{`{{`}}x", "{{`/*`}}{{`*/`}}",
        '{{print "a" "b"}}', '{{print "a"\n"b"}}', '{{"a"|print}}', '{{"a" | print "b"}}', '{{len "日本"}}', '{{len "\\xff\\xfe"}}', '{{"\\xe6\\x97\\xa5"}}', '{{print "\\xe6" "\\x97" "\\xa5"}}', '{{index "\\xff" 0}}', '{{eq "\\u00e9" "é"}}', '{{eq "\\xe9" "é"}}', '{{printf "%q" "\\xe9é"}}', '{{printf "%x" "\\xe9é"}}',
        '{{define "a\\tb"}}x{{end}}{{template "a\tb"}}', '{{define `r\\`}}x{{end}}{{template "r\\\\"}}', '{{template "\\q"}}', '{{define "\\q"}}{{end}}', '{{define ""}}empty{{end}}{{template ""}}', '{{template "\\xff"}}', '{{define "\\xff"}}bad{{end}}{{template "\\xff"}}',
    ]  # fmt: skip
    return [
        *each("escape", '{{"@"}}|', escapes),
        *each("escape-inside", '{{"a@b"}}|', escapes),
        *each("escape-quoted", '{{printf "%q" "@"}}', escapes),
        *each("escape-error", '{{"x" | print "@" 1x}}', escapes[8:12]),
        *rows("quoted", quoted),
    ]


def comments_trim() -> list[Row]:
    comments = [
        "{{/* c */}}", "a{{/* c */}}b", "a {{- /* c */ -}} b", "a {{- /* c */}} b", "a {{/* c */ -}} b", "{{/**/}}", "{{/* * */}}", "{{/* / */}}", "{{/*/}}", "{{/*", "{{/* c", "{{/* c */", "{{/* c */ }}", "{{ /* c */}}", "{{/* c */x}}", "{{/* c */ x}}", "{{/* c */ -}}", "{{/* c */-}}", "{{-/* c */}}", "{{-  /* c */}}", "{{- /* c */  -}}",
        "{{/* a */ b */}}", "{{/* a /* b */ c */}}", "{{/* a\nb\nc */}}x", "{{/* }} */}}", "{{/* {{1}} */}}", "{{/* \" */}}", "{{/* c */}}{{/* d */}}", "{{1}}{{/* c */}}{{2}}", "{{1 /* c */}}", "{{1 /* c */ 2}}", "{{print /* c */ 1}}", "{{/ * c * /}}", "{{// c}}", "{{# c}}", "{{!-- c --}}", "{{if .s}}{{/* c */}}{{end}}|", "{{/* é日 */}}", "{{/* \udcff */}}", "{{-/**/-}}", "{{- /**/ -}}", "x\n{{/* c\n*/ }}", "x\n{{/* c\n", "{{/* c */}}\n{{1x}}", "{{/*\n\n*/}}{{1x}}", "{{- /*\n\n*/ -}}\n\n{{1x}}", "{{/* c */-}} x", "{{define \"x\"}}{{/* c */}}{{end}}{{template \"x\"}}", "{{block \"x\" .}} {{- /* c */ -}} {{end}}", "{{/*a*/}}{{/*b*/}} {{- /*c*/ -}} {{/*d*/}}",
    ]  # fmt: skip
    trims = [
        "a {{- 1 -}} b", "a {{- 1}} b", "a {{1 -}} b", "a{{- 1 -}}b", "{{- 1 -}}", " {{- 1 -}} ", "{{-1}}", "{{- -1}}", "{{-1 -}} x", "{{- -1 -}} x", "{{1-}}", "{{1 - }}", "{{ - 1}}", "{{3-}}", "{{.s-}}", "{{.s -}} x", "{{-.s}}", "x {{-\t.s}}", "x {{-\n.s}}", "x {{-\r.s}}", "{{.s\t-}} x", "{{.s\n-}} x", "{{.s\r-}} x", "x {{-\u00a0.s}}", "{{.s\u00a0-}} x",
        "{{-}}", "{{- }}", "{{ -}}", "{{- -}}", "{{-  -}}", "{{--}}", "{{---}}", "{{- 1", "{{- ", "{{-", "{{ 1 -", "{{1 - -}}", "{{1 --}}", "a\n\n{{- 1 -}}\n\nb", "a \t\r\n{{- 1 -}} \t\r\nb", "a\v {{- 1 -}} \fb", "a\u00a0{{- 1 -}}\u00a0b", "a \u00a0 {{- 1 -}} \u00a0 b", "a {{- 1}} {{- 2}} b", "a {{1 -}} {{2 -}} b", "{{1 -}} {{- 2}}", "{{1 -}}\n\n{{- 2}}|", "{{- if .s -}} y {{- else -}} n {{- end -}} z", "{{- range .ls -}} {{.}} {{- end -}} z", "{{- define \"x\" -}} in {{- end -}} {{template \"x\" -}} z", "{{- with .s -}} {{.}} {{- end }} z", "{{-/* c */-}}", "a {{- block \"x\" . -}} b {{- end -}} c", "{{\"a\" -}} {{\"b\"}}", "{{`a -}} ` -}} b", "{{print 1 - 2}}", "{{print -1 -}} x", "{{print 1 -2}}", "{{print 1-2}}",
        "\n{{- 1x}}", "\n\n{{- 1 -}}\n\n{{1x}}", "{{1 -}}\n\n\n{{1x -}}\n", "a\n {{- \n\n 1x}}", "{{- 1 -}}\n{{1x\n-}}", "{{.s -}}}} x", "{{.s -}} }}", "{{.s - }}", "{{- - }}", "{{-  1  -}}",
    ]  # fmt: skip
    return [
        *rows("comment", comments),
        *trees("comment-kept", comments, comments=True),
        *rows("trim", trims),
        *each("trim-left", "a@{{- .s}}", SPACES),
        *each("trim-right", "{{.s -}}@b", SPACES),
        *each("trim-marker", "a {{-@.s@-}} b", SPACES),
        *each("trim-all", "@{{- .s -}}@", SPACES),
    ]


def delims() -> list[Row]:
    pairs = [
        ("<<", ">>"), ("[[", "]]"), ("{%", "%}"), ("<%=", "%>"), ("(", ")"), ("|", "|"), ("$", "$"), ("{{", ""), ("", "}}"), ("", ""), ("<<", ""), ("", ">>"), ("{", "}"), ("{{{", "}}}"), ("{{", "}}}"), ("#", "#"), ("\"", "\""), (".", "."), ("-", "-"), ("-", ">"), (" ", " "), ("a", "b"), ("é", "日"), ("\n", "\n"), ("/*", "*/"), ("{{-", "-}}"), ("[[", "-]]"), ("\udcff", "\udcfe"), ("`", "`"), ("<", "/>"), ("1", "2"), (":", ":"),
    ]  # fmt: skip
    shapes = [
        "a L.sR b", "a L- .s -R b", "L/* c */R|", "LrangeR", "Lif .sRyLelseRnLendR", "a {{.s}} b", "L(1)R", 'L"x"R', "L.s", "L$x := 1RL$xR", 'Lprintf "%d" 1 | printR',
    ]  # fmt: skip
    made = []
    for left, right in pairs:
        for shape in shapes:
            text = shape.replace("L", left or "{{").replace("R", right or "}}")
            made += rows(f"pair-{len(made) // len(shapes):02}", [text], delims=[left, right])
            made[-1]["id"] = f"pair-{len(made):03}"
    printed = [
        "a L.s | printf `%d` 1R b", "Lif .sRyLelse if .nRxLendR", 'Ltemplate "x" .R', 'Ldefine "x"RaLendRLblock "y" .RbLendR', "L/* c */RL$x := 1RLrange $i, $e := .lRL.RLbreakRLendR",
    ]  # fmt: skip
    trees_ = []
    for left, right in (*pairs[:4], ("|", "|"), ("<<", ""), ("{{{", "}}}"), ("\udcff", "\udcfe")):
        texts = [p.replace("L", left or "{{").replace("R", right or "}}") for p in printed]
        trees_ += trees("tree", texts, delims=[left, right], comments=True)
    for i, row in enumerate(trees_, 1):
        row["id"] = f"tree-{i:03}"
    return made + trees_


def parse_errors() -> list[Row]:
    blocks = [
        "{{if}}", "{{if }}", "{{if .s}}", "{{if .s}}x", "{{if .s}}{{else}}", "{{if .s}}{{else}}{{else}}{{end}}", "{{if .s}}{{end}}{{end}}", "{{else}}", "{{end}}", "{{else if .s}}", "{{if .s}}{{else if}}{{end}}", "{{if .s}}{{else if .n}}", "{{if .s}}{{else if .n}}{{else}}{{end}}{{end}}", "{{if .s}}{{else with .n}}{{end}}", "{{with .s}}{{else if .n}}{{end}}", "{{range .l}}{{else if .n}}{{end}}", "{{range .l}}{{else with .n}}{{end}}", "{{range .l}}{{else range .n}}{{end}}", "{{if .s}}{{else range .n}}{{end}}", "{{if .s}}{{else else}}{{end}}", "{{if .s}}{{else .n}}{{end}}", "{{if .s}}{{elseif .n}}{{end}}", "{{if .s}}{{else}}{{else if .n}}{{end}}", "{{end .s}}", "{{if .s}}{{end .s}}", "{{if .s}}{{end if}}", "{{if .s}}{{end | print}}",
        "{{with}}", "{{with .s}}", "{{with .s}}{{else with}}{{end}}", "{{range}}", "{{range .l}}", "{{range .l}}{{else}}", "{{range .l}}{{else}}{{else}}{{end}}", "{{range .l}}{{end}}{{else}}", "{{if if}}", "{{if end}}", "{{if .s | }}x{{end}}", "{{if | .s}}{{end}}", "{{with | }}{{end}}", "{{range |}}{{end}}", "{{if .s}}{{if .s}}{{end}}", "{{if .s}}{{range .l}}{{with .s}}{{end}}{{end}}",
        "{{define}}", "{{define x}}{{end}}", '{{define "x"}}', '{{define "x" .}}{{end}}', '{{define "x"}}{{else}}{{end}}', "{{define .s}}{{end}}", "{{define 1}}{{end}}", '{{if .s}}{{define "x"}}{{end}}{{end}}', '{{define "x"}}{{define "y"}}{{end}}{{end}}', '{{range .l}}{{define "x"}}{{end}}{{end}}', '{{define "x"}}a{{end}}{{define "x"}}b{{end}}', '{{define "x"}}a{{end}}{{define "x"}} {{end}}', '{{define "x"}} {{end}}{{define "x"}}b{{end}}{{template "x"}}', '{{define "x"}}a{{end}}{{define "x"}}{{/* c */}}{{end}}{{template "x"}}', '{{define "t"}}a{{end}}b', '{{define "t"}}a{{end}} ', '{{define "x"}}a{{end}}{{block "x" .}}b{{end}}', '{{block "x" .}}a{{end}}{{block "x" .}}b{{end}}', '{{define "x" | print}}{{end}}', '{{define "x"}}{{end}}{{end}}', "{{define `x`}}raw{{end}}{{template `x`}}", '{{define "x" "y"}}{{end}}', "{{define 'x'}}{{end}}", "{{define (1)}}{{end}}", "{{define nil}}{{end}}",
        "{{template}}", "{{template x}}", "{{template .s}}", '{{template "x" }}', '{{template "x" . .}}', '{{template "x" .s .n}}', '{{template "x" | print}}', '{{template "x" .s | print}}', '{{template "x" nil}}', '{{template "x" 1 | 2}}', '{{template "x" $y}}', '{{template "x" if}}', '{{template "x"', '{{template "x" (}}', "{{template 1}}", "{{template nil}}", '{{template ("x")}}',
        "{{block}}", '{{block "x"}}{{end}}', '{{block "x" .}}', '{{block "x" .}}{{else}}{{end}}', "{{block x .}}{{end}}", '{{block "x" .}}{{define "y"}}{{end}}{{end}}', '{{if .s}}{{block "x" .}}in{{end}}{{end}}', '{{define "x"}}{{block "y" .}}in{{end}}{{end}}{{template "x" 1}}', '{{block "x" . }}a{{end}}{{block "y" 1 2}}{{end}}', '{{block "x" $y}}{{end}}', '{{block "x" | }}{{end}}', '{{block "x" .}}{{$z}}{{end}}', '{{$z := 1}}{{block "x" .}}{{$z}}{{end}}', '{{$z := 1}}{{define "x"}}{{$z}}{{end}}',
        "{{break}}", "{{continue}}", "{{if .s}}{{break}}{{end}}", "{{range .l}}{{end}}{{break}}", "{{range .l}}{{else}}{{break}}{{end}}", "{{range .l}}{{else}}{{continue}}{{end}}", "{{range .l}}{{range .l}}{{else}}{{break}}{{end}}{{end}}", '{{range .l}}{{define "x"}}{{break}}{{end}}{{end}}', '{{range .l}}{{block "x" .}}{{break}}{{end}}{{end}}', "{{range .l}}{{break 1}}{{end}}", "{{range .l}}{{break .}}{{end}}", "{{range .l}}{{continue | print}}{{end}}", "{{range .l}}{{break}}{{break}}{{continue}}{{end}}", "{{range .l}}{{print break}}{{end}}", "{{print continue}}", "{{with .s}}{{continue}}{{end}}", "{{range (break)}}{{end}}",
    ]  # fmt: skip
    pipelines = [
        "{{1 | 2}}", "{{1 | 2.5}}", "{{1 | \"a\"}}", "{{1 | nil}}", "{{1 | true}}", "{{1 | .}}", "{{1 | 'a'}}", "{{1 | `a`}}", "{{1 | print | 3}}", "{{1 | print | print | .}}", "{{1 | .s}}", "{{1 | $}}", "{{1 | (print)}}", "{{1 | (2)}}", "{{1 |}}", "{{1 | print |}}", "{{if 1 | 2}}{{end}}", "{{with 1 | nil}}{{end}}", "{{range 1 | .}}{{end}}", "{{print (1 | 2)}}", "{{$x := 1 | 2}}", "{{template \"x\" 1 | 2}}", "{{nosuch}}", "{{print nosuch}}", "{{1 | nosuch}}", "{{(nosuch)}}", "{{.s | nosuch 1}}", "{{nosuch.x}}", "{{if nosuch}}{{end}}", "x\n{{nosuch\n}}", "{{if print}}{{end}}", "{{print if}}", "{{print else}}", "{{print end}}", "{{print range}}", "{{print with}}", "{{print define}}", "{{print template}}", "{{print block}}", "{{print nil}}", "{{print dict}}", "{{print \"abcdefghijkl\" if}}", "{{\"abcdefghijklmno\"(}}", "{{abcdefghijklmnop(1)}}", "{{print .abcdefghijklm(1)}}", "{{print \"ééééééééééé\"\"x\"}}", "{{print (1)(2)}}", "{{print \"日本語日本語日本語日本語\"(}}",
        "{{$x}}", "{{$x.y}}", "{{$x = 1}}", "{{$x := $x}}", "{{$x := 1 | $y}}", "{{$x, $y := 1}}", "{{$x, $y = 1}}", "{{$x,}}", "{{$x, 1}}", "{{$x, := 1}}", "{{$x}}{{$x := 1}}", "{{if $x := 1}}{{end}}{{$x}}", "{{with $x := 1}}{{$x}}{{else}}{{$x}}{{end}}", "{{range $x := .l}}{{end}}{{$x}}", "{{range $x, $y := .l}}{{else}}{{$x}}{{end}}", "{{range $x, $y, $z := .l}}{{end}}", "{{range $x, 1 := .l}}{{end}}", "{{range $x, .s := .l}}{{end}}", "{{range $x, $y}}{{end}}", "{{range $x,}}{{end}}", "{{range $x, $y .l}}{{end}}", "{{range $x $y := .l}}{{end}}", "{{range ($x, $y := .l)}}{{end}}", "{{if $x, $y := .l}}{{end}}", "{{with $x, $y := .l}}{{end}}", "{{template \"x\" $x, $y := .l}}", "{{print $x := 1}}", "{{print ($x := 1)}}", "{{($x := 1)}}{{$x}}", "{{print ($x := 1) $x}}", "{{1 | $x := 2}}", "{{$x := }}", "{{$x :=}}", "{{$x = }}", "{{if $x := }}{{end}}", "{{range $x := }}{{end}}", "{{range $i, $e := }}{{end}}", "{{$x := 1 2}}", "{{$x := .l | print}}{{$x}}", "{{$x := if}}", "{{.s := 1}}", "{{x := 1}}", "{{1 := 1}}", "{{$.x := 1}}", "{{$x.y := 1}}", "{{$x := $y := 1}}", "{{$x := 1}}{{$x := 2}}{{$x}}", "{{$x := 1}}{{$x, $y := 2}}",
    ]  # fmt: skip
    unclosed = [
        "{{.s", "{{.s\n", "a\n{{.s\n\n", "a\n\n{{print 1 \n 2", "{{if .s", "{{\"a", "{{`a\n", "{{(1", "{{(1}}", "{{print (1}}\n", "{{print\n(1\n}}", "{{print (1))}}", "{{1}", "{{1} }", "{{ {{1}} }}", "{{1 {{2}} }}", "{{end", "{{if .s}}\n{{end", "{{.s}} {{", "{{.s}}\n\n{{\n", "{{range .l}}\n\n{{\n.\n", "{{/*\n\n", "{{/* a */ -", "{{$x := \n", "{{define \"x\"", "{{define \"x\"}}\n\n", "{{.s |\n", "{{'a", "{{'a\n}}", "{{\n'ab'\n}}", "{{\n1x\n}}", "{{print\n\"a\n", "{{print\n`a\n\n", "{{print\n.s*2\n}}", "{{\n\n@}}", "{{print 1\n@}}", "x{{- \n\n@}}", "{{if .s}}\n{{print\n@}}{{end}}", "{{define \"x\"}}\n{{print\n@}}{{end}}", "{{block \"x\" .}}\n{{\n@}}{{end}}",
    ]  # fmt: skip
    return [
        *rows("block", blocks),
        *rows("pipeline", pipelines),
        *rows("unclosed", unclosed),
        *rows("named", ["{{end}}", "{{", "{{nosuch}}", "{{define \"x\"}}{{nosuch}}{{end}}", "a\n{{if}}"], name="conf.d/a b.tmpl"),
        *rows("odd-name", ["{{end}}", "{{.s.x}}", "{{define \"q\\\"x\"}}{{.s.x}}{{end}}{{template \"q\\\"x\" .}}"], name="é\udcff\"d"),
        *rows("empty-name", ["{{end}}", "{{.s.x}}", "ok"], name=""),
        *rows("break-is-a-function", ["{{break}}", "{{continue}}", "{{range .ls}}{{break}}{{end}}", "{{break | print 1}}", "{{print break}}", "{{range .ls}}{{continue}}{{end}}"], funcs={"break": "answer"}),
        *rows("keyword-as-function", ["{{if}}", "{{end}}", "{{range}}", "{{nil}}", "{{true}}", "{{define}}", "{{print}}"], funcs={"if": "answer", "end": "answer", "range": "answer", "nil": "answer", "true": "answer", "define": "answer", "print": "answer"}),
    ]  # fmt: skip


def string_of_tree() -> list[Row]:
    texts = [
        "", " ", "text", "{{1}}", "{{ 1 }}", "{{- 1 -}}", "a {{- 1 -}} b", "{{.}}", "{{.x}}", "{{.x.y.z}}", "{{$}}", "{{$.x}}", "{{$x := 1}}", "{{$x:=1}}{{$x=2}}{{$x}}{{$x.y}}", "{{.x|print}}", "{{.x | printf \"%s\" 3}}", "{{print   1    2}}", "{{print (1)}}", "{{(1)}}", "{{((1))}}", "{{( .x ).y}}", "{{(print 1).y.z}}", "{{print.x}}", "{{(.x | print).y}}", "{{.x |}}", "{{print (print 1 |)}}",
        "{{\"a\\tb\"}}", "{{`a\nb`}}", "{{`a\r\nb`}}", "{{\"é\\u00e9\\xff\"}}", "{{'a'}}", "{{'\\x41'}}", "{{1e3}}", "{{0x1F}}", "{{1_000}}", "{{+1}}", "{{-1.50}}", "{{1i}}", "{{1+2i}}", "{{true}}", "{{false}}", "{{print nil}}", "{{nil}}",
        "{{if .x}}a{{end}}", "{{if .x}}a{{else}}b{{end}}", "{{if .x}}a{{else if .y}}b{{end}}", "{{if .x}}a{{else if .y}}b{{else}}c{{end}}", "{{if .x}}a{{else}}{{if .y}}b{{end}}{{end}}", "{{if $x := .x}}{{$x}}{{end}}", "{{if .x}}{{else}}{{end}}", "{{with .x}}a{{end}}", "{{with .x}}a{{else}}b{{end}}", "{{with .x}}a{{else with .y}}b{{else}}c{{end}}", "{{with $x := .x | print}}{{$x}}{{end}}", "{{range .x}}a{{end}}", "{{range .x}}a{{else}}b{{end}}", "{{range $i, $e := .x}}{{$i}}{{end}}", "{{range $e := .x}}{{break}}{{continue}}{{end}}", "{{range $i,$e=.x}}{{end}}", "{{range .x}}{{range .y}}{{break}}{{end}}{{end}}", "{{range $x, $y}}{{end}}", "{{$x := .l}}{{range $x,}}{{end}}",
        "{{template \"x\"}}", "{{template \"x\" .}}", "{{template `x` .y | print}}", "{{template \"x\" $y := 1}}{{$y}}", "{{template \"a\\\"b\\tc\\xff\"}}", "{{define \"x\"}}a{{.y}}{{end}}", "{{define \"x\"}}{{end}}", "{{define \"x\"}}a{{end}}{{define \"y\"}}b{{end}}c", "{{block \"x\" .y}}a{{end}}", "{{block \"x\" .y | print}}a{{block \"z\" 1}}b{{end}}{{end}}", "{{define \"\"}}x{{end}}", "{{/* c */}}", "{{- /* c */ -}}", "a{{/* c */}}b{{/*d*/}}", "{{if .x}}{{/* c */}}{{end}}", "{{/* c */}}{{define \"x\"}}{{/* d */}}{{end}}", "{{1}}{{2}}", "{{1}}\n{{2}}\n", "}} {", "{{.x}}\udcff", "{{print .x $ . \"a\" `b` 'c' 1 true nil (print)}}", "{{.x.y 1 2}}", "{{$x := 1}}{{$x.y.z 1}}", "{{call .f 1 | print}}", "{{if and .x (or .y .z) | not}}x{{end}}", "{{  if  .x  |  not  }}x{{  end  }}", "{{\n.x\n|\nprint\n}}", "{{$x := ($y := 1)}}{{$y}}", "{{(.x).y.z | print}}", "{{print (.x).y}}", "{{.x.y.z.w | print.a}}", "{{(1 | print)}}", "{{\"a\" | print}}",
    ]  # fmt: skip
    errors = ["{{", "{{.x", "{{nosuch}}", "{{if}}", "{{end}}", "{{$x}}", "{{add 1 2}}", "{{define \"x\"}}{{end", "{{break}}", "{{1 | 2}}"]  # fmt: skip
    return [
        *trees("tree", texts),
        *trees("comments", [text for text in texts if "/*" in text], comments=True),
        *trees("error", errors, funcs=[]),
        *trees("known", ["{{add 1 2}}", "{{add}}", "{{upper .x | add}}"], funcs=["add", "upper"]),
        *trees("name", ["{{1}}", "{{define \"x\"}}{{end}}", "{{define \"other\"}}a{{end}}"], name="other"),
    ]


THEMES: Final = (lexing, numbers, strings, comments_trim, delims, parse_errors, string_of_tree)
