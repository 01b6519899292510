"""The questions to Go: tables, whose answers lie in `data`, and random ones."""

from __future__ import annotations

import itertools
import random
from typing import Any

from .values import write_text

Question = dict[str, Any]
Value = dict[str, Any]

INTS = ["0", "1", "-1", "7", "42", "-42", "65", "255", "128512", "1000000", "1114112", "-7000"]
INTS += ["9223372036854775807", "-9223372036854775808"]
FLOATS = ["0", "-0", "1", "1.5", "-2.5", "0.1", "100000", "999999.5", "1e6", "123456789", "1e20"]
FLOATS += ["1e21", "1e-4", "0.00012", "1e-5", "3.141592653589793", "2.675", "0.5", "5e-324"]
FLOATS += ["1.7976931348623157e308", "2.2250738585072014e-308", "NaN", "+Inf", "-Inf", "1e100"]
STRINGS = [
    "",
    "hi",
    "日本語",
    "a\udcffb",
    "`raw`",
    'tab\t"quoted"\\',
    "\x00\x7f\x1f",
    "é\u00ad\ufeff",
]
STRINGS += [
    "\U0001f600 \U0010ffff",
    "<a href='x'>&</a>",
    "a b+c/d?e=f",
    "\u2028\ue000\ufffd",
    "%d%",
]


def string(text: str) -> Value:
    return {"string": write_text(text)}


def _mapping(name: str, *pairs: tuple[Any, Value]) -> Value:
    return {name: [list(pair) for pair in pairs]}


ONE: Value = {"int": "1"}
NIL: Value = {"nil": None}
SCALARS: list[Value] = [
    NIL,
    {"bool": "true"},
    {"bool": "false"},
    *({"int": text} for text in INTS),
    {"uint8": "0"},
    {"uint8": "97"},
    *({"float": text} for text in FLOATS),
    {"complex": ["1", "-2.5"]},
    {"complex": ["0", "0"]},
    {"complex": ["NaN", "+Inf"]},
    *map(string, STRINGS),
    {"bytes": ""},
    {"bytes": "hello"},
    {"bytes": {"hex": "00ff61"}},
    {"named": "web"},
    {"number": "-5"},
    {"stringer": "I am\n"},
    {"panicker": "boom"},
    {"failure": ONE},
    {"error": "no such key"},
]
CONTAINERS: list[Value] = [
    {"list": []},
    {"list": [ONE, string("a"), NIL, {"float": "1e6"}, {"bool": "true"}]},
    {"list": [{"list": [ONE]}, {"bytes": "hi"}, {"stringer": "S"}]},
    {"list": [string("last"), {"panicker": "p"}]},
    {"list": [{"failure": NIL}, {"named": "n"}, {"uint8": "7"}]},
    {"strings": []},
    {"strings": ["a", "日本", "c d"]},
    {"ints": ["1", "-20", "300"]},
    {"names": ["x", "y"]},
    {"rawbytes": "raw"},
    _mapping("map"),
    _mapping("map", ("b", ONE), ("a", string("x")), ("é", NIL), ("Z", {"list": [ONE]})),
    _mapping("intmap", ("10", ONE), ("-2", string("m")), ("9", NIL)),
    _mapping("floatmap", ("1.5", ONE), ("-2", NIL)),
    {"point": [ONE, string("y")]},
    {"point": [NIL, {"point": [ONE, {"float": "2"}]}]},
    {"pointer": [string("p"), NIL]},
]
VALUES = SCALARS + CONTAINERS
# In a container an error prints its address, and a panic loses the width of what follows.
PLAIN_SCALARS = [value for value in SCALARS if not {"error", "panicker"} & value.keys()]
MAX = 2**63
PLAIN_CONTAINERS = [value for value in CONTAINERS[:-1] if "panicker" not in repr(value)]

VERBS = "vTtbcdoOqxXUeEfFgGspwz%é!"
FLAGS = ["", "+", "-", "#", " ", "0", "5", "-5", "05", "+5", ".2", ".0", ".", "8.3", "-8.3", "08.3"]
FLAGS += ["+#", "# ", "+.3", "#.3", "012", "#12", "-012", "+012", "#+ 012.4", ".12", "3", "- 4"]
FLAGS += ["+ ", "#05", "+06.1", "20.15", "#.0", ".20", "# .1", "0-9", "+q9"]
FORMATS = """
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

NUMBERS = """
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

