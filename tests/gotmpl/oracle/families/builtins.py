"""Rows on the functions that every template has, printf apart."""

from __future__ import annotations

from typing import Final

from .actions import VALUES
from .rows import Row, cross, each, rows

COMPARED: Final = ["1", "2", "-1", "1.0", "1.5", "'a'", "97", "true", "false", '"a"', '"b"', '""', "nil", "1i", ".n", ".f", ".fint", ".s", ".yes", ".nil", ".missing", ".c", ".by", ".l", ".ints", ".m", ".pt", ".box", ".p", ".lv", ".lb", ".co", ".ce", ".nan", ".fn", ".err", "(index .l 0)", "(index .l 3)", ".boxint.Value"]  # fmt: skip
ORDERED: Final = ["1", "2", "-1", "1.5", "'a'", "true", '"a"', '"b"', "nil", "1i", ".n", ".f", ".s", ".nil", ".missing", ".l", ".m", ".pt", ".lv", ".lb", ".ce", ".nan", ".by"]  # fmt: skip


def builtins_eq_lt() -> list[Row]:
    plain = [
        "{{eq}}", "{{ne}}", "{{lt}}", "{{eq 1}}", "{{ne 1}}", "{{lt 1}}", "{{eq nil}}", "{{eq .missing}}", "{{ne 1 2 3}}", "{{lt 1 2 3}}", "{{eq 1 2 3}}", "{{eq 1 2 1}}", "{{eq 1 1 \"a\"}}", "{{eq 1 \"a\" 1}}", "{{eq 1 2 \"a\"}}", "{{eq 1 nil 1}}", "{{eq nil 1 nil}}", "{{eq nil nil}}", "{{eq .nil .missing}}", "{{eq .m nil}}", "{{eq nil .m}}", "{{eq .l nil}}", "{{eq .le nil}}", "{{eq .fn nil}}", "{{eq nil .fn}}", "{{eq .fn .fn}}", "{{eq .l .l}}", "{{eq .m .m}}", "{{eq .m .l}}", "{{eq .l 1}}", "{{eq 1 .l}}", "{{eq .pt .pt}}", "{{eq .pt .kv}}", "{{eq .pt (point 1 -2)}}", "{{eq .pt (point 1 2)}}", "{{eq .pt nil}}", "{{eq .pt 1}}", "{{eq 1 .pt}}", "{{eq .box .box}}", "{{eq .boxed (box \"inside\")}}", "{{eq .boxed (box 1)}}", "{{eq .boxmap .boxmap}}", "{{eq .svc .svc}}", "{{eq .h .h}}", "{{eq .err .err}}", "{{eq .names .names}}", "{{eq .d .d}}", "{{eq .lb \"tag\"}}", "{{eq \"tag\" .lb}}", "{{eq .lv 3}}", "{{eq 3 .lv}}", "{{eq .lv .co}}", "{{eq .ce 36.6}}", "{{eq .c 1i}}", "{{eq 1-2i .c}}", "{{eq .nan .nan}}", "{{ne .nan .nan}}", "{{lt .nan .nan}}", "{{ge .nan .nan}}", "{{eq 0.0 -0.0}}", "{{eq .fneg .fzero}}", "{{eq .by .by}}", "{{eq .by \"raw\"}}", "{{eq .u \"日本語\"}}", "{{eq \"é\" \"\\u00e9\"}}", "{{eq .yes true}}", "{{eq .yes 1}}", "{{eq .zero false}}", "{{1 | eq 1}}", "{{2 | eq 1}}", "{{1 | eq 2 3}}", "{{\"a\" | eq .s}}", "{{.s | eq \"hello\"}}", "{{nil | eq 1}}", "{{.nil | eq nil}}", "{{.missing | eq nil}}", "{{1 | ne 1}}", "{{1 | lt 0}}", "{{eq (len .s) 5}}", "{{eq (print 1) \"1\"}}", "{{eq .s.x 1}}", "{{eq 1 fail}}", "{{eq 1 1 fail}}", "{{if eq .s \"hello\" \"x\"}}y{{end}}", "{{eq 9223372036854775807 .big}}", "{{eq .min -9223372036854775808}}", "{{eq 1 9223372036854775808}}", "{{lt 1 18446744073709551615}}", "{{eq .big 9223372036854775807.0}}", "{{lt .min .big}}", "{{lt \"B\" \"a\"}}", "{{lt \"z\" \"é\"}}", "{{lt \"\\uffff\" \"\\U0001F600\"}}", "{{lt \"a\" \"a\\x00\"}}", "{{lt \"\\xff\" \"日\"}}", "{{lt \"\" \"a\"}}", "{{lt .bad .u}}", "{{le \"a\" \"a\"}}", "{{ge \"b\" \"a\"}}", "{{gt 1 1}}", "{{ge 1 1}}", "{{le 2 1}}", "{{gt 1.5 1.0}}", "{{lt -1 0}}", "{{not (lt 1 2)}}", "{{lt 1 .lv}}", "{{lt .lb \"z\"}}", "{{eq true true}}", "{{eq (index .l 4) true}}", "{{eq (index .l 3) nil}}", "{{eq .m.nil nil}}", "{{eq .m.zz nil}}", "{{ne .m.nil nil}}", "{{ne .m.a nil}}", "{{eq .box.Value nil}}", "{{eq .boxed.Value \"inside\"}}", "{{eq .boxed.Value 1}}", "{{eq .svc.Extra nil}}", "{{eq .svc.Tags nil}}", "{{eq .svc.Name .svc.Name}}", "{{range .l}}{{eq . 1}}{{end}}", "{{range .ints}}{{lt . 20}} {{end}}", "{{range .l}}{{eq . nil}}{{end}}", "{{eq .kv .kv}}", "{{eq (index .kvs 0) (index .kvs 0)}}", "{{ne .pt .pt}}", "{{lt .pt .pt}}", "{{eq .ch .ch}}", "{{eq .ch nil}}", "{{eq .co .co}}", "{{eq .pretty .pretty}}",
    ]  # fmt: skip
    made = [*rows("plain", plain), *cross("eq", "{{eq @ #}}", COMPARED, COMPARED[::3]), *cross("lt", "{{lt @ #}}", ORDERED, ORDERED[::2])]
    for name in ("ne", "le", "gt", "ge"):
        made += cross(name, "{{" + name + " @ #}}", ["1", "2.5", '"a"', "nil", ".s", ".nil", "true", ".l"], ["1", "2.5", '"b"', "nil", ".missing", "false", ".m"])
    return [row for row in made if not unordered(row["template"])]


