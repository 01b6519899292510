"""The ratios to Go as a chart, for the README.

Knows how it looks; the figures come from `comparison`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.comparison import GO, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS: Final = {"gotmpl": "#0b7285", "Jinja2": "#f08c00", "Mako": "#868e96", "gotpl": "#c2255c"}
_INK: Final = "#343a40"
_HEIGHT: Final = 0.19  # of a bar, where a workload has 1
# The same figures give the same file.
_STYLE: Final = {
    "svg.hashsalt": "gotmpl",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def draw(rows: Sequence[Row], engines: Sequence[str], path: Path) -> None:
    """Write the chart: a group of bars for each workload, Go as the line at 1."""
    others = [name for name in engines if name != GO]
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.4, 0.78 * len(rows) + 1.3))
        axes = figure.subplots()
        for place, engine in enumerate(others):
            _bars(axes, rows, engine, (place - (len(others) - 1) / 2) * _HEIGHT)
        _frame(axes, rows)
        figure.tight_layout()
        figure.savefig(path, metadata={"Date": None, "Creator": None})


def _bars(axes: Axes, rows: Sequence[Row], engine: str, offset: float) -> None:
    """Draw one engine's bars, each with its figure at the end."""
    colour = _COLOURS.get(engine, _INK)
    found = [(place, row.ratio(engine)) for place, row in enumerate(rows)]
    ratios = [(place + offset, ratio) for place, ratio in found if ratio is not None]
    places, lengths = [place for place, _ in ratios], [ratio for _, ratio in ratios]
    axes.barh(places, lengths, height=_HEIGHT * 0.9, color=colour, label=engine, zorder=2)
    weight = "bold" if engine == "gotmpl" else "normal"
    for place, ratio in ratios:
        text = f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"
        axes.annotate(
            text,
            (ratio, place),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
            color=colour,
            weight=weight,
        )


def _frame(axes: Axes, rows: Sequence[Row]) -> None:
    """Draw what stands around the bars."""
    axes.set_xscale("log")
    ratios = [row.times[name] / row.times[GO] for row in rows for name in row.times]
    axes.set_xlim(min(ratios) / 1.6, max(ratios) * 1.8)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.axvline(1, color=_INK, linewidth=1.2, zorder=3)
    axes.annotate(
        "Go = 1", (1, 1), xycoords=("data", "axes fraction"), xytext=(4, 4),
        textcoords="offset points", fontsize=9, weight="bold",
    )  # fmt: skip
    axes.set_yticks(range(len(rows)), [row.workload.title for row in rows])
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.grid(axis="x", color="#e9ecef", zorder=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("time to render against Go's text/template (log scale; shorter is faster)")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, frameon=False, handlelength=1.1)
