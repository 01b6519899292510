"""Expected files under pytest: what a run writes, compares, counts and shows on the terminal."""

from __future__ import annotations

from typing import Final

import pytest

from tests.confd_lib.testing.project import Project

pytest_plugins = ["pytester"]

COMPOSE: Final = "web:\n  image: x\ndb:\n  image: y\n  net: none\n"
RESOURCE: Final = '[template]\nsrc = "a.tmpl"\ndest = "/etc/a.conf"\nkeys = ["/self"]\n'
TEMPLATE: Final = 'name {{getv "/self/container/name"}}\nport 80\n'
TREE: Final = "confd.assert_tree('expect', confd.compose('stack', scale={'web': %d}), case=%r)"
# The files of TREE % (1, "one") and TREE % (2, "two").
EXPECTED: Final = {
    "one/stack_web_1/etc/a.conf": "name stack_web_1\nport 80\n",
    "two/stack_web_1/etc/a.conf": "name stack_web_1\nport 80\n",
    "two/stack_web_2/etc/a.conf": "name stack_web_2\nport 80\n",
}
DOTS: Final = "..                                                                       [100%]\n"
ABOVE: Final = "================================ expected files ================================\n"


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    made = Project(pytester)
    made.write(
        {
            "stack/docker-compose.yml": COMPOSE,
            "conf.d/a.toml": RESOURCE,
            "templates/a.tmpl": TEMPLATE,
            **{f"expect/{file}": text for file, text in EXPECTED.items()},
        }
    )
    made.test(TREE % (1, "one"), TREE % (2, "two"))
    return made


@pytest.fixture
def stale(project: Project) -> Project:
    """Have a missing file, a changed one, an unused one and an orphaned one."""
    (project.path / "expect/one/stack_web_1/etc/a.conf").unlink()
    project.write(
        {
            "expect/two/stack_web_2/etc/a.conf": "name old\n",
            "expect/two/stack_web_3/etc/a.conf": "name stack_web_3\nport 80\n",
            "expect/three/stack_web_1/etc/a.conf": "",
            "expect/.gitkeep": "",
        }
    )
    return project


def test_what_is_as_expected_is_not_mentioned(project: Project) -> None:
    assert project.report("--confd-strict") == f"{DOTS}2 passed\n"


FAILURES: Final = """\
FF                                                                       [100%]
=================================== FAILURES ===================================
____________________________________ test_0 ____________________________________
test_it.py:2: in test_0
    confd.assert_tree('expect', confd.compose('stack', scale={'web': 1}), case='one')
E   AssertionError: 1 of 1 files are not as in expect/one:
E
E   these do not exist; `pytest --confd-update` writes them:
E   expect/one/stack_web_1/etc/a.conf
____________________________________ test_1 ____________________________________
test_it.py:5: in test_1
    confd.assert_tree('expect', confd.compose('stack', scale={'web': 2}), case='two')
E   AssertionError: 1 of 2 files are not as in expect/two:
E
E   a.tmpl does not render the text of expect/two/stack_web_2/etc/a.conf \
(`pytest --confd-update` accepts it)
E   --- expect/two/stack_web_2/etc/a.conf
E   +++ a.tmpl, rendered
E   @@ -1 +1,2 @@
E   -name old
E   +name stack_web_2
E   +port 80
E   where the wrong lines come from:
E       1 | name stack_web_2
E           templates/a.tmpl:1: name {{getv "/self/container/name"}}
E           /self/container/name = "stack_web_2"
E       2 | port 80
E           templates/a.tmpl:2: port 80
=========================== short test summary info ============================
FAILED test_it.py::test_0 - AssertionError: 1 of 1 files are not as in expect...
FAILED test_it.py::test_1 - AssertionError: 1 of 2 files are not as in expect...
2 failed
"""


def test_a_tree_fails_with_all_its_differences_and_writes_nothing(stale: Project) -> None:
    before = stale.files()
    assert stale.report("--confd-strict") == FAILURES
    assert stale.files() == before


