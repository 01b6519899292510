"""A view as a link, as a file of its own and as a test; values that are masked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from .conftest import Command
from .project import Project
from .tab import Tab
from .test_views import HOSTILE, LINES, UPSTREAM


def exported(tab: Tab, folder: Path) -> Path:
    """Save the export of a view, and return the file."""
    with tab.page.expect_download() as download:
        tab.page.get_by_role("link", name="Export").click()
    path = folder / "view.html"
    download.value.save_as(path)
    return path


def test_an_export_shows_the_same_from_a_file(
    tab: Tab, context: BrowserContext, tmp_path: Path
) -> None:
    tab.open(**UPSTREAM, scale__web="3", **{"set./self/service/metadata/workers": "9"})
    lines = tab.page.locator("#output .lines li").all_inner_texts()
    template = tab.template.all_inner_texts()
    asked = [row.split("\t")[:3] for row in tab.reads.all_inner_texts()]
    file = exported(tab, tmp_path)
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(file.as_uri())
    shown = Tab(page, file.as_uri())
    expect(page.locator("#output .lines li")).to_have_count(len(lines))
    assert page.locator("#output .lines li").all_inner_texts() == lines
    assert shown.template.all_inner_texts() == template
    assert [row.split("\t")[:3] for row in shown.reads.all_inner_texts()] == asked
    expect(page.locator("#facts")).to_contain_text("web \u00d7 3")
    expect(page.locator("#links path")).to_have_count(len(lines))
    assert requests == [file.as_uri()]
    assert page.locator(":is(button, select, input):visible").count() == 0


def test_an_export_holds_no_token_and_no_html_of_values(
    own: Tab, project: Project, context: BrowserContext, tmp_path: Path
) -> None:
    project.write("upstream.conf", HOSTILE)
    own.open(**UPSTREAM)
    file = exported(own, tmp_path)
    assert own.url.partition("token=")[2] not in file.read_text()
    page = context.new_page()
    page.goto(file.as_uri())
    Tab(page, file.as_uri()).shows(HOSTILE.partition("{{")[0])
    assert page.locator("img").count() == 0


def test_a_link_is_copied_without_the_token(tab: Tab) -> None:
    tab.open(**UPSTREAM)
    tab.page.get_by_role("button", name="Copy link").click()
    expect(tab.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert copied == tab.page.url.replace(f"token={tab.url.partition('token=')[2]}&", "")


def test_a_view_becomes_a_test(tab: Tab) -> None:
    tab.open(**UPSTREAM, scale__web="3")
    tab.page.get_by_role("button", name="Make this a test").click()
    lines = tab.page.get_by_role("dialog").locator("pre")
    expect(lines).to_contain_text("def test_")
    expect(lines).to_contain_text("workers 4")
    tab.page.get_by_role("button", name="Copy", exact=True).click()
    expect(tab.page.get_by_role("button", name="Copied")).to_be_visible()
    assert tab.page.evaluate("navigator.clipboard.readText()") == lines.text_content()
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("dialog")).to_be_hidden()


def test_masked_values_are_nowhere(
    context: BrowserContext, command: Callable[..., Command], project: Project, tmp_path: Path
) -> None:
    project.write("upstream.conf", 'key {{getv "/self/service/metadata/password"}}\n')
    flags = ("--compose", str(project.path), "--mask", "/self/service/metadata/password")
    served = command(project.path, *flags)
    tab = Tab(context.new_page(), served.url).open(**UPSTREAM)
    tab.shows("key ••••••")
    expect(tab.reads.first.get_by_role("button")).to_have_count(0)
    assert "s3cret" not in tab.page.content()
    assert "s3cret" not in exported(tab, tmp_path).read_text()


def test_lines_of_the_output_stay_joined_in_an_export_with_no_server(
    own: Tab, context: BrowserContext, served: Command, tmp_path: Path
) -> None:
    file = exported(own.open(**UPSTREAM), tmp_path)
    served.end()
    page = context.new_page()
    page.goto(file.as_uri())
    page.locator("#output .lines li").nth(1).focus()
    expect(page.locator("#origin")).to_contain_text("from line 2 of the template")
    assert len(LINES) == page.locator("#output .lines li").count()
