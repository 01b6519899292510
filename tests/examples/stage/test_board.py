"""A terminal shows lines above one table; elsewhere each change is a line."""

from __future__ import annotations

import re

import pytest

from examples.stage import Board


class Terminal:
    """As much of a terminal as a board needs: lines, and a cursor that goes up and clears."""

    def __init__(self) -> None:
        self.lines = [""]

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        pass

    def write(self, text: str) -> None:
        for part in re.split(r"(\n|\r\x1b\[\d+A\x1b\[J)", text):
            if part == "\n":
                self.lines.append("")
            elif part.startswith("\r"):
                up = int(re.findall(r"\d+", part)[0])
                assert up < len(self.lines)
                self.lines[-1 - up :] = [""]
            else:
                assert "\x1b" not in part
                self.lines[-1] += part


def test_a_terminal_shows_lines_above_one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    board = Board(["node", "state"], terminal, lambda: 0.0)  # type: ignore[arg-type]
    board.say("one")
    board.show("db_1", {"state": "starting"})
    board.show("db_2", {"state": "starting"})
    board.waiting("until it is ready")
    board.say("two")
    board.show("db_1", {"state": "ready"})
    head = ["   0.0 s  one", "   0.0 s  two"]
    table = ["", "node  state", "db_1  ready", "db_2  starting"]
    doing = ["", "   0.0 s  waiting until it is ready"]
    assert terminal.lines == [*head, *table, *doing, ""]
    board.drop("db_2")
    board.close()
    board.say("three")
    assert terminal.lines == [*head, *table[:-1], "", "   0.0 s  three", ""]


def test_what_does_not_fit_the_terminal_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TERM": "xterm", "COLUMNS": "11", "LINES": "4"}.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    board = Board(["node", "state"], terminal, lambda: 0.0)  # type: ignore[arg-type]
    for number in range(4):
        board.show(f"db_{number}", {"state": "starting"})
    assert terminal.lines == ["", "node  stat", "db_0  star", ""]


@pytest.mark.parametrize("term", ["dumb", None])
def test_elsewhere_each_change_of_a_cell_is_a_line(
    term: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal() if term else None
    if term:
        monkeypatch.setenv("TERM", term)
    board = Board(["node", "state"], terminal, lambda: 0.0)  # type: ignore[arg-type]
    board.show("db_1", {"state": "ready", "size": 1})
    board.show("db_1", {"state": "ready", "size": 2})
    board.show("db_1", {"state": "ready", "size": 2})
    board.waiting("until it is ready")
    board.say("end")
    printed = "\n".join(terminal.lines) if terminal else capsys.readouterr().out
    assert printed == (
        "   0.0 s  db_1: state ready, size 1\n   0.0 s  db_1: size 2\n   0.0 s  end\n"
    )
