"""Real resources with their real templates, through the command, against our service.

The expected results were recorded from confd 0.16, for several containers: the text, byte for byte,
or the error.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from confd_lib import TemplateResource
from confd_lib.command.confd import cli
from confd_lib.golang.strings import from_bytes
from metadata_client import MetadataServer
from tests.confd_lib.commandline import without_subjects

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FOLDER = CORPUS / "rancher"
if not CORPUS.is_dir():
    pytest.skip("the corpus of real resources is not here", allow_module_level=True)


def template_of(toml: Path) -> Path | None:
    src = TemplateResource.load(toml).src
    places = (toml.parent.parent / "templates" / src, toml.parent / src)
    return next((place for place in places if place.is_file()), None)


def cases() -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    with (CORPUS / "rancher_cases.jsonl").open() as lines:
        for line in lines:
            row = json.loads(line)
            found.setdefault(row["template"], []).append(row)
    return found


CASES = cases()
RESOURCES = [
    (toml, template, CASES[str(template.relative_to(CORPUS))])
    for toml in sorted(FOLDER.rglob("*.toml"))
    if (template := template_of(toml)) and str(template.relative_to(CORPUS)) in CASES
]


def overlay(tree: dict[str, object], keys: dict[str, str]) -> None:
    """Add flat keys to a tree, except those below a value."""
    for key, value in keys.items():
        *path, last = key.strip("/").split("/")
        node: object = tree
        for name in path:
            node = node.setdefault(name, {}) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node[last] = value


@pytest.fixture(scope="module")
def server():
    answers = json.loads((CORPUS / "metadata.json").read_text())
    keys = json.loads((CORPUS / "overlay_etcd.json").read_text())
    for clients in answers.values():
        overlay(clients["default"], keys)
    with MetadataServer(answers, xff=True) as running:
        yield running


@pytest.fixture
def environment(monkeypatch):
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in json.loads((CORPUS / "golden_env.json").read_text()).items():
        monkeypatch.setenv(name, value)


def test_the_corpus_is_complete():
    assert len(RESOURCES) == 51


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("toml", "template", "rows"),
    [pytest.param(*row, id=str(row[0].relative_to(FOLDER))) for row in RESOURCES],
)
def test_a_real_resource_renders_as_by_confd(server, tmp_path, capfd, toml, template, rows):
    resource = TemplateResource.load(toml)
    link = tmp_path / "templates" / resource.src
    for target, path in ((toml, tmp_path / "conf.d" / toml.name), (template, link)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
    (tmp_path / "root").mkdir()
    dest = tmp_path / "root" / resource.dest.lstrip("/")
    for row in rows:
        own_version = resource.prefix.startswith("/latest")
        if own_version and row["version"] != "2016-07-29":
            continue  # the prefix of the resource has another version
        dest.unlink(missing_ok=True)
        status = cli.main(
            [
                "-onetime",
                "-log-level=error",
                "-backend=rancher",
                "-sync-only",
                "-ready-timeout=0",
                f"-confdir={tmp_path}",
                f"-root={tmp_path}/root",
                f"-node={server.url}",
                f"-prefix={'' if own_version else '/' + row['version']}",
                f"-metadata-ip={'' if row['ip'] == 'default' else row['ip']}",
            ],
            "confd",
        )
        log = capfd.readouterr().err
        assert status == (0 if row["ok"] else 1), log
        if row["ok"]:
            assert from_bytes(dest.read_bytes()) == row["output"]
        else:
            before, _, advice = without_subjects(log.rstrip("\n")).partition(row["error"])
            assert before
            assert not advice or advice.startswith("; ")
            assert not dest.exists()
