"""The lines of "make this a test" run in pytest, and pin what is shown."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .conftest import Site

if TYPE_CHECKING:
    import pytest

PORT = "/self/service/metadata/port"
HOSTILE = """'"\\ \t \x07 {{"{{"}} \u2028 é </script>\n"""

TODAY = "name: today\nservices: {web: {image: x, x-metadata: {port: 8080}}}\n"

# By the template, the flags and the address of each.
CASES = {
    "a container": ('{{getv "/self/container/name"}}\n', (), "container=shop_web_2"),
    "a scale": ('{{len (ls "/services/web/containers")}}', (), "scale.web=5"),
    "a scale of the flags": ('{{len (ls "/services/web/containers")}}', ("--scale=web=3",), ""),
    "a version": ('{{range ls "/self/service/containers"}}{{.}}{{end}}', (), "version=2015-07-25"),
    "a value by hand": (f'{{{{getv "{PORT}"}}}}', (), f"set.{PORT}=8'1"),
    "a new value by hand": ('{{getv "/self/x"}}', (), "set./self/x=1"),
    "a failure": ('{{getv "/self/x"}}', (), ""),
    "a parse error": ("{{end}}", (), ""),
    "hostile text": (HOSTILE, (), ""),
    "no text": ("", (), ""),
    "the name of the stack": ('{{getv "/self/stack/name"}}', ("--project-name=other",), ""),
    "a dialect": (
        '{{getv "/self/service/metadata/port"}}',
        ("--dialect=compose-spec",),
        "container=today_web_1",
    ),
    "a mask": ('{{getv "/self/service/metadata/password"}}', ("--mask=/*/*/*/password",), ""),
    "sprig": ('{{sprig_upper "a"}}', ("--functions=sprig",), ""),
    "confd 0.11": ('{{toUpper "a"}}', ("--compat=0.11",), ""),
    "a stranger": ('{{exists "/self/container/name"}}', (), "scale.web=0&scale.db=0"),
}


def run(folder: Path, tests: str) -> str:
    """Run tests, and return what pytest prints."""
    (folder / "test_pinned.py").write_text(tests, "utf-8")
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null")
    return subprocess.run(
        [*command, "--rootdir", folder, folder / "test_pinned.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    ).stdout


def joined(tests: dict[str, str]) -> str:
    """Return tests as one file, in which each has a name of its own."""
    named = (
        re.sub(r"def test_\w+", f"def test_{re.sub(r'[^a-z0-9]', '_', name)}", text)
        for name, text in tests.items()
    )
    return "\n\n".join(named)


def test_the_lines_run_and_pass_until_the_template_makes_another_text(
    site: Site, tmp_path: Path
) -> None:
    """All of them run in one pytest, whose start takes longest."""
    site.path.joinpath("compose.yaml").write_text(TODAY)
    tests = {}
    for number, (name, (template, flags, address)) in enumerate(CASES.items()):
        site.template(template, f"t{number}")
        site.resource(f"t{number}")
        tests[name] = site.preview(*flags).test(f"resource=t{number}.toml&{address}")
    tests["values"] = of_values(site, tmp_path)
    tests["each"] = of_a_name(site)
    tests["another text"] = site.preview().test("resource=app.toml")
    site.template("other")
    assert f"1 failed, {len(CASES) + 2} passed" in run(site.path, joined(tests))


def of_values(site: Site, tmp_path: Path) -> str:
    """Return the test of values, which are written into it."""
    file = tmp_path / "values.yml"
    file.write_text('app: {port: 80, name: "it\'s"}\nother: x\n')
    site.template('{{getv "/name"}}:{{getv "/port"}}', "values")
    site.resource("values", prefix="/app", keys=["/port", "/name"])
    lines = site.preview("--values", str(file)).test("resource=values.toml&set./port=81")
    file.unlink()
    assert '"/app/port": "81",' in lines
    assert "other" not in lines
    return lines


def of_a_name(site: Site) -> str:
    """Return the test of one name of an `each`."""
    site.template("{{.}}", "each")
    site.resource("each", each="/services/*", dest=str(site.path / "out/{{.}}"))
    lines = site.preview().test("resource=each.toml/web")
    assert 'name="web"' in lines
    return lines


def test_the_lines_are_short_and_name_what_is_shown(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site.path)
    site.template('{{getv "/self/container/name"}}\n')
    assert site.preview("--compose", ".").test("scale.web=3&container=shop_web_3") == (
        "def test_app_shop_web_3(confd):\n"
        '    stack = confd.compose(".", scale={"web": 3}, name="shop")\n'
        '    out = confd.resource("conf.d/app.toml", stack, check=False, as_="shop_web_3")\n'
        '    assert out == "shop_web_3\\n"\n'
    )


def test_where_nothing_is_shown_nothing_is_pinned(site: Site) -> None:
    assert site.preview().test("resource=x") == (
        "# There is nothing to pin: no resource x; there are app.toml\n"
    )
