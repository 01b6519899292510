"""Compare the engine with live Go on invented templates: `python -m tests.gotmpl.fuzz N [SEED]`.

Prints the first difference of each kind, reduced, as a row for cases/regressions.json; exits with 1
if there was any.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any, Final

from .oracle import ours
from .oracle.author import case
from .oracle.judge import Answer, Case, Judge
from .oracle.verdict import comparable, plain

BATCH: Final = 500
SHOWN: Final = 20
# Parts of an error that say where it is, and not which kind of error it is.
PLACE: Final = re.compile(
    r'^template: .*?:\d+(:\d+)?: (executing ".*?" at )?'
    r'|<.*?>: |"(\\.|[^"])*"|\d+|[.$][\w.]+|\(.*\)',
    re.DOTALL,
)


def cases(seed: int) -> Iterator[Case]:
    """Yield cases without end; a case depends only on its number, so each can be made again."""
    number = 0
    while True:
        yield {"id": f"{seed}-{number}", **case(Random(f"{seed}-{number}"))}
        number += 1


def answered(asked: Case) -> Answer:
    """Return our answer; an exception that escapes is an answer too."""
    try:
        return plain(ours.answer(asked))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a difference
        return {"escaped": f"{type(error).__name__}: {error}"}


def differs(asked: Case, go: Answer) -> bool:
    return comparable(asked, go) and plain(go) != answered(asked)


def sort(asked: Case, go: Answer) -> tuple[str, str]:
    """Return a key that is equal for differences that probably have the same cause."""
    mine = answered(asked)
    said = [str(a.get("error", a.get("escaped", "output"))) for a in (go, mine)]
    if said[0] == said[1]:  # the difference is in the output; only very short outputs make the key
        said = [str(a.get("output", a.get("value", a)))[:3] for a in (plain(go), mine)]
    return PLACE.sub("_", said[0]), PLACE.sub("_", said[1])


# -- Making a difference small


def smaller_texts(text: str) -> Iterator[str]:
    """Yield the text without one of its pieces, large pieces first."""
    size = len(text) // 2
    while size:
        for at in range(0, len(text) - size + 1, max(1, size // 2)):
            yield text[:at] + text[at + size :]
        size //= 2


def smaller_data(data: Any) -> Iterator[Any]:
    """Yield the data without one of its parts."""
    if isinstance(data, list):
        for at, item in enumerate(data):
            yield data[:at] + data[at + 1 :]
            yield from ([*data[:at], less, *data[at + 1 :]] for less in smaller_data(item))
    elif isinstance(data, dict):
        for key, value in data.items():
            if "$" not in data:
                yield {other: kept for other, kept in data.items() if other != key}
            if key in {"items", "fields"} or "$" not in data:
                yield from ({**data, key: less} for less in smaller_data(value))


def smaller(asked: Case) -> Iterator[Case]:
    """Yield the case with one of its parts made smaller."""
    if "steps" in asked:
        yield from ({**asked, "steps": steps} for steps in smaller_data(asked["steps"]))
        return
    if "op" in asked:
        yield from ({**asked, "args": args} for args in smaller_data(asked.get("args")))
        if asked["op"] != "call":  # whose text is the name of a function
            yield from ({**asked, "text": text} for text in smaller_texts(asked.get("text", "")))
        return
    yield from ({**asked, "template": text} for text in smaller_texts(asked["template"]))
    yield from ({**asked, "data": data} for data in smaller_data(asked.get("data")))
    yield from (
        {key: value for key, value in asked.items() if key != extra}
        for extra in ("options", "delims", "comments")
        if extra in asked
    )


def minimised(judge: Judge, asked: Case, same: tuple[str, str]) -> Case:
    """Return the smallest case found that still differs in the same way."""
    while True:
        candidates = smaller(asked)
        while batch := list(islice(candidates, 50)):
            answers = zip(batch, judge.ask_all(batch), strict=True)
            found = (c for c, go in answers if differs(c, go) and sort(c, go) == same)
            if (best := next(found, None)) is not None:
                asked = best
                break
        else:
            return asked


# -- Running


def shown(judge: Judge, asked: Case, same: tuple[str, str]) -> str:
    small = minimised(judge, asked, same)
    if "funcs" in small:
        small["funcs"] = [name for name in small["funcs"] if name in small["template"]]
    go, mine = plain(judge.ask(small)), answered(small)
    return f"{json.dumps(small)}\n  Go:   {json.dumps(go)}\n  ours: {json.dumps(mine)}\n"


def run(count: int, seed: int) -> int:
    """Compare `count` cases; return how many differed."""
    different = compared = done = 0
    sorts: set[tuple[str, str]] = set()
    start = time.monotonic()
    source = islice(cases(seed), count)
    with Judge() as judge:
        while batch := list(islice(source, BATCH)):
            for asked, go in zip(batch, judge.ask_all(batch), strict=True):
                compared += comparable(asked, go)
                if differs(asked, go):
                    different += 1
                    if (sort_ := sort(asked, go)) not in sorts and len(sorts) < SHOWN:
                        sorts.add(sort_)
                        sys.stdout.write(shown(judge, asked, sort_))
            done += len(batch)
            rate = done / (time.monotonic() - start)
            sys.stderr.write(
                f"\r{done} cases, {compared} compared, {different} differ, {rate:.0f}/s "
            )
    sys.stderr.write("\n")
    return different


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 1_000_000
    sys.stdout.write(f"{count} cases of seed {seed}\n")
    sys.exit(1 if run(count, seed) else 0)


if __name__ == "__main__":
    main()