def unordered(template: str) -> bool:
    """Whether Go's message would print an address."""
    return any(kind in template for kind in (" .fn .", ".fn .fn", ".fn .ch")) and "nil" not in template


def builtins_index_slice_len() -> list[Row]:
    items = [".l", ".le", ".ints", ".strs", ".s", ".u", ".empty", ".by", ".m", ".me", ".mi", ".mb", ".mf", ".n", ".f", ".yes", ".nil", ".missing", ".pt", ".h", ".names", ".d", ".lb", ".lv", ".fn", ".box.Value", ".boxmap.Value", ".svc.Tags", ".kvs", ".c", '"abc"', "3", "nil"]  # fmt: skip
    positions = ["0", "1", "-1", "3", "99", "1.0", '"a"', "nil", "true", ".n", ".f", ".nil", ".missing", ".lv", "'\\x01'"]  # fmt: skip
    plain = [
        "{{index}}", "{{index .l}}", "{{index .m}}", "{{index .s}}", "{{index nil}}", "{{index .nil}}", "{{index .missing}}", "{{index .n}}", "{{index .ll 0 1}}", "{{index .ll 1 0}}", "{{index .ll 1 1}}", "{{index .ll 1 2}}", "{{index .ll 9 0}}", "{{index .ll 0 0 0}}", "{{index .lm 0 \"a\"}}", "{{index .lm 2 \"a\"}}", "{{index .lm 2 \"a\" \"b\"}}", "{{index .m \"c\" 1}}", "{{index .m \"zz\" 1}}", "{{index .m \"nil\" 1}}", "{{index .deep \"x\" \"y\" \"z\"}}", "{{index .deep \"x\" \"q\" \"z\"}}", "{{index .deep \"x\" \"y\" \"z\" 0}}", "{{index .l 1 0}}", "{{index .l 5}}", "{{index .l 6}}", "{{index .strs 3}}", "{{index .strs 4}}", "{{index .ints 3}}", "{{index .s 5}}", "{{index .s 6}}", "{{index .le 0}}", "{{index .by 3}}", "{{index .by 0}}", "{{index .names 2}}", "{{index .kvs 0}}", "{{(index .kvs 1).Key}}", "{{index .kvs 2}}", "{{index .svc.Tags 1}}", "{{index .svc.Labels \"role\"}}", "{{index .svc.Labels \"zz\"}}", "{{index .svc0.Labels \"zz\"}}", "{{index .svc0.Tags 0}}", "{{index .mi 2}}", "{{index .mi 99}}", "{{index .mi \"a\"}}", "{{index .mi 1.0}}", "{{index .mi nil}}", "{{index .mb true}}", "{{index .mb 1}}", "{{index .mf 1.0}}", "{{index .mf 1}}", "{{index .mf 2.5}}", "{{index .m 1}}", "{{index .m nil}}", "{{index .m .nil}}", "{{index .m .missing}}", "{{index .m .lb}}", "{{index .m \"\"}}", "{{index .mo \"\"}}", "{{index .mo \"é\"}}", "{{index .l .l}}", "{{index .m .l}}", "{{0 | index .l}}", "{{\"a\" | index .m}}", "{{.l | index 0}}", "{{index 0 .l}}", "{{index .l 9223372036854775807}}", "{{index .l 9223372036854775808}}", "{{index .l -9223372036854775808}}", "{{index .l 1e0}}", "{{index .l 1.5}}", "{{index .l 1i}}", "{{index (list 1 2) 1}}", "{{index (dict \"a\" 1) \"a\"}}", "{{index (words \"a b\") 1}}", "{{index (print \"ab\") 1}}", "{{index .s 0 | printf \"%T %c\"}}", "{{index .by 0 | printf \"%T\"}}", "{{index .u 0}}", "{{index .bad 1}}", "{{index .l 3 | print}}", "{{print (index .l 3)}}", "{{index .l 0 | printf \"%T\"}}", "{{index .d \"k\"}}", "{{index .d \"zz\"}}", "{{index .p \"Name\"}}", "{{index .pt 0}}", "{{index fail 0}}", "{{index .l fail}}", "a{{index .l 99}}b", "{{with index .m \"zz\"}}y{{else}}n{{end}}", "{{range index .ll 0}}{{.}}{{end}}",
        "{{len}}", "{{len 1 2}}", "{{len nil}}", "{{len .s}}", "{{.s | len}}", "{{len \"\"}}", "{{len \"日本語\"}}", "{{len \"\\xff\"}}", "{{len (list 1 2)}}", "{{len (dict)}}", "{{len (words \"a b c\")}}", "{{len (print)}}", "{{len 3}}", "{{len 1.5}}", "{{len true}}", "{{len 'a'}}", "{{len 1i}}", "{{len none}}", "{{len raw}}", "{{len .box.Value}}", "{{len .boxed.Value}}", "{{len .p}}", "{{len .p.Greet}}", "{{len .p.Nicknames}}", "{{len .p.Nothing}}", "{{len print}}", "{{len fail}}", "{{len .s | printf \"%T\"}}", "{{len .sq}}", "{{len .che}}", "{{len .err}}",
        "{{slice}}", "{{slice .l}}", "{{slice .s}}", "{{slice .ints}}", "{{slice .u 0 3}}", "{{slice .u 1 4}}", "{{slice .s 1}}", "{{slice .s 1 3}}", "{{slice .s 5}}", "{{slice .s 6}}", "{{slice .s 0 5}}", "{{slice .s 0 6}}", "{{slice .s 3 1}}", "{{slice .s -1}}", "{{slice .s 1 2 3}}", "{{slice .s 1 2 3 4}}", "{{slice .l 1}}", "{{slice .l 1 3}}", "{{slice .l 5}}", "{{slice .l 6}}", "{{slice .l 3 1}}", "{{slice .l 1 2 3}}", "{{slice .l 1 2 5}}", "{{slice .l 1 2 6}}", "{{slice .l 1 3 2}}", "{{slice .l 3 2 1}}", "{{slice .l 0 0 0}}", "{{slice .l 1 2 3 4}}", "{{slice .l -1}}", "{{slice .l 0 -1}}", "{{slice .l 1.0}}", "{{slice .l \"a\"}}", "{{slice .l nil}}", "{{slice .l .nil}}", "{{slice .l .missing}}", "{{slice .l true}}", "{{slice .m}}", "{{slice .m 0}}", "{{slice .n}}", "{{slice nil}}", "{{slice .nil}}", "{{slice .missing}}", "{{slice .pt}}", "{{slice .by 1}}", "{{slice .by 1 2 | printf \"%T %s\"}}", "{{slice .strs 1 | printf \"%T %v\"}}", "{{slice .names 1 | printf \"%T %v\"}}", "{{slice .lb 1 | printf \"%T %v\"}}", "{{slice .ints 1 | join}}", "{{join (slice .strs 1) \"-\"}}", "{{1 | slice .l}}", "{{2 | slice .l 1}}", "{{slice .le}}", "{{slice .le 0}}", "{{slice .le 1}}", "{{slice .empty}}", "{{slice .empty 0}}", "{{slice .empty 1}}", "{{slice (slice .l 1 3) 0 1}}", "{{slice (slice .s 1 3) 1}}", "{{slice .svc.Tags 1}}", "{{slice .svc0.Tags}}", "{{slice .svc0.Tags 1}}", "{{len (slice .l 2)}}", "{{range slice .l 3}}[{{.}}]{{end}}", "{{slice .l 'a'}}", "{{slice .l .lv}}", "{{slice fail}}", "{{slice .l fail}}", "{{slice .box.Value}}", "{{slice 3}}", "{{slice true}}", "{{slice \"abc\" 1 2}}", "{{slice (list 1 2 3) 1 2}}", "{{slice (words \"a b c\") 0 2}}",
    ]  # fmt: skip
    bounds = ["", "0", "2", "3", "-1", "9", "1 2", "2 1", "0 9", "1 2 3", "nil", '"a"', "1.0"]
    return [
        *rows("plain", plain),
        *cross("index", "{{index @ #}}", items, positions),
        *cross("slice", "{{slice @ #}}", [item for item in items if item not in {".fn"}], bounds),
        *each("len", "{{len @}}", [v for v in [*VALUES, *items, ".svc.Extra", ".kvs", ".lm", ".bad", ".bye", ".svc0.Tags", ".svc0.Labels"] if v != "."]),
    ]  # fmt: skip


