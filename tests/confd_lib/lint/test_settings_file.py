"""The confd.toml beside a conf.d: it names functions that templates may call."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib.lint import lint

SPRIG = '{{sprig_upper (getv "/app/x")}}\n'


def rules(folder: Path, settings: str, template: str, **flags: str) -> list[str]:
    """Return the rules of the findings in a confd folder with one template."""
    for name in ("conf.d", "templates"):
        (folder / name).mkdir()
    head = '[template]\nsrc = "a.tmpl"\ndest = "/etc/a"\nkeys = ["/app"]\n'
    (folder / "conf.d/a.toml").write_text(head)
    (folder / "templates/a.tmpl").write_text(template)
    (folder / "confd.toml").write_text(settings)
    return [one.rule for one in lint(folder, **flags)]  # type: ignore[arg-type]  # the flags are texts


@pytest.mark.parametrize(
    ("settings", "template", "found"),
    [
        ('functions = "sprig"', SPRIG, []),
        ('Functions = "sprig"', SPRIG, []),
        ('functions = "sprig:bare"', SPRIG + '{{coalesce (getv "/app/x")}}', []),
        ('functions = "sprig"', '{{coalesce (getv "/app/x")}}', ["unknown-function"]),
        ("", SPRIG, ["unknown-function"]),
        ('functions = "none"', SPRIG, ["unknown-function"]),
        ("functions = 1", SPRIG, ["unknown-function"]),
        ("functions =", SPRIG, ["unknown-function"]),
    ],
)
def test_the_functions_that_it_names_are_known(tmp_path, settings, template, found):
    assert rules(tmp_path, settings, template) == found


def test_the_flag_goes_before_it(tmp_path):
    settings = 'functions = "sprig"'
    assert rules(tmp_path, settings, '{{coalesce (getv "/app/x")}}', functions="sprig:bare") == []
