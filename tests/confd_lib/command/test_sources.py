"""`confd-lib render` with what a store holds, and `confd-lib dump`, which writes it as a file."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confd_lib import backends
from confd_lib.command.tool import cli as tool
from confd_lib.command.tool import dump
from confd_lib.errors import ConfigError
from confd_lib.golang.strings import from_bytes
from confd_lib.logs import LOGGER
from confd_lib.testing.bench import Bench

VALUES = """
prod:
  db: {host: h, password: s3cret}
  web: {password: other, port: 80}
production: {x: "1"}
"""


@pytest.fixture
def values(tmp_path):
    path = tmp_path / "values.yaml"
    path.write_text(VALUES)
    return path


@pytest.fixture
def template(tmp_path):
    path = tmp_path / "t.tmpl"
    path.write_text('{{range gets "/*/*"}}{{.Key}}={{.Value}} {{end}}')
    return path


def run(capfd, *args):
    status = tool.main(list(map(str, args)))
    said = capfd.readouterr()
    return status, said.out, said.err


# -- render


def test_a_template_is_rendered_with_what_a_store_holds(capfd, values, template):
    store = ("--backend", "file", "--file", values, "--prefix=/prod")
    assert run(capfd, "render", template, *store, "--key=/db") == (
        0,
        "/db/host=h /db/password=s3cret ",
        "",
    )
    assert run(capfd, "render", template, *store, "--key=/db", "--key", "web/port")[1] == (
        "/db/host=h /db/password=s3cret /web/port=80 "
    )


def test_the_metadata_service_is_a_store_too(capfd, server, template):
    args = ("--backend=rancher", f"--node={server.url}", "--prefix=/latest", "--ready-timeout=0")
    template.write_text('{{getv "/self/container/name"}}')
    assert run(capfd, "render", template, *args) == (0, "web_1", "")


def test_a_store_is_found_by_the_confd_toml_that_production_reads(
    capfd, server, values, template, tmp_path
):
    toml = tmp_path / "confd.toml"
    toml.write_text(
        f'[[layer]]\nbackend = "rancher"\nnodes = ["{server.url}"]\nprefix = "/latest"\n'
        f'[[layer]]\nbackend = "file"\nfile = ["{values}"]\nprefix = "/prod"\ncolour = 1\n'
    )
    template.write_text('{{getv "/self/container/name"}} {{getv "/db/password"}}')
    status, out, err = run(capfd, "render", template, "--config-file", toml, "--node=x")
    assert (status, out) == (0, "web_1 s3cret")
    assert err.splitlines() == [
        "confd-lib: backend rancher, file does not use --node",
        f"confd-lib: {toml}: [[layer]] 2: colour is not a setting of a layer, and is ignored",
    ]


def test_several_stores_are_layers(capfd, values, template, monkeypatch):
    monkeypatch.setenv("DB_HOST", "from the environment")
    template.write_text('{{getv "/db/host"}}')
    args = ("--backend=file", "--file", values, "--backend=env", "--backend=env")
    assert run(capfd, "render", template, *args, "--key=/db") == (0, "from the environment", "")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["render", "t"], "one of --compose DIR, --values FILE, --backend NAME and "),
        (["render", "t", "--values=v", "--backend=env"], "--backend: not allowed with --values"),
        (["render", "t", "--compose=v", "--backend=env"], "--backend: not allowed with --compose"),
        (["render", "t", "--values=v", "--node=n"], "--node needs a store (--backend NAME, or "),
        (["render", "t", "--backend=env", "--as=x"], "--as needs a stack (--compose DIR)"),
        (["dump"], "a store is needed: --backend NAME, or --config-file FILE"),
        (["dump", "--node=n"], "--node needs a store (--backend NAME, or --config-file FILE)"),
    ],
)
def test_flags_that_do_not_fit_together_are_refused(capfd, args, said):
    with pytest.raises(SystemExit) as caught:
        tool.main(args)
    assert caught.value.code == 2
    assert f"confd-lib: error: {said}" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--backend=nope"], "Invalid backend nope; there are "),
        (["--backend=file"], "Backend file needs a file to read (flag -file)"),
        (["--backend=file", "--file=/nonexistent"], "stat /nonexistent: no such file or directory"),
        (["--config-file=/"], "/: is a directory"),
    ],
)
def test_a_store_that_cannot_be_read_is_an_error_in_one_line(capfd, template, args, said):
    for command in (["render", template], ["dump"]):
        status, out, err = run(capfd, *command, *args)
        assert (status, out, err.count("\n")) == (1, "", 1)
        assert err.startswith(f"confd-lib: {said}")


def test_a_user_who_does_not_wait_for_a_store_sees_no_traceback(capfd, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(backends.Env, "get_values", interrupt)
    assert run(capfd, "dump", "--backend=env") == (130, "", "")


# -- The fixture


def test_the_fixture_reads_the_stores_of_the_command(values, tmp_path):
    bench = Bench()
    found = bench.backend("file", file=[str(values)], prefix="/prod", keys=["/db"])
    assert dict(found.items()) == {"/db/host": "h", "/db/password": "s3cret"}
    toml = tmp_path / "confd.toml"
    toml.write_text(f'prefix = "/prod"\n[[layer]]\nbackend = "file"\nfile = ["{values}"]\n')
    assert bench.backend(config_file=str(toml)).getv("/web/port") == "80"
    assert bench.backend(config_file=str(toml), prefix="/prod/web").getv("/port") == "80"
    layers = backends.Layered([backends.Layer(backends.File(values), prefix="/prod")])
    assert bench.backend(layers, prefix="/db").getv("/host") == "h"
    with pytest.raises(ConfigError, match=r"^flag provided but not defined: -no-such$"):
        bench.backend("file", no_such=1)
    with pytest.warns(UserWarning, match=r"^backend file does not use --node$"):
        bench.backend("file", file=str(values), node="n")


# -- dump


def test_the_keys_of_a_store_are_written_in_their_order(capfd, values):
    store = ("--backend=file", "--file", values)
    status, out, err = run(capfd, "dump", *store, "--prefix=/prod", "/web", "/db")
    assert (status, err, out.splitlines()) == (
        0,
        "",
        [
            '"/db/host": "h"',
            '"/db/password": "s3cret"',
            '"/web/password": "other"',
            '"/web/port": "80"',
        ],
    )
    assert '"/production/x": "1"\n' in run(capfd, "dump", *store)[1]
    assert run(capfd, "dump", *store, "/none") == (0, "{}\n", "")


def test_values_are_masked(capfd, values):
    args = ("dump", "--backend=file", "--file", values, "--prefix=/prod", "/db", "/web")
    masks = ("--mask", "/*/password", "--mask=/web/*")
    status, out, _ = run(capfd, *args, *masks)
    assert (status, out.splitlines()) == (
        0,
        [
            '"/db/host": "h"',
            '"/db/password": "masked"',
            '"/web/password": "masked"',
            '"/web/port": "masked"',
        ],
    )


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        ("/*/pasword", "--mask /*/pasword matches none of 5 keys; nothing is written"),
        ("[", "--mask [: syntax error in pattern"),
    ],
)
def test_a_mask_that_hides_nothing_writes_nothing(capfd, values, mask, said):
    status, out, err = run(capfd, "dump", "--backend=file", "--file", values, "--mask", mask)
    assert (status, out, err) == (1, "", f"confd-lib: {said}\n")


@pytest.mark.parametrize(
    ("masks", "hidden"),
    [
        ([], []),
        (["/a/b"], ["/", "/a", "/a/b", "/a/b/c"]),
        (["/a"], ["/", "/a", "/a/b", "/a/b/c"]),
        (["/a/b/*"], ["/", "/a", "/a/b", "/a/b/c"]),
        (["/ab", "/x"], ["/", "/ab", "/x"]),
    ],
)
def test_keys_above_and_below_a_masked_one_are_masked(masks, hidden):
    keys = ["/", "/a", "/a/b", "/a/b/c", "/ab", "/x"]
    found = dump.masked(dict.fromkeys(keys, "value"), masks)
    assert [key for key in keys if found[key] == "masked"] == hidden


@contextlib.contextmanager
def unlogged():
    """Log nothing: a log that pytest keeps has to be UTF-8 to leave its process."""
    LOGGER.disabled = True
    try:
        yield
    finally:
        LOGGER.disabled = False


names = st.binary(min_size=1, max_size=6).map(lambda data: data.replace(b"/", b"-"))
keys = st.lists(names.filter(lambda name: name not in (b".", b"..")), min_size=1, max_size=3)


@given(
    st.dictionaries(
        keys.map(lambda names: "/" + "/".join(map(from_bytes, names))),
        st.one_of(st.text().map(lambda text: text.encode("utf-8", "replace")), st.binary()),
    )
)
def test_whatever_is_written_is_read_back(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("dump") / "values.yaml"
    expected = {key: from_bytes(value) for key, value in values.items()}
    path.write_text(dump.text(expected))
    with unlogged():
        assert dict(Bench().backend(backends.File(path)).items()) == expected


def test_a_dump_renders_what_the_store_renders(capfd, values, template, tmp_path):
    store = ("--backend=file", "--file", values, "--prefix=/prod")
    dumped = tmp_path / "dumped.yaml"
    dumped.write_text(run(capfd, "dump", *store)[1])
    of_store = run(capfd, "render", template, *store)
    assert run(capfd, "render", template, "--values", dumped) == of_store
    assert of_store[1].startswith("/db/host=h ")


def test_a_mask_names_its_pattern():
    with pytest.raises(
        ConfigError, match=r"^--mask /x matches none of 0 keys; nothing is written$"
    ):
        dump.masked({}, ["/x"])
