"""`confd-lib` with the entries of catalogs: answers for `render`, and `lint --catalog`."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib.command.tool import cli as tool

ROOT = Path(__file__).parents[4]
ENTRY = str(ROOT / "examples/catalog/templates/galera")
TEMPLATE = str(ROOT / "examples/galera/templates/galera.cnf.tmpl")


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    file = tmp_path / "answers.yml"
    file.write_text("ROOT_PASSWORD: s3cret\nMEMBERS: 5\nLB: no\n")
    return file


def test_a_template_is_rendered_as_a_container_of_an_entry(capfd, answers: Path) -> None:
    flags = ("--compose", ENTRY, "--answers", str(answers), "--as", "galera_galera_5")
    assert tool.main(["render", TEMPLATE, *flags]) == 0
    said = capfd.readouterr()
    assert said.err == ""
    assert "wsrep_node_name = galera_galera_5\n" in said.out


def test_an_entry_is_written_as_answers_of_the_service(capfd, answers: Path) -> None:
    assert tool.main(["answers", "--compose", ENTRY, "--answers", str(answers)]) == 0
    assert "galera_galera_5" in capfd.readouterr().out


def test_a_doubt_is_one_line(capfd, answers: Path) -> None:
    answers.write_text("ROOT_PASSWORD=s3cret\nMEMBERS=12\n")
    answers = answers.rename(answers.with_suffix(".txt"))
    flags = ("--compose", ENTRY, "--answers", str(answers), "--as", "galera_galera_1")
    assert tool.main(["render", TEMPLATE, *flags]) == 0
    said = capfd.readouterr().err
    assert said == (
        f"confd-lib: {ENTRY}/1/rancher-compose.yml:14: MEMBERS: '12' is above the maximum of 9\n"
    )


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.txt", "A=1\n\nB\n", "a.txt:3: neither VARIABLE=ANSWER nor a comment; call a YAML"),
        ("a.yml", "- A\n", "a.yml:1: a file of answers holds a map: one answer for each"),
        ("a.yml", "A: [b]\n", "a.yml:1: cannot unmarshal !!seq into string"),
        ("a.json", '{"A": ', "a.json:2: yaml: "),
    ],
)
def test_a_bad_file_of_answers(capfd, tmp_path: Path, name: str, text: str, reason: str) -> None:
    (tmp_path / name).write_text(text)
    flags = ("--compose", ENTRY, "--answers", str(tmp_path / name))
    assert tool.main(["render", TEMPLATE, *flags]) == 1
    assert reason in capfd.readouterr().err


def test_answers_need_a_stack(capfd, answers: Path) -> None:
    with pytest.raises(SystemExit):
        tool.main(["render", TEMPLATE, "--answers", str(answers)])
    assert "--answers needs a stack (--compose DIR)" in capfd.readouterr().err


# -- lint --catalog


def lint(capfd, *args: str) -> tuple[int, str]:
    status = tool.main(["lint", *args])
    return status, capfd.readouterr().out


def test_a_sound_catalog_is_a_success(capfd) -> None:
    for path in ("examples/catalog", "examples/catalog/templates", ENTRY):
        assert lint(capfd, "--catalog", str(ROOT / path)) == (0, "nothing found\n")


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    version = tmp_path / "templates/shop/0"
    version.mkdir(parents=True)
    (version / "docker-compose.yml.tpl").write_text(
        "web:\n"
        "  image: web:${TAG}\n"
        "  # ${COMMENT}\n"
        "  environment:\n"
        "    - LISTED\n"
        "{{- if .Values.OFTEN }}\n"
        "  labels: {a: '{{ index .Values `DASHED-1` }}', b: $$NO}\n"
        "{{- end }}\n"
    )
    (version / "rancher-compose.yml").write_text(
        "catalog:\n"
        "  version: 1.10\n"
        "  description: uses ${NOTHING}\n"
        "  questions:\n"
        "  - variable: TAG\n"
        "    default: 0755\n"
        "  - variable: N\n"
        "  - {variable: LISTED, type: enum, options: [a], default: b}  # lint: ignore bad-default\n"
        "  - {variable: DASHED-1}\n"
        "  - {variable: SCALE, type: int, min: 2, default: 1}\n"
        "web:\n"
        "  scale: ${SCALE}\n"
        "  metadata: {a: '${MISSING}'}\n"
    )
    return tmp_path


def test_findings_of_a_catalog(capfd, catalog: Path) -> None:
    status, out = lint(capfd, "--catalog", str(catalog))
    assert status == 1
    folder = f"{catalog}/templates/shop/0"
    assert [line for line in out.splitlines() if not line.startswith("    ")] == [
        (
            f"{folder}/docker-compose.yml.tpl:6:1: warning:"
            " no question asks for OFTEN, which is blank [no-question]"
        ),
        f"{folder}/rancher-compose.yml:2:3: warning: version: 1.10 becomes 1.1 [yaml-number]",
        f"{folder}/rancher-compose.yml:6:5: warning: default: 0755 becomes 493 [yaml-number]",
        (
            f"{folder}/rancher-compose.yml:7:3: warning:"
            " no file uses the answer to false [unused-question]"
        ),
        f"{folder}/rancher-compose.yml:7:3: error: variable: N becomes false [yaml-boolean]",
        (
            f"{folder}/rancher-compose.yml:10:3: warning: the default of SCALE:"
            " '1' is below the minimum of 2 [bad-default]"
        ),
        (
            f"{folder}/rancher-compose.yml:13:3: warning:"
            " no question asks for MISSING, which is blank [no-question]"
        ),
        "1 error, 6 warnings",
    ]


def test_all_values_at_once_use_every_question(capfd, catalog: Path) -> None:
    file = catalog / "templates/shop/0/docker-compose.yml.tpl"
    file.write_text("web:\n  image: x{{ range $name, $value := .Values }}{{ end }}\n")
    assert "unused-question" not in lint(capfd, "--catalog", str(catalog))[1]


def test_a_template_that_fails_is_found_with_its_line(capfd, catalog: Path) -> None:
    file = catalog / "templates/shop/0/docker-compose.yml.tpl"
    file.write_text("web:\n  image: {{ upper 1 }}\n")
    _, out = lint(capfd, "--catalog", str(catalog), "--format", "github")
    assert f"::error file={file},line=2,col=3,title=bad-template::" in out
    assert "expected string; found 1" in out


def test_a_version_that_is_left_out(capfd, catalog: Path) -> None:
    (catalog / "templates/shop/1").mkdir()
    (catalog / "templates/shop/1/rancher-compose.yml").write_text("catalog: {name: shop}\n")
    out = lint(capfd, "--catalog", str(catalog))[1]
    assert "1/rancher-compose.yml:1:1: error: the catalog section names no version" in out


def test_a_confd_folder_and_a_catalog(capfd, catalog: Path, tmp_path: Path) -> None:
    status, out = lint(capfd, "--catalog", str(catalog), str(ROOT / "examples/galera"))
    assert status == 1
    assert out.endswith("1 error, 6 warnings\n")


@pytest.mark.parametrize(
    ("make", "reason"),
    [(False, "there is no such folder"), (True, "there is no entry: no folder with versions")],
)
def test_no_catalog(capfd, tmp_path: Path, make: bool, reason: str) -> None:
    folder = tmp_path / "catalog"
    if make:
        folder.mkdir()
    assert tool.main(["lint", "--catalog", str(folder)]) == 2
    assert capfd.readouterr().err == f"confd-lib: {folder}: {reason}\n"
