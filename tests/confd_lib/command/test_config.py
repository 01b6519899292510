"""Flags by the rules of Go's package `flag`, confd.toml, the environment, and who wins."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confd_lib.command import config, flags
from confd_lib.errors import ConfigError


def read(*args: str, **environ: str) -> config.Config:
    given, words = flags.parse(["-config-file", "/nonexistent", *args])
    assert given is not None
    return config.read(given, words, environ)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param(["--backend=rancher"], {"backend": "rancher"}, id="two-dashes"),
        pytest.param(["-backend", "rancher"], {"backend": "rancher"}, id="one-dash-and-space"),
        pytest.param(["-prefix="], {"prefix": ""}, id="empty"),
        pytest.param(["-prefix", "-x"], {"prefix": "-x"}, id="a-value-may-look-like-a-flag"),
        pytest.param(["-prefix=a=b"], {"prefix": "a=b"}, id="only-the-first-equals-counts"),
        pytest.param(["-noop", "-onetime=true"], {"noop": True, "onetime": True}, id="booleans"),
        pytest.param(["-noop=F", "--watch=1"], {"noop": False, "watch": True}, id="gos-booleans"),
        pytest.param(["-noop", "-noop=false"], {"noop": False}, id="the-last-counts"),
        pytest.param(["-node", "a", "-node=b"], {"node": ("a", "b")}, id="repeated"),
        pytest.param(["-file=a", "--file", "b"], {"file": ("a", "b")}, id="files"),
        pytest.param(["-interval=0x10"], {"interval": 16}, id="gos-numbers"),
        pytest.param(["-interval", "1_0"], {"interval": 10}, id="gos-underscores"),
        pytest.param(["-render-timeout=5"], {"render_timeout": 5}, id="seconds"),
        pytest.param([], {"render_timeout": 30, "ready_timeout": 31}, id="defaults"),
        pytest.param(["-noop", "true", "-watch"], {"words": ("true", "-watch")}, id="words"),
        pytest.param(["-noop", "--", "-watch"], {"words": ("-watch",)}, id="dashes-end"),
        pytest.param(["-noop", "-"], {"words": ("-",)}, id="a-dash-is-a-word"),
        pytest.param(["-table", "x"], {"unused": ("table",)}, id="of-a-store-that-is-not-read"),
        pytest.param(
            ["-backend=env", "-password=x", "-node=y"],
            {"unused": ("password", "node")},
            id="of-another-store",
        ),
        pytest.param(
            ["-backend=env", "-node=a", "-metadata-ip=1", "-file=x", "-basic-auth"],
            {"unused": ("node", "metadata-ip", "file", "basic-auth")},
            id="unused",
        ),
        pytest.param(["-backend=rancher", "-node=a", "-metadata-ip=1"], {"unused": ()}, id="used"),
    ],
)
def test_flags_are_read_as_go_reads_them(args, expected):
    found = asdict(read(*args))
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["-nope"], "flag provided but not defined: -nope"),
        (["--nope=1"], "flag provided but not defined: -nope"),
        (["---noop"], "bad flag syntax: ---noop"),
        (["-=x"], "bad flag syntax: -=x"),
        (["--=x"], "bad flag syntax: --=x"),
        (["-prefix"], "flag needs an argument: -prefix"),
        (["-noop=yes"], 'invalid boolean value "yes" for -noop: parse error'),
        (["-noop="], 'invalid boolean value "" for -noop: parse error'),
        (["-interval=soon"], 'invalid value "soon" for flag -interval: parse error'),
        (
            ["-interval", "9" * 30],
            f'invalid value "{"9" * 30}" for flag -interval: value out of range',
        ),
    ],
)
def test_bad_flags_are_errors_in_gos_words(args, said):
    with pytest.raises(ConfigError) as caught:
        read(*args)
    assert str(caught.value) == said


words = st.sampled_from(["-", "--", "---x", "-=", "-noop", "-noop=", "-noop=t", "-node", "x", "-h"])


@given(st.lists(words | st.text()))
def test_any_words_are_flags_or_our_error(args):
    with contextlib.suppress(ConfigError):
        given_flags, rest = flags.parse(args)
        assert given_flags is None or rest == tuple(args[len(args) - len(rest) :])


def test_help_is_no_config():
    for flag in ("-h", "--help"):
        assert flags.parse(["-noop", flag]) == (None, ())


def test_the_usage_names_every_flag():
    text = flags.usage("confd")
    for name in flags.FLAGS:
        assert f"-{name}" in text


CONFD_0_16 = """
app-id auth-token auth-type backend basic-auth client-ca-keys client-cert client-insecure client-key
confdir config-file file filter interval keep-stage-file log-level node noop onetime password path
prefix role-id scheme secret-id secret-keyring separator srv-domain srv-record sync-only table
user-id username version watch
"""


def test_every_flag_of_confd_0_16_is_taken():
    assert set(CONFD_0_16.split()) <= set(flags.FLAGS)


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "confd.toml"


def with_toml(toml: Path, text: str, *args: str, **environ: str) -> config.Config:
    toml.write_text(text)
    return read("-config-file", str(toml), *args, **environ)


def test_confd_toml_sets_what_flags_do_not(toml):
    text = """