LITERALS = [
    *(f'"{body}"' for body in (
        "", "plain", "日本", r"\a\b\f\n\r\t\v\\", r"\"", r"\'", r"\q", r"\x41\xff", r"\xZZ", r"\x4",
        r"\101\377\400", r"\08", r"\1", r"\u00e9", r"\u12", r"\ud800", r"\U0001F600", r"\U00110000",
        r"\xe6\x97\xa5", r"\xe6\x97", "raw\nnewline", 'inner"quote', "trailing\\", "\udcff", "'",
        "a\udcffb\\n", "`", "tab\t", "\r",
    )),
    *(f"`{body}`" for body in ("", "raw", r"\n", "a\r\nb", '"', "inner`tick", "\udcff", "日\n")),
    "", '"', "`", '""', "``", '"a', 'a"', "`a", "abc", '"a`',
]  # fmt: skip
CHARS = ["a", "日x", r"\n'", r"\'", r"\"", '"', "'", "", "\\", r"\x4", r"\x41b", r"\xff", r"\777"]
CHARS += [r"\u00e9z", r"\ud800", r"\U0010FFFF", r"\U00110000", "\udcffq", r"\\", "\n", "`", r"\`"]

COMPARED: list[Value] = [
    NIL, ONE, {"int": "2"}, {"int": "-1"}, {"uint8": "1"}, {"float": "1"}, {"float": "NaN"},
    {"bool": "true"}, {"bool": "false"}, string(""), string("a"), string("é"), string("b\udcff"),
    string("\uffff"), {"named": "a"}, {"complex": ["1", "0"]}, {"bytes": "a"}, {"list": []},
    {"strings": ["a"]}, {"list": [ONE]}, _mapping("map"), _mapping("map", ("a", ONE)),
    {"point": [ONE, NIL]}, {"point": [ONE, ONE]}, {"number": "1"}, {"stringer": "a"},
]  # fmt: skip
INDEXED: list[Value] = [
    NIL, ONE, {"float": "1"}, string("abc"), string("日本"), {"bytes": "xyz"},
    {"strings": ["a", "b", "c"]}, {"list": [ONE, {"list": [string("x"), NIL]}, NIL]},
    _mapping("map", ("a", ONE), ("n", NIL)),
    _mapping("map"), _mapping("intmap", ("1", string("one"))), _mapping("floatmap", ("1.5", ONE)),
    _mapping("anymap", (ONE, string("i")), (string("s"), ONE)), {"point": [ONE, NIL]},
    {"bool": "true"}, _mapping("map", ("a", {"list": [{"int": "5"}]})), {"pointer": [ONE, NIL]},
]  # fmt: skip
INDEXES: list[Value] = [
    {"int": "0"}, ONE, {"int": "2"}, {"int": "3"}, {"int": "4"}, {"int": "7"}, {"int": "-1"}, NIL,
    string("a"), string("zz"), {"float": "1.5"}, {"uint8": "1"}, {"bool": "true"}, {"list": []},
]  # fmt: skip


def _has_address(value: Value) -> bool:
    (name,) = value
    return (
        name in ("list", "strings", "ints", "names", "bytes", "rawbytes", "error", "pointer")
        or "map" in name
    )


def ask_sprintf(format_: str, *args: Value) -> Question:
    return {"op": "sprintf", "text": write_text(format_), "args": list(args)}


def printf_matrix() -> list[Question]:
    """Return each verb on each value, with the flags in turn, then the odd formats."""
    flags = itertools.cycle(FLAGS)
    rows = [
        ask_sprintf(f"%{next(flags)}{verb}", value)
        for value in VALUES
        for verb in VERBS
        for _ in range(3)
        if verb != "p" or not _has_address(value)
    ]
    args = [[], [ONE], [{"int": "5"}, {"int": "3"}], [string("a"), {"int": "-4"}, {"float": "2.5"}]]
    args += [
        [{"int": "2000000"}, ONE],
        [{"bool": "true"}, NIL, string("x")],
        [{"uint8": "3"}, {"number": "6"}, ONE],
    ]
    return rows + [ask_sprintf(text, *some) for text in FORMATS for some in args]


