"""Our answers about catalogs beside those of the programs of Rancher 1.6.

A row has the original's words. Ours name the file as well; where a YAML library speaks (`exact` is
false), only that and where it fails must agree.
"""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from metadata_client import compose
from metadata_client.compose import ComposeError
from metadata_client.compose.catalog.expansion import Release, expanded
from metadata_client.compose.catalog.questions import Section, read_section
from metadata_client.compose.catalog.versions import is_greater
from metadata_client.compose.dialects.readers import EXECUTOR
from metadata_client.compose.files import _sections
from metadata_client.compose.source import Document

Row = dict[str, Any]
ROWS: list[Row] = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases.jsonl").read_text("utf-8").splitlines()
]


def of_kind(kind: str) -> pytest.MarkDecorator:
    rows = [row for row in ROWS if row["kind"] == kind]
    return pytest.mark.parametrize("row", rows, ids=lambda row: f"{row['id']} {row['about']}")


def agrees(error: ComposeError, row: Row) -> bool:
    """Whether an error says what the original said."""
    if row.get("exact", True):
        return error.reason.removesuffix("; write $$ for a dollar sign") == row["error"]
    # The line in these words is that of the text which the original wrote once more.
    words = re.split(r"line \d+: |error parsing yaml, please check: yaml: ", row["error"])[-1]
    return words.partition(". (Note")[0] in error.reason


# -- Templates


@of_kind("template")
def test_a_text_is_expanded_as_the_executor_did_it(row: Row) -> None:
    stack = row["stack"]
    release = Release(
        stack["name"], stack["version"], stack["previous_version"], row["environment"]
    )
    document = Document("docker-compose.yml", row["text"])
    if "error" not in row:
        assert expanded(document, row["values"], release).text == row["output"]
        return
    with pytest.raises(ComposeError) as caught:
        expanded(document, row["values"], release)
    assert caught.value.reason == row["error"]
    assert getattr(caught.value.__cause__, "partial", None) == row.get("partial")
    assert caught.value.line == int(row["error"].split(":")[2])


# -- Questions


def shown(section: Section) -> Row:
    """Return a section as the rows show it: without what is empty."""
    found = {name: value for name, value in asdict(section).items() if value}
    for question in found.get("questions", ()):
        for name in [name for name, value in question.items() if not value]:
            if name not in ("variable", "default"):
                del question[name]
    text = json.dumps(found, default=str)
    return json.loads(text, object_hook=_without_place)


def _without_place(made: Row) -> Row:
    return {name: value for name, value in made.items() if name not in ("path", "line")}


@of_kind("questions")
def test_questions_are_read_as_the_executor_read_them(row: Row) -> None:
    document = Document("rancher-compose.yml", row["text"])
    if "error" not in row:
        found = shown(read_section(document))
        found["questions"] = list(found.get("questions", ()))
        assert found == {"questions": [], **row["catalog"]}
        return
    with pytest.raises(ComposeError) as caught:
        read_section(document)
    assert agrees(caught.value, row)


# -- Interpolation


def sections(document: Document, values: dict[str, str]) -> tuple[Row, list[str]]:
    """Return the services with their values in place, and the variables that are not set."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = {
            one.name: {
                name: option.value
                for name, option in one.interpolated(values, EXECUTOR).options.items()
            }
            for one in _sections(document, values, EXECUTOR)
            if one.name not in EXECUTOR.no_services
        }
    messages = [warning.message for warning in caught]
    return found, [one.variable for one in messages if isinstance(one, compose.UnsetVariable)]


@of_kind("interpolation")
def test_variables_are_substituted_as_the_executor_did_it(row: Row) -> None:
    document = Document("docker-compose.yml", row["text"])
    if "error" not in row:
        assert sections(document, row["values"]) == (row["services"], row["unset"])
        return
    with pytest.raises(ComposeError) as caught:
        sections(document, row["values"])
    assert agrees(caught.value, row)


# -- Entries


@pytest.fixture
def entry(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    for name, text in request.getfixturevalue("row")["files"].items():
        (folder / name).write_text(text, "utf-8")
    return folder


@of_kind("entry")
def test_an_entry_is_deployed_as_the_executor_did_it(row: Row, entry: Path) -> None:
    about = {"previous_version": row["previous_version"], "environment": row["environment"]}
    if row.get("stage") != "interpolation" and "error" in row:
        with pytest.raises(ComposeError) as caught:
            compose.expand(entry, answers=row["answers"], name=row["stack"], **about)
        assert agrees(caught.value, row)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", compose.DoubtfulAnswer)
        made = compose.expand(entry, answers=row["answers"], name=row["stack"], **about)
    assert made.values == row["values"]
    assert made.docker.text == row["docker"]
    assert made.docker.path == str(entry / row["docker_file"])
    assert (made.rancher and made.rancher.text) == row.get("rancher")
    if "error" in row:
        with pytest.raises(ComposeError) as caught:
            sections(made.docker, dict(made.values))
        assert agrees(caught.value, row)
        return
    assert sections(made.docker, dict(made.values)) == (row["services"], row["unset"])
    if made.rancher:
        assert sections(made.rancher, dict(made.values))[0] == row["rancher_services"]


# -- Versions


@of_kind("greater")
def test_versions_are_compared_as_the_service_did_it(row: Row) -> None:
    assert is_greater(row["a"], row["b"]) is row["greater"]


@of_kind("versions")
def test_versions_are_offered_as_the_service_did_it(row: Row, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "config.yml").write_text(f"version: {row['config_version']!r}\n")
    for given in row["folders"]:
        fields = "".join(f"  {name}: {value!r}\n" for name, value in given.items())
        (folder / given["folder"]).mkdir()
        (folder / given["folder"] / "rancher-compose.yml").write_text(f"catalog:\n{fields}")
    made = compose.Entry(folder)
    current = made.version(row["upgrade_of"])
    assert {
        "default": made.default.folder,
        "offered": [version.folder for version in made.offered(row["rancher"])],
        "upgrades": [version.folder for version in made.upgrades(current, row["rancher"])],
    } == {name: row[name] for name in ("default", "offered", "upgrades")}


def test_every_row_is_asked() -> None:
    kinds = {"template", "questions", "interpolation", "entry", "versions", "greater"}
    assert {row["kind"] for row in ROWS} == kinds
    assert len(ROWS) == 313
