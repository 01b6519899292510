"""Refusals of `confd-lib` name what was looked for, and the nearest that there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib import files
from confd_lib.command.settings.flags import parse
from confd_lib.command.tool import cli as tool
from confd_lib.errors import ConfigError
from confd_lib.testing import Bench


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    texts = {
        "shop/docker-compose.yml": "web:\n  image: nginx\ndatabase:\n  image: postgres\n",
        "templates/site.tmpl": '{{getv "/self/service/name"}}\n',
        "conf.d/site.toml": '[template]\nsrc = "site.tmpl"\ndest = "/s"\nkeys = ["/self"]\n',
        "values.yaml": "a: 1\n",
        "confd.toml": 'backend = "env"\n',
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


RENDER = ["render", "templates/site.tmpl"]
REFUSED = {
    "a template": (["render", "templates/sites.tmpl", "--values", "values.yaml"], "site.tmpl?"),
    "a template of another folder": (
        ["render", "template/sites.tmpl", "--values", "values.yaml"],
        "templates/site.tmpl?",
    ),
    "a folder of compose files": ([*RENDER, "--compose", "shpo"], "the nearest is shop"),
    "a file of values": ([*RENDER, "--values", "valeus.yaml"], "did you mean values.yaml?"),
    "a file of a backend": (
        ["dump", "--backend", "file", "--file", "value.yaml"],
        "did you mean values.yaml?",
    ),
    "a confd.toml": (["dump", "--config-file", "confd.tml"], "did you mean confd.toml or conf.d?"),
    "a folder to lint": (["lint", "conf"], "did you mean conf.d?"),
    "a file to lint": (["lint", "templates/sit.tmpl"], "did you mean templates/site.tmpl?"),
    "a service": ([*RENDER, "--compose", "shop", "--scale", "wbe=2"], "there are web, database"),
    "a container": ([*RENDER, "--compose", "shop", "--as", "shop_wbe_1"], "shop_web_1"),
    "a version": (
        [*RENDER, "--compose", "shop", "--metadata-version", "2015"],
        "there are 2015-07-25",
    ),
    "a backend": (["dump", "--backend", "etdc"], "there are consul, env, etcd"),
    "a key": ([*RENDER, "--compose", "shop"], "name one with --as CONTAINER"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_names_the_nearest(
    project: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    del project
    args, nearest = REFUSED[name]
    assert tool.main(args) in (1, 2)
    said = capfd.readouterr().err
    assert said.startswith("confd-lib: ")
    assert nearest in said


def test_a_misspelt_flag_is_answered_in_a_note() -> None:
    with pytest.raises(ConfigError, match=r"^flag provided but not defined: -nodes") as caught:
        parse(["-nodes=a"])
    assert caught.value.__notes__ == ["did you mean -node?"]


def test_an_expected_file_is_answered_with_the_nearest(project: Path) -> None:
    out = Bench().render(project / "templates/site.tmpl", {"self": {"service": {"name": "web"}}})
    with pytest.raises(AssertionError, match=r"did you mean .*values.yaml\?"):
        out.assert_matches_file(project / "value.yaml")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param("values.yml", ["values.yaml"], id="a-file"),
        pytest.param("template", ["templates"], id="a-folder"),
        pytest.param("template/sit.tmpl", ["templates/site.tmpl"], id="both"),
        pytest.param("template/zzz", ["templates"], id="only-the-folder"),
        pytest.param("values.yam/x", ["values.yaml"], id="below-a-file"),
        pytest.param("zzz", [], id="nothing"),
        pytest.param("zzz/values.yaml", [], id="no-folder"),
    ],
)
def test_the_nearest_files(project: Path, path: str, found: list[str]) -> None:
    assert files.near(project / path) == [project / one for one in found]
    assert [str(one) for one in files.near(Path(path))] == found