MANY: Final = """\
E   AssertionError: 6 of 6 files are not as in expect/six:
E
E   these do not exist; `pytest --confd-update` writes them:
E   expect/six/stack_web_5/etc/a.conf
E   expect/six/stack_web_6/etc/a.conf
E
E   a.tmpl does not render the text of expect/six/stack_web_1/etc/a.conf \
(`pytest --confd-update` accepts it)
"""
AND_MORE: Final = """\
E   and 1 more:
E   a.tmpl does not render the text of expect/six/stack_web_4/etc/a.conf \
(`pytest --confd-update` accepts it)
"""


def test_only_some_files_of_many_are_shown_in_full(project: Project) -> None:
    project.write({f"expect/six/stack_web_{n}/etc/a.conf": "old\n" for n in range(1, 5)})
    project.test(TREE % (6, "six"))
    text = project.report()
    assert MANY in text
    assert AND_MORE in text
    assert text.count("+++ a.tmpl, rendered") == 3


WRITTEN: Final = "written   expect/one/stack_web_1/etc/a.conf\n"
UPDATED: Final = "updated   expect/two/stack_web_2/etc/a.conf\n"
LEFT: Final = """\
unused    expect/two/stack_web_3/etc/a.conf
orphaned  expect/three/stack_web_1/etc/a.conf
"""
COUNTED: Final = f"{ABOVE}1 written, 1 updated, 1 unused, 1 orphaned\n{WRITTEN}{UPDATED}{LEFT}"
REFUSED: Final = "FAIL: no test renders the unused and orphaned files: delete them\n"


@pytest.mark.parametrize("args", [["--confd-update"], ["--confd-update=all", "-n2"]])
def test_an_update_writes_what_differs_and_counts_what_is_left(
    stale: Project, args: list[str]
) -> None:
    before = stale.files()
    text = stale.report(*args)
    assert text.endswith(f"{COUNTED}2 passed\n")
    assert stale.files() == before | EXPECTED


@pytest.mark.parametrize("args", [[], ["-n2"]])
def test_unused_and_orphaned_files_fail_a_strict_run(stale: Project, args: list[str]) -> None:
    stale.write({f"expect/{file}": text for file, text in EXPECTED.items()})
    counted = f"{ABOVE}1 unused, 1 orphaned\n{LEFT}"
    assert stale.report(*args).endswith(f"{counted}2 passed\n")
    result = stale.run("--confd-strict", "--color=no", "-q", *args)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert f"{counted}{REFUSED}2 passed in " in "\n".join(result.outlines)


@pytest.mark.parametrize(
    ("args", "written", "failed"),
    [
        pytest.param(["--confd-update=new"], {"one/stack_web_1/etc/a.conf"}, "test_1", id="new"),
        pytest.param(
            ["--confd-update", "changed"], {"two/stack_web_2/etc/a.conf"}, "test_0", id="changed"
        ),
    ],
)
def test_an_update_may_be_of_one_kind(
    stale: Project, args: list[str], written: set[str], failed: str
) -> None:
    before = stale.files()
    result = stale.run(*args)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"FAILED test_it.py::{failed} *"])
    assert {file for file, text in stale.files().items() if before.get(file) != text} == written


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(["test_it.py"], id="before-a-path"),
        pytest.param(["-q", "."], id="before-a-flag"),
    ],
)
def test_an_update_needs_no_kind(stale: Project, args: list[str]) -> None:
    result = stale.run("--confd-update", *args)
    result.assert_outcomes(passed=2)
    assert stale.files().items() >= EXPECTED.items()


OPTION: Final = (
    "def pytest_addoption(parser):\n    parser.addoption('--own', action='store_true')\n"
)


