"""Functions of users beside those of confd, and functions that are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import confd_lib
from confd_lib.errors import ConfigError
from confd_lib.testing import Bench, trace
from confd_lib.testing.wiring import Wiring
from gotmpl import ParseError


def shout(text: str) -> str:
    return f"{text.upper()}!"


def getv(key: str) -> str:
    return f"mine of {key}"


OWN: Mapping[str, Callable[..., object]] = {"shout": shout}
TEXT = '{{shout (getv "/a")}} {{toLower "X"}}'


def through_render(_: Path, text: str, **options: Any) -> str:
    return confd_lib.render(text, {"a": "x"}, **options)


def through_render_file(folder: Path, text: str, **options: Any) -> str:
    (folder / "t.tmpl").write_text(text)
    return confd_lib.render_file(folder / "t.tmpl", {"a": "x"}, **options)


def through_confd(folder: Path, text: str, **options: Any) -> str:
    for name in ("conf.d", "templates"):
        (folder / name).mkdir()
    toml = f'[template]\nsrc = "t"\ndest = "{folder}/out"\nkeys = ["/a"]\n'
    (folder / "conf.d/a.toml").write_text(toml)
    (folder / "templates/t").write_text(text)
    backend = confd_lib.backends.Memory({"/a": "x"})
    (result,) = confd_lib.Confd(confdir=folder, backend=backend, **options).run_once()
    if result.error is not None:
        raise result.error
    return (folder / "out").read_text()


def through_the_fixture(folder: Path, text: str, **options: Any) -> str:
    (folder / "t.tmpl").write_text(text)
    return str(Bench().render(folder / "t.tmpl", {"a": "x"}, **options))


def through_a_resource(folder: Path, text: str, **options: Any) -> str:
    for name in ("conf.d", "templates"):
        (folder / name).mkdir()
    (folder / "conf.d/a.toml").write_text('[template]\nsrc = "t"\ndest = "/out"\nkeys = ["/a"]\n')
    (folder / "templates/t").write_text(text)
    bench = Bench(Wiring(temporary=lambda: folder))
    return str(bench.resource(folder / "conf.d/a.toml", {"a": "x"}, **options))


def through_a_trace(_: Path, text: str, **options: Any) -> str:
    made = trace(text, {"a": "x"}, **options)
    if made.error is not None:
        raise made.error
    return made.text


def through_a_trace_of_the_fixture(folder: Path, text: str, **options: Any) -> str:
    (folder / "t.tmpl").write_text(text)
    return Bench().trace(folder / "t.tmpl", {"a": "x"}, **options).text


WAYS = [
    through_render,
    through_render_file,
    through_confd,
    through_the_fixture,
    through_a_resource,
    through_a_trace,
    through_a_trace_of_the_fixture,
]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Callable[..., str]:
    found: Callable[..., str] = request.param
    return found


def test_own_functions_stand_beside_confds(way: Callable[..., str], tmp_path: Path) -> None:
    assert way(tmp_path, TEXT, funcs=OWN) == "X! x"


def test_a_function_that_is_left_out_is_unknown(way: Callable[..., str], tmp_path: Path) -> None:
    with pytest.raises((ParseError, confd_lib.errors.TemplateFileError)) as caught:
        way(tmp_path, '{{getenv "HOME"}}', without=["getenv"])
    assert 'function "getenv" not defined' in str(caught.value)


def test_a_function_may_replace_one_that_is_left_out(
    way: Callable[..., str], tmp_path: Path
) -> None:
    assert way(tmp_path, '{{getv "/a"}}', funcs={"getv": getv}, without=["getv"]) == "mine of /a"


CLASHES = [
    pytest.param(
        {"funcs": {"getv": getv}},
        f"two functions are named getv: {__name__}.getv and confd's getv; rename the first, or "
        'leave out the second (without=["getv"])',
        id="confd's",
    ),
    pytest.param(
        {"funcs": {"len": getv}},
        f"two functions are named len: {__name__}.getv and Go's len; rename the first",
        id="Go's",
    ),
    pytest.param(
        {"without": ["getEnv"]},
        "there is no function getEnv to leave out: did you mean getenv?",
        id="unknown",
    ),
]


@pytest.mark.parametrize(("options", "message"), CLASHES)
def test_what_cannot_be_followed_is_refused(
    way: Callable[..., str], tmp_path: Path, options: Mapping[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        way(tmp_path, "", **options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("without", "message"),
    [
        (iter(["getenv"]), "without is a collection of names, not a list_iterator"),
        (map(str, ["getenv"]), "without is a collection of names, not a map"),
        (5, "without is a collection of names, not an int"),
        ("getenv", "without is a collection of names, not a str"),
        (b"getenv", "without is a collection of names, not bytes"),
        ([None], "a name in without is text, not None"),
    ],
)
def test_what_is_no_collection_of_names_is_refused_and_not_ignored(
    way: Callable[..., str], tmp_path: Path, without: Any, message: str
) -> None:
    with pytest.raises(TypeError) as caught:
        way(tmp_path, "", without=without)
    assert str(caught.value) == message


def test_confd_refuses_before_it_runs() -> None:
    with pytest.raises(ConfigError, match="two functions are named getv"):
        confd_lib.Confd(backend=confd_lib.backends.Memory({}), funcs={"getv": getv})


def test_functions_of_the_system_can_be_left_out_together() -> None:
    left = confd_lib.functions(without=confd_lib.SYSTEM_FUNCTIONS)
    assert confd_lib.functions().keys() - left.keys() == confd_lib.SYSTEM_FUNCTIONS
    assert "getv" in left


def test_a_template_with_an_own_function_sees_the_files_of_its_pass(tmp_path: Path) -> None:
    """The function may read them, so the files of resources before it are swapped in first."""
    for name in ("conf.d", "templates"):
        (tmp_path / name).mkdir()
    for name, text in (("a", "first"), ("b", "{{content}}")):
        toml = f'[template]\nsrc = "{name}"\ndest = "{tmp_path}/{name}.out"\nkeys = ["/a"]\n'
        (tmp_path / f"conf.d/{name}.toml").write_text(toml)
        (tmp_path / f"templates/{name}").write_text(text)
    backend = confd_lib.backends.Memory({"/a": "x"})
    confd = confd_lib.Confd(
        confdir=tmp_path,
        backend=backend,
        funcs={"content": (tmp_path / "a.out").read_text},
    )
    confd.run_once()
    assert (tmp_path / "b.out").read_text() == "first"
