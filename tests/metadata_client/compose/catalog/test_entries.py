"""Catalogs on disk: entries, kinds, versions, which of them are offered and to whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata_client.compose import Catalog, ComposeError, Entry
from metadata_client.compose.catalog.versions import (
    Semantic,
    in_order,
    is_greater,
    is_offered,
    satisfies,
)


def version(entry: Path, folder: str, text: str = "") -> None:
    (entry / folder).mkdir(parents=True)
    (entry / folder / "rancher-compose.yml").write_text(text)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    for base in ("templates/web", "templates/db", "infra-templates/web"):
        version(tmp_path / base, "0", "catalog: {version: v1.0.0}\n")
    (tmp_path / "templates/empty").mkdir()
    (tmp_path / "scripts/web/0").mkdir(parents=True)
    (tmp_path / ".git/templates").mkdir(parents=True)
    return Catalog(tmp_path)


def test_entries_and_kinds(catalog: Catalog) -> None:
    assert [(one.name, one.kind) for one in catalog.entries] == [
        *(("web", "infra"), ("db", "cattle"), ("web", "cattle")),
    ]
    assert catalog.kinds == ("infra", "cattle")
    assert repr(catalog.entry("db")) == "<Entry db (cattle)>"
    assert catalog.entry("web", "infra").kind == "infra"


def test_one_folder_of_entries(catalog: Catalog) -> None:
    assert [one.name for one in Catalog(catalog.path / "templates").entries] == ["db", "web"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("webb", "there is no entry webb; did you mean web?"),
        ("zzz", "there is no entry zzz"),
        ("web", "there are several entries web: say which kind you mean, of infra, cattle"),
    ],
)
def test_no_such_entry(catalog: Catalog, name: str, reason: str) -> None:
    with pytest.raises(ComposeError) as caught:
        catalog.entry(name)
    assert str(caught.value) == f"{catalog.path}: {reason}"


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(ComposeError, match="nope: there is no such folder"):
        Catalog(tmp_path / "nope")


# -- One entry


def test_what_the_configuration_says(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text(
        "name: Shop\ndescription: sells\ndefaultVersion: 1.10\ncategories: [a, b]\n"
        "maintainer: me\nlicense: MIT\nproject_url: https://example.com\nlabels: {a: true}\n"
    )
    entry = Entry(tmp_path)
    assert (entry.title, entry.description, entry.default_name) == ("Shop", "sells", "1.1")
    assert (entry.categories, entry.labels) == (("a", "b"), {"a": "true"})
    assert (entry.maintainer, entry.license) == ("me", "MIT")
    assert entry.project_url == "https://example.com"


def test_without_a_configuration(tmp_path: Path) -> None:
    entry = Entry(tmp_path)
    assert (entry.title, entry.categories, entry.labels) == ("", (), {})
    (tmp_path / "template.yml").write_text("category: a\n")
    assert Entry(tmp_path).categories == ("a",)


def test_versions_and_folders_that_are_no_versions(tmp_path: Path) -> None:
    version(tmp_path, "0", "catalog: {version: 1.10.0}\n")
    version(tmp_path, "1", "catalog: {version: 1.9.0}\n")
    version(tmp_path, "2", "catalog: {name: x}\n")
    version(tmp_path, "3", "catalog: {questions: x}\n")
    version(tmp_path, "v0.1.0")
    version(tmp_path, "latest", "catalog: {version: 9.9.9}\n")
    entry = Entry(tmp_path)
    assert [one.name for one in entry.versions] == ["v0.1.0", "1.9.0", "1.10.0"]
    assert {name: str(error) for name, error in entry.errors.items()} == {
        "2": f"{tmp_path}/2/rancher-compose.yml:1: the catalog section names no version",
        "3": f"{tmp_path}/3/rancher-compose.yml:1:"
        " cannot unmarshal !!str `x` into []model.Question",
    }
    assert entry.default.folder == "0"
    with pytest.raises(ComposeError, match=r"2/rancher-compose\.yml:1: the catalog section"):
        entry.version(2)


def test_no_version(tmp_path: Path) -> None:
    version(tmp_path, "0")
    with pytest.raises(ComposeError, match=r"has no version; .*: the catalog section names"):
        _ = Entry(tmp_path).default


# -- Orders


@pytest.mark.parametrize(
    ("server", "minimum", "maximum", "offered"),
    [
        ("v1.6.0", "", "", True),
        ("v1.6.0", "v1.6.0", "v1.6.0", True),
        ("v1.6.0", "", "v1.6", False),
        ("", "v1.6.0", "", True),
        ("", "", "v1.0.0", True),
        ("v1.6.10", "v1.6.9", "v1.6.99", True),
    ],
)
def test_offered(server: str, minimum: str, maximum: str, offered: bool) -> None:
    assert is_offered(server, minimum, maximum) is offered


@pytest.mark.parametrize(
    ("current", "wanted", "fits"),
    [
        ("1.2.0", ">=1.0.0 <2.0.0", True),
        ("v1.2.0", ">= v1.0.0 < v2.0.0", True),
        ("2.0.0", ">=1.0.0 <2.0.0", False),
        ("3.1.0", "<1.0.0 || 3.1.0", True),
        ("1.0.0", "!=1.0.0", False),
        ("1.0.0", "==1.0.0", True),
        ("1.0.0", "latest", False),
        ("1.0.0", "", False),
        ("1.0.0", ">=1.0", False),
        ("1.0.0", "~1.0.0", False),
        ("1.0", ">=0.1.0", False),
        ("1.0.0-rc1", "<1.0.0", True),
        ("1.0.0+build", "=1.0.0", True),
    ],
)
def test_ranges(current: str, wanted: str, fits: bool) -> None:
    assert satisfies(current, wanted) is fits


VERSIONS = st.lists(
    st.sampled_from(["1", "2", "10", "rc1", "rc10", "a", "v1", "0"]), min_size=1, max_size=4
).map(".".join)


@given(VERSIONS, VERSIONS)
def test_of_two_versions_one_is_greater_at_most(a: str, b: str) -> None:
    assert not (is_greater(a, b) and is_greater(b, a))
    assert not is_greater(a, a)


@given(st.lists(st.tuples(*[st.integers(0, 20)] * 3), max_size=8))
def test_releases_are_in_the_order_of_their_numbers(numbers: list[tuple[int, ...]]) -> None:
    texts = [".".join(map(str, one)) for one in numbers]
    wanted = [".".join(map(str, one)) for one in sorted(numbers)]
    assert sorted(texts, key=in_order) == wanted
    assert sorted(texts, key=lambda text: Semantic.of(text) or Semantic((0,))) == wanted
