"""`each` in the testing kit: trees of expected files, failures, and what the fixture refuses."""

from __future__ import annotations

from typing import Final

import pytest

from confd_lib.errors import ConfdError
from confd_lib.testing import Bench
from confd_lib.testing.wiring import Wiring
from tests.confd_lib.each.services import PORT, services
from tests.confd_lib.testing.project import Project

pytest_plugins = ["pytester"]

STACK: Final = "web:\n  image: x\ndb:\n  image: y\n"
# As each container of the stack: a file for some of its own fields, `create_index` and `name` of
# them.
RESOURCE: Final = """\
[template]
src = "a.tmpl"
dest = "/etc/{{.}}.conf"
keys = ["/self/container"]
each = "/self/container/[cn]*e*"
templates = ["head.tmpl"]
"""
TEMPLATE: Final = '{{template "head.tmpl" .}}{{getv (printf "/self/container/%s" .)}}\n'
TREE: Final = "confd.assert_tree('expect', confd.compose('stack'), case='one')"


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    made = Project(pytester)
    made.write(
        {
            "stack/docker-compose.yml": STACK,
            "conf.d/a.toml": RESOURCE,
            "templates/head.tmpl": "# {{.}}\n",
            "templates/a.tmpl": TEMPLATE,
        }
    )
    return made


def test_a_tree_has_a_file_for_each_name_and_container(project: Project) -> None:
    project.test(TREE)
    project.run("--confd-update").assert_outcomes(passed=1)
    files = project.files("expect/one")
    names = {path.split("/")[-1] for path in files}
    assert "name.conf" in names
    assert {path.split("/")[0] for path in files} == {"stack_web_1", "stack_db_1"}
    assert files["stack_web_1/etc/name.conf"] == "# name\nstack_web_1\n"
    project.run("--confd-strict").assert_outcomes(passed=1)
    (project.path / "expect/one/stack_web_1/etc/gone.conf").write_text("old")
    assert "unused" in project.report()
    (project.path / "expect/one/stack_db_1/etc/name.conf").write_text("other\n")
    assert "1 of" in project.report()
    assert "stack_db_1/etc/name.conf" in project.report()


def test_a_failure_names_the_name_and_the_container(project: Project) -> None:
    project.write({"templates/a.tmpl": '{{getv (printf "/self/containr/%s" .)}}\n'})
    project.test(TREE)
    text = project.report()
    assert "while rendering conf.d/a.toml for create_index as stack_web_1" in text
    assert '. = "/self/containr/create_index" (string)' in text
    assert "did you mean /self/container/create_index?" in text


def test_a_failure_in_a_shared_template_shows_its_line(project: Project) -> None:
    project.write({"templates/head.tmpl": "# {{.x}}\n"})
    project.test(TREE)
    assert "  1 | # {{.x}}\n" in project.report()


def test_a_pattern_that_matches_no_name_is_refused(project: Project) -> None:
    project.write({"conf.d/a.toml": RESOURCE.replace("[cn]*e*", "none*")})
    project.test(TREE)
    text = project.report()
    assert "conf.d/a.toml: each matches no name: /self/container/none*; asked as stack_" in text


def test_values_have_a_file_for_each_name(folder, pytester: pytest.Pytester) -> None:
    project = Project(pytester)
    resource = (
        '[template]\nsrc = "a"\ndest = "/{{.}}"\nkeys = ["/services"]\neach = "/services/*"\n'
    )
    project.write({"conf.d/a.toml": resource, "templates/a": PORT})
    values = services(web=80, db=5432)
    project.test(
        f"confd.assert_tree('expect', {values!r}, case='two')",
        "confd.assert_tree('expect', {}, case='three')",
    )
    project.run("--confd-update").assert_outcomes(passed=1, failed=1)
    assert project.files("expect/two") == {"web": "web 80", "db": "db 5432"}


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("each", "it has no each: render it with `resource`"),
        ("resource", "there is no name 'x': it has no each, so leave out `name`$"),
    ],
)
def test_a_resource_without_each_has_no_names(folder, method, words) -> None:
    folder.both("x", dest="/a")
    bench = Bench(Wiring(temporary=lambda: folder.out))
    more = {"name": "x"} if method == "resource" else {}
    with pytest.raises(Exception, match=words):
        getattr(bench, method)(folder.path / "conf.d/a.toml", {}, **more)


def test_a_resource_with_each_needs_a_name(folder) -> None:
    folder.both(PORT, keys=["/services"], each="/services/*", dest="/{{.}}")
    path, bench = folder.path / "conf.d/a.toml", Bench(Wiring(temporary=lambda: folder.out))
    values = services(web=80, db=5432)
    with pytest.raises(ConfdError, match=r"give a `name`, one of db, web; or call `each`$"):
        bench.resource(path, values)
    with pytest.raises(ConfdError, match=r"there is no name 'wbe'; there are db, web$"):
        bench.resource(path, values, name="wbe")
