"""Draw the ratios to Go as a chart, for the README.

Knows nothing of how the figures are measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from benchmarks.comparison import GO, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS: Final = {
    "gotmpl": "#0b7285",
    "Jinja2": "#f08c00",
    "Mako": "#868e96",
    "gotpl": "#c2255c",
    "MiniJinja": "#5f3dc4",
}
_INK: Final = "#343a40"
_AXIS: Final = "\u2190 faster than Go      time to render      slower than Go \u2192"
_HEIGHT: Final = 0.19  # of a bar, where a workload has 1
# The same figures give the same file.
_STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "gotmpl",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def draw(rows: Sequence[Row], engines: Sequence[str], path: Path) -> None:
    """Write the chart: bars to the left of Go's line are faster, to the right slower."""
    others = [name for name in engines if name != GO]
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(8.6, 0.72 * len(rows) + 1.4), layout="constrained")
        axes = figure.subplots()
        for place, engine in enumerate(others):
            _bars(axes, rows, engine, (place - (len(others) - 1) / 2) * _HEIGHT)
        _frame(axes, rows)
        figure.legend(loc="outside upper right", ncols=len(others), frameon=False, handlelength=1)
        figure.savefig(path, metadata={"Date": None, "Creator": None})


def _bars(axes: Axes, rows: Sequence[Row], engine: str, offset: float) -> None:
    """Draw one engine's bars, each with its figure at the end."""
    colour = _COLOURS.get(engine, _INK)
    weight = "bold" if engine == "gotmpl" else "normal"
    found = [(place + offset, row.ratio(engine)) for place, row in enumerate(rows)]
    ratios = [(place, ratio) for place, ratio in found if ratio is not None]
    places, lengths = [place for place, _ in ratios], [ratio - 1 for _, ratio in ratios]
    axes.barh(places, lengths, left=1, height=_HEIGHT * 0.9, color=colour, label=engine, zorder=2)
    for place, ratio in ratios:
        axes.annotate(
            f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}",
            (ratio, place),
            xytext=(-3 if ratio < 1 else 3, 0),
            textcoords="offset points",
            ha="right" if ratio < 1 else "left",
            va="center",
            fontsize=7.5,
            color=colour,
            weight=weight,
        )


def _frame(axes: Axes, rows: Sequence[Row]) -> None:
    """Draw the axes, labels and legend."""
    ratios = [row.times[name] / row.times[GO] for row in rows for name in row.times]
    axes.set_xscale("log")
    axes.set_xlim(min(ratios) / 1.8, max(ratios) * 1.8)
    axes.xaxis.set_major_formatter(lambda value, _: "Go" if value == 1 else f"{value:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.axvline(1, color=_INK, linewidth=1.2, zorder=3)
    axes.set_yticks(range(len(rows)), [row.workload.title for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#dee2e6", zorder=0)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.set_xlabel(_AXIS)