PRINTED: Final = [
    "1", "-1", "0", "1.0", "1.5", "100000.0", "1e6", "1e20", "1e21", "123456789.0", "1e-4", "1e-5", "-0.0", "0.1", "'a'", "1i", "1+2i", "0x10", "true", "false", "nil", '"a"', '""', "`b`", ".s", ".u", ".bad", ".n", ".big", ".min", ".f", ".fneg", ".million", ".tiny", ".nan", ".inf", ".ninf", ".c", ".by", ".bybad", ".bye", ".nil", ".missing", ".l", ".le", ".ll", ".lm", ".ints", ".floats", ".bools", ".strs", ".none", ".kvs", ".m", ".me", ".mi", ".mb", ".mf", ".mo", ".deep", ".pt", ".kv", ".box", ".boxed", ".boxmap", ".svc", ".svc0", ".p", ".pretty", ".names", ".d", ".lb", ".lv", ".co", ".ce", ".err", ".yes", ".markup", "(list)", "(dict)", "(list nil 1.0 `x`)", "(dict `k` nil)", "raw", "(box (box nil))", "(list .pretty .co .ce .err)", "(dict `p` .pretty)", "(box .pretty)", "(list .by .bye)", "(list .pt .kv)", "(list (list) (dict))",
]  # fmt: skip


