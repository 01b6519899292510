"""`confd-lib lint`: its exit status and its output formats."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from confd_lib.command.tool import cli as tool
from confd_lib.command.tool import lint_confdtoml
from confd_lib.lint import RULES, Finding, Severity
from confd_lib.lint.catalogs import rules as catalogs
from confd_lib.lint.report import as_github, as_sarif, as_text

ROOT = Path(__file__).parents[3]
GALERA = str(ROOT / "examples" / "galera")
OF_CONFD_TOML = [rule.name for rule in lint_confdtoml.RULES]
OF_CATALOGS = [rule.name for rule in catalogs.RULES]
STACK = ("--compose", GALERA, "--env", "mysql_root_password=s3cret")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "templates").mkdir()
    toml = '[template]\nsrc = "a.tmpl"\ndest = "/etc/a"\nkeys = ["/self"]\nowner = "root"\n'
    (tmp_path / "conf.d/a.toml").write_text(toml)
    (tmp_path / "templates/a.tmpl").write_text('{{getv "/host"}}\n')
    return tmp_path


def lint(capfd, *args: str) -> tuple[int, str, str]:
    status = tool.main(["lint", *args])
    said = capfd.readouterr()
    return status, said.out, said.err


def test_a_sound_folder_is_a_success(capfd) -> None:
    assert lint(capfd, GALERA) == (0, "nothing found\n", "")


def test_text_names_the_place_the_rule_and_the_fix(capfd, broken: Path) -> None:
    status, out, _ = lint(capfd, str(broken))
    assert status == 1
    toml, template = broken / "conf.d/a.toml", broken / "templates/a.tmpl"
    unused = f"{toml}:4:1: warning: /self is listed, and the template never reads it [unused-key]"
    asked = "error: getv /host is not below any of the resource's keys [key-not-listed]"
    assert out.splitlines() == [
        unused,
        "    remove it: confd fetches it for nothing",
        f"{toml}:5:1: warning: confd knows no setting owner [unknown-key]",
        "    check the spelling, or remove it",
        f"{template}:1:3: {asked}",
        "    add it, or a key above it, to `keys`",
        "1 error, 2 warnings",
    ]


def test_json_has_the_fields_of_a_finding(capfd, broken: Path) -> None:
    status, out, _ = lint(capfd, str(broken), "--format", "json")
    found = json.loads(out)
    assert (status, len(found)) == (1, 3)
    assert found[2]["rule"] == "key-not-listed"
    assert set(found[0]) == {"path", "line", "column", "rule", "severity", "message", "advice"}


def test_github_annotates_lines(capfd, broken: Path) -> None:
    _, out, _ = lint(capfd, str(broken), "--format", "github")
    assert out.splitlines()[2].startswith(
        f"::error file={broken}/templates/a.tmpl,line=1,col=3,title=key-not-listed::getv /host"
    )


def test_github_escapes_characters_that_end_a_command() -> None:
    one = Finding("a,b:c%.toml", 1, "r", Severity.NOTE, "100%\nof", "it")
    assert (
        as_github([one]) == "::notice file=a%2Cb%3Ac%25.toml,line=1,col=1,title=r::100%25%0Aof: it"
    )


def test_warnings_alone_are_findings(capfd, broken: Path) -> None:
    (broken / "templates/a.tmpl").write_text('{{getv "/self/a"}}\n')
    status, out, _ = lint(capfd, str(broken))
    assert (status, out.splitlines()[-1]) == (1, "1 warning")


def test_sarif_has_a_result_for_each_finding(capfd, broken: Path, monkeypatch) -> None:
    monkeypatch.chdir(broken.parent)
    status, out, _ = lint(capfd, broken.name, "--format", "sarif")
    (run,) = json.loads(out)["runs"]
    assert status == 1
    assert [one["ruleId"] for one in run["results"]] == [
        "unused-key",
        "unknown-key",
        "key-not-listed",
    ]
    assert {one["id"] for one in run["tool"]["driver"]["rules"]} == {
        one["ruleId"] for one in run["results"]
    }
    last = run["results"][2]
    assert last["level"] == "error"
    assert last["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": f"{broken.name}/templates/a.tmpl"},
        "region": {"startLine": 1, "startColumn": 3},
    }


def test_sarif_quotes_paths() -> None:
    one = Finding("/a b/é\udcff.toml", 1, "r", Severity.NOTE, "m", "a")
    (run,) = json.loads(as_sarif([one]))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "file:///a%20b/%C3%A9%FF.toml"


def test_a_file_shows_its_own_findings(capfd, broken: Path) -> None:
    for name, rules in [
        ("conf.d/a.toml", ["unused-key", "unknown-key"]),
        ("templates/a.tmpl", ["key-not-listed"]),
    ]:
        status, out, _ = lint(capfd, str(broken / name), "--format", "json")
        assert (status, [one["rule"] for one in json.loads(out)]) == (1, rules)


def test_a_file_is_found_from_within_its_folder(capfd, broken: Path, monkeypatch) -> None:
    monkeypatch.chdir(broken / "templates")
    _, out, _ = lint(capfd, "a.tmpl", "--format", "json")
    assert [one["rule"] for one in json.loads(out)] == ["key-not-listed"]


def test_files_and_folders_are_checked_together(capfd, tmp_path: Path) -> None:
    (tmp_path / "b.tmpl").write_text('{{add (getv "/a") 1}}')
    _, out, _ = lint(capfd, str(tmp_path / "b.tmpl"), GALERA, "--format", "json")
    assert [one["rule"] for one in json.loads(out)] == ["argument-type"]


STACKS = [
    pytest.param(["--as", "galera_galera_1"], [], id="a-container-that-has-them"),
    pytest.param([], [], id="some-container-has-them"),
    pytest.param(["--as", "galera_galera-lb_1"], ["key-not-in-stack"], id="one-that-has-not"),
]


@pytest.mark.parametrize(("args", "rules"), STACKS)
def test_keys_are_judged_by_a_stack(capfd, tmp_path: Path, args, rules) -> None:
    for name in ("conf.d", "templates"):
        (tmp_path / name).mkdir()
    (tmp_path / "conf.d/a.toml").write_text(
        'template = {src = "a", dest = "/a", keys = ["/self/service/metadata/mysqld"]}\n'
    )
    (tmp_path / "templates/a").write_text('{{getv "/self/service/metadata/mysqld"}}')
    _, out, _ = lint(capfd, str(tmp_path), *STACK, *args, "--format", "json")
    assert [one["rule"] for one in json.loads(out)] == rules


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["/nonexistent"], "/nonexistent: no such file", id="no-such-path"),
        pytest.param(["/proc"], "stat /proc/conf.d: no such file", id="no-confdir"),
        pytest.param([GALERA, *STACK, "--as", "x"], "Failed to find container x", id="no-such"),
        pytest.param(
            [GALERA, *STACK, "--metadata-version", "1"], "no version 1 of the", id="no-version"
        ),
    ],
)
def test_an_error_prints_one_line(capfd, args, said) -> None:
    status, out, err = lint(capfd, *args)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_rules_are_listed_with_examples(capfd) -> None:
    status, out, _ = lint(capfd, "--rules")
    assert status == 0
    assert {one.split()[0] for one in out.split("\n\n")} == {*RULES, *OF_CONFD_TOML, *OF_CATALOGS}
    of_folders = len(OF_CONFD_TOML) + len(OF_CATALOGS)
    assert out.split("\n\n")[-1 - of_folders].startswith(
        "fails-on-stack (error): give getv a default, "
    )
    assert "    in conf.d/a.toml:\n    wrong:  dest = /etc/a\n    right:  dest = " in out


SETTINGS = [
    ("[confd]\nbackend = 'etcd'", 1, 1, "ignored-setting", "remove the line [confd]"),
    ("backend = 'env'\n  intervall = 60", 2, 3, "ignored-setting", "write interval"),
    ("backend = 'env'\nzzz = 60", 2, 1, "ignored-setting", "remove it"),
    ("backend = 'env'\n\tinterval = 060", 2, 2, "outdated-setting", "write TOML 1.0"),
    ("interval = '60'", 1, 1, "refused-setting", "fix the line"),
    ("backend = etcd", 1, 1, "refused-setting", "fix the line"),
    ("nodes = ['a']\nnodes = ['b']", 2, 1, "refused-setting", "fix the line"),
    ("\n[[layer]]\nprefix = '/a'", 3, 1, "refused-setting", "fix the line"),
    ("[[layer]]\nbackend = 'env'\nnodes = ['a']", 3, 1, "ignored-setting", "remove it"),
    ("[[layer]]\nbackend = 'etcd'\nnode = ['a']", 3, 1, "ignored-setting", "write nodes"),
    ("[[layer]]\nbackend = 'file'\n[[layer]]\nbackend = 'env'\ninterval = 3", 5, 1, "", ""),
]


@pytest.mark.parametrize(("text", "line", "column", "rule", "advice"), SETTINGS)
def test_confd_toml_is_read(capfd, tmp_path: Path, text, line, column, rule, advice) -> None:
    (tmp_path / "confd.toml").write_text(text)
    status, out, _ = lint(capfd, str(tmp_path / "confd.toml"), "--format", "json")
    (found,) = json.loads(out)
    assert status == 1
    assert (found["line"], found["column"]) == (line, column)
    assert found["rule"] == (rule or "ignored-setting")
    assert found["advice"].startswith(advice)


def test_a_confd_toml_that_is_a_named_pipe_is_a_finding(capfd, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "confd.toml")
    status, out, _ = lint(capfd, str(tmp_path / "confd.toml"))
    assert status == 1
    assert "error: is a named pipe [refused-setting]" in out


def test_confd_toml_is_read_with_its_folder(capfd, broken: Path) -> None:
    (broken / "confd.toml").write_text(
        "# lint\nbakend = 'env'\nx = 1 # lint: ignore ignored-setting"
    )
    _, out, _ = lint(capfd, str(broken), "--format", "json")
    assert [one["rule"] for one in json.loads(out)][-2:] == ["ignored-setting", "key-not-listed"]


def test_a_confd_toml_without_faults_is_a_success(capfd, tmp_path: Path) -> None:
    (tmp_path / "confd.toml").write_text("backend = 'rancher'\n[[layer]]\nbackend = 'env'\n")
    assert lint(capfd, str(tmp_path / "confd.toml"))[0] == 0


def test_no_findings_print_a_line() -> None:
    assert as_text([]) == "nothing found"
