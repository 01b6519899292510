"""Masks: a value that is hidden stands nowhere in what is shown."""

from __future__ import annotations

import re

import pytest

from confd_lib.errors import ConfigError
from confd_lib.preview import pages
from confd_lib.preview.model.masks import MASK, as_masked, masked
from confd_lib.preview.model.records import to_json
from confd_lib.store.store import Store

from .conftest import Site, text

SECRET = "s3cret"
HIDDEN = "/self/service/metadata/password"

# What is masked of a store.
STORES = {
    "a key": (["/db/password"], {"/db/password": SECRET, "/db/port": "1"}, {"/db/password": MASK}),
    "a pattern": (["/*/password"], {"/a/password": SECRET}, {"/a/password": MASK}),
    "keys below": (["/secrets"], {"/secrets/a/b": SECRET}, {"/secrets/a/b": MASK}),
    "all of a document": (["/db/password"], {"/db": "x", "/db/password": SECRET}, {"/db": MASK}),
    "a field of a document": (
        ["/db/password"],
        {"/db": '{"a": "b", "password": "s3\\"cret"}', "/db/password": 's3"cret'},
        {"/db": f'{{"a": "b", "password": "{MASK}"}}'},
    ),
    "an empty value": (["/password"], {"/password": ""}, {"/password": ""}),
    "a neighbour": (["/db"], {"/dbs": "x", "/db": SECRET}, {"/dbs": "x"}),
    "nothing": (["/*/password"], {"/port": "80"}, {"/port": "80"}),
}


@pytest.mark.parametrize(("patterns", "values", "wanted"), STORES.values(), ids=STORES)
def test_the_keys_of_a_mask(
    patterns: list[str], values: dict[str, str], wanted: dict[str, str]
) -> None:
    made = masked(Store(values), patterns)
    found = dict(made.store.items())
    assert found.keys() == values.keys()
    assert wanted.items() <= found.items()
    assert SECRET not in "".join(found.values())
    assert SECRET not in repr(made)


# By what a template does with the value, and what the page shows of it.
USES = {
    "printed": f'{{{{getv "{HIDDEN}"}}}}',
    "encoded": f'{{{{base64Encode (getv "{HIDDEN}")}}}}',
    "in a loop": '{{range gets "/self/service/metadata/*"}}{{.Value}}{{end}}',
    "in a sorted list": '{{range getvs "/self/service/metadata/*"}}{{.}}{{end}}',
    "in a variable": f'{{{{$x := toUpper (getv "{HIDDEN}")}}}}{{{{$x}}}}',
    "in a failure": f'{{{{getv "{HIDDEN}"}}}}{{{{atoi (getv "{HIDDEN}")}}}}',
    "in a failure of its text": f'{{{{index (getv "{HIDDEN}") "x"}}}}',
}
ADDRESSES = ("", "against=disk", "scale.web=3", f"set.{HIDDEN}={SECRET}")


@pytest.mark.parametrize("template", USES.values(), ids=USES)
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_hidden_value_stands_nowhere(site: Site, template: str, address: str) -> None:
    site.template(template)
    (site.path / "out/app.conf").write_text(SECRET)
    seen = site.preview("--mask", "/self/service/metadata/password")
    view = seen.view(address)
    shown = (to_json(view), pages.frozen(view), seen.test(address), to_json(seen.overview(address)))
    for secret in (SECRET, SECRET.upper(), "czNjcmV0"):
        assert all(secret not in one for one in shown)


def test_the_mask_is_shown_where_the_value_stood(site: Site) -> None:
    site.template(f'password = {{{{getv "{HIDDEN}"}}}}\n')
    view = site.preview("--mask", HIDDEN).view()
    assert text(view) == f"password = {MASK}\n"
    assert [(one.value, one.masked) for one in view.reads] == [(MASK, True)]


def test_an_older_secret_on_the_disk_is_hidden_too(site: Site) -> None:
    site.template(f'password = {{{{getv "{HIDDEN}"}}}}\nport = 1\n')
    (site.path / "out/app.conf").write_text("password = 0lder\nport = 2\n")
    view = site.preview("--mask", HIDDEN).view("against=disk")
    lines = [one.text for one in view.difference.lines if one.kind != "@"]
    assert lines == [f"password = {MASK}", "port = 2", "port = 1"]


# The text on the disk, the shown text, and what is shown of the first.
DISKS = (
    ("a = 1;", f"a = {MASK};", f"a = {MASK};"),
    ("a = 1, 2 # x", f"a = {MASK};", f"a = {MASK}"),
    ("b = 1", f"a = {MASK}", "b = 1"),
    ("1 2", f"{MASK} 2", f"{MASK} 2"),
    ("1 3", f"{MASK} 2", "1 3"),
    ("0lder\nport = 1\nport = 2", f"{MASK}\nport = 1", f"{MASK}\nport = 1\n{MASK}"),
)


@pytest.mark.parametrize(("disk", "shown", "wanted"), DISKS)
def test_lines_on_the_disk_are_hidden_by_their_form(disk: str, shown: str, wanted: str) -> None:
    assert as_masked(disk, shown) == wanted


def test_a_password_in_the_answers_is_hidden(site: Site) -> None:
    asked = f"{{variable: PASS, type: password, default: {SECRET}}}"
    site.compose(
        rancher=f".catalog: {{questions: [{asked}]}}\nweb: {{metadata: {{password: $PASS}}}}"
    )
    site.template(f'{{{{getv "{HIDDEN}"}}}}')
    seen = site.preview("--mask", HIDDEN)
    for address in ("", "answer.PASS=0ther"):
        view = seen.view(address)
        (question,) = view.controls.questions
        assert (question.answer, text(view)) == (MASK, f"{MASK}\n")
        assert not {SECRET, "0ther"} & {*re.findall(r"\w+", to_json(view) + seen.test(address))}


REFUSED = {
    "db/password": "--mask db/password: it does not begin with /, so it matches no key",
    "/[": "--mask /[: syntax error in pattern",
}


@pytest.mark.parametrize(("pattern", "said"), REFUSED.items())
def test_a_mask_that_can_match_nothing_is_refused(site: Site, pattern: str, said: str) -> None:
    with pytest.raises(ConfigError) as failed:
        site.preview("--mask", pattern)
    assert str(failed.value) == said


def test_a_mask_without_a_key_is_named(site: Site) -> None:
    seen = site.preview("--mask", "/*/pasword", "--mask", HIDDEN)
    assert list(seen.preview.faults()) == ["", "--mask /*/pasword: no resource sees such a key"]
