"""`output_format`: content of another format is refused before anything is staged or run."""

from __future__ import annotations

import pytest

from confd_lib.confdir.resource import FORMATS
from confd_lib.destination import formats
from tests.confd_lib.outcomes import names

GOOD = [
    ("json", '{"a": [1, 2.5, null, "é"]}'),
    ("yaml", "a: &x\n  - 1\nb: *x\n---\nc: !vault |\n  secret\n"),
    ("yml", ""),
    ("toml", 'a = 1\n[b]\nc = "d"\n'),
    ("ini", "name = 1\n[mysqld]\n# a comment\nskip-name-resolve\nport: 3306\n[x] ; why\n"),
    ("xml", '<?xml version="1.0"?>\n<a b="c"><d/></a>\n'),
]
BAD = [
    ("json", '{"a": 1,\n "b": secret}', "line 2"),
    ("json", "", "line 1"),
    ("json", "NaN", "NaN is not a number of JSON"),
    ("json", "[" * 100_000, "nests too deep"),
    ("json", b'{"a":\n"\xff"}', "line 2: it is not UTF-8"),
    ("yaml", "a: [secret\nb: c\n", "line 2"),
    ("yaml", "a: 1\nb: *secret\n", "line 2: an alias without an anchor"),
    ("yaml", "\ta: secret", "line 1"),
    ("yaml", "a: \x07", "a character that YAML does not allow"),
    ("toml", "a = 1\nb = secret\n", "line 2"),
    ("toml", 'a = "', "line 1"),
    ("ini", "a = 1\n[mysqld\nport = secret", "line 2: a section is written [name]"),
    ("ini", "[a]\n = secret", "line 2: a value has no name before it"),
    ("xml", "<a>\n<b>secret</a>", "line 2"),
    ("xml", "", "line 1"),
]


@pytest.mark.parametrize(("name", "text"), GOOD)
def test_content_of_its_format_is_taken(name, text):
    assert formats.fault(name, text.encode()) == ""


@pytest.mark.deep
@pytest.mark.parametrize(("name", "text", "reason"), BAD)
def test_content_of_another_format_is_refused_with_its_line(name, text, reason):
    fault = formats.fault(name, text if isinstance(text, bytes) else text.encode())
    assert fault.startswith(f"it is not {name}: ")
    assert reason in fault
    assert "secret" not in fault
    assert "\n" not in fault


def test_each_format_of_a_resource_has_a_check():
    assert {name for name, _ in GOOD} == set(FORMATS)


def test_entities_of_xml_do_not_multiply():
    inner = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    text = f'<!DOCTYPE a [<!ENTITY e0 "x">{inner}]><a>&e11;</a>'
    assert formats.fault("xml", text.encode()).startswith("it is not xml")


def test_a_file_keeps_its_content_and_no_command_runs(folder, tmp_path):
    log = tmp_path / "log"
    command = f"echo x >> {log}"
    folder.both("{", output_format="json", check_cmd=command, reload_cmd=command)
    folder.dest().write_text("{}")
    (result,) = folder.confd().run_once()
    assert str(result.error).startswith(
        f"Cannot write {folder.dest()}: the new content is refused: it is not json: line 1"
    )
    assert folder.dest().read_text() == "{}"
    assert names(folder.out) == ["a.conf"]
    assert not log.exists()


@pytest.mark.parametrize("options", [{"noop": True}, {"sync_only": True}])
def test_the_format_is_checked_in_every_mode(folder, options):
    folder.both("{", output_format="json")
    (result,) = folder.confd(**options).run_once()
    assert "it is not json" in str(result.error)


def test_an_unknown_format_is_refused(folder):
    folder.both("x", output_format="jsn")
    (result,) = folder.confd().run_once()
    assert "output_format: 'jsn' is not one of json, yaml, toml, ini, xml" in str(result.error)
