"""A tab of the browser that shows the preview, by the words of those who use it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.sync_api import Locator, Page, expect


@dataclass(frozen=True)
class Tab:
    """A tab.

    Attributes:
        page: the page that it shows.
        url: the address that the command printed.
    """

    page: Page
    url: str

    def open(self, **state: str) -> Tab:
        """Open a view and wait until it is shown."""
        query = urlencode({name.replace("__", "."): value for name, value in state.items()})
        self.page.goto(f"{self.url}&{query}")
        expect(self.page.get_by_role("status").filter(has_text="live")).to_be_visible()
        expect(self.page.locator("#view")).to_have_attribute("aria-busy", "false")
        return self

    @property
    def state(self) -> dict[str, str]:
        """The state in the address."""
        given = dict(parse_qsl(urlsplit(self.page.url).query, keep_blank_values=True))
        del given["token"]
        return given

    @property
    def template(self) -> Locator:
        return self.page.locator("#template .lines li")

    @property
    def output(self) -> Locator:
        return self.page.locator("#output .lines li code")

    @property
    def reads(self) -> Locator:
        return self.page.locator("#reads tbody tr")

    @property
    def difference(self) -> Locator:
        return self.page.locator("#difference-lines li")

    @property
    def rows(self) -> Locator:
        return self.page.locator("#rows a")

    def shows(self, *lines: str) -> None:
        """Wait until the output has these lines; a line may be a pattern between slashes."""
        expect(self.output).to_have_text([pattern(line) for line in lines])

    def labelled(self, name: str) -> Locator:
        return self.page.get_by_label(name, exact=True)

    def scale(self, service: str) -> Locator:
        return self.page.get_by_role("slider", name=f"Scale of {service}")


def pattern(line: str) -> str | re.Pattern[str]:
    return re.compile(f"^{line[1:-1]}$") if line[:1] == line[-1:] == "/" else line