def test_a_path_after_an_update_has_its_conftest(stale: Project) -> None:
    stale.write(
        {
            "sub/conftest.py": OPTION,
            "sub/test_sub.py": "def test_own(pytestconfig):\n    "
            "assert pytestconfig.getoption('own')\n",
        }
    )
    stale.run("--confd-update", "sub", "--own").assert_outcomes(passed=1)


def test_a_kind_of_update_that_there_is_not_is_refused(project: Project) -> None:
    result = project.run("--confd-update=chnged")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = filter(None, result.errlines)
    assert line == "ERROR: --confd-update: there is no chnged; did you mean changed?"


SKIPPED: Final = "import pytest; pytest.skip('not here')"
NARROW: Final = [
    pytest.param(["-k", "test_1"], TREE % (1, "one"), "", id="left-out"),
    pytest.param(["test_it.py::test_1"], TREE % (1, "one"), "", id="one-test"),
    pytest.param([], SKIPPED, "", id="skipped"),
    pytest.param([], "raise ValueError", "", id="failed"),
    # The other cases may be those of other modules.
    pytest.param(["test_it.py"], TREE % (1, "one"), "unused", id="one-module"),
]


@pytest.mark.parametrize(("args", "first", "counted"), NARROW)
def test_files_of_tests_that_did_not_run_are_not_counted(
    stale: Project, args: list[str], first: str, counted: str
) -> None:
    stale.test(first, TREE % (2, "two"))
    text = stale.report("--confd-update", "--confd-strict", *args)
    assert ("unused    " in text, "orphaned  " in text) == (counted == "unused", False)


def test_a_case_has_the_name_of_its_test(project: Project) -> None:
    tree = "confd.assert_tree('named', confd.compose('stack'))"
    project.write(
        {
            "test_it.py": "import pytest\n"
            f"def test_plain(confd): {tree}\n"
            "@pytest.mark.parametrize('scale', [3, 'a/b::c d'])\n"
            f"def test_tree(confd, scale): {tree}\n"
            "class TestSuite:\n"
            f"    def test_inner(self, confd): {tree}\n"
        }
    )
    project.run("--confd-update", "-n2").assert_outcomes(passed=4)
    folders = {path.name for path in (project.path / "named").iterdir()}
    assert folders == {"plain", "tree-3", "tree-a-b-c-d", "inner"}
    project.run("--confd-strict").assert_outcomes(passed=4)


AGAIN: Final = (
    "E   AssertionError: 1 of 1 files are not as in new/same:\n"
    "E\n"
    "E   a.tmpl does not render the text of new/same/stack_web_1/etc/a.conf (this run wrote it for "
    "another render: each needs a file, or a case, of its own)\n"
)


def test_a_file_is_not_written_twice_with_unlike_texts(project: Project) -> None:
    tree = "confd.assert_tree('new', confd.compose('stack', addresses={'stack_web_1': %r}), %s)"
    project.write({"templates/a.tmpl": '{{getv "/self/container/primary_ip"}}\n'})
    project.test(tree % ("10.0.0.1", "case='same'"), tree % ("10.0.0.2", "case='same'"))
    assert AGAIN in project.report("--confd-update")
    assert project.files("new") == {"same/stack_web_1/etc/a.conf": "10.0.0.1\n"}


def test_a_message_names_files_from_the_folder_of_the_run(project: Project) -> None:
    (project.path / "test_it.py").unlink()
    values = {"self": {"container": {"name": "x"}}}
    bodies = (
        TREE % (1, "one"),
        f"confd.render('../templates/a.tmpl', {values}).assert_matches_file('x.conf')",
    )
    tests = "".join(f"def test_{i}(confd):\n    {body}\n" for i, body in enumerate(bodies))
    project.write({"tests/expect/one/stack_web_1/etc/a.conf": "", "tests/test_it.py": tests})
    report = project.report()
    assert "E   AssertionError: 1 of 1 files are not as in tests/expect/one:\n" in report
    assert "E   --- tests/expect/one/stack_web_1/etc/a.conf\n" in report
    assert "E   AssertionError: tests/x.conf does not exist; " in report