backend = "rancher"
Prefix = "/latest"
nodes = ["a", "b"]
interval = 30
keepstagefile = true
onetime = true
sync-only = true
log-level = "debug"
auth_token = "t"
unknown = 5
"""
    found = with_toml(toml, text, "-interval=60", "-onetime=false")
    assert (found.backend, found.prefix, found.node) == ("rancher", "/latest", ("a", "b"))
    assert (found.interval, found.onetime) == (60, False)
    assert (found.keep_stage_file, found.sync_only, found.log_level) == (True, True, "debug")
    assert found.unused == ("auth-token",)


@pytest.mark.parametrize(
    ("text", "args", "said"),
    [
        pytest.param(
            'root = "/srv"\ncompat = "0.11"',
            [],
            ["settings that confd ignores and confd-lib follows: root = /srv, compat = 0.11"],
            id="settings-of-ours",
        ),
        pytest.param(
            "render-timeout = 5",
            [],
            ["settings that confd ignores and confd-lib follows: render-timeout = 5"],
            id="every-setting-of-ours",
        ),
        pytest.param('root = "/srv"\nRooot = 1', ["-root="], ["Rooot"], id="a-flag-counts-before"),
        pytest.param(
            '[confd]\nbackend = "env"',
            [],
            ["confd is not a setting, and is ignored"],
            id="the-table-of-old-versions",
        ),
        pytest.param('backend = "env"\nauth_token = "t"', [], [], id="settings-of-confd"),
    ],
)
def test_settings_that_confd_reads_otherwise_are_warned_of(toml, text, args, said):
    warnings = with_toml(toml, text, *args).warnings
    assert all(line.startswith(f"{toml}: ") for line in warnings)
    assert len(warnings) == len(said)
    assert all(part in line for part, line in zip(said, warnings, strict=True))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["stop"], 'the word "stop" ends the flags'),
        (["stop", "-a", "b"], 'the word "stop" ends the flags, and "-a b" is not read'),
        (["true"], 'the word "true" ends the flags (a boolean is -x or -x=true)'),
    ],
)
def test_the_word_that_ends_the_flags_is_named(words, said):
    assert flags.unread(words) == said


def test_flags_win_over_the_environment_and_that_over_confd_toml(toml):
    text = 'compat = "0.16"'
    assert with_toml(toml, text).compat == "0.16"
    assert with_toml(toml, text, CONFD_COMPAT="0.11").compat == "0.11"
    assert with_toml(toml, text, "-compat=0.16", CONFD_COMPAT="0.11").compat == "0.16"


def mismatch(place: str, has: str, wanted: str) -> str:
    types = f"TOML value has type {has}; destination has type {wanted}"
    return f"{place}: incompatible types: {types}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "backend = 5",
            mismatch('line 1 (last key "backend")', "int64", "string") + '; write backend = "5"',
        ),
        (
            '\nnoop = "yes"',
            mismatch('line 2 (last key "noop")', "string", "boolean") + "; write noop = true",
        ),
        (
            'nodes = "a"',
            mismatch('line 1 (last key "nodes")', "string", "slice") + '; write nodes = ["a"]',
        ),
        ("backend =", 'line 1 (last key "backend"): backend has no value'),
    ],
)
def test_the_error_of_a_confd_toml_names_the_line(toml, text, said):
    with pytest.raises(ConfigError) as caught:
        with_toml(toml, text)
    assert str(caught.value) == f"{toml}: toml: {said}"


def test_a_confd_toml_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="is a directory"):
        read("-config-file", str(tmp_path))


def test_a_confd_toml_without_a_name_says_nothing():
    assert read("-config-file=").backend == "etcd"


def test_rules_of_an_unknown_confd_are_refused():
    with pytest.raises(ConfigError, match=r'^compat "0\.12" is not known'):
        read("-compat=0.12")
