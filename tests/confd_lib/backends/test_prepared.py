"""A prepared stack answers as the stack itself; a view may change some values."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib import TemplateResource
from confd_lib.backends.simulated import Prepared, View
from confd_lib.errors import ConfdError
from metadata_client import compose
from metadata_client.compose import Stack

METADATA = {
    "plain": "{port: 80}",
    "a name that climbs": "{a: {'..': {b: 1}}}",
    "an element that climbs": "{a: [{name: '../b', c: 1}]}",
    "dots that do not climb": "{'a..b': 1, '...': 2}",
}
WEB = TemplateResource("a.toml", "a.tmpl", keys=("/self/service/metadata", "/services"))


def stack_of(folder: Path, metadata: str) -> Stack:
    (folder / "docker-compose.yml").write_text("web: {image: x}\ndb: {image: x}\n")
    (folder / "rancher-compose.yml").write_text(f"web: {{scale: 2, metadata: {metadata}}}\n")
    return compose.load(folder, name="shop")


@pytest.mark.parametrize("metadata", METADATA.values(), ids=METADATA)
@pytest.mark.parametrize("version", ["latest", "2015-07-25"])
def test_a_prepared_stack_has_the_same_keys(tmp_path: Path, metadata: str, version: str) -> None:
    stack = stack_of(tmp_path, metadata)
    prepared = Prepared.of(stack)
    for name in (None, "shop_web_1", "shop_web_2", "shop_db_1"):
        views = [View(one, name, version) for one in (stack, prepared)]
        for make in (View.store, lambda view: view.store_of(WEB), lambda view: view.whole_of(WEB)):
            one, other = map(make, views)
            assert dict(one.items()) == dict(other.items())
            assert one.climbers() == other.climbers()


def test_the_parts_of_a_service_are_shared(tmp_path: Path) -> None:
    prepared = Prepared.of(stack_of(tmp_path, "{}"))
    first, second, other = (
        View(prepared, name).own(WEB) for name in ("shop_web_1", "shop_web_2", "shop_db_1")
    )
    assert first["service"] is second["service"] is not other["service"]
    assert first["container"] is not second["container"]
    assert View({"port": 80}).own(WEB) == {}


def test_a_prepared_stack_names_what_it_lacks(tmp_path: Path) -> None:
    prepared = Prepared.of(stack_of(tmp_path, "{}"))
    with pytest.raises(ConfdError, match="no container shop_web_9; did you mean"):
        View(prepared, "shop_web_9").store()
    assert View(prepared, None).is_of_a_stranger


# By the changes, what a resource sees of them.
CHANGES = {
    "another value": ({"/self/service/metadata/port": "81"}, "/self/service/metadata/port", "81"),
    "a new key": ({"/services/x": "1"}, "/services/x", "1"),
    "a key that is not listed": ({"/other": "1"}, "/other", None),
}


@pytest.mark.parametrize(("changed", "key", "seen"), CHANGES.values(), ids=CHANGES)
def test_a_changed_value_is_seen_where_it_is_listed(
    tmp_path: Path, changed: dict[str, str], key: str, seen: str | None
) -> None:
    view = View(stack_of(tmp_path, "{port: 80}"), "shop_web_1", changed=changed)
    assert view.store_of(WEB).getv(key, "absent") == (seen or "absent")
    assert view.whole_of(WEB).getv(key) == view.store().getv(key) == changed[key]
    assert view.place(key) is None


def test_the_fixture_changes_values_too(confd) -> None:
    stack = confd.compose("examples/testing", name="shop")
    status = "examples/testing/templates/status.ini.tmpl"
    changed = {"/self/service/metadata/status_port": "81"}
    assert "port = 81" in confd.render(status, stack, as_="shop_web_1", changed=changed)
    assert "disabled" in confd.as_("shop_web_1").render(status, stack)
    assert "port = 81" in confd.as_("shop_web_1", changed=changed).render(status, stack)
