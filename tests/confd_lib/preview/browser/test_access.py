"""The page for everybody: by keyboard alone, with a screen reader, narrow, in any colours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from . import project as projects
from .conftest import Command, running
from .project import Project
from .tab import Tab
from .test_controls import servers
from .test_views import LINES, UPSTREAM

BROKEN = {"resource": "broken.txt.toml", "container": "shop_web_1"}
CHANGED = {**UPSTREAM, "against": "disk", "set__/self/service/metadata/log": "debug"}
LONG = "x" * 400


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """The command for a project that also has a template with findings, long lines and a fault."""
    project = projects.make(tmp_path_factory.mktemp("broken") / "shop")
    project.dest("upstream.conf").write_text("workers 2\n")
    project.write("broken.txt", f'{LONG} {LONG}\n{{{{getv "/{LONG}"}}}}\n')
    with running(project) as made:
        yield made


@pytest.fixture
def faulty(context: BrowserContext, broken: Command) -> Tab:
    """A tab for that project."""
    return Tab(context.new_page(), broken.url)


# -- The keyboard


def press_until_focused(page: Page, key: str, name: str) -> None:
    """Press a key until the control of a name has the focus."""
    for _ in range(40):
        page.keyboard.press(key)
        if page.evaluate(NAME) == name:
            return
    pytest.fail(f"{name!r} is not reached by {key}")


# The accessible name, as far as the page makes use of its rules.
NAME = """() => {
  const one = document.activeElement;
  return one.getAttribute("aria-label") || (one.labels && one.labels[0]?.textContent.trim())
    || one.textContent.trim();
}"""


def test_everything_is_done_by_keyboard(tab: Tab) -> None:
    page = tab.open(**UPSTREAM).page
    press_until_focused(page, "Tab", "Container")
    page.keyboard.press("ArrowDown")
    tab.shows("# shop_web_2", *LINES[1:])
    press_until_focused(page, "Tab", "Scale of web")
    page.keyboard.press("ArrowRight")
    tab.shows("# shop_web_2", *servers(3)[1:])
    press_until_focused(page, "Tab", "Filter")
    page.keyboard.type("upstream web_3")
    expect(tab.rows).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab.shows("# shop_web_3", *servers(3)[1:])
    press_until_focused(page, "Tab", "Change the value of /self/container/name")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("me")
    page.keyboard.press("Control+Enter")
    tab.shows("# me", *servers(3)[1:])
    assert tab.state == {
        **UPSTREAM,
        "container": "shop_web_3",
        "scale.web": "3",
        "set./self/container/name": "me",
    }


def test_arrows_move_through_lines_and_rows(tab: Tab) -> None:
    page = tab.open(**UPSTREAM).page
    page.locator("#output .lines li").first.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(tab.template.nth(4)).to_be_focused()
    tab.rows.first.focus()
    page.keyboard.press("End")
    expect(tab.rows.last).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(tab.rows.nth(4)).to_be_focused()


LISTS = ["#template .lines", "#output .lines", "#rows"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_one_stop_of_the_tab_key(tab: Tab, name: str) -> None:
    page = tab.open(**UPSTREAM).page
    expect(page.locator(f"{name} [tabindex='0']")).to_have_count(1)


def test_the_first_stop_leads_to_the_output(tab: Tab) -> None:
    page = tab.open(**UPSTREAM).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#output")).to_be_focused()


OUTLINE = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""


def test_the_focus_is_seen_at_each_stop(tab: Tab) -> None:
    page = tab.open(**UPSTREAM).page
    stops = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.outerHTML.slice(0, 90)")
        if at.startswith("<body"):
            break
        assert page.evaluate(OUTLINE), at
        stops.add(at)
    assert len(stops) > 15


# -- Screen readers

NAMELESS = """() => [...document.querySelectorAll(
    "button, input, select, textarea, a[href], summary")]
  .filter(one => one.checkVisibility())
  .filter(one => !(one.getAttribute("aria-label") || one.textContent.trim()
    || [...one.labels || []].some(label => label.textContent.trim())))
  .map(one => one.outerHTML)"""


def test_every_control_has_a_name(tab: Tab) -> None:
    page = tab.open(**UPSTREAM).page
    assert page.evaluate(NAMELESS) == []
    page.get_by_role("button", name="Set a key").click()
    assert page.evaluate(NAMELESS) == []


def test_ids_are_unique_and_references_lead_somewhere(tab: Tab) -> None:
    script = """() => {
      const ids = [...document.querySelectorAll("[id]")].map(one => one.id);
      const names = [...document.querySelectorAll("[aria-labelledby], [aria-describedby], [for]")]
        .flatMap(one => [...one.attributes])
        .filter(one => /^(aria-(labelled|described)by|for)$/.test(one.name))
        .map(one => one.value);
      return [ids.filter((id, i) => ids.indexOf(id) !== i), names.filter(id => !ids.includes(id))];
    }"""
    assert tab.open(**UPSTREAM).page.evaluate(script) == [[], []]


def test_the_outline_of_the_page(tab: Tab) -> None:
    page = tab.open(**UPSTREAM).page
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    for role in ("banner", "main", "complementary"):
        expect(page.get_by_role(role)).to_have_count(1)
    for name in ("Difference", "Keys read"):
        expect(page.get_by_role("region", name=name)).to_be_visible()
    expect(page.get_by_role("table", name="Keys read")).to_be_visible()


def test_a_change_is_said(own: Tab, project: Project) -> None:
    page = own.open(**UPSTREAM).page
    said = page.locator("#said")
    expect(said).to_contain_text("5 lines from")
    project.edit("upstream.conf", "{{- end}}", "{{- ende}}")
    expect(said).to_contain_text("fails: ")
    project.edit("upstream.conf", "{{- ende}}", "{{- end}}\nmore")
    expect(said).to_contain_text("6 lines from")


# -- Colours and sizes

# Texts whose contrast to the background behind them is below 4.5 to 1, or 3 to 1 for large ones.
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = colours => {
    canvas.globalAlpha = 1;
    canvas.fillStyle = "#fff";
    canvas.fillRect(0, 0, 1, 1);
    for (const [colour, alpha] of colours) {
      canvas.globalAlpha = alpha;
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = rgb => rgb.map(one => one / 255)
    .map(one => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
    .reduce((sum, one, i) => sum + one * [.2126, .7152, .0722][i], 0);
  const chain = one => one ? [...chain(one.parentElement), one] : [];
  const ratio = one => {
    const styles = chain(one).map(each => getComputedStyle(each));
    const behind = styles.map(style => [style.backgroundColor, 1]);
    const opacity = styles.reduce((product, style) => product * style.opacity, 1);
    const back = paint(behind), fore = paint([...behind, [getComputedStyle(one).color, opacity]]);
    const [light, dark] = [luminance(back), luminance(fore)].sort((a, b) => b - a);
    return (light + .05) / (dark + .05);
  };
  const large = style => parseFloat(style.fontSize) >= 24
    || parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700;
  return [...document.querySelectorAll("body *")]
    .filter(one => one.checkVisibility() && !one.closest(".unseen, .skip, option, script"))
    .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(one => [ratio(one), one])
    .filter(([found, one]) => found < (large(getComputedStyle(one)) ? 3 : 4.5))
    .map(([found, one]) => `${found.toFixed(2)} ${one.outerHTML.slice(0, 120)}`);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", [CHANGED, BROKEN], ids=["changed", "broken"])
def test_texts_stand_out(faulty: Tab, scheme: str, state: dict[str, str]) -> None:
    page = faulty.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    faulty.open(**state)
    assert page.evaluate(CONTRAST) == []
    page.get_by_role("button", name="Set a key").click()
    assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("state", [UPSTREAM, BROKEN], ids=["good", "broken"])
@pytest.mark.parametrize("width", [420, 800, 1280, 2000])
def test_nothing_is_wider_than_the_window(faulty: Tab, width: int, state: dict[str, str]) -> None:
    faulty.page.set_viewport_size({"width": width, "height": 900})
    faulty.open(**state)
    script = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    wide, window = faulty.page.evaluate(script)
    assert wide <= window == width


def test_on_a_narrow_screen_the_controls_are_folded(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 420, "height": 900})
    page = tab.open(**UPSTREAM).page
    expect(tab.scale("web")).to_be_hidden()
    page.locator("summary").filter(has_text="Scale").click()
    tab.scale("web").press("ArrowRight")
    tab.shows(*servers(3))


@pytest.fixture
def still(chromium: Browser, served: Command) -> Iterator[Tab]:
    """A tab of somebody who asked for less motion."""
    context = chromium.new_context(reduced_motion="reduce")
    yield Tab(context.new_page(), served.url)
    context.close()


def test_nothing_moves_for_who_asks_for_less_motion(still: Tab, project: Project) -> None:
    still.open(**UPSTREAM)
    project.edit("upstream.conf", "workers ", "processes ")
    expect(still.page.locator("#output .fresh")).to_have_count(1)
    assert still.page.evaluate("document.getAnimations().length") == 0
