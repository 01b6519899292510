"""Rows of the mode "value": strconv, fmt and the builtin functions, each on many single values."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from random import Random
from typing import Any, Final, TypeAlias

from .rows import Row, keyed, named, numbered, struct, tag, typed

Value: TypeAlias = Any  # as JSON; README.md has the tags


def real(text: str) -> Value:
    """Return the value of a float that is spelled as in Python or Go."""
    return tag("float", text=text) if text in {"NaN", "+Inf", "-Inf"} else float(text)


def byte(value: int) -> Value:
    return tag("named", type="uint8", value=value)


def data(text: str) -> Value:
    return tag("bytes", text=text)


def complex_(re: float | str, im: float | str) -> Value:
    return tag("complex", re=re, im=im)


def pointer(**fields: Value) -> Value:
    return tag("struct", type="*main.Pair", fields=fields)


INTS: Final = [0, 1, -1, 7, 42, -42, 65, 255, 128512, 1000000, 1114112, -7000, 2**63 - 1, -(2**63)]
FLOATS: Final = """
0 -0 1 1.5 -2.5 0.1 100000 999999.5 1e6 123456789 1e20 1e21 1e-4 0.00012 1e-5 3.141592653589793
2.675 0.5 5e-324 1.7976931348623157e308 2.2250738585072014e-308 NaN +Inf -Inf 1e100
""".split()  # noqa: SIM905 - a table reads better so
STRINGS: Final = [
    "",
    "hi",
    "日本語",
    "a\udcffb",
    "`raw`",
    'tab\t"quoted"\\',
    "\x00\x7f\x1f",
    "é\u00ad\ufeff",
    "\U0001f600 \U0010ffff",
    "<a href='x'>&</a>",
    "a b+c/d?e=f",
    "\u2028\ue000\ufffd",
    "%d%",
]
SCALARS: Final[list[Value]] = [
    None,
    True,
    False,
    *INTS,
    byte(0),
    byte(97),
    *map(real, FLOATS),
    complex_(1.0, -2.5),
    complex_(0.0, 0.0),
    complex_("NaN", "+Inf"),
    *STRINGS,
    data(""),
    data("hello"),
    data("\x00\udcffa"),
    named("Label", "web"),
    named("Number", -5),
    struct("Stringer", Text="I am\n"),
    struct("Panicker", Text="boom"),
    struct("Failure", Code=1),
    tag("error", text="no such key"),
]
CONTAINERS: Final[list[Value]] = [
    [],
    [1, "a", None, 1e6, True],
    [[1], data("hi"), struct("Stringer", Text="S")],
    ["last", struct("Panicker", Text="p")],
    [struct("Failure", Code=None), named("Label", "n"), byte(7)],
    typed("string"),
    typed("string", "a", "日本", "c d"),
    typed("int", 1, -20, 300),
    named("Words", typed("string", "x", "y")),
    named("Bytes", data("raw")),
    {},
    {"b": 1, "a": "x", "é": None, "Z": [1]},
    keyed("int", (10, 1), (-2, "m"), (9, None)),
    keyed("float64", (1.5, 1), (-2.0, None)),
    struct("Pair", X=1, Y="y"),
    struct("Pair", X=None, Y=struct("Pair", X=1, Y=2.0)),
    pointer(X="p", Y=None),
]
VALUES: Final = SCALARS + CONTAINERS


VERBS: Final = "vTtbcdoOqxXUeEfFgGspwz%é!"
FLAGS: Final = [
    "", "+", "-", "#", " ", "0", "5", "-5", "05", "+5", ".2", ".0", ".", "8.3", "-8.3", "08.3",
    "+#", "# ", "+.3", "#.3", "012", "#12", "-012", "+012", "#+ 012.4", ".12", "3", "- 4", "+ ",
    "#05", "+06.1", "20.15", "#.0", ".20", "# .1", "0-9", "+q9",
]  # fmt: skip
FORMATS: Final = """
%!(plain) | % | %d % | %d%% | %-5% | %*% | %.% | %.*d | %*d | %-*d | %0*d | %*.*f | %[1]d
%[2]d %[1]d | %[2]*[1]d | %[3]*.[2]*[1]f | %[6]d | %[0]d | %[-1]d | %[x]d
%[x][2]d | %[d | %[] | %[1]
%[1][2]d | %[3]2d | %[3].2d | %[2]*.5d | %.[2]d | %.[3]*d | %[1]*d %d | %d %d %d | %s %s %s %s
%10000000000d | %.10000000000d | %5000000000 | %[99999999999]d | %[1]5d
%d%[3]d%d | %z | %-+# 05.2z | %日 | %v %+v %#v | %x% x% #x%#x | %#q %+q %#+q | %0 5d | %00005d
%-05d | %c%c | %U %#U | %5t|%-7t| | %6.2f|%-8.3e|%+g | %s:%d/%v | %[1]v %[1]T %[1]q | 100%
no directives | %*[1]d | %[2]*[2]*d | %.*[1]d | %[1].d | %[1].*d | %w %+w %#w | %p %P
%\u00e9 | %  d | %++d
""".replace("\n", " | ").split(" | ")

NUMBERS: Final = """
0 1 -1 +1 00 007 08 -08 0777 -0 +0 0b101 0B11 0b2 0b 0o17 0O7 0o8 0x1F 0X1f 0x 0xg 1_000 1_ 1__0
0_7 0x_1 0x1_ 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809
18446744073709551615 18446744073709551616 -18446744073709551615 99999999999999999999999
0xffffffffffffffff 0x8000000000000000 -0x8000000000000000 1. .5 1.5 -1.5 +.5 1e3 1E3 1e+3 1e-3 1e
1e+ 2.0 2.5 1e19 1e18 1e100 1e400 -1e400 1e-400 9.2e18 9.3e18 1.8e19 1.9e19 -1e3 -0.0 0.0 0e5 00.5
09.5 1_0.5 1_.5 1._5 1e1_0 1e_1 1_e1 0x1p4 0x1p-2 0x1.8p1 0x.8p1 0x1.8 0x1e 0x1ep1 0xp1 0x1p
0x1_0p1 0x1p1024 0x1p-1080 0b1.1 0o1.1 0b1e1 1i -1i 0i 1.5i 1e3i 0x1p2i 0x1i 0b1i 08i 1_0i 1__0i
1e400i 1e+2i .5i 1+2i 1-2i -1+2i 1.5+2.5i 1e3+1e3i 1+0i 0+0i 3-0i 1+2 1+2j 1i+2i 1+2i+3i 1_0+2i
1__0+2i 1e400+2i 1+1e400i 1+i ++1i +i+1i 0x1p1+1i 0x1+1i 0x1e+2i 08+1i 0b1+1i 0o7+1i 1++2i 1+-2i
-.+1i 1.+.5i 0x+1i 1+08i 1e5+1e-5i 1e19+0i 1.5+0i -2+0i 1e+2+1i 'a' '日' '\\n' '\\'' '\\"' '\\x41'
'\\xff' '\\101' '\\400' '\\u00e9' '\\ud800' '\\U0001F600' '\\U00110000' 'ab' '' '\\q' '\\x4'
'\\\\' '"' '`'
""".split()  # noqa: SIM905 - a table reads better so

LITERALS: Final = [
    *(f'"{body}"' for body in (
        "", "plain", "日本", r"\a\b\f\n\r\t\v\\", r"\"", r"\'", r"\q", r"\x41\xff", r"\xZZ", r"\x4",
        r"\101\377\400", r"\08", r"\1", r"\u00e9", r"\u12", r"\ud800", r"\U0001F600", r"\U00110000",
        r"\xe6\x97\xa5", r"\xe6\x97", "raw\nnewline", 'inner"quote', "trailing\\", "\udcff", "'",
        "a\udcffb\\n", "`", "tab\t", "\r",
    )),
    *(f"`{body}`" for body in ("", "raw", r"\n", "a\r\nb", '"', "inner`tick", "\udcff", "日\n")),
    "", '"', "`", '""', "``", '"a', 'a"', "`a", "abc", '"a`',
]  # fmt: skip
CHARS: Final = [
    "a", "日x", r"\n'", r"\'", r"\"", '"', "'", "", "\\", r"\x4", r"\x41b", r"\xff", r"\777",
    r"\u00e9z", r"\ud800", r"\U0010FFFF", r"\U00110000", "\udcffq", r"\\", "\n", "`", r"\`",
]  # fmt: skip

COMPARED: Final[list[Value]] = [
    None, 1, 2, -1, byte(1), 1.0, real("NaN"), True, False, "", "a", "é", "b\udcff", "\uffff",
    named("Label", "a"), complex_(1.0, 0.0), data("a"), [], typed("string", "a"), [1], {}, {"a": 1},
    struct("Pair", X=1, Y=None), struct("Pair", X=1, Y=1), named("Number", 1),
    struct("Stringer", Text="a"),
]  # fmt: skip
# Its order is left open by Go.
UNORDERED: Final = tag("map", items=[[1, "i"], ["s", 1]])
INDEXED: Final[list[Value]] = [
    None, 1, 1.0, "abc", "日本", data("xyz"), typed("string", "a", "b", "c"),
    [1, ["x", None], None], {"a": 1, "n": None}, {}, keyed("int", (1, "one")),
    keyed("float64", (1.5, 1)), UNORDERED, struct("Pair", X=1, Y=None), True, {"a": [5]},
    pointer(X=1, Y=None),
]  # fmt: skip
INDEXES: Final[list[Value]] = [0, 1, 2, 3, 4, 7, -1, None, "a", "zz", 1.5, byte(1), True, []]


def ask(op: str, *args: Value, **more: object) -> Row:
    return {"mode": "value", "op": op, **more, "args": list(args)}


def ask_sprintf(format_: str, *args: Value) -> Row:
    return ask("sprintf", *args, text=format_)


def ask_call(name: str, *args: Value) -> Row:
    return ask("call", *args, text=name)


def on_text(op: str, texts: Iterable[str], **more: object) -> list[Row]:
    return [{"mode": "value", "op": op, "text": text, **more} for text in texts]


def has_address(value: Value) -> bool:
    """Return whether `%p` writes an address of the value."""
    if not isinstance(value, dict):
        return isinstance(value, list)
    kind = value.get("type", value.get("$", "map"))
    return kind in {"map", "list", "bytes", "error", "main.Words", "main.Bytes", "*main.Pair"}


def values_printf() -> list[Row]:
    """Return each verb on each value, with the flags in turn, then the odd formats."""
    flags = itertools.cycle(FLAGS)
    rows = [
        ask_sprintf(f"%{next(flags)}{verb}", value)
        for value in VALUES
        for verb in VERBS
        for _ in range(3)
        if verb != "p" or not has_address(value)
    ]
    args: list[list[Value]] = [[], [1], [5, 3], ["a", -4, 2.5], [2000000, 1], [True, None, "x"]]
    args += [[byte(3), named("Number", 6), 1]]
    rows += [ask_sprintf(text, *some) for text in FORMATS for some in args]
    return numbered("sprintf", rows)


def values_print() -> list[Row]:
    """Return each value, printed alone and beside others."""
    rows = [ask(op, value) for value in VALUES for op in ("print", "sprint", "truth")]
    some = VALUES[:: len(VALUES) // 12]
    pairs = itertools.product(some, some)
    rows += [ask(op, *pair) for pair in pairs for op in ("sprint", "sprintln")]
    return numbered("print", rows)


def values_literals() -> list[Row]:
    """Return numbers, quoted texts and runes, and floats in all forms."""
    random = Random(1)
    runes = [0, 7, 9, 34, 39, 92, 96, 127, 128, 0xA0, 0xAD, 0xE9, 0x378, 0x1E4D0, 0x2028, 0xD800]
    runes += [0xFEFF, 0xFFFD, 0xFFFF, 0x1F600, 0x2EBF0, 0x33479, 0x3347A, 0x10FFFF, 0x110000, -1]
    strings = [*STRINGS, *(chr(rune) for rune in runes if 0 <= rune <= 0x10FFFF and rune != 0xD800)]
    rows = on_text("number", [*NUMBERS, *(random_number(random) for _ in range(500))])
    rows += on_text("unquote", LITERALS)
    rows += [
        row
        for text in CHARS
        for quote in "'\""
        for row in on_text("unquote_char", [text], quote=quote)
    ]
    rows += on_text("quote", strings)
    rows += [{"mode": "value", "op": "quote_rune", "rune": rune} for rune in runes]
    rows += [
        ask("float", real(text), verb=verb, precision=precision)
        for text in FLOATS
        for verb in "eEfgGxXb"
        for precision in (-1, 0, 1, 3, 17)
    ]
    return numbered("literal", rows)


def random_number(random: Random) -> str:
    """Return what looks like a number, or like a complex one, and may be none."""
    text = random_part(random, " ")
    text = random.choice(["", "-", "+"]) + (text if text[:1].isdigit() else "1" + text)
    return text + random_part(random, "+-") if random.random() < 0.3 else text


def random_part(random: Random, signs: str) -> str:
    prefix = random.choice(["", "", "", "0", "0x", "0X", "0b", "0o"])
    digits = "".join(
        random.choice("001179_"[: random.choice([4, 6, 7])]) for _ in range(random.randrange(22))
    )
    fraction = random.choice(["", "", ".", ".5", ".0", "._1"])
    hexadecimal = "x" in prefix.lower()
    exponents = ["", "p1", "P-2"] if hexadecimal else ["", "", "e5", "E-3", "e+18", "e1_0", "e400"]
    exponent = random.choice(exponents)
    sign = random.choice(signs).strip()
    return sign + prefix + digits + fraction + exponent + random.choice(["", "", "i"])


def values_functions() -> list[Row]:
    """Return the builtin functions on single values and on pairs."""
    pairs = list(itertools.product(COMPARED, COMPARED))
    rows = [ask_call(name, *pair) for name in ("eq", "lt") for pair in pairs]
    rows += [ask_call(name, *pair) for name in ("ne", "le", "gt", "ge") for pair in pairs[::7]]
    rows += [ask_call("eq", value, 1, "a", None) for value in COMPARED]
    rows += parts()
    rows += [ask_call("len", item) for item in VALUES if item is not None]
    rows += [
        ask_call(name, value)
        for name in ("not", "html", "js", "urlquery", "print", "println")
        for value in VALUES
    ]
    rows += [ask_call(name, *pair) for name in ("html", "print") for pair in pairs[::11]]
    rows += [ask_call(name, None, 1, 1, "<") for name in ("html", "js", "urlquery")]
    rows += [ask_call("slice", "abcd", 1, 1, 1, 1), ask_call("eq", 1), ask_call("eq", None)]
    return numbered("call", rows)


def parts() -> list[Row]:
    """Return index and slice, with no index to three."""
    indexes = [[], *([one] for one in INDEXES), *itertools.product(INDEXES[:6], INDEXES[::2])]
    rows = [
        ask_call(name, item, *more)
        for item in INDEXED
        for name in ("index", "slice")
        for more in indexes
        if item is not UNORDERED or more
    ]
    triples = itertools.product(INDEXES[:4], INDEXES[:4], INDEXES[1:5])
    return rows + [ask_call("slice", item, *three) for three in triples for item in INDEXED[3:7]]


THEMES: Final = (values_printf, values_print, values_literals, values_functions)