def builtins_print() -> list[Row]:
    pairs = ["1", '"a"', "nil", "1.5", ".l", ".s", ".missing", "true", ".by", ".pretty", ".err"]
    return [
        *each("print", "{{print @}}", PRINTED),
        *each("println", "{{println @}}|", PRINTED[::3]),
        *each("action", "{{@}}", [text for text in PRINTED if text not in {"nil"}]),
        *cross("two", "{{print @ #}}", pairs, pairs),
        *cross("line", "{{println @ #}}|", pairs[:6], pairs[:6]),
        *rows("plain", ["{{print}}|", "{{println}}|", "{{print \"\"}}|", "{{println \"\"}}|", "{{print 1 2 3}}", "{{print \"a\" \"b\" 1 2 \"c\"}}", "{{print 1 \"a\" 2}}", "{{print nil nil}}", "{{print 1 nil \"a\" nil}}", "{{println 1 \"a\" nil}}|", "{{println | print}}|", "{{1 | println 2}}|", "{{print (print)}}|", "{{print .lb .lb}}", "{{print .lv .lv}}", "{{print .by .by}}", "{{print .l .l}}", "{{print 1.0 2.0}}", "{{print 'a' 'b'}}", "{{print true false}}", "{{print .nil .missing 1}}", "{{print fail}}", "{{print (println 1) 2}}"]),
    ]  # fmt: skip


