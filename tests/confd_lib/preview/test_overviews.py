"""Overviews: all files as all containers, each as a view of it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from confd_lib.preview.model.history import Tally
from confd_lib.preview.model.overviews import Outcome, Progress, outcomes
from confd_lib.preview.model.states import State

from .conftest import Site


def rows(overview) -> list[tuple[str, str, str]]:
    return [(one.resource, one.container, one.status) for one in overview.rows]


def test_a_row_for_each_file_and_container(site: Site) -> None:
    site.resource("other", src="app.tmpl")
    assert rows(site.preview().overview()) == [
        (resource, container, "same")
        for container in ("shop_web_1", "shop_web_2", "shop_db_1")
        for resource in ("app.toml", "other.toml")
    ]


def test_an_edit_changes_those_whose_output_differs(site: Site) -> None:
    seen = site.preview()
    site.template('{{if eq (getv "/self/service/name") "web"}}a{{end}}')
    seen.overview()
    site.template('{{if eq (getv "/self/service/name") "web"}}b{{end}}')
    seen.preview.renew()
    wanted = [
        ("app.toml", "shop_web_1", "changed"),
        ("app.toml", "shop_web_2", "changed"),
        ("app.toml", "shop_db_1", "same"),
    ]
    assert rows(seen.overview()) == wanted
    assert rows(seen.overview("container=shop_db_1")) == wanted


def test_a_new_container_is_a_change(site: Site) -> None:
    seen = site.preview()
    site.template("x")
    seen.overview()
    found = {one.container: one.status for one in seen.overview("scale.db=2").rows}
    assert found == {
        "shop_web_1": "same",
        "shop_web_2": "same",
        "shop_db_1": "same",
        "shop_db_2": "changed",
    }


def test_a_failure_is_said_in_its_row(site: Site) -> None:
    site.template('{{if eq (getv "/self/service/name") "db"}}{{getv "/x"}}{{end}}')
    found = site.preview().overview().rows
    assert [one.status for one in found] == ["same", "same", "failed"]
    assert "key does not exist: /x" in found[2].error


BROKEN = {
    "a template that cannot be parsed": ("{{end}}", {}, "unexpected {{end}}"),
    "no template": (None, {"src": "none.tmpl"}, "none.tmpl"),
    "a resource that cannot be used": (None, {"mode": 7.5}, "mode"),
}


@pytest.mark.parametrize(("template", "fields", "said"), BROKEN.values(), ids=BROKEN)
def test_one_broken_resource_leaves_the_others(site: Site, template, fields, said) -> None:
    if template:
        site.template(template, "broken")
    site.resource("broken", **fields)
    found = {(one.resource, one.status) for one in site.preview().overview().rows}
    assert found == {("app.toml", "same"), ("broken.toml", "failed")}
    assert all(said in one.error for one in site.preview().overview().rows if one.error)


def test_a_world_that_cannot_be_had_is_one_error(site: Site) -> None:
    site.compose("web: {", "")
    overview = site.preview().overview()
    assert overview.rows == ()
    assert "docker-compose.yml" in (overview.error or "")


def test_an_overview_that_takes_long_comes_in_steps() -> None:
    progress = Progress(iter([Outcome("a"), Outcome("b")]))
    assert (progress.advance(0), progress.is_complete) == ((), False)
    assert (len(progress.advance(60)), progress.is_complete) == (2, True)
    assert len(progress.advance(0)) == 2


def test_the_steps_of_one_overview_are_compared_with_the_one_before() -> None:
    a, b = ("app.toml", "web_1"), ("app.toml", "web_2")
    first = Tally.after(Tally.after(None, 1, {a: b"1"}), 1, {a: b"1", b: b"2"})
    assert [first.has_changed(one) for one in (a, b)] == [False, False]
    second = Tally.after(Tally.after(first, 2, {a: b"1"}), 2, {a: b"1", b: b"3"})
    assert [second.has_changed(one) for one in (a, b)] == [False, True]


# Each line reads what may differ between containers, between services, or not at all.
LINES = (
    '{{getv "/self/container/name"}}',
    '{{getv "/self/service/name"}}',
    '{{getv "/self/service/metadata/port" "none"}}',
    '{{getv "/self/missing" "none"}}',
    '{{exists "/self/service/metadata/port"}}',
    '{{len (ls "/self/service/containers")}}',
    '{{range ls "/"}}{{.}}{{end}}',
    '{{range gets "/*/container/name"}}{{.Value}}{{end}}',
    '{{range getvs "/se*/service/name"}}{{.}}{{end}}',
    '{{getv "/services/web/../../self/container/name" "none"}}',
    '{{getv "self/container/name" "none"}}',
    '{{getv "//self/./container/name" "none"}}',
    '{{range ls "/services"}}{{.}}{{end}}',
    '{{getv (printf "/%s/container/name" "self")}}',
    '{{if eq (getv "/self/service/name") "db"}}{{getv "/self/missing"}}{{end}}',
    '{{if eq (getv "/self/container/name") "shop_web_2"}}{{getv "/services/x/y"}}{{end}}',
)


@given(st.lists(st.sampled_from(LINES), max_size=4), st.sampled_from(["/", "/latest", "/self"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_an_outcome_is_that_of_a_render_of_its_own(
    site: Site, lines: list[str], prefix: str
) -> None:
    """Those whose reads are the same share one render, whichever way they read."""
    site.template("\n".join(lines))
    site.resource(prefix=prefix)
    seen = site.preview()
    digests = {one.container: (one.digest, one.error) for one in _outcomes(seen)}
    views = {name: seen.view(f"container={name}") for name in digests}
    for name, view in views.items():
        assert bool(digests[name][1]) == bool(view.failure)
        assert digests[name][1] == (view.failure.message if view.failure else "")
    outputs = [
        ([line.pieces for line in _texts(view)], digests[name])
        for name, view in views.items()
        if not view.failure
    ]
    for one, digest in outputs:
        for other, other_digest in outputs:
            assert (one == other) == (digest == other_digest)


def _texts(view):
    """Return the lines of a view, of which nothing but the text counts."""
    return [
        replace(line, pieces="".join(one.text for one in line.pieces)) for line in view.output.lines
    ]


def _outcomes(seen):
    preview = seen.preview
    setting, moment = preview._setting, preview._moment
    state = State()
    return outcomes(moment.project, moment.world(state), state, setting.rules, ())