def printing() -> list[Question]:
    rows = [{"op": op, "args": [value]} for value in VALUES for op in ("print", "sprint", "truth")]
    some = VALUES[:: len(VALUES) // 12]
    pairs = itertools.product(some, some)
    return rows + [
        {"op": op, "args": list(pair)} for pair in pairs for op in ("sprint", "sprintln")
    ]


def literals() -> list[Question]:
    rng = random.Random(1)
    runes = [0, 7, 9, 34, 39, 92, 96, 127, 128, 0xA0, 0xAD, 0xE9, 0x378, 0x1E4D0, 0x2028, 0xD800]
    runes += [0xFEFF, 0xFFFD, 0xFFFF, 0x1F600, 0x2EBF0, 0x33479, 0x3347A, 0x10FFFF, 0x110000, -1]
    strings = [*STRINGS, *(chr(rune) for rune in runes if 0 <= rune <= 0x10FFFF and rune != 0xD800)]
    floats = [
        {"op": "float", "args": [{"float": text}], "verb": verb, "precision": precision}
        for text in FLOATS
        for verb in "eEfgGxXb"
        for precision in (-1, 0, 1, 3, 17)
    ]
    return [
        *({"op": "number", "text": text} for text in NUMBERS),
        *(_random_literal(rng) for _ in range(500)),
        *({"op": "unquote", "text": write_text(text)} for text in LITERALS),
        *({"op": "unquote_char", "text": write_text(text), "quote": quote}
          for text in CHARS for quote in "'\""),
        *({"op": "quote", "text": write_text(text)} for text in strings),
        *({"op": "quote_rune", "rune": rune} for rune in runes),
        *floats,
    ]  # fmt: skip


def ask_call(name: str, *args: Value) -> Question:
    return {"op": "call", "text": name, "args": list(args)}


def functions() -> list[Question]:
    pairs = list(itertools.product(COMPARED, COMPARED))
    rows = [ask_call(name, *pair) for name in ("eq", "lt") for pair in pairs]
    rows += [ask_call(name, *pair) for name in ("ne", "le", "gt", "ge") for pair in pairs[::7]]
    rows += [ask_call("eq", value, ONE, string("a"), NIL) for value in COMPARED]
    rows += [
        ask_call(name, item, *more)
        for item in INDEXED
        for name in ("index", "slice")
        for more in ([], *([one] for one in INDEXES), *itertools.product(INDEXES[:6], INDEXES[::2]))
    ]
    rows = [
        row for row in rows if len(row["args"]) != 1 or "anymap" not in row["args"][0]
    ]  # Go leaves its order open
    rows += [
        ask_call("slice", item, *more)
        for item in INDEXED[3:7]
        for more in itertools.product(INDEXES[:4], INDEXES[:4], INDEXES[1:5])
    ]
    rows += [ask_call("len", item) for item in VALUES if item is not NIL]
    rows += [
        ask_call(name, value)
        for name in ("not", "html", "js", "urlquery", "print", "println")
        for value in VALUES
    ]
    rows += [ask_call(name, *pair) for name in ("html", "print") for pair in pairs[::11]]
    rows += [ask_call(name, NIL, ONE, ONE, string("<")) for name in ("html", "js", "urlquery")]
    rows += [
        ask_call("slice", string("abcd"), ONE, ONE, ONE, ONE),
        ask_call("eq", ONE),
        ask_call("eq", NIL),
    ]
    return rows  # fmt: skip


TABLES = {
    "printf": printf_matrix,
    "printing": printing,
    "literals": literals,
    "functions": functions,
}


# -- Random questions


def _random_text(rng: random.Random) -> str:
    alphabet = "ab\"'`\\\n\t\x00\x7f <>&=%é日\u00ad\u2028\U0001f600\udcff\udce6\udc97\ufeff"
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(6)))


def _random_float(rng: random.Random) -> str:
    return rng.choice(
        [
            repr(rng.uniform(-10, 10) * 10.0 ** rng.randrange(-30, 30)),
            repr(round(rng.uniform(-1e6, 1e6), 2)),
            rng.choice(FLOATS),
            str(rng.randrange(10**7)),
        ]
    )


def _random_container(rng: random.Random, depth: int) -> Value:
    def inner() -> Value:
        return random_value(rng, depth + 1)

    match rng.randrange(4):
        case 0:
            return {"list": [inner() for _ in range(rng.randrange(4))]}
        case 1:
            keys = {_random_text(rng) for _ in range(rng.randrange(4))}
            return _mapping("map", *((write_text(key), inner()) for key in keys))
        case 2:
            return {"point": [inner(), inner()]}
    return rng.choice(PLAIN_CONTAINERS)


