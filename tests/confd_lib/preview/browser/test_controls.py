"""The controls: each changes the address and the view; a view comes back from its address."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect

from .conftest import Command
from .project import Project
from .tab import Tab
from .test_views import LINES, UPSTREAM

SERVER = "/server shop_web_{} [0-9.]+/"


def servers(count: int) -> list[str]:
    """Return the lines of the output for a scale of the web service."""
    # `ls` has names in the order of their texts.
    numbers = sorted(range(1, count + 1), key=str)
    return [*LINES[:3], *map(SERVER.format, numbers)]


def test_the_slider_scales_the_stack(tab: Tab) -> None:
    tab.open(**UPSTREAM, scale__web="3").shows(*servers(3))
    slider = tab.scale("web")
    slider.focus()
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    tab.shows(*servers(5))
    assert tab.state["scale.web"] == "5"
    expect(tab.labelled("Container").locator("option")).to_have_count(6)
    expect(tab.rows).to_have_count(12)
    tab.page.go_back()
    tab.shows(*servers(3))
    expect(slider).to_have_value("3")


def test_a_scale_can_be_typed(tab: Tab) -> None:
    tab.open(**UPSTREAM)
    number = tab.page.get_by_role("spinbutton", name="Scale of web")
    number.press("Control+A")
    number.press_sequentially("1")
    tab.shows(*servers(1))
    number.press_sequentially("2")
    tab.shows(*servers(12))
    expect(tab.scale("web")).to_have_value("12")
    expect(number).to_be_focused()
    tab.page.go_back()
    tab.shows(*servers(2))


def test_a_view_is_chosen_by_its_controls(tab: Tab) -> None:
    tab.open(**UPSTREAM)
    tab.labelled("Container").select_option("shop_web_2")
    tab.shows("# shop_web_2", *LINES[1:])
    tab.labelled("Resource").select_option("peers.txt.toml")
    tab.shows("shop_database_1", "shop_web_1", "shop_web_2")
    tab.labelled("Version").select_option("2015-12-19")
    assert tab.state == {
        "resource": "peers.txt.toml",
        "container": "shop_web_2",
        "version": "2015-12-19",
    }


def test_a_view_is_chosen_in_the_overview(tab: Tab) -> None:
    tab.open(**UPSTREAM)
    row = tab.rows.filter(has_text="shop_web_2").filter(has_text="upstream.conf.toml")
    row.click()
    tab.shows("# shop_web_2", *LINES[1:])
    expect(row).to_have_attribute("aria-current", "true")
    expect(tab.page.locator("#rows [aria-current]")).to_have_count(1)


FILTERS = [("web_1", 2), ("peers", 3), ("WEB upstream", 2), ("nope", 0), ("failed", 1), ("", 6)]


@pytest.mark.parametrize(("text", "count"), FILTERS)
def test_the_overview_is_filtered(tab: Tab, text: str, count: int) -> None:
    tab.open()
    tab.labelled("Filter").fill(text)
    expect(tab.rows).to_have_count(count)
    expect(tab.page.get_by_text("No view matches")).to_be_visible(visible=not count)


def test_rows_far_down_are_made_when_they_are_looked_for(tab: Tab) -> None:
    tab.open(resource="peers.txt.toml", scale__web="250")
    expect(tab.page.locator("#tally")).to_contain_text("502")
    assert tab.rows.count() == 100
    tab.rows.nth(99).scroll_into_view_if_needed()
    expect(tab.rows.nth(150)).to_be_attached()
    tab.rows.first.press("End")
    expect(tab.rows).to_have_count(502)
    expect(tab.rows.last).to_be_focused()
    tab.labelled("Filter").fill("web_250 upstream")
    expect(tab.rows).to_have_count(1)


def test_a_value_is_set_and_removed_by_hand(tab: Tab) -> None:
    tab.open(**UPSTREAM)
    key = "/self/service/metadata/workers"
    tab.page.get_by_role("button", name=f"Change the value of {key}").click()
    field = tab.page.get_by_role("textbox", name="Value")
    expect(field).to_have_value("4")
    expect(field).to_be_focused()
    field.fill("16")
    tab.page.get_by_role("button", name="Set", exact=True).click()
    tab.shows(LINES[0], "workers 16", *LINES[2:])
    assert tab.state[f"set.{key}"] == "16"
    expect(tab.reads.filter(has_text="by hand")).to_have_count(1)
    tab.page.get_by_role("button", name="Remove the value of").click()
    tab.shows(*LINES)
    assert tab.state == UPSTREAM


def test_a_missing_key_is_set_by_hand(tab: Tab) -> None:
    tab.open(**UPSTREAM)
    tab.page.get_by_role("button", name="Set a key").click()
    tab.page.get_by_role("combobox", name="Key").fill("/self/service/metadata/log")
    tab.page.get_by_role("textbox", name="Value").fill("debug")
    tab.page.keyboard.press("Control+Enter")
    tab.shows(*LINES[:2], "log debug", *LINES[3:])


def test_escape_leaves_the_values_as_they_are(tab: Tab) -> None:
    tab.open(**UPSTREAM)
    tab.page.get_by_role("button", name="Set a key").click()
    tab.page.get_by_role("combobox", name="Key").fill("/a")
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("dialog")).to_be_hidden()
    assert tab.state == UPSTREAM


def test_a_view_comes_back_from_its_address(tab: Tab, context: BrowserContext) -> None:
    state = {
        "resource": "upstream.conf.toml",
        "container": "shop_web_2",
        "version": "2015-12-19",
        "scale__web": "3",
        "set__/self/service/metadata/workers": "a & b = c\n+ %20",
        "against": "disk",
    }
    tab.open(**state)
    tab.shows("# shop_web_2", "workers a & b = c", "+ %20", "log warn", *servers(3)[3:])
    other = Tab(context.new_page(), tab.url)
    other.page.goto(tab.page.url)
    other.shows("# shop_web_2", "workers a & b = c", "+ %20", "log warn", *servers(3)[3:])
    assert other.state == tab.state
    expect(other.labelled("Container")).to_have_value("shop_web_2")
    expect(other.labelled("Version")).to_have_value("2015-12-19")
    expect(other.labelled("file on the disk")).to_be_checked()
    expect(other.scale("web")).to_have_value("3")


def test_back_and_forward_lead_through_the_views(tab: Tab) -> None:
    tab.open(**UPSTREAM)
    tab.labelled("Container").select_option("shop_web_2")
    tab.shows("# shop_web_2", *LINES[1:])
    tab.page.go_back()
    tab.shows(*LINES)
    expect(tab.labelled("Container")).to_have_value("shop_web_1")
    tab.page.go_forward()
    tab.shows("# shop_web_2", *LINES[1:])


CATALOG = {
    "docker-compose.yml": "web:\n  image: example/web\n",
    "rancher-compose.yml": """
