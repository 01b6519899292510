"""Fixes: what is mechanical is changed, and nothing else; a diff shows it first."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib.command.tool import cli as tool
from confd_lib.lint import lint
from confd_lib.lint.fixes import changes

HEAD = '[template]\nsrc = "a.tmpl"\ndest = "/etc/a"\n'
KEYS = 'keys = ["/app"]\n'
READ = '{{getv "/app/port"}}\n'

# A resource, its template, and the resource after the fix.
FIXED = [
    pytest.param(
        HEAD + KEYS + "mode = 0644 # all read\n",
        READ,
        HEAD + KEYS + 'mode = "0644" # all read\n',
        id="a-mode-without-quotes",
    ),
    pytest.param(
        HEAD + KEYS + 'mode = "600" # secret\n',
        READ,
        HEAD + KEYS + 'mode = "0600" # secret\n',
        id="a-decimal-mode",
    ),
    pytest.param(
        HEAD + KEYS + "mode = 420\n", READ, HEAD + KEYS + 'mode = "0644"\n', id="a-number-as-mode"
    ),
    pytest.param(
        HEAD + KEYS + "mode = 640 # é\nuid = 010\n",
        READ,
        HEAD + KEYS + 'mode = "0640" # é\nuid = 10\n',
        id="a-file-of-old-toml",
    ),
    pytest.param(
        HEAD + KEYS + 'mode = "rw-r-----"\n',
        READ,
        HEAD + KEYS + 'mode = "0640"\n',
        id="a-mode-in-letters",
    ),
    pytest.param(
        HEAD + KEYS + 'dest = "/etc/a"\n', READ, HEAD + KEYS, id="a-dest-that-stands-twice"
    ),
    pytest.param(
        HEAD + KEYS + '  reloadcmd = "true" # now\n',
        READ,
        HEAD + KEYS + '  reload_cmd = "true" # now\n',
        id="a-misspelt-setting",
    ),
    pytest.param(
        HEAD + KEYS,
        READ + '{{getv "/db/host"}}{{ls "/hosts/"}}',
        HEAD + 'keys = ["/app", "/db/host", "/hosts"]\n',
        id="missing-keys",
    ),
    pytest.param(
        HEAD + 'keys = [\n  "/app", # the port\n]\n',
        READ + '{{getv "/db/host"}}',
        HEAD + 'keys = [\n  "/app", # the port\n  "/db/host",\n]\n',
        id="a-missing-key-in-lines",
    ),
    pytest.param(HEAD, READ, HEAD + 'keys = ["/app/port"]\n', id="no-keys"),
    pytest.param(
        (HEAD + KEYS + 'mode = "644"\n').replace("\n", "\r\n"),
        READ,
        (HEAD + KEYS + 'mode = "0644"\n').replace("\n", "\r\n"),
        id="lines-that-end-in-crlf",
    ),
    pytest.param(
        '\ufefftemplate = {src = "a.tmpl", dest = "/etc/a", keys = ["/app"], mode = "644"}\n',
        READ,
        '\ufefftemplate = {src = "a.tmpl", dest = "/etc/a", keys = ["/app"], mode = "0644"}\n',
        id="an-inline-table-behind-a-byte-order-mark",
    ),
]
LEFT = [
    pytest.param(HEAD + KEYS + 'mode = "u=rw"\n', READ, id="a-mode-that-says-nothing"),
    pytest.param(HEAD + KEYS + 'dest = "/etc/b"\n', READ, id="two-different-dests"),
    pytest.param(HEAD + KEYS + 'owner = "root"\n', READ, id="a-setting-near-none"),
    pytest.param(
        HEAD + KEYS + 'reload_cmd = "true"\nreloadcmd = "false"\n', READ, id="one-that-is-there"
    ),
    pytest.param(HEAD + KEYS, READ + '{{getvs "/db/*"}}', id="a-pattern"),
    pytest.param(
        'template = {src = "a.tmpl", dest = "/etc/a", keys = ["/app"], modee = "0644"}\n',
        READ,
        id="a-misspelt-setting-of-an-inline-table",
    ),
    pytest.param(HEAD + KEYS + KEYS + "mode =\n", READ, id="what-is-no-toml-after-it-either"),
    pytest.param(
        HEAD + KEYS, READ + '{{range ls "/app"}}{{getv (printf "/db/%s" .)}}{{end}}', id="a-part"
    ),
]


def written(folder: Path, toml: str, template: str) -> Path:
    for name in ("conf.d", "templates"):
        (folder / name).mkdir()
    (folder / "templates/a.tmpl").write_text(template)
    path = folder / "conf.d/a.toml"
    path.write_bytes(toml.encode())
    return path


@pytest.mark.parametrize(("before", "template", "after"), FIXED)
def test_a_mechanical_fault_is_fixed(
    before: str, template: str, after: str, tmp_path: Path, capfd
) -> None:
    path = written(tmp_path, before, template)
    assert tool.main(["lint", "--fix", str(tmp_path)]) == 0
    assert path.read_bytes().decode() == after
    out = capfd.readouterr().out
    assert out.startswith(f"--- {path}\n+++ {path}\n@@ ")
    assert out.endswith("\nnothing found\n")


@pytest.mark.parametrize(("before", "template"), LEFT)
def test_what_takes_a_decision_is_left_as_it_is(
    before: str, template: str, tmp_path: Path, capfd
) -> None:
    path = written(tmp_path, before, template)
    assert tool.main(["lint", "--fix", str(tmp_path)]) == 1
    assert path.read_text() == before
    assert "@@" not in capfd.readouterr().out


def test_a_diff_changes_nothing(tmp_path: Path, capfd) -> None:
    path = written(tmp_path, HEAD + KEYS + 'mode = "644"\n', READ)
    assert tool.main(["lint", "--diff", str(tmp_path)]) == 1
    assert 'mode = "644"' in path.read_text()
    assert '\n-mode = "644"\n+mode = "0644"\n' in capfd.readouterr().out


def test_several_faults_of_a_file_are_fixed_at_once(tmp_path: Path) -> None:
    toml = HEAD + KEYS + 'mode = "644"\nreloadcmd = "true"\n'
    path = written(tmp_path, toml, READ + '{{getv "/db/host"}}')
    (change,) = changes(one.fix for one in lint(tmp_path) if one.fix)
    assert (change.path, change.before) == (str(path), toml)
    assert change.after == (
        HEAD + 'keys = ["/app", "/db/host"]\nmode = "0644"\nreload_cmd = "true"\n'
    )


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + KEYS + 'mode = "644"\n', READ)
    path.rename(tmp_path / "real")
    path.symlink_to("../real")
    (tmp_path / "real").chmod(0o640)
    assert tool.main(["lint", "--fix", str(tmp_path)]) == 0
    assert path.readlink() == Path("../real")
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640


def test_fixes_are_shown_as_text_only(tmp_path: Path, capfd) -> None:
    path = written(tmp_path, HEAD + KEYS + 'mode = "644"\n', READ)
    assert tool.main(["lint", "--fix", str(tmp_path), "--format", "json"]) == 2
    assert "not allowed with --format" in capfd.readouterr().err
    assert 'mode = "644"' in path.read_text()
