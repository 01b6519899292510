"""Views: what is shown of a state, and what is said where nothing can be rendered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from confd_lib.preview.model.records import DifferenceLine, Finding

from .conftest import RANCHER, Site, text

WEB_1 = "name = shop_web_1\nport = 80\nuser = nobody\nserver shop_web_1\nserver shop_web_2\n"


def test_a_view_has_all_that_the_page_shows(site: Site) -> None:
    view = site.preview().view()
    assert text(view) == WEB_1
    assert view.title == "app.toml in shop_web_1"
    assert view.state == {"resource": "app.toml", "container": "shop_web_1"}
    assert (view.generation, view.error, view.failure) == (1, None, None)
    controls = view.controls
    assert [(one.name, one.dest) for one in controls.resources] == [
        ("app.toml", str(site.path / "out/app.conf"))
    ]
    assert [(one.name, one.service) for one in controls.containers] == [
        ("shop_web_1", "web"),
        ("shop_web_2", "web"),
        ("shop_db_1", "db"),
    ]
    assert controls.versions == ("latest", "2016-07-29", "2015-12-19", "2015-07-25")
    assert [(one.name, one.scale, one.defined) for one in controls.services] == [
        ("web", 2, 2),
        ("db", 1, 1),
    ]


def test_lines_of_the_output_are_joined_with_keys_and_lines_of_the_template(site: Site) -> None:
    view = site.preview().view()
    port, server = view.output.lines[1], view.output.lines[4]
    assert [(piece.text, piece.keys) for piece in port.pieces] == [
        ("port = ", ()),
        ("80", ("/self/service/metadata/port",)),
    ]
    assert (port.origins, port.keys) == ((2,), ("/self/service/metadata/port",))
    assert (server.origins, server.conditions) == ((4,), ("/services/web/containers/shop_web_2",))
    assert [line.use for line in view.template.lines] == ["used", "used", "used", "used", "unused"]


def test_reads_are_hits_misses_and_defaults(site: Site) -> None:
    site.template('{{getv "/self/service/name"}}{{getv "/a" "b"}}{{exists "/c"}}{{exists "/c"}}')
    assert [
        (one.line, one.function, one.argument, one.outcome, one.value)
        for one in site.preview().view().reads
    ] == [
        (1, "getv", "/self/service/name", "hit", "web"),
        (1, "getv", "/a", "default", None),
        (1, "exists", "/c", "missing", None),
    ]


CHOICES = {
    "container=shop_db_1": ("port = 5432", "name = shop_db_1"),
    "scale.web=4": ("server shop_web_4", "name = shop_web_1"),
    "scale.web=1&container=shop_db_1": ("server shop_web_1\n", "name = shop_db_1"),
    "set./self/service/metadata/port=81": ("port = 81", "name = shop_web_1"),
    "set./self/service/metadata/user=me": ("user = me", "name = shop_web_1"),
    "set./self/service/metadata/user=": ("user = \n", "name = shop_web_1"),
    "resource=app.toml": ("port = 80", "name = shop_web_1"),
}


@pytest.mark.parametrize(("address", "lines"), CHOICES.items(), ids=CHOICES)
def test_a_choice_of_the_address_counts(site: Site, address: str, lines: tuple[str, ...]) -> None:
    view = site.preview().view(address)
    assert view.error is None
    assert all(line in text(view) for line in lines)


def test_a_scale_of_the_flags_counts_until_the_address_has_another(site: Site) -> None:
    seen = site.preview("--scale", "web=3")
    assert [one.scale for one in seen.view().controls.services] == [3, 1]
    (web, _) = seen.view("scale.web=5").controls.services
    assert (web.scale, web.defined) == (5, 2)


def test_a_version_of_the_metadata_can_be_chosen(site: Site) -> None:
    site.template('{{range ls "/self/service/containers"}}{{.}} {{end}}')
    seen = site.preview()
    assert text(seen.view("version=2015-07-25")) == "0 1 \n"
    assert text(seen.view("version=2015-12-19")) == "shop_web_1 shop_web_2 \n"


def test_a_value_outside_the_keys_of_the_resource_stays_out_of_its_sight(site: Site) -> None:
    site.resource(keys=["/self"])
    site.template('{{exists "/other"}}')
    assert text(site.preview().view("set./other=1")) == "false\n"


def test_each_name_of_a_resource_is_a_file(site: Site) -> None:
    site.template("{{.}}")
    site.resource(each="/services/*", dest="/etc/{{.}}.conf")
    seen = site.preview()
    view = seen.view("resource=app.toml/db")
    assert [(one.name, one.dest) for one in view.controls.resources] == [
        ("app.toml/db", "/etc/db.conf"),
        ("app.toml/web", "/etc/web.conf"),
    ]
    assert text(view) == "db\n"
    assert seen.view("resource=app.toml").state["resource"] == "app.toml/db"


def test_findings_of_lint_stand_in_their_lines(site: Site) -> None:
    site.template('a\n  {{define "head"}}# app{{end}}')
    (first, second) = site.preview().view().template.lines
    assert first.findings == ()
    (finding,) = second.findings
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.severity, finding.column) == ("unused-define", "warning", 3)


def test_findings_in_the_resource_are_shown_too(site: Site) -> None:
    site.resource(owner="me")
    (line,) = site.preview().view().resource.lines
    assert (line.number, [one.rule for one in line.findings]) == (5, ["unknown-key"])


# -- Nothing to render


def no_confdir(site: Site) -> None:
    (site.path / "conf.d").rename(site.path / "other")


def no_resource(site: Site) -> None:
    (site.path / "conf.d" / "app.toml").unlink()


def no_template(site: Site) -> None:
    (site.path / "templates" / "app.tmpl").unlink()


def broken_resource(site: Site) -> None:
    (site.path / "conf.d" / "app.toml").write_text("[template\n")


def broken_compose(site: Site) -> None:
    site.compose("web: {image: x\n", RANCHER)


def no_names(site: Site) -> None:
    site.resource(each="/nothing/*", dest="/etc/{{.}}.conf")


def fine(_: Site) -> None:
    return None


REFUSED: dict[str, tuple[Callable[[Site], None], str, str]] = {
    "no conf.d": (no_confdir, "", "stat {}/conf.d: no such file or directory"),
    "no resource": (no_resource, "", "{}/conf.d: there is no resource, a file *.toml"),
    "no template": (no_template, "", "{}/templates/app.tmpl"),
    "a broken resource": (broken_resource, "", "{}/conf.d/app.toml - toml: line 1"),
    "broken compose files": (broken_compose, "", "docker-compose.yml"),
    "no name of an each": (no_names, "", "app.toml: each: no key matches /nothing/*"),
    "an unknown resource": (
        fine,
        "resource=ap.toml",
        "no resource ap.toml; did you mean app.toml?",
    ),
    "an unknown container": (
        fine,
        "container=shop_web_9",
        "no container shop_web_9; did you mean shop_web_2, shop_web_1 or shop_db_1?",
    ),
    "an unknown service": (fine, "scale.wbe=3", "Failed to find wbe to scale"),
    "an unknown version": (fine, "version=2014", "no version 2014 of the metadata"),
    "an unknown parameter": (fine, "scale=3", "there is no parameter 'scale'"),
    "a wrong scale": (fine, "scale.web=x", "scale.web=x: it is not a whole number"),
}


@pytest.mark.parametrize(("breaks", "address", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_rendered_is_said_in_one_line(
    site: Site, breaks: Callable[[Site], None], address: str, said: str
) -> None:
    breaks(site)
    seen = site.preview()
    error = seen.view(address).error
    assert error is not None
    assert said.format(site.path) in error
    assert "\n" not in error
    assert not seen.view(address).output.lines


def test_the_template_is_shown_though_the_compose_files_are_broken(site: Site) -> None:
    broken_compose(site)
    view = site.preview().view()
    assert [line.text for line in view.template.lines][:1] == [
        'name = {{getv "/self/container/name"}}'
    ]
    assert [one.name for one in view.controls.resources] == ["app.toml"]


def test_a_refused_scale_leaves_the_choices_that_there_are(site: Site) -> None:
    view = site.preview().view("scale.wbe=3")
    assert [one.name for one in view.controls.services] == ["web", "db"]


def test_without_containers_a_stranger_asks(site: Site) -> None:
    site.template("{{exists `/self/container/name`}}")
    address = {"scale.db": "0", "scale.web": "0"}
    view = site.preview().view(urlencode(address))
    assert (text(view), view.state) == ("false\n", {"resource": "app.toml", **address})


# -- Failures, and the last good output


def test_a_failure_has_its_place_and_the_block_of_render(site: Site) -> None:
    site.template('a\n{{getv "/self/service/metadata/prot"}}')
    view = site.preview().view()
    failure = view.failure
    assert failure is not None
    assert failure.message == (
        'template: app.tmpl:2:2: executing "app.tmpl" at <getv "/self/service/metadata/prot">: '
        "error calling getv: key does not exist: /self/service/metadata/prot"
    )
    assert (failure.line, failure.column) == (2, 3)
    assert failure.block.splitlines()[1:3] == [
        '  2 | {{getv "/self/service/metadata/prot"}}',
        "    |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    ]
    assert "did you mean /self/service/metadata/port?" in failure.block
    assert (text(view), view.output.is_last_good, view.error) == ("a\n", False, None)


def test_a_template_that_cannot_be_parsed_has_its_place(site: Site) -> None:
    site.template("a\n{{if}}")
    failure = site.preview().view().failure
    assert failure is not None
    assert (failure.message, failure.line) == (
        "template: app.tmpl:2: missing value for if",
        2,
    )


def test_a_template_that_would_not_end_is_limited(site: Site) -> None:
    site.template("{{range seq 1 100000000}}{{end}}")
    failure = site.preview().view().failure
    assert failure is not None
    assert "limit" in failure.message


def edit(site: Site, seen: object, template: str) -> None:
    site.template(template)
    seen.preview.renew()  # type: ignore[attr-defined]


def test_a_broken_template_leaves_the_last_good_output(site: Site) -> None:
    seen = site.preview()
    seen.view()
    edit(site, seen, "{{end}}")
    view = seen.view()
    assert (text(view), view.output.is_last_good) == (WEB_1, True)
    assert view.failure is not None
    edit(site, seen, "right\n")
    view = seen.view()
    assert (text(view), view.output.is_last_good, view.failure) == ("right\n", False, None)
    assert DifferenceLine("-", "name = shop_web_1") in view.difference.lines


# -- Differences


def test_the_difference_is_to_the_last_rendering(site: Site) -> None:
    seen = site.preview()
    site.template("a\nb\n")
    assert seen.view().difference.lines == ()
    edit(site, seen, "a\nc\n")
    wanted = [("@", "@@ -1,2 +1,2 @@"), (" ", "a"), ("-", "b"), ("+", "c")]
    for _ in range(2):  # asking twice is no change
        difference = seen.view().difference
        assert [(one.kind, one.text) for one in difference.lines] == wanted
        assert (difference.against, difference.label) == ("last", "the last rendering")


def test_a_choice_of_the_address_makes_a_difference_too(site: Site) -> None:
    seen = site.preview()
    seen.view()
    lines = seen.view("scale.web=3").difference.lines
    assert [one.text for one in lines if one.kind == "+"] == ["server shop_web_3"]


def test_each_tab_has_a_last_rendering_of_its_own(site: Site) -> None:
    seen = site.preview()
    seen.view(tab="a")
    seen.view("scale.web=3", tab="b")
    assert seen.view(tab="a").difference.lines == ()


def test_the_difference_to_the_disk(site: Site) -> None:
    seen = site.preview()
    dest = site.path / "out/app.conf"
    missing = seen.view("against=disk").difference
    assert (missing.label, missing.error) == (str(dest), f"{dest}: no such file or directory")
    dest.write_text(WEB_1.replace("80", "79"))
    lines = seen.view("against=disk").difference.lines
    assert [one.text for one in lines if one.kind in "+-"] == ["port = 79", "port = 80"]


def test_a_file_on_the_disk_that_is_a_folder_is_said(site: Site) -> None:
    site.resource(dest=str(site.path))
    assert site.preview().view("against=disk").difference.error == f"{site.path}: is a directory"


# -- Other values


def test_a_file_of_values(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "values.yml"
    file.write_text("port: 80\n")
    site.template('{{getv "/port"}}')
    seen = site.preview("--values", str(file))
    assert text(seen.view()) == "80\n"
    assert text(seen.view("set./port=81")) == "81\n"
    assert seen.view().controls.containers == ()
    file.write_text("port: 82\n")
    seen.preview.renew()
    assert text(seen.view()) == "82\n"
    file.unlink()
    seen.preview.renew()
    assert f"{file}" in (seen.view().error or "")


def test_a_store_has_no_stack_to_choose_from(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "values.yml"
    file.write_text("port: 80\n")
    seen = site.preview("--values", str(file))
    for address, name in {
        "container=web_1": "container",
        "scale.web=2": "scale",
        "version=2015-07-25": "version",
        "answer.x=1": "answer",
    }.items():
        assert seen.view(address).error == (
            f"{name}: only a stack (--compose DIR) has such a choice"
        )


def test_a_store_by_its_flags(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_PORT", "80")
    site.template('{{getv "/app/port"}}')
    seen = site.preview("--backend", "env")
    assert text(seen.view()) == "80\n"


def test_an_edit_of_a_file_of_a_store_is_seen_at_once(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "values"
    folder.mkdir()
    (folder / "a.yml").write_text("port: 80\n")
    site.template('{{getv "/port"}}')
    seen = site.preview("--backend", "file", "--file", str(folder))
    assert folder / "a.yml" in [*seen.preview.files()]
    for port in ("80", "81"):
        (folder / "a.yml").write_text(f"port: {port}\n")
        seen.preview.renew()
        assert text(seen.view()) == f"{port}\n"
    (folder / "a.yml").write_text("port: {")
    seen.preview.renew()
    assert "a.yml" in (seen.view().error or "")


@pytest.mark.filterwarnings("ignore::metadata_client.compose.DoubtfulAnswer")
def test_an_answer_is_checked_against_its_question(site: Site) -> None:
    seen = site.preview("--compose", "examples/catalog/templates/galera")
    doubts = {one.variable: one.doubt for one in seen.view("answer.MEMBERS=10").controls.questions}
    assert doubts == {
        "ROOT_PASSWORD": "ROOT_PASSWORD: a required question has neither answer nor default",
        "MEMBERS": "MEMBERS: '10' is above the maximum of 9",
        "SST_METHOD": "",
        "LB": "",
    }
    unknown = seen.view("answer.MEMBER=3")
    assert unknown.error == "there is no question MEMBER; did you mean MEMBERS?"
    assert len(unknown.controls.questions) == len(doubts)
    assert (
        site.preview().view("answer.x=3").error == "there is no question x; the stack asks nothing"
    )


@pytest.mark.filterwarnings("ignore::metadata_client.compose.DoubtfulAnswer")
def test_an_answer_of_the_address_counts_before_one_of_the_file(site: Site) -> None:
    file = site.path / "answers.txt"
    file.write_text("ROOT_PASSWORD=s3cret\nMEMBERS=5\n")
    site.template('{{len (ls "/services/galera/containers")}}')
    flags = ("--compose", "examples/catalog/templates/galera", "--answers", str(file))
    seen = site.preview(*flags)
    assert [text(seen.view(address)) for address in ("", "answer.MEMBERS=7")] == ["5\n", "7\n"]


def test_answers_of_an_entry_of_a_catalog(site: Site) -> None:
    site.template('{{len (ls "/services/galera/containers")}}')
    seen = site.preview("--compose", "examples/catalog/templates/galera")
    before = seen.view("answer.ROOT_PASSWORD=s3cret&answer.MEMBERS=3")
    after = seen.view("answer.ROOT_PASSWORD=s3cret&answer.MEMBERS=5")
    assert (text(before), text(after)) == ("3\n", "5\n")
    answers = {one.variable: one.answer for one in after.controls.questions}
    assert answers["MEMBERS"] == "5"
