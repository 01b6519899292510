"""Executions with a limit of output hold a bounded memory, however their output grows."""

from __future__ import annotations

import itertools
import tracemalloc
from typing import Final

import pytest

from gotmpl import LimitError, Template

WIDE: Final = 100_000  # characters of each value
# Some hundreds of values may be joined before their text is measured, and once more for the error.
JOINED: Final = 600 * WIDE
TEMPLATES: Final = [
    pytest.param("{{range .many}}{{$.wide}}{{end}}", id="values"),
    pytest.param("{{range .many}}- {{$.wide}}{{end}}", id="values among text"),
    pytest.param("{{range .many}}{{$.wide}} {{$.wide}} {{$.wide}}{{end}}", id="texts of values"),
    pytest.param('{{range .many}}{{printf "%100000d" .}}{{end}}', id="pads"),
    pytest.param('{{range .many}}{{printf "%q %q" $.wide $.wide}}{{end}}', id="quoted"),
    pytest.param("{{range .many}}{{make}}{{end}}", id="results"),
    pytest.param("{{range .many}}{{make}} {{make}}{{end}}", id="texts of results"),
    pytest.param("{{range .many}}{{range $.list}}{{.}}{{end}}{{end}}", id="short list"),
    pytest.param("{{range .many}}{{range $.dict}}{{.}}{{end}}{{end}}", id="short dict"),
    pytest.param(
        "{{range .many}}{{range $k, $v := $.dict}}{{$k}}={{$v}};{{end}}{{end}}",
        id="texts of a short dict",
    ),
    pytest.param("{{range .endless}}{{$.wide}}{{end}}", id="iterator"),
    pytest.param(
        '{{define "a"}}{{.}}{{end}}{{range .many}}{{template "a" $.wide}}{{end}}', id="calls"
    ),
    pytest.param("{{range .some}}{{$.wide}}{{end}}", id="values without a check between"),
    pytest.param("{{if $}}{{$.wide}}{{end}}" * 2000, id="a long template"),
    pytest.param("{{make}}" * 2000, id="a long template with results"),
    pytest.param("{{range .many}}" + "y" * WIDE + "{{end}}", id="constants"),
    pytest.param("{{print" + " $.wide" * 2000 + "}}", id="one text"),
    pytest.param("{{$x := .wide}}{{range .many}}{{$x = print $x $x}}{{end}}", id="a variable"),
]


@pytest.mark.parametrize("steps", [None, 10**15], ids=["", "counted"])
@pytest.mark.parametrize("limit", [1_000_000, 20_000_000])
@pytest.mark.parametrize("text", TEMPLATES)
def test_memory_is_bounded(text: str, limit: int, steps: int | None) -> None:
    wide = "w" * WIDE
    data = {
        "many": 10**12,
        "some": 4000,
        "wide": wide,
        "list": [wide] * 200,
        "dict": {f"key{n}": wide for n in range(200)},
        "endless": itertools.count(),
    }
    template = Template("t").funcs({"make": lambda: "m" * WIDE}).parse(text)
    template.limits(output=limit, steps=steps).python_source()
    tracemalloc.start()
    try:
        with pytest.raises(LimitError, match=f"limit of {limit} characters of output exceeded$"):
            template.render(data)
        assert tracemalloc.get_traced_memory()[1] < JOINED + 4 * limit
    finally:
        tracemalloc.stop()
