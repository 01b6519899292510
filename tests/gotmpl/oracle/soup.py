"""Make texts that no author would write: tokens, digits, escapes, verbs in any order.

The grammar in author.py tests valid templates; this tests the edges of the lexer, the parsers of
literals and printf.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from .judge import Case
from .texts import lines

TOKENS: Final = [
    *lines("vocabulary", "wrong"),
    *lines("vocabulary", "tokens"),
    *lines("numbers", "numbers")[::4],
    *lines("numbers", "characters")[::4],
]
# Templates with `@` where actions go.
CONTEXTS: Final = lines("vocabulary", "contexts")
DIGITS: Final = "0001123456789abefxXoObBpPeE__++--..i''"
ESCAPES: Final = "\\\\\\\\\\xuU0123456789abcdefnrtv'\"qé\udcff{}"
VERBS: Final = "%%%+-# 0123456789..**[[]]vdsqxXeEfgGtTcUbopw!é"
BRACKETS: Final = '{}<>[]()$.|-*/ab %#"`:='
DATA: Final = {"a": 1, "b": {"c": "text", "nil": None}, "l": [1, "x", 2.5], "s": "héllo", "f": -1.5}
WORDS: Final = ["1", "-7", "2.5", '"aé"', "true", "nil", ".l", ".b", ".f", ".s", ".zz", "'x'", "1i"]
# Templates with `L` and `R` where the delimiters go.
SHAPES: Final = [*lines("delims", "shapes"), *lines("delims", "printed")]


def drawn(random: Random, letters: str, most: int) -> str:
    return "".join(random.choice(letters) for _ in range(random.randrange(1, most)))


def action(random: Random) -> str:
    between = random.choice([" ", " ", "", "\n"])
    inside = between.join(random.choice(TOKENS) for _ in range(random.randrange(1, 7)))
    left = random.choice(["{{", "{{", "{{", "{{- ", "{{\n"])
    right = random.choice(["}}", "}}", "}}", " -}}", "\n}}", "\n-}}"])
    return f"{left}{inside}{right}"


def actions(random: Random) -> str:
    after = ["", " ", "\n", "text", "{{end}}"]
    return "".join(
        action(random) + random.choice(after) for _ in range(random.choice([1, 1, 2, 3]))
    )


def tokens(random: Random) -> Case:
    return {"template": actions(random)}


def placed(random: Random) -> Case:
    """Return nested actions: an error in one also says where the outer ones began."""
    first, *rest = random.choice(CONTEXTS).split("@")
    text = first + "".join(actions(random) + part for part in rest)
    return {"template": text, "mode": random.choice(["exec", "parse"])}


def numbers(random: Random) -> Case:
    number = drawn(random, DIGITS, 9)
    shape = random.choice(["{{@}}", "{{print @}}", '{{printf "%T %v" @ @}}', "{{add 1 @}}"])
    return {"template": shape.replace("@", number)}


def strings(random: Random) -> Case:
    inside = drawn(random, ESCAPES, 12)
    return {"template": random.choice(['{{"@"}}', '{{printf "%q" "@"}}']).replace("@", inside)}


def formats(random: Random) -> Case:
    verbs = "".join(f"%{drawn(random, VERBS, 6)}" for _ in range(random.choice([1, 1, 2])))
    arguments = " ".join(random.choice(WORDS) for _ in range(random.randrange(4)))
    return {"template": f"{{{{printf `{verbs}` {arguments}}}}}"}


def delimiters(random: Random) -> Case:
    left, right = drawn(random, BRACKETS, 4), drawn(random, BRACKETS, 4)
    shape = random.choice(SHAPES)
    return {"template": shape.replace("L", left).replace("R", right), "delims": [left, right]}


KITCHEN: Final[list[Callable[[Random], Case]]] = [
    tokens, tokens, placed, placed, numbers, strings, formats, formats, delimiters
]  # fmt: skip


def soup(random: Random) -> Case:
    """Return one text of any kind, to execute with small data."""
    made = random.choice(KITCHEN)(random)
    return {**made, "data": DATA, "funcs": ["add", "upper", "list"]}
