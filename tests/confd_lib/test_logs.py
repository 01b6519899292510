"""Log lines: confd's format, and one line for each record."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import socket
import time

import pytest

from confd_lib import logs
from confd_lib.errors import ConfigError


def written(form: str, *records: tuple[int, str], level: str = "") -> str:
    stream = io.StringIO()
    handler = logs.to_stream(stream, program="/confd")
    try:
        logs.set_form(handler, level=level, form=form)
        for number, message in records:
            logs.LOGGER.log(number, "%s", message)
    finally:
        logs.detach(handler)
    return stream.getvalue()


def test_a_line_has_confds_format():
    line = written("text", (logging.INFO, "Backend set to rancher %d"))
    time_part = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"
    origin = re.escape(f"{socket.gethostname()} /confd[{os.getpid()}]:")
    assert re.fullmatch(rf"{time_part} {origin} INFO Backend set to rancher %d\n", line)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (logging.DEBUG, "DEBUG"),
        (logging.WARNING, "WARNING"),
        (logging.ERROR, "ERROR"),
        (logging.CRITICAL, "FATAL"),
    ],
)
def test_levels_have_confds_names(number, name):
    assert f": {name} x" in written("text", (number, "x"), level="trace")


def test_a_record_is_one_line_with_any_data():
    text = written("text", (logging.ERROR, "a\nb\rc\x1b[2Kd\x00e\x9bf\tg"))
    assert text.count("\n") == 1
    assert text.endswith(r"ERROR a\nb\rc\x1b[2Kd\x00e\x9bf" + "\tg\n")


def test_json_is_one_object_a_line():
    first, second = written("json", (logging.INFO, "a\nb"), (logging.ERROR, "é")).splitlines()
    assert json.loads(first)["message"] == "a\nb"
    assert json.loads(second) | {"time": ""} == {
        "time": "",
        "level": "ERROR",
        "pid": os.getpid(),
        "message": "é",
    }


@pytest.mark.parametrize(
    ("level", "shown"),
    [("", "IWE"), ("Warn", "WE"), ("ERROR", "E"), ("debug", "DIWE"), ("fatal", "")],
)
def test_lines_below_the_level_are_not_written(level, shown):
    records = [(getattr(logging, name), name[0]) for name in ("DEBUG", "INFO", "WARNING", "ERROR")]
    text = written("text", *records, level=level)
    assert "".join(line[-1] for line in text.splitlines()) == shown


def test_unknown_levels_and_formats_are_refused():
    with pytest.raises(ConfigError, match='not a valid level: "loud"'):
        written("text", level="loud")
    with pytest.raises(ConfigError, match='not a valid log format: "xml"'):
        written("xml")


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC0", "1970-01-01T00:00:00Z"),
        ("XXX-5:30", "1970-01-01T05:30:00+05:30"),
        ("YYY3", "1969-12-31T21:00:00-03:00"),
    ],
)
def test_times_have_gos_rfc_3339_format(monkeypatch, zone, text):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert logs.rfc3339(0.9) == text
    finally:
        monkeypatch.undo()
        time.tzset()


def test_without_the_command_records_reach_the_root_logger(caplog):
    logs.LOGGER.warning("heard")
    assert caplog.messages == ["heard"]
