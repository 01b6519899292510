"""The page follows files and the server: edits, faults and their ends, restarts."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from .conftest import Command
from .project import Project
from .tab import Tab
from .test_views import LINES, UPSTREAM


def test_an_edit_is_shown_with_its_difference(own: Tab, project: Project) -> None:
    own.open(**UPSTREAM).shows(*LINES)
    project.edit("upstream.conf", "workers ", "processes ")
    own.shows(LINES[0], "processes 4", *LINES[2:])
    expect(own.difference.locator("del")).to_have_text(["-workers 4"])
    expect(own.difference.locator("ins")).to_have_text(["+processes 4"])
    expect(own.page.locator("#output .fresh")).to_have_text(["processes 4"])


def test_an_edit_keeps_the_line_in_focus(own: Tab, project: Project) -> None:
    own.open(**UPSTREAM)
    own.page.locator("#output .lines li").nth(1).focus()
    project.edit("upstream.conf", "workers ", "processes ")
    expect(own.page.locator("#output .lines li").nth(1)).to_have_text("processes 4")
    expect(own.page.locator("#output .lines li").nth(1)).to_be_focused()


def test_a_template_that_breaks_keeps_its_last_good_output(own: Tab, project: Project) -> None:
    own.open(**UPSTREAM).shows(*LINES)
    project.edit("upstream.conf", '{{getv "/self/container/name"}}', '{{getv "/nope"}}')
    expect(own.page.locator("#failure")).to_contain_text("/nope")
    expect(own.page.get_by_text("This is its last good output.")).to_be_visible()
    own.shows(*LINES)
    expect(own.rows.filter(has_text="fails")).to_have_count(3)
    project.edit("upstream.conf", "/nope", "/self/container/name")
    expect(own.page.locator("#failure")).to_be_hidden()
    expect(own.page.get_by_text("This is its last good output.")).to_be_hidden()
    expect(own.rows.filter(has_text="fails")).to_have_count(1)
    own.shows(*LINES)


def test_the_overview_names_the_views_that_changed(own: Tab, project: Project) -> None:
    own.open(**UPSTREAM)
    expect(own.rows).to_have_count(6)
    # The database has no workers.
    expect(own.rows.filter(has_text="fails")).to_have_count(1)
    project.edit("upstream.conf", "workers ", "processes ")
    changed = own.rows.filter(has_text="changed")
    expect(changed).to_have_count(2)
    expect(changed.filter(has_text="upstream.conf.toml")).to_have_count(2)


def test_a_new_resource_can_be_chosen(own: Tab, project: Project) -> None:
    own.open(**UPSTREAM)
    project.write("new.txt", "new\n")
    own.labelled("Resource").select_option("new.txt.toml")
    own.shows("new")


def test_compose_files_are_followed(own: Tab, project: Project) -> None:
    own.open(**UPSTREAM).shows(*LINES)
    compose = project.path / "rancher-compose.yml"
    text = compose.read_text()
    compose.write_text("web: {")
    expect(own.page.locator("#error")).to_contain_text("rancher-compose.yml")
    compose.write_text(text.replace("workers: 4", "workers: 8"))
    expect(own.page.locator("#error")).to_be_hidden()
    own.shows(LINES[0], "workers 8", *LINES[2:])


def test_the_page_reconnects_after_a_restart(own: Tab, served: Command, project: Project) -> None:
    own.open(**UPSTREAM).shows(*LINES)
    served.end()
    away = own.page.get_by_role("alert")
    expect(away).to_contain_text("The server is away since")
    own.shows(*LINES)
    project.edit("upstream.conf", "workers ", "processes ")
    served.restart()
    expect(away).to_be_hidden()
    own.shows(LINES[0], "processes 4", *LINES[2:])


def test_a_restart_with_another_token_is_explained(
    context: BrowserContext, command: Callable[..., Command], project: Project
) -> None:
    first = command(project.path, "--compose", str(project.path))
    tab = Tab(context.new_page(), first.url).open(**UPSTREAM)
    first.end()
    expect(tab.page.get_by_role("alert")).to_contain_text("The server is away since")
    first.restart(token="other")
    expect(tab.page.get_by_role("alert")).to_contain_text("does not accept the token")
