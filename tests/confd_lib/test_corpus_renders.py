"""Real templates from public repositories, over a synthetic environment, against confd's output.

The corpus lies beside the checkout and is not part of it; without it these tests skip.
"""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

import pytest

from confd_lib import render_file
from confd_lib.store.store import Store
from gotmpl import TemplateError

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
Row = dict[str, Any]


def rows() -> list[Row]:
    path = CORPUS / "rancher_cases.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@functools.cache
def load(name: str) -> Any:
    return json.loads((CORPUS / name).read_text())


@functools.cache
def environment(version: str, ip: str) -> Store:
    """Return the store of a container: the service's answers for its address, and more keys."""
    answers = load("metadata.json")[version]
    tree = {**answers["default"], "self": answers.get(ip, {}).get("self", {})}
    return Store({**tree, **load("overlay_etcd.json")})


@pytest.fixture
def golden_env(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in load("golden_env.json").items():
        monkeypatch.setenv(name, value)


@pytest.mark.skipif(not rows(), reason="the corpus is not beside the checkout")
def test_the_corpus_is_complete() -> None:
    assert len(rows()) == 476


@pytest.mark.usefixtures("golden_env")
@pytest.mark.parametrize(
    "row",
    [pytest.param(row, id=f"{row['template']}-{row['version']}-{row['ip']}") for row in rows()],
)
def test_renders_as_confd(row: Row) -> None:
    store = environment(row["version"], row["ip"]).view(row["prefix"], ["/"])
    try:
        found = {"ok": True, "output": render_file(CORPUS / row["template"], store)}
    except TemplateError as error:
        found = {"ok": False, "error": str(error), "partial": getattr(error, "partial", "")}
    assert found == {key: row.get(key, "") for key in found}
