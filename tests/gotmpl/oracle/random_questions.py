"""Make random cases of the mode "value", whose answers do not depend on addresses."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from .families.questions import (
    CONTAINERS,
    FLOATS,
    INDEXES,
    SCALARS,
    ask,
    ask_call,
    ask_sprintf,
    on_text,
    random_number,
    real,
)
from .families.rows import struct
from .judge import Case

# In a container an error prints its address, and a panic loses the width of what follows.
PLAIN_SCALARS: Final = [
    value for value in SCALARS if not ("Panicker" in str(value) or "'error'" in str(value))
]
PLAIN_CONTAINERS: Final = [value for value in CONTAINERS[:-1] if "Panicker" not in str(value)]
# An element of one of these has no named type with us.
UNSLICED: Final = {"main.Label", "main.Words", "main.Bytes"}
ALPHABET: Final = "ab\"'`\\\n\t\x00\x7f <>&=%é日\u00ad\u2028\U0001f600\udcff\udce6\udc97\ufeff"
COMPARISONS: Final = ["eq", "ne", "lt", "le", "gt", "ge"]
ESCAPERS: Final = ["html", "js", "urlquery", "print", "println", "not"]
MAX: Final = 2**63


def random_text(random: Random) -> str:
    return "".join(random.choice(ALPHABET) for _ in range(random.randrange(6)))


def random_float(random: Random) -> Any:
    match random.randrange(4):
        case 0:
            return random.uniform(-10, 10) * 10.0 ** random.randrange(-30, 30)
        case 1:
            return round(random.uniform(-1e6, 1e6), 2)
        case 2:
            return real(random.choice(FLOATS))
    return float(random.randrange(10**7))


def random_container(random: Random, depth: int) -> Any:
    def inner() -> Any:
        return random_value(random, depth + 1)

    match random.randrange(4):
        case 0:
            return [inner() for _ in range(random.randrange(4))]
        case 1:
            return {random_text(random): inner() for _ in range(random.randrange(4))}
        case 2:
            return struct("Pair", X=inner(), Y=inner())
    return random.choice(PLAIN_CONTAINERS)


def random_value(random: Random, depth: int = 0) -> Any:
    """Return a value of any type; containers nest up to three deep."""
    match random.randrange(7 if depth < 3 else 4):
        case 0:
            return random.choice([random.randrange(-200, 200), random.randrange(-MAX, MAX)])
        case 1:
            return random_float(random)
        case 2:
            return random_text(random)
        case 3:
            return random.choice(PLAIN_SCALARS if depth else SCALARS)
    return random_container(random, depth)


def random_format(random: Random) -> str:
    pieces = []
    for _ in range(random.randrange(1, 4)):
        index = random.choice(["", "", "", "[1]", "[2]", "[3]", "[9]", "[", "[]"])
        width = random.choice(["", "", "5", "*", "07", "12"])
        point = random.choice(["", "", ".", ".2", ".*", ".[1]*", ".0"])
        flags = "".join(random.choice("+-# 0") for _ in range(random.choice([0, 0, 1, 2])))
        tail = random.choice(["", "", "", "[1]", "[2]"])
        verb = random.choice("vvvdsqxXfgGeEbotTcUOz%w")
        pieces.append(f"%{flags}{index}{width}{point}{tail}{verb}")
    return random.choice(["", " ", "日 "]).join(pieces)


def printed(random: Random) -> Case:
    return ask(random.choice(["print", "truth"]), random_value(random))


def printed_together(random: Random) -> Case:
    return ask(random.choice(["sprint", "sprintln"]), *(random_value(random) for _ in "123"))


def comparison(random: Random) -> Case:
    value = random_value(random)
    other = random.choice([value, random_value(random)])
    return ask_call(random.choice(COMPARISONS), value, other)


def part(random: Random) -> Case:
    value = random_value(random)
    unsliced = isinstance(value, dict) and value.get("type") in UNSLICED
    name = "index" if unsliced else random.choice(["index", "slice"])
    return ask_call(name, value, *random.choices(INDEXES, k=random.randrange(3)))


def escaped(random: Random) -> Case:
    return ask_call(random.choice(ESCAPERS), random_value(random))


def quoted(random: Random) -> Case:
    return on_text(random.choice(["quote", "unquote"]), [f'"{random_text(random)}"'])[0]


def layout(random: Random) -> Case:
    verb, precision = random.choice("eEfgGxXb"), random.randrange(-1, 22)
    return ask("float", random_float(random), verb=verb, precision=precision)


def literal(random: Random) -> Case:
    return on_text("number", [random_number(random)])[0]


def formatted(random: Random) -> Case:
    args = [random_value(random) for _ in range(random.randrange(4))]
    return ask_sprintf(random_format(random), *args)


SORTS: Final[list[Callable[[Random], Case]]] = [
    printed,
    printed_together,
    comparison,
    part,
    escaped,
    quoted,
    layout,
    literal,
    formatted,
]


def random_question(random: Random) -> Case:
    """Return any question of the mode "value" whose answer does not depend on addresses."""
    return random.choice(SORTS)(random)
