"""Flags by the rules of Go's package `flag`, confd.toml, the environment, and who wins."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confd_lib.command.settings import config, flags, table, usage
from confd_lib.errors import ConfigError


def read(*args: str, **environ: str) -> config.Config:
    given, words = flags.parse(["-config-file=", *args])
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
        pytest.param(["-backend="], {"backend": "etcd"}, id="no-name-is-the-default"),
        pytest.param(["-interval=0"], {"interval": 0}, id="zero"),
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
    text = usage.usage("confd")
    for name in table.FLAGS:
        assert f"-{name}" in text


CONFD_0_16 = """
app-id auth-token auth-type backend basic-auth client-ca-keys client-cert client-insecure client-key
confdir config-file file filter interval keep-stage-file log-level node noop onetime password path
prefix role-id scheme secret-id secret-keyring separator srv-domain srv-record sync-only table
user-id username version watch
"""


def test_every_flag_of_confd_0_16_is_taken():
    assert set(CONFD_0_16.split()) <= set(table.FLAGS)


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
        pytest.param(
            "interval = 060",
            [],
            ["line 1: a number cannot begin with 0: write 60; only confd 0.16 and older read it"],
            id="old-toml",
        ),
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


def test_a_file_that_is_named_and_not_there_is_warned_of(tmp_path):
    path = tmp_path / "confd.tml"
    assert read(f"-config-file={path}").warnings == (
        f"{path}: there is no such file, so no setting is read from it",
    )
    assert read("-config-file=").warnings == ()


@pytest.mark.parametrize("name", ["interval", "ready-within", "ready-timeout", "render-timeout"])
def test_a_number_below_zero_is_refused(toml, name):
    said = rf"^{name} is -5: write 0 or more seconds$"
    with pytest.raises(ConfigError, match=said):
        read(f"-{name}", "-5")
    with pytest.raises(ConfigError, match=said):
        with_toml(toml, f"{name} = -5")


def test_rules_of_an_unknown_confd_are_refused():
    with pytest.raises(ConfigError, match=r'^compat "0\.12" is not known'):
        read("-compat=0.12")


# -- Layers


def layers(config: config.Config, *names: str) -> list[tuple[object, ...]]:
    return [tuple(getattr(layer, name) for name in names) for layer in config.layers]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param(["-backend=env"], [], id="one"),
        pytest.param(["-backend=env", "-backend=env"], [], id="the-same-again"),
        pytest.param(
            ["-backend=rancher", "-prefix=/latest", "-backend=file", "-file=a", "-node=n"],
            [("rancher", "/latest", ("n",), ()), ("file", "", (), ("a",))],
            id="each-flag-has-one-owner",
        ),
        pytest.param(
            ["-backend=etcd", "-node=n", "-prefix=/app", "-backend=env"],
            [("etcd", "", ("n",), ()), ("env", "", (), ())],
            id="the-prefix-is-for-all-of-them",
        ),
        pytest.param(
            ["-backend=file", "-backend=env", "-backend=etcd", "-file=a", "-file=b"],
            [("file", "", (), ("a", "b")), ("env", "", (), ()), ("etcd", "", (), ())],
            id="three",
        ),
    ],
)
def test_several_backends_are_layers(args, expected):
    assert layers(read(*args), "backend", "prefix", "node", "file") == expected


def test_what_belongs_to_no_layer_is_the_command_s():
    found = read("-backend=env", "-backend=file", "-prefix=/a", "-file=f", "-noop", "-node=n")
    assert (found.prefix, found.noop, found.unused) == ("/a", True, ("node",))
    found = read("-backend=rancher", "-backend=env", "-prefix=/latest", CONFD_COMPAT="0.16")
    assert (found.prefix, found.unused, found.compat) == ("", (), "0.16")


def test_a_flag_of_several_layers_is_an_error_that_names_them():
    with pytest.raises(ConfigError) as caught:
        read("-backend=rancher", "-backend=vault", "-backend=etcd", "-node=n", "-password=s3cret")
    assert str(caught.value) == (
        "-node, -password may belong to backend rancher or vault or etcd: "
        "write [[layer]] tables in confd.toml instead"
    )


backends = st.lists(
    st.sampled_from(["etcd", "file", "rancher", "vault", "redis", "env"]), min_size=2
)
store_flags = [flag for flag in table.TABLE if flag.of and flag.help]


@given(backends, st.lists(st.sampled_from(store_flags)))
def test_a_flag_of_stores_has_one_owner_or_none_or_is_an_error(named, given_flags):
    words = [f"-backend={name}" for name in named]
    words += [f"-{flag.name}={'1' if flag.default in (False, 31) else 'x'}" for flag in given_flags]
    named = list(dict.fromkeys(named))
    owners = {flag.name: [name for name in named if name in flag.of] for flag in given_flags}
    doubtful = [f"-{name}" for name, of in owners.items() if len(of) > 1]
    if doubtful:
        with pytest.raises(ConfigError, match=f"^{', '.join(doubtful)} may belong to backend "):
            read(*words)
        return
    found = read(*words)
    assert [layer.backend for layer in found.layers or [found]] == named
    assert set(found.unused) == {name for name, of in owners.items() if not of}
    for name, of in owners.items():
        attribute, default = name.replace("-", "_"), table.FLAGS[name].default
        changed = [one.backend for one in found.layers if getattr(one, attribute) != default]
        assert not found.layers or set(changed) <= set(of)


LAYERS = """
interval = 30
nodes = ["unused"]

