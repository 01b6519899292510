"""The frame of HTML reports: one file, light and dark, that loads nothing else.

The module does not know what pages show.
"""

from __future__ import annotations

from html import escape
from string import Template
from typing import Final

_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>$title</title>
<style>$base$style</style>
</head>
<body>
$body
$script</body>
</html>
""")

_BASE: Final = """
:root { color-scheme: light dark; --back: #f6f7f9; --card: #fff; --ink: #1b2430; --soft: #6b7684;
  --line: #dfe3e8; --accent: #2563c9; --taken: #2e9e5b; --partly: #c98a12; --partly-back: #fdf6e3;
  --missed: #c93838; --missed-back: #fdecec; --mark: #e3edfc; --mono: ui-monospace, "SF Mono",
  "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  --sans: system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
@media (prefers-color-scheme: dark) { :root { --back: #12161c; --card: #191f27; --ink: #dde3ea;
  --soft: #8b97a5; --line: #2b343f; --accent: #7fb0ff; --taken: #45c07a; --partly: #e0ab46;
  --partly-back: #2a2416; --missed: #ff8080; --missed-back: #331d20; --mark: #22344f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 var(--sans); }
header { display: flex; align-items: baseline; gap: 1.4rem; flex-wrap: wrap; padding: 1.4rem 2rem;
  border-bottom: 1px solid var(--line); background: var(--card); }
header h1 { font-size: 1.15rem; font-weight: 600; margin: 0; }
header p { margin: 0; color: var(--soft); }
header p.figure { color: var(--ink); }
main { padding: 1.6rem 2rem; }
code { font: .84rem/1.6 var(--mono); }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
"""


def page(title: str, body: str, *, style: str = "", script: str = "") -> str:
    """Return a page.

    Args:
        title: plain text.
        body: HTML.
        style: rules beside those that all pages share, which name its colours.
        script: JavaScript, run once the body is there.
    """
    return _PAGE.substitute(
        title=escape(title),
        base=_BASE,
        style=style,
        body=body,
        script=f"<script>{script}</script>\n" if script else "",
    )