.catalog:
  name: shop
  version: v1
  questions:
    - variable: workers
      label: Workers
      description: The number of processes.
      type: int
      required: true
      default: 4
    - variable: level
      label: Level
      type: enum
      options: [info, warn]
      default: warn
    - variable: tls
      label: TLS
      type: boolean
      default: false
web:
  scale: 1
  metadata:
    workers: ${workers}
    log: ${level}-${tls}
""",
}


def test_the_questions_of_a_catalog_entry_are_answered(
    context: BrowserContext, command: Callable[..., Command], project: Project
) -> None:
    for name, text in CATALOG.items():
        (project.path / name).write_text(text)
    served = command(project.path, "--compose", str(project.path))
    tab = Tab(context.new_page(), served.url).open(**UPSTREAM)
    tab.shows(*LINES[:2], "log warn-false", SERVER.format(1))
    expect(tab.labelled("Workers")).to_have_accessible_description("The number of processes.")
    tab.labelled("Workers").fill("9")
    tab.labelled("Level").select_option("info")
    tab.labelled("TLS").select_option("true")
    tab.shows(LINES[0], "workers 9", "log info-true", SERVER.format(1))
    assert tab.state == {
        **UPSTREAM,
        "answer.workers": "9",
        "answer.level": "info",
        "answer.tls": "true",
    }
    tab.labelled("Workers").fill("")
    expect(tab.labelled("Workers")).to_have_attribute("aria-invalid", "true")
    expect(tab.labelled("Workers")).to_have_accessible_description(re.compile("required"))
    expect(tab.labelled("Level")).to_have_attribute("aria-invalid", "false")


def test_a_store_has_no_containers_to_choose(
    context: BrowserContext, command: Callable[..., Command], project: Project
) -> None:
    project.write("upstream.conf", 'a = {{getv "/a"}}\n')
    values = project.path / "values.json"
    values.write_text('{"a": "1"}')
    served = command(project.path, "--values", str(values))
    tab = Tab(context.new_page(), served.url).open(resource="upstream.conf.toml")
    tab.shows("a = 1")
    expect(tab.labelled("Container")).to_be_hidden()
    expect(tab.page.get_by_role("slider")).to_have_count(0)
    expect(tab.rows).to_have_text(["peers.txt.toml", "upstream.conf.toml"])
