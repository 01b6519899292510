"""Rows of the mode "value" on regular expressions: matches, replacements, parts, and errors."""

from __future__ import annotations

import itertools
from typing import Final

from .rows import Row, numbered

# What RE2, which we ask, could take otherwise than Go: one line for each reason.
EXPRESSIONS: Final = [
    *(
        "a",
        "a*",
        "a*?",
        "a+|b",
        "",
        "a|",
        "|a",
        "(|a)*",
        "(|a)+",
        "(a|b)*?c",
        "a{2,}",
        "a{0}",
        "a{,2}",
    ),
    *(r"^", r"$", r"\A", r"\z", r"\b", r"\B", r"\Ba|\B", r"^a|\bb", "(?m)^", "(?m)$", "(?m)^a*$"),
    *(
        ".",
        "(?s).",
        "[^a]",
        r"[^\n]",
        r"\W",
        r"\D+",
        r"\s",
        r"\pL",
        r"\PL",
        r"\p{^Lu}",
        r"\p{Greek}",
    ),
    *("(?i)k", "(?i)S+", "(?i)[k-s]", "(?i)ß", "(?i)Σ", r"(?i)\p{Lu}", "(?i)a(?-i)B", "(?i:a)B"),
    *(
        "é",
        "日|é",
        "\ufffd",
        r"\x{fffd}",
        r"[^\x00-\x{10ffff}]",
        r"\x{10FFFF}",
        r"\x61\142",
        r"\_\-",
    ),
    *("[a-b-c]", "[]a]", "[-a]", "[a-]", r"[\d-]", "[[:alpha:]-]", "[[:^word:]]", "[[:a]"),
    *(
        r"\Qa.\E",
        r"\Qa",
        r"a\Q\E*",
        r"\Qab\E*",
        "(?U)a+",
        "(?U)a+?",
        "a(?i)*",
        "a*(?i)*b",
        "(?)",
        "()",
    ),
    *("(?P<n>a)(?P<n>b)?", "(?<n>b)?a", "(?P<n>a)|(?<n>b)", "(?P<_1>.)", "((a)|b)+", "(a)(b)?(c)?"),
    *("(?:a{500}){0}", "(?:(?:a{10}){10}){10}", "(a{1000}|b)", "a{1000}b?" * 2),
]
TEXTS: Final = [
    *(
        "",
        "a",
        "aab",
        "ba c",
        "abcabcc",
        "aB\nK\u212asS\u017f",
        "éa日b ςΣσ",
        "a\udcff\udc80b",
        "\ufffd\udcffß",
    ),
]
REPLACEMENTS: Final = ["<$0>", "${1}-$2", "$n", "$$1$", "\udcff"]
COUNTS: Final = [-1, 2, 0, 1]
REFUSED: Final = [
    *("(", ")", "a)", "(?", "(?P<", "(?<", "(?P<n", "(?P<>a)", "(?P<a b>c)", "(?<é>a)", "(?P=n)"),
    *(
        "(?i",
        "(?x)",
        "(?i-)",
        "(?-)",
        "(?i--s:a)",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?>a)",
        "(?#a)",
        "(?'n'a)",
    ),
    *(
        "*",
        "+a",
        "a|*",
        "(*)",
        "^**",
        "a**",
        "a*+",
        "a{2}{3}",
        "a??+",
        "a{2}??",
        "{2}",
        "(?i)*",
        r"\Q\E*",
    ),
    *("a{1001}", "a{3,2}", "a{1,1001}", "(a{100}){11}", "(?:(?:a{10}){10}){11}", "a{99999999999}"),
    *("[", "[]", "[^]", "[a", "[z-a]", r"[a-\d]", "[[:nope:]]", "[[:^x:]", r"[\Q]", r"[\b]", "[a-"),
    *(
        "\\",
        "a\\",
        r"\1",
        r"\8",
        r"\C",
        r"\Z",
        r"\G",
        r"\e",
        r"\E",
        r"\K",
        r"\X",
        r"\R",
        r"\h",
        r"\é",
    ),
    *(
        r"\x",
        r"\x4",
        r"\x{",
        r"\x{}",
        r"\x{110000}",
        r"\xzz",
        r"\u0041",
        r"\p",
        r"\p{",
        r"\p{L",
        r"\pX",
    ),
    *(r"\p{Nope}", r"\p{^^L}", r"\p{}", "\udcff", "a\udcffb", "[\udcff]"),
    *("(" * 1000 + "a" + ")" * 1000,),
]

# Go takes these; what RE2 knows of Unicode is a row of COMPATIBILITY.md.
OTHER_NAMES: Final = [r"\p{greek}", r"\p{Letter}", r"\pl", r"\p{Cn}", r"\p{ASCII}"]


def values_regexp() -> list[Row]:
    """Return each expression on each text with the replacements in turn, and bad expressions."""
    others = zip(itertools.cycle(REPLACEMENTS), itertools.cycle(COUNTS))
    rows = [
        {"mode": "value", "op": "regexp", "text": expression, "args": [text, *next(others)]}
        for expression in EXPRESSIONS
        for text in TEXTS
    ]
    rows += [
        {"mode": "value", "op": "regexp", "text": expression, "args": ["a", "", -1]}
        for expression in REFUSED + OTHER_NAMES
    ]
    return numbered("regexp", rows)


THEMES: Final = (values_regexp,)
