"""A table as lines of text. Knows nothing of terminals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def lines(columns: Sequence[str], rows: Mapping[str, Mapping[str, str]]) -> list[str]:
    r"""Return the lines of a table: the head, and a line for each row.

    Args:
        columns: the names of the columns; the first holds the names of the rows.
        rows: the cells of each row by column; a missing cell is empty.

    >>> print("\n".join(lines(["node", "size"], {"a_1": {"size": "3"}, "a_22": {}})))
    node  size
    a_1   3
    a_22
    """
    first, *others = columns
    grid = [
        [first, *others],
        *([name, *(cells.get(column, "") for column in others)] for name, cells in rows.items()),
    ]
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in grid
    ]
