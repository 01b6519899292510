"""The Dockerfile and its page: what can be held without Docker.

The steps of the build are run in a folder of this test; those that change users are not.
"""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from confd_lib.command.settings import flags
from confd_lib.version import __version__

from .files import BUILD_STAGE as BUILD
from .files import DOCKER, ROOT, Instruction, instructions, rows, value
from .files import IMAGE_STAGE as IMAGE

(SIDEKICK,) = instructions((DOCKER / "sidekick/Dockerfile").read_text())
PAGE = (DOCKER / "README.md").read_text()
OLD, NEW = (
    instructions(text)[0] for text in re.findall(r"```dockerfile\n(.*?)```", PAGE, re.DOTALL)
)


def scripts() -> set[str]:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    lines = setup["options.entry_points"]["console_scripts"].strip().splitlines()
    return {line.partition("=")[0].strip() for line in lines}


def test_both_stages_have_the_same_python() -> None:
    base = value(BUILD, "FROM").value.removesuffix(" AS build")
    assert value(IMAGE, "FROM").value == base
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    version = re.fullmatch(r"python:(3\.\d+)-slim", base)
    assert version
    assert f"Programming Language :: Python :: {version[1]}" in setup["metadata"]["classifiers"]


def test_the_image_runs_confd_as_another_user_than_root() -> None:
    assert value(IMAGE, "ENTRYPOINT").words == ["confd"]
    linked, account, folder = value(IMAGE, "RUN").value.split(" && ")
    assert {Path(path).name for path in linked.split()[2:-1]} == scripts()
    number = value(IMAGE, "USER").value
    assert account.strip() == f"useradd --system --uid {number} --no-create-home confd"
    assert folder == "install -d -o confd /run/confd"


def test_the_tag_is_the_version() -> None:
    files = [*DOCKER.glob("**/Dockerfile"), *DOCKER.glob("**/*.y*ml"), DOCKER / "README.md"]
    tags = {
        tag for path in files for tag in re.findall(r"example/confd\b(:\S+)?", path.read_text())
    }
    assert {tag.rstrip("`") for tag in tags} == {f":{__version__}"}


@pytest.mark.parametrize("stage", [IMAGE, NEW], ids=["image", "page"])
def test_its_flags_are_confd_s(stage: list[Instruction]) -> None:
    given, words = flags.parse(value(stage, "CMD").words)
    assert given["status-file"] == "/run/confd/status.json"
    assert not words


def test_what_is_copied_is_there_and_is_not_ignored() -> None:
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    kept = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    assert ignored[1] == "*"
    assert all((ROOT / path).exists() for path in kept)
    copied = [one.value.split() for one in (*BUILD, *IMAGE) if one.name == "COPY"]
    sources = {source for source, *_ in copied if source != "." and "--from" not in source}
    assert sources
    assert sources <= set(kept)
    packages = {
        "gotmpl",
        "metadata_client",
        "confd_lib",
        "setup.cfg",
        "pyproject.toml",
        "README.md",
    }
    assert packages < set(kept)


def test_the_health_check_is_the_script_that_is_copied_in() -> None:
    script, path = value(IMAGE, "HEALTHCHECK").words[1:]
    assert f"examples/docker/healthcheck.py {script}" in [one.value for one in IMAGE]
    assert path in value(IMAGE, "CMD").words


def test_the_steps_of_the_build_make_an_environment_that_runs(tmp_path: Path) -> None:
    """They are run as they stand, on a copy of what Docker would send, in other folders."""
    source, made = tmp_path / "src", tmp_path / "confd"
    source.mkdir()
    listed = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    for name in (line[1:] for line in listed if line.startswith("!")):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, source / name)
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for step in (one.value for one in BUILD if one.name == "RUN"):
        command = step.replace("/opt/confd", str(made)).replace("/src", str(source))
        subprocess.run(
            ["sh", "-ec", command],
            check=True,
            capture_output=True,
            env={**os.environ, "PATH": here, "EXTRAS": ""},
        )
    for name in scripts():
        done = subprocess.run(
            [made / "bin" / name, "--version"], check=True, capture_output=True, text=True
        )
        assert done.stdout.startswith(f"{name} 0.")
    assert not list(made.glob("lib/*/site-packages/pip"))


# -- The stack's own image, and the page


def test_the_sidekick_s_image_holds_the_files_of_its_folder() -> None:
    copied = [one.value.split() for one in SIDEKICK if one.name == "COPY"]
    assert [target for _, target in copied] == [
        "/etc/confd/conf.d",
        "/etc/confd/templates",
        "/etc/prometheus/confd/prometheus.yml",
    ]
    assert all((DOCKER / "sidekick" / source).exists() for source, _ in copied)
    assert value(SIDEKICK, "USER").value == value(IMAGE, "USER").value


def test_the_page_states_every_line_of_the_old_image_in_order() -> None:
    stated = [row[0].strip("`") for row in rows(PAGE, "Line by line:")]
    assert stated == [f"{one.name} {one.value}" for one in OLD]


def test_the_lines_of_the_new_image_are_those_of_the_page() -> None:
    made = []
    for old, new, _ in rows(PAGE, "Line by line:"):
        made += [] if new == "goes" else [old if new == "stays" else new]
    new = [f"{one.name} {one.value}" for one in NEW if one.name != "USER"]
    assert [line.strip("`") for line in made] == new


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (DOCKER / link).exists(), link


def test_the_examples_name_the_folder() -> None:
    assert "(docker)" in (ROOT / "examples/README.md").read_text()