[[layer]]
backend = "rancher"
prefix = "/2015-07-25"

[[layer]]
Backend = "vault"
nodes = ["https://vault:8200"]
auth_token = "s3cret"
keys = ["/secret", "/pki"]
interval = 5
file = ["x"]
colour = "s3cret"
"""


def test_the_layers_of_confd_toml(toml):
    found = with_toml(toml, LAYERS, "-prefix=/app", "-username=u")
    assert layers(found, "backend", "prefix", "node", "auth_token", "keys") == [
        ("rancher", "/2015-07-25", (), "", ("/",)),
        ("vault", "", ("https://vault:8200",), "s3cret", ("/secret", "/pki")),
    ]
    assert (found.prefix, found.interval, found.unused) == ("/app", 30, ("node", "username"))
    assert found.warnings == (
        f"{toml}: [[layer]] 2: interval is not a setting of a layer, and is ignored",
        f"{toml}: [[layer]] 2: colour is not a setting of a layer, and is ignored",
        f"{toml}: [[layer]] 2: backend vault does not use file",
    )


def test_the_flag_of_a_backend_replaces_the_layers_of_confd_toml(toml):
    found = with_toml(toml, LAYERS, "-backend=rancher")
    assert (found.backend, found.layers, found.node) == ("rancher", (), ("unused",))
    assert found.warnings[-1] == (
        f"{toml}: the flag -backend counts, and the [[layer]] tables do not"
    )
    found = with_toml(toml, LAYERS, "-backend=env", "-backend=rancher", "-node=n")
    assert layers(found, "backend", "node") == [("env", ()), ("rancher", ("n",))]


def test_the_environment_counts_for_what_a_layer_does_not_say(toml):
    environ = {
        "VAULT_ADDR": "http://elsewhere",
        "VAULT_TOKEN": "t",
        "CONFD_CLIENT_CAKEYS": "ca",
        "CONFD_COMPAT": "0.16",
    }
    text = LAYERS.replace('auth_token = "s3cret"', "")
    found = with_toml(toml, text, **environ)
    assert layers(found, "node", "auth_token", "client_ca_keys") == [
        ((), "", ""),
        (("https://vault:8200",), "t", "ca"),
    ]
    assert (found.compat, found.unused) == ("0.16", ("node",))
    found = read("-backend=vault", "-backend=etcd", **environ)
    assert layers(found, "node", "client_ca_keys") == [(("http://elsewhere",), "ca"), ((), "ca")]


NO_TABLES = "type mismatch: expected tables; write [[layer]] before each"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[[layer]]\nbackend = "env"\n[[layer]]\nnodes = ["a"]',
            '[[layer]] 2 names no store; write backend = "etcd", or another one',
        ),
        (
            '[layer]\nbackend = "env"',
            f'toml: line 1 (last key "layer"): {NO_TABLES}',
        ),
        (
            '[[layer]]\nbackend = "env"\n[[layer]]\nbackend = "etcd"\nnodes = "a"',
            "toml: "
            + mismatch('line 5 (last key "layer.nodes")', "string", "slice")
            + '; write nodes = ["a"]',
        ),
    ],
)
def test_the_error_of_a_layer_names_it(toml, text, said):
    with pytest.raises(ConfigError) as caught:
        with_toml(toml, text)
    assert str(caught.value) == f"{toml}: {said}"