def html_js_urlquery() -> list[Row]:
    texts = [
        '""', '"plain"', "`<a href=\"x\">'&</a>`", '"\\x00"', '"a\\nb\\tc"', '"é日😀"', '"\\xff"', '"\\x7f"', '"\\u2028\\u2029"', '"\\u00a0"', '"\\ufeff"', '"\\u200b"', '"\\U0001F600"', '"\\U000E0001"', '"a=b&c"', '"a b+c"', '"100%"', '"/path?q=1#f"', '"~-_.!*()"', '"\\\\"', '"`"', '"</script>"', '"\\r\\b\\f\\v"', '"\\ufffd"', '"&amp;"', ".markup", ".bad", ".u", ".n", ".f", ".yes", ".nil", ".missing", ".missing.x", ".l", ".m", ".by", ".bybad", ".pt", ".pretty", ".err", ".lb", ".co", ".le", ".c", "nil", "1", "1.5", "'a'", "none", "(print 1 2)", "(list `<`)", "(dict `<` `>`)", '"\\x01\\x1f"', '"\\u0085\\u009f"', '"\\U0010FFFF"', '"\\ue000"', '"\\u0300"',
    ]  # fmt: skip
    made = []
    for name in ("html", "js", "urlquery"):
        made += each(name, "{{" + name + " @}}", texts)
        made += each(f"{name}-piped", "{{@ | " + name + "}}", [t for t in texts if t not in {"nil"}][-30:-10])
        made += [
            {**row, "id": f"{name}-{row['id']}"}
            for row in rows("plain", ["{{@}}", "{{@ 1 2}}", "{{@ `<` `>`}}", "{{@ 1 `<` 2}}", "{{@ nil nil}}", "{{@ .nil 1}}", "{{@ 1 .missing `a`}}", "{{`a` | @ `<`}}", "{{@ fail}}", "{{.s | @ | @}}", "{{@ `<` | @}}", "{{.l | @}}", "{{@ .s.x}}", "{{@ (@ `'`)}}"])
            for row in [{**row, "template": row["template"].replace("@", name)}]
        ]  # fmt: skip
    return made


THEMES: Final = (builtins_eq_lt, builtins_index_slice_len, builtins_print, html_js_urlquery)
