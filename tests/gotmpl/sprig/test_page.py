"""docs/sprig.md: what it says of each function is what the docstrings and sprig's answers say.

`python -m tests.gotmpl.sprig.test_page` writes the page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from gotmpl.sprig import functions
from gotmpl.sprig.v3.functions import THEMES
from gotmpl.values.signatures import Signature

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs/sprig.md"
ROWS = [json.loads(line) for line in (HERE / "cases.jsonl").read_text("utf-8").splitlines()]
INTRO = """# The functions of sprig

`gotmpl.sprig.functions()` gives the text functions of Masterminds/sprig v3 for `Template.funcs` and
`gotmpl.render(funcs=…)`; the command `gotmpl` has them by `--functions sprig`. Types, results and
error texts are those of Go. The key argument comes last, so that it can be piped; functions of
lists and maps have the list or map first.

`now=`, `random=` and `env=` give the clock, the source of chance and the environment; `env` and
`expandenv` answer with an error without `env=`, and `getHostByName` without `network=True`. Keys,
certificates, AES, bcrypt and regular expressions need `pip install 'confd-lib[sprig]'`; RE2 then
matches these in time that grows with the text only, as in Go.

This page is written by `python -m tests.gotmpl.sprig.test_page` from the docstrings; each example
is an answer of sprig itself.
"""


def page() -> str:
    return "\n".join([INTRO, *(line for theme in THEMES for line in section(theme))]) + "\n"


def section(theme: str) -> Iterator[str]:
    found = functions()
    yield from (f"## {theme}", "", "| function | what it does | example |", "|---|---|---|")
    yield from (row(name, found[name]) for name in THEMES[theme])
    yield ""


def row(name: str, function: Callable[..., object]) -> str:
    takes = str(Signature.of(function)).removeprefix("func")
    about = (function.__doc__ or "").strip().splitlines()[0]
    return f"| `{name}{takes}` | {about} | {example(name)} |".replace(
        "map[string]interface {}", "map"
    )


def example(name: str) -> str:
    """Return the first recorded answer that fits into a line and says something."""
    asked = [one for one in ROWS if one["function"] == name and is_shown(one)]
    if not asked:
        return ""
    shown = next((one for one in asked if len(one["output"]) > 1), asked[0])
    return f"`{shown['template']}` → `{shown['output']}`"


def is_shown(row: dict[str, object]) -> bool:
    text = f"{row['template']}{row.get('output', '')}"
    quiet = "error" not in row and "data" not in row and "shape" not in row.get("tags", ())  # type: ignore[operator]  # a list
    return quiet and len(text) < 120 and text.isprintable() and not set("`|") & set(text)


def test_the_page_is_made_of_the_docstrings() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_the_themes_have_all_functions() -> None:
    names = [name for theme in THEMES.values() for name in theme]
    assert sorted(names) == sorted(functions())


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
