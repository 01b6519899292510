"""Template resources against recordings of confd, and the differences from it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pickle
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from confd_lib.confdir import resource
from confd_lib.confdir.resource import TemplateResource
from confd_lib.errors import ConfdError, ResourceError

DATA = Path(__file__).parents[1] / "data"
CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "rancher"
GOLDEN = [json.loads(line) for line in (DATA / "toml.jsonl").read_text().splitlines()]
# Rows that confd refuses and we accept, with the reason.
ACCEPTED = {"toml/049": "an owner may be given by name"}
# Rows whose reason is our own, since confd's is a text of its parser.
SYNTAX = {"toml/090", "toml/092", "toml/097", "toml/102"}


@st.composite
def strange_toml(draw: st.DrawFn) -> bytes:
    """Draw a table of known names with values of all types."""
    names = ("src", "DEST", "keys", "mode", "uid", "gid", "check_timeout", "'left_delim'", "x")
    values = (
        "1",
        "'a'",
        "true",
        "1.5",
        "[]",
        "['/a']",
        "[1]",
        "{}",
        "1979-05-27",
        '"""\n\n"""',
        "-",
    )
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(values))))
    head = draw(st.sampled_from(("[template]", "[TEMPLATE]", "[[template]]", "", "# no\n[x]")))
    return "\n".join([head, *(f"{name} = {value}" for name, value in pairs)]).encode()


def load(row: dict[str, str]) -> TemplateResource:
    return TemplateResource.parse("<PATH>", row["toml"].encode())


@pytest.mark.parametrize(
    "row", [r for r in GOLDEN if r["expect"]["master"]["ok"]], ids=lambda row: row["id"]
)
def test_fields_are_those_of_confd(row):
    expected = row["expect"]["master"]["resource"]
    found = load(row)
    assert {
        "check_cmd": found.check_cmd,
        "dest": found.dest,
        "gid": "$EGID" if found.gid == -1 else found.gid,
        "keys": list(found.keys) or expected["keys"],  # [] and null are alike
        "mode": found.mode,
        "prefix": found.full_prefix(row["config_prefix"], joined=False),
        "reload_cmd": found.reload_cmd,
        "src": os.path.normpath(f"/T/{found.src}"),
        "uid": "$EUID" if found.uid == -1 else found.uid,
        "file_mode": 0,
    } == expected


@pytest.mark.parametrize(
    "row", [r for r in GOLDEN if r["expect"]["0.11-rancher"]["ok"]], ids=lambda row: row["id"]
)
def test_joined_prefixes_are_those_of_the_rancher_fork(row):
    expected = row["expect"]["0.11-rancher"]["resource"]
    assert load(row).full_prefix(row["config_prefix"], joined=True) == expected["prefix"]


@pytest.mark.parametrize(
    "row", [r for r in GOLDEN if not r["expect"]["master"]["ok"]], ids=lambda row: row["id"]
)
def test_files_that_confd_refuses_are_refused_on_the_same_line(row):
    expected = row["expect"]["master"]["error"]
    if row["id"] in ACCEPTED:
        assert load(row).gid == "www"
        return
    with pytest.raises(ResourceError) as caught:
        load(row)
    message = str(caught.value)
    assert "\n" not in message
    if row["id"] in SYNTAX:
        place = expected[: expected.index(" ", expected.index("line ") + 5)].rstrip(":")
        assert message.startswith(place)
    elif "empty src" in expected:  # confd names no line
        assert message == f"Cannot process template resource <PATH> - {expected}"
    else:
        # Advice may follow.
        message, _, _ = message.partition("; write ")
        assert message == expected.replace(" for template.TemplateResource", "")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('template.src = "a"\ntemplate.keys = ["/\\u00e9"]', id="dotted-keys"),
        pytest.param("template = {src = 'a', keys = [\n'/é', # first\n]}", id="lines-in-a-list"),
        pytest.param("[template]\n'src' = 'a'\n\"keys\" = ['''/é''']", id="quoted-keys"),
    ],
)
def test_resources_are_toml_1_0(text):
    found = TemplateResource.parse("a.toml", text.encode())
    assert (found.src, found.keys) == ("a", ("/é",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            b"[template\n",
            "toml: line 1: the name of the table is not closed: write [template]",
            id="bad-table",
        ),
        pytest.param(
            b"[template]\nsrc = [1,",
            'toml: line 2 (last key "template.src"): the list is not closed',
            id="unfinished",
        ),
        pytest.param(
            b"[template]\nsrc = 'a'\nmode = -" + b"9" * 5000,
            "toml: line 3: a number is out of range for int64",
            id="a-number-too-long-to-read",
        ),
        pytest.param(
            b"# \xff\n[template]\nsrc = \x93a\x94",
            'toml: line 3 (last key "template.src"): bytes that are not UTF-8',
            id="bytes",
        ),
        pytest.param(b"[[template]]\nsrc = 'a'", "toml: line 1 (last key", id="array-of-tables"),
        pytest.param(
            b"[template]\nsrc = 'a'\n# keys of the host\nkeys = ['/a', 5]\n",
            'toml: line 4 (last key "template.keys"): incompatible types: '
            "TOML value has type int64; destination has type string",
            id="key-not-text",
        ),
        pytest.param(
            b"[Template]\nSRC = 'a'\nKeys = '/a'\n",
            'toml: line 3 (last key "Template.Keys"): incompatible types: '
            "TOML value has type string; destination has type slice",
            id="keys-not-a-list",
        ),
        pytest.param(
            b"[template]\nsrc='a'\nreload_timeout='soon'",
            "reload_timeout: neither seconds nor a duration like \"30s\": 'soon'",
            id="timeout-no-duration",
        ),
        pytest.param(
            b"[template]\nsrc='a'\ncheck_timeout='" + b"1" * 100_000 + b"'",
            'check_timeout: neither seconds nor a duration like "30s"',
            id="timeout-of-many-digits",
        ),
        pytest.param(
            b"[template]\nsrc='a'\ncheck_timeout=-1",
            'check_timeout: neither seconds nor a duration like "30s": -1',
            id="timeout-negative",
        ),
        pytest.param(
            b"[template]\nsrc='a'\ncheck_timeout=nan",
            'check_timeout: neither seconds nor a duration like "30s": nan',
            id="timeout-nan",
        ),
    ],
)
def test_an_error_names_the_file_and_the_line(text, reason):
    with pytest.raises(ResourceError) as caught:
        TemplateResource.parse("conf.d/a.toml", text)
    message = str(caught.value)
    assert message.startswith(f"Cannot process template resource conf.d/a.toml - {reason}")
    assert str(pickle.loads(pickle.dumps(caught.value))) == message


@given(st.binary() | st.text().map(str.encode) | strange_toml())
@example(b"[template]\nsrc = " + b"[" * 5000)
@example(b"[template]\nsrc = 'a'\nkeys = [1979-05-27T07:32:00Z]")
@example(b"[template]\nsrc = 'a'\n'mode'.x = 1")
def test_any_bytes_are_a_resource_or_our_error(data):
    with contextlib.suppress(ResourceError):
        assert TemplateResource.parse("a.toml", data).src


def test_the_error_for_an_unreadable_file_names_it(tmp_path):
    with pytest.raises(ResourceError, match=r"a\.toml - no such file or directory"):
        TemplateResource.load(tmp_path / "a.toml")


def test_a_resource_is_frozen_and_has_the_settings_of_its_file(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text('[template]\nsrc="a"\nleft_delim="<<"\nright_delim=">>"\ncheck_timeout="1m30s"')
    found = TemplateResource.load(path)
    assert (found.path, found.delims, found.check_timeout) == (str(path), ("<<", ">>"), 90)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.src = "b"


@pytest.mark.parametrize(
    ("mode", "bits"),
    [
        ("", None),
        ("0644", 0o644),
        ("0o600", 0o600),
        ("0x1a4", 0o644),
        ("644", 0o204),  # decimal, as in confd: 0o1204, of which nine bits count
        ("04755", 0o755),
        ("0000", 0),
        ("0_6_44", 0o644),
    ],
)
def test_modes_are_parsed_as_by_go(mode, bits):
    assert TemplateResource("a.toml", "a", mode=mode).file_mode() == bits


@pytest.mark.parametrize(
    ("mode", "why"),
    [
        ("rw", "invalid syntax"),
        ("-1", "invalid syntax"),
        (" 0644", "invalid syntax"),
        ("0888", "invalid syntax"),
        ("0xfffffffff", "value out of range"),
    ],
)
def test_the_error_for_a_bad_mode_is_gos(mode, why):
    with pytest.raises(ResourceError) as caught:
        TemplateResource("a.toml", "a", mode=mode).file_mode()
    assert str(caught.value).endswith(f'mode: strconv.ParseUint: parsing "{mode}": {why}')


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found_in(confdir: Path) -> list[str]:
    return [os.path.relpath(path, confdir / "conf.d") for path in resource.find(confdir)]


def test_resources_are_found_in_lexical_order_folder_by_folder(tmp_path):
    touch(tmp_path / "conf.d", "b.toml", "a/z.toml", ".toml", "footoml", "x.toml.bak", "X.TOML")
    (tmp_path / "conf.d" / "c.toml").mkdir()
    touch(tmp_path / "conf.d" / "c.toml", "in.toml")
    assert found_in(tmp_path) == [".toml", "a/z.toml", "b.toml", "c.toml/in.toml", "footoml"]


def test_a_linked_conf_d_is_followed(tmp_path):
    touch(tmp_path / "real", "a.toml")
    (tmp_path / "conf.d").symlink_to(tmp_path / "real")
    assert found_in(tmp_path) == ["a.toml"]


def test_a_file_under_several_names_counts_once(tmp_path):
    volume = tmp_path / "conf.d"  # as Kubernetes lays out a ConfigMap
    touch(volume, "..2026/a.toml")
    (volume / "..data").symlink_to("..2026")
    (volume / "a.toml").symlink_to("..data/a.toml")
    assert found_in(tmp_path) == ["..2026/a.toml"]


def test_a_dangling_link_is_found_so_that_loading_it_fails(tmp_path):
    touch(tmp_path / "conf.d", "a.toml")
    (tmp_path / "conf.d" / "b.toml").symlink_to("nowhere")
    assert found_in(tmp_path) == ["a.toml", "b.toml"]


def test_an_inaccessible_file_is_found_so_that_loading_it_fails(tmp_path, closed):
    touch(tmp_path / "conf.d", "z.toml")
    (tmp_path / "conf.d" / "loop.toml").symlink_to("loop.toml")
    closed.rename(tmp_path / "conf.d" / "closed")
    assert found_in(tmp_path) == ["closed", "loop.toml", "z.toml"]


def test_the_error_for_a_path_with_nul():
    with pytest.raises(ResourceError, match="the path holds a null byte"):
        TemplateResource.load("a\0.toml")
    with pytest.raises(ConfdError, match="the path holds a null byte"):
        resource.find("a\0")


def test_a_file_in_the_place_of_conf_d_is_the_one_resource(tmp_path):
    touch(tmp_path, "conf.d")
    assert resource.find(tmp_path) == [str(tmp_path / "conf.d")]


def test_the_error_for_a_missing_conf_d_is_gos(tmp_path):
    with pytest.raises(ConfdError) as caught:
        resource.find(tmp_path)
    assert str(caught.value) == f"stat {tmp_path}/conf.d: no such file or directory"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real resources is not here")
def test_the_resources_of_the_corpus_load():
    files = sorted(CORPUS.rglob("*.toml"))
    assert len(files) == 79
    for file in files:
        assert TemplateResource.load(file).src
