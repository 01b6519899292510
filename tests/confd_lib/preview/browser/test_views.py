"""A view in the browser: lines that are joined, keys, findings, faults, the difference."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .project import Project
from .tab import Tab

UPSTREAM = {"resource": "upstream.conf.toml", "container": "shop_web_1"}
LINES = (
    "# shop_web_1",
    "workers 4",
    "log warn",
    r"/server shop_web_1 [\d.]+/",
    r"/server shop_web_2 [\d.]+/",
)


def test_a_view_shows_the_template_and_what_it_renders(own: Tab, project: Project) -> None:
    own.open(**UPSTREAM).shows(*LINES)
    source = project.template("upstream.conf").read_text().splitlines()
    expect(own.template.locator("> code")).to_have_text(source)
    expect(own.page.get_by_role("heading", level=1)).to_contain_text("upstream.conf")
    expect(own.page.get_by_role("heading", name=str(project.dest("upstream.conf")))).to_be_visible()


def test_lines_are_joined_to_those_that_wrote_them(tab: Tab) -> None:
    tab.open(**UPSTREAM)
    lines = tab.page.locator("#output .lines li")
    origins = [line.get_attribute("data-from") for line in lines.all()]
    assert origins == ["1", "2", "3", "5", "5"]
    expect(tab.page.locator("#links path.keyed")).to_have_count(5)


OUTCOMES = [
    (1, "hit", "shop_web_1"),
    (2, "hit", "4"),
    (3, "default", ""),
]


@pytest.mark.parametrize(("line", "outcome", "value"), OUTCOMES)
def test_reads_are_marked_as_they_ended(tab: Tab, line: int, outcome: str, value: str) -> None:
    tab.open(**UPSTREAM)
    expect(tab.template.nth(line - 1).locator(".outcome")).to_have_text(outcome)
    row = tab.reads.filter(has=tab.page.get_by_role("cell", name=str(line), exact=True)).first
    expect(row.locator(".label")).to_have_text(outcome)
    expect(row.locator("td").nth(3).locator("code")).to_have_text(value)


def test_a_missing_key_is_marked_where_it_is_asked_for(own: Tab, project: Project) -> None:
    project.write("upstream.conf", '{{if exists "/no"}}x{{end}}{{getv "/no" "y"}}\n')
    own.open(**UPSTREAM).shows("y")
    expect(own.template.first.locator(".outcome")).to_have_text(["default", "missing"])


def test_pointing_at_a_line_shows_where_it_comes_from(tab: Tab) -> None:
    tab.open(**UPSTREAM)
    tab.output.nth(3).hover()
    expect(tab.page.locator("#origin")).to_contain_text("from line 5 of the template")
    expect(tab.template.locator("xpath=self::*[contains(@class, ' on')]")).to_have_count(1)
    tab.template.nth(4).hover()
    expect(tab.page.locator("#origin")).to_have_text("writes lines 4, 5 of the output")


def test_findings_stand_below_their_lines_with_a_caret(own: Tab, project: Project) -> None:
    project.write("upstream.conf", 'a\nb {{getv "/self/service/metadata/nope"}}\n')
    own.open(**UPSTREAM)
    fault = own.template.nth(1).locator(".fault.error").first
    expect(fault).to_contain_text("/self/service/metadata/nope")
    expect(own.template.nth(1).locator("u.caret").first).to_be_visible()


def test_a_broken_template_says_so_where_the_output_would_be(own: Tab, project: Project) -> None:
    project.write("upstream.conf", "a\n{{if}}\n")
    own.open(**UPSTREAM)
    expect(own.page.locator("#failure")).to_contain_text("missing value for if")
    expect(own.page.locator("#failure-place")).to_contain_text("^")
    expect(own.template.nth(1).locator(".fault.error")).to_contain_text(["missing value for if"])
    assert own.page.title().startswith("✗")


def test_the_difference_to_the_file_on_the_disk(own: Tab, project: Project) -> None:
    project.dest("upstream.conf").write_text("# shop_web_1\nworkers 2\n")
    own.open(**UPSTREAM)
    own.labelled("file on the disk").check()
    expect(own.difference.locator("del")).to_have_text(["-workers 2"])
    expect(own.difference.locator("ins").first).to_have_text("+workers 4")
    assert own.state["against"] == "disk"


def test_a_file_that_is_not_on_the_disk_is_named(own: Tab, project: Project) -> None:
    own.open(**UPSTREAM, against="disk")
    expect(own.page.locator("#difference-to")).to_contain_text(str(project.dest("upstream.conf")))


FAULTS = [
    ({"resource": "nope.toml"}, "nope.toml"),
    ({"container": "shop_web_9"}, "shop_web_9"),
    ({"scale__nope": "3"}, "nope"),
    ({"scale__web": "many"}, "many"),
]


@pytest.mark.parametrize(("state", "named"), FAULTS)
def test_what_is_not_there_is_named_where_the_output_would_be(
    tab: Tab, state: dict[str, str], named: str
) -> None:
    tab.open(**{**UPSTREAM, **state})
    expect(tab.page.locator("#error")).to_contain_text(named)


def test_a_resource_that_is_not_there_is_replaced_by_another(tab: Tab) -> None:
    tab.open(resource="nope.toml")
    tab.labelled("Resource").select_option("peers.txt.toml")
    expect(tab.page.locator("#error")).to_be_hidden()
    tab.shows("shop_database_1", "shop_web_1", "shop_web_2")


HOSTILE = '</script><img src=x onerror="document.title=1">{{/* <b> */}}'


def test_html_in_templates_and_values_is_shown_as_text(own: Tab, project: Project) -> None:
    project.write("upstream.conf", f'{HOSTILE}\n{{{{getv "/self/service/metadata/<i>" "<u>"}}}}\n')
    value = "<script>document.title=1</script>"
    own.open(**UPSTREAM, **{"set__/self/service/metadata/<i>": value})
    own.shows(HOSTILE.partition("{{")[0], value)
    expect(own.page.locator("#changes code")).to_have_text(re.compile(re.escape(value)))
    assert own.page.locator("img, #view script, #output i").count() == 0