def random_value(rng: random.Random, depth: int = 0) -> Value:
    """Return a value of any type; containers nest up to three deep."""
    match rng.randrange(7 if depth < 3 else 4):
        case 0:
            return {"int": str(rng.choice([rng.randrange(-200, 200), rng.randrange(-MAX, MAX)]))}
        case 1:
            return {"float": _random_float(rng)}
        case 2:
            return string(_random_text(rng))
        case 3:
            return rng.choice(PLAIN_SCALARS if depth else SCALARS)
    return _random_container(rng, depth)


def _random_format(rng: random.Random) -> str:
    pieces = []
    for _ in range(rng.randrange(1, 4)):
        index = rng.choice(["", "", "", "[1]", "[2]", "[3]", "[9]", "[", "[]"])
        width = rng.choice(["", "", "5", "*", "07", "12"])
        point = rng.choice(["", "", ".", ".2", ".*", ".[1]*", ".0"])
        flags = "".join(rng.choice("+-# 0") for _ in range(rng.choice([0, 0, 1, 2])))
        tail = rng.choice(["", "", "", "[1]", "[2]"])
        verb = rng.choice("vvvdsqxXfgGeEbotTcUOz%w")
        pieces.append(f"%{flags}{index}{width}{point}{tail}{verb}")
    return rng.choice(["", " ", "日 "]).join(pieces)


def _random_number(rng: random.Random) -> str:
    def part(signs: str) -> str:
        prefix = rng.choice(["", "", "", "0", "0x", "0X", "0b", "0o"])
        digits = "".join(
            rng.choice("001179_"[: rng.choice([4, 6, 7])]) for _ in range(rng.randrange(22))
        )
        fraction = rng.choice(["", "", ".", ".5", ".0", "._1"])
        exponents = (
            ["", "p1", "P-2"]
            if "x" in prefix.lower()
            else ["", "", "e5", "E-3", "e+18", "e1_0", "e400"]
        )
        exponent = rng.choice(exponents)
        return (
            rng.choice(signs).strip()
            + prefix
            + digits
            + fraction
            + exponent
            + rng.choice(["", "", "i"])
        )

    text = part(" ")
    text = rng.choice(["", "-", "+"]) + (text if text[:1].isdigit() else "1" + text)
    return text + part("+-") if rng.random() < 0.3 else text


def _random_print(rng: random.Random) -> Question:
    return {"op": rng.choice(["print", "truth"]), "args": [random_value(rng)]}


def _random_sprint(rng: random.Random) -> Question:
    return {"op": rng.choice(["sprint", "sprintln"]), "args": [random_value(rng) for _ in "123"]}


def _random_comparison(rng: random.Random) -> Question:
    value = random_value(rng)
    other = rng.choice([value, random_value(rng)])
    return ask_call(rng.choice(["eq", "ne", "lt", "le", "gt", "ge"]), value, other)


def _random_index(rng: random.Random) -> Question:
    value = random_value(rng)
    named = {
        "named",
        "names",
        "rawbytes",
    } & value.keys()  # a part of these is of no named type here
    name = "index" if named else rng.choice(["index", "slice"])
    return ask_call(name, value, *rng.choices(INDEXES, k=rng.randrange(3)))


def _random_escape(rng: random.Random) -> Question:
    return ask_call(
        rng.choice(["html", "js", "urlquery", "print", "println", "not"]), random_value(rng)
    )


def _random_quote(rng: random.Random) -> Question:
    return {"op": rng.choice(["quote", "unquote"]), "text": write_text(f'"{_random_text(rng)}"')}


def _random_layout(rng: random.Random) -> Question:
    value = {"float": _random_float(rng)}
    verb, precision = rng.choice("eEfgGxXb"), rng.randrange(-1, 22)
    return {"op": "float", "args": [value], "verb": verb, "precision": precision}


def _random_literal(rng: random.Random) -> Question:
    return {"op": "number", "text": _random_number(rng)}


def _random_sprintf(rng: random.Random) -> Question:
    args = [random_value(rng) for _ in range(rng.randrange(4))]
    return ask_sprintf(_random_format(rng), *args)


_RANDOM = [
    _random_print,
    _random_sprint,
    _random_comparison,
    _random_index,
    _random_escape,
    _random_quote,
    _random_layout,
    _random_literal,
    _random_sprintf,
]


def random_question(rng: random.Random) -> Question:
    """Return any question whose answer does not depend on addresses."""
    return rng.choice(_RANDOM)(rng)
