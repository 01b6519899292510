"""The pytest plugin, run by pytest itself over small projects and over the sample project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.confd_lib.testing.project import PLUGIN, Project

pytest_plugins = ["pytester"]

SAMPLE = Path(__file__).parents[3] / "examples" / "testing"


@pytest.fixture
def project(pytester):
    made = Project(pytester)
    made.write({"templates/a.tmpl": 'port={{getv "/port"}}  \nend\n'})
    return made


@pytest.fixture
def sample(pytester):
    shutil.copytree(SAMPLE, pytester.path, dirs_exist_ok=True)
    return Project(pytester)


# -- The sample project


def test_the_sample_project_passes_and_covers_its_templates(sample):
    result = sample.run("--confd-cov=templates", "--confd-cov-fail-under=100", "--confd-strict")
    result.assert_outcomes(passed=16)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "*coverage of templates*",
            "Template * Actions  Branches  Cover  Missed lines",
            "peers.json.tmpl * 3/3 * 5/5 * 100%",
            "TOTAL * 100%",
        ]
    )


def test_the_sample_project_names_containers_in_its_tests(sample):
    result = sample.run("-v", "-k", "peers and knows")
    result.stdout.fnmatch_lines(["*test_everybody_knows_the_peers?shop_web_2?*PASSED*"])


def test_with_workers_the_coverage_is_the_same(sample):
    result = sample.run("-n2", "--confd-cov=templates", "--confd-cov-fail-under=100")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["TOTAL * 11/11 * 14/14 * 100%"])


def test_a_changed_template_fails_with_the_difference(sample):
    template = sample.path / "templates" / "sites.conf.tmpl"
    template.write_text(template.read_text().replace("    root", "    root  "))
    result = sample.run("test_templates.py")
    result.assert_outcomes(passed=8, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*sites.conf.tmpl does not render the text of expect/sites.conf*--confd-update*",
            "*--- expect/sites.conf",
            "*+++ sites.conf.tmpl, rendered",
            "*-    root /srv/blog;",
            "*+    root   /srv/blog;",
        ]
    )


def test_a_narrowed_list_of_keys_fails_with_the_key(sample):
    resource = sample.path / "conf.d" / "peers.toml"
    resource.write_text(resource.read_text().replace('"/self"', '"/self/service"'))
    result = sample.run("test_resource.py")
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*key does not exist: /self/container/name",
            "*while rendering *conf.d/peers.toml as shop_web_1",
        ]
    )


# -- Expected files


def test_a_missing_file_says_how_to_write_it(project):
    project.test("confd.render('templates/a.tmpl', {'port': 1}).assert_matches_file('a.txt')")
    result = project.run()
    result.stdout.fnmatch_lines(["*a.txt does not exist; `pytest --confd-update` writes it*"])
    assert not (project.path / "a.txt").exists()


def test_an_update_writes_the_file_and_the_next_run_compares(project):
    project.test("confd.render('templates/a.tmpl', {'port': 1}).assert_matches_file('e/a.txt')")
    project.run("--confd-update").assert_outcomes(passed=1)
    assert (project.path / "e" / "a.txt").read_text() == "port=1  \nend\n"
    project.run().assert_outcomes(passed=1)


HELD = {
    "port=1\nend\n": ["*-port=1", "*+port=1··"],
    "port=1  \nend": ["*-end", "*No newline at end of file", "*+end"],
    "port=1\t\nend\n": ["*-port=1→", "*+port=1··"],
    "": ["*+port=1··", "*+end"],
    "port=1\x1b[2J\n": [r"*-port=1\x1b[[]2J"],
}


@pytest.mark.parametrize("compared", ["out == 'port=2\\nend'", "'port=2\\nend' == out"])
def test_a_text_that_is_not_the_expected_shows_the_difference(project, compared):
    project.test(f"out = confd.render('templates/a.tmpl', {{'port': 1}}); assert {compared}")
    result = project.run("--assert=rewrite")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*a.tmpl does not render the expected text", "*-port=2", "*-end", "*+port=1··", "*+end"]
    )
    result.stdout.no_fnmatch_line("*functools.partial*")


def test_a_rendered_text_is_compared_searched_and_read_line_by_line(project):
    project.test(
        "out = confd.render('templates/a.tmpl', {'port': 1}); "
        "assert out == 'port=1  \\nend\\n'; assert out != 'port=1'; assert out != 1; "
        "assert 'port=1' in out; assert 'port=2' not in out; "
        "assert [*out] == ['port=1  ', 'end']; assert {out} == {str(out)}"
    )
    project.run().assert_outcomes(passed=1)


def test_a_difference_shows_invisible_characters(project):
    project.write({f"held{i}": text for i, text in enumerate(HELD)})
    out = "confd.render('templates/a.tmpl', {'port': 1})"
    project.test(*(f"{out}.assert_matches_file('held{i}')" for i in range(len(HELD))))
    result = project.run()
    result.assert_outcomes(failed=len(HELD))
    result.stdout.fnmatch_lines([line for lines in HELD.values() for line in lines])


# -- Errors in a test print one line


RENDER = "confd.render('templates/a.tmpl', "
FAULTS = {
    f"{RENDER}{{}})": 'template: a.tmpl:1:7: executing "a.tmpl" at <getv "/port">: error calling '
    "getv: key does not exist: /port",
    "confd.render('templates/b.tmpl', {})": "Missing template: *b.tmpl",
    f"{RENDER}confd.compose('stack'), as_='x')": "no container x; there are stack_web_1",
    f"{RENDER}confd.compose('stack'), version='2014')": "no version 2014 *; there are *latest*",
    "confd.compose('nowhere')": "*nowhere*",
    f"{RENDER}{{'port': '{{'}}).json()": "a.tmpl rendered:",
    f"{RENDER}{{'port': 'a: ['}}).yaml()": "a.tmpl rendered:",
    "confd.resource('conf.d/a.toml', {})": "*no such file or directory",
}


def test_faults_are_reported_in_a_line(project):
    project.write({"stack/docker-compose.yml": "web:\n  image: x\n"})
    project.test(*FAULTS)
    result = project.run()
    result.assert_outcomes(failed=len(FAULTS))
    result.stdout.fnmatch_lines([f"E *{said}" for said in FAULTS.values()])


def test_paths_are_looked_for_beside_the_test_and_above(project):
    test = (
        "def test_b(confd):\n"
        "    assert str(confd.render('templates/b.tmpl', {})) == 'near'\n"
        "    assert str(confd.render('templates/a.tmpl', {'port': 1})).startswith('port=1')\n"
    )
    files = {"tests/templates/b.tmpl": "near", "templates/b.tmpl": "far", "tests/test_b.py": test}
    project.write(files)
    project.run().assert_outcomes(passed=1)


def test_a_resource_in_a_linked_folder_has_its_templates_beside_the_link(project):
    files = {"shared/r/a.toml": '[template]\nsrc = "a.tmpl"\ndest = "/a"\nkeys = ["/port"]\n'}
    project.write(files)
    (project.path / "conf.d").symlink_to("shared/r")
    project.test("assert 'port=1' in str(confd.resource('conf.d/a.toml', {'port': 1}))")
    project.run().assert_outcomes(passed=1)


# -- Coverage


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        pytest.param(
            ["--confd-cov=templates"], 0, ["a.tmpl * 0/1 * 0/1 * 0%  1 (template)"], id="none"
        ),
        pytest.param(
            ["--confd-cov=templates", "--confd-cov-fail-under=1"],
            1,
            ["FAIL: 0.0% of the templates is covered, less than 1%"],
            id="below",
        ),
        pytest.param(
            ["--confd-cov=templates", "--confd-cov-report=html:out/c.html"],
            0,
            ["wrote *c.html"],
            id="html",
        ),
    ],
)
def test_templates_that_are_never_rendered_count(project, args, status, said):
    project.test("pass")
    result = project.run(*args)
    assert result.ret == status
    result.stdout.fnmatch_lines(said)


def test_a_run_that_only_collects_measures_nothing(project):
    project.test("pass")
    result = project.run("--confd-cov=templates", "--confd-cov-fail-under=1", "--collect-only")
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*coverage of templates*")


def test_a_page_that_cannot_be_written_is_reported_in_a_line(project):
    project.test("pass")
    result = project.run("--confd-cov=templates", "--confd-cov-report=html:templates")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --confd-cov-report: *templates: Is a directory"])


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(
            ["--confd-cov=nowhere"], "*--confd-cov: there is no folder *nowhere", id="dir"
        ),
        pytest.param(["--confd-cov-report=yaml"], "*'yaml' is not term, html, xml*", id="report"),
        pytest.param(
            ["--confd-cov-fail-under=90"],
            "ERROR: --confd-cov-fail-under counts nothing without --confd-cov=PATH, such as "
            "--confd-cov=templates",
            id="minimum-of-nothing",
        ),
        pytest.param(
            ["--confd-cov-report=xml", "--collect-only"],
            "ERROR: --confd-cov-report counts nothing without --confd-cov=PATH, *",
            id="report-of-nothing",
        ),
        *(
            pytest.param(
                ["--confd-cov=templates", f"--confd-cov-fail-under={text}"],
                f"*--confd-cov-fail-under: '{text}' is not a percentage from 0 to 100",
                id=text,
            )
            for text in ("nan", "101", "-1", "90%")
        ),
    ],
)
def test_wrong_options_are_refused(project, args, said):
    project.test("pass")
    result = project.run(*args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])


# -- Cost


def test_slow_imports_wait_for_a_test_that_needs_them():
    code = f"import {PLUGIN}, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    slow = {
        "hypothesis",
        "requests",
        "yaml",
        "tomlkit",
        "parsimonious",
        "gotmpl",
        "gotmpl.template",
    }
    assert not slow & set(done.stdout.split())
