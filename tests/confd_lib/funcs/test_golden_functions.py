"""Our functions and keys against 1042 recordings of confd: templates, trees and environments.

The data were recorded from confd 0.16 and from Rancher's 0.11; each row is compared with both.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from confd_lib import backends, funcs
from confd_lib.errors import BackendError
from confd_lib.golang import json as gojson
from confd_lib.golang.path import join
from confd_lib.store import rules as flatten
from confd_lib.store.store import Store
from gotmpl import ExecError, Template, TemplateError

DATA = Path(__file__).parents[1] / "data"
Row = dict[str, Any]

# Rows that differ from confd on purpose, or whose request no confd can get.
_UNCLEANED = "keys that confd cleans before it stores them, given to its store uncleaned"
PARTED = {
    ("store/270", "0.16"): _UNCLEANED,
    ("store/270", "0.11-rancher"): _UNCLEANED,
    ("store/275", "0.16"): _UNCLEANED,
    ("store/275", "0.11-rancher"): _UNCLEANED,
    ("store/276", "0.16"): _UNCLEANED,
    ("store/276", "0.11-rancher"): _UNCLEANED,
}

# The keys of names that are not text in the file backend, where confd crashes.
WRITTEN_AS_TEXT = {
    "flatten_file/003": {"/a/0": "x", "/a/1/true": "1", "/a/2/0": "2", "/a/2/1": "3"},
    "flatten_file/020": {"/x/0": "1", "/x/1": "2", "/true/0": "1", "/true/1": "2"},
    "flatten_file/039": {"/1.5": "x"},
    "flatten_file/040": {"/true": "x"},
    "flatten_file/043": {"/null": "x"},
    "flatten_file/044": {"/a/1": "x"},
    "flatten_file/045": {"/a/true": "1"},
}


def rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text().splitlines()]


def cases(name: str) -> list[Any]:
    return [
        pytest.param(row, version, id=f"{row['id']}-{version}")
        for row in rows(name)
        for version in row["expect"]
        if (row["id"], version) not in PARTED
    ]


def store_of(row: Row, version: str) -> Store:
    prefix = row.get("prefix", "/")
    keys = row.get("kv") or row.get("raw_kv") or {}
    return Store(keys).view(join("/", prefix) if version.startswith("0.11") else prefix)


def rendered(row: Row, version: str) -> Row:
    """Return the result of a row's template in the format of the recording."""
    template = Template(row.get("name", "x.tmpl"))
    if "delims" in row:
        template.delims(*row["delims"])
    if "no_funcs" not in row:
        template.funcs(funcs.functions(store_of(row, version), version.removesuffix("-rancher")))
    try:
        template.option(*row.get("options", ())).parse(row["template"])
        output = template.render(row.get("data"))
    except ExecError as error:
        return {
            key: text for key, text in (("error", str(error)), ("partial", error.partial)) if text
        }
    except TemplateError as error:
        return {"error": str(error)}
    return {"output": output} if output else {}


@pytest.mark.parametrize(("row", "version"), cases("templates"))
def test_templates(row: Row, version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if row.get("clear_env"):
        for name in list(os.environ):
            monkeypatch.delenv(name)
    for name, value in row.get("env", {}).items():
        monkeypatch.setenv(name, value)
    wanted = {key: text for key, text in row["expect"][version].items() if key != "stage"}
    found = rendered(row, version)
    if found != row.get("expect_jsonv1"):
        assert found == wanted


LISTING = [row for row in rows("templates") if "ls" in row["template"] and "0.16" in row["expect"]]


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in LISTING])
def test_our_own_rules_list_as_confd(row: Row) -> None:
    ours = {"store/227": {"output": "[abc app case svc val]"}}
    assert rendered(row, "") == ours.get(row["id"], rendered(row, "0.16"))


def test_our_own_rules_list_the_root() -> None:
    row = next(row for row in rows("templates") if row["id"] == "store/227")
    assert row["expect"]["0.16"] == {"output": "[]"} == rendered(row, "0.16")
    assert rendered(row, "") == {"output": "[abc app case svc val]"}


@pytest.mark.parametrize(("row", "version"), cases("flatten_rancher"))
def test_flattens_as_ranchers_backend(row: Row, version: str) -> None:
    wanted = row["expect"][version]
    if wanted.get("stage") == "panic":
        assert "interface conversion" in wanted["error"]
        tree = gojson.decode(row["json"])
        # Where confd crashes because a `name` is not text, we use the index.
        assert next(flatten.flatten(row["root"], tree, flatten.RANCHER))[0] == "/r/0/name"
        return
    if "error" in wanted:
        with pytest.raises(ValueError, match=r".+") as caught:
            gojson.decode(row["json"])
        assert str(caught.value) in (wanted["error"], row.get("expect_jsonv1", wanted)["error"])
        return
    tree = gojson.decode(row["json"])
    assert dict(flatten.flatten(row["root"], tree, flatten.RANCHER)) == wanted["vars"]


@pytest.mark.parametrize(("row", "version"), cases("env"))
def test_names_keys_as_the_env_backend(row: Row, version: str) -> None:
    assert flatten.env_values(row["env"], row["keys"]) == row["expect"][version]["vars"]


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in rows("flatten_file")])
def test_flattens_as_the_file_backend(row: Row, tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text(row["yaml"])
    wanted = row["expect"]["0.16"]
    if "error" in wanted and wanted.get("stage") != "panic":
        with pytest.raises(BackendError, match=r"values\.yaml: yaml: "):
            backends.File(path).get_values(["/"])
        return
    found = dict(backends.File(path).get_values(["/"]).view("/", ["/"]).items())
    if wanted.get("stage") == "panic":
        assert found == WRITTEN_AS_TEXT[row["id"]]
        return
    # The YAML library of 0.16.0 reads four rows differently from later ones, for which 1e3 and 0.
    # are numbers, as in YAML itself; we follow the later ones.
    assert found == row["expect"]["master"]["vars"]
