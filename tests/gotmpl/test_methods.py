"""`Template.methods`: which methods of data a template may use."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import gotmpl
from gotmpl import Template


@dataclass
class Host:
    name: str = "db1"

    @property
    def url(self) -> str:
        return f"http://{self.name}"

    def port(self, offset: int) -> int:
        return 80 + offset

    @classmethod
    def kind(cls) -> str:
        return cls.__name__

    @staticmethod
    def zone() -> str:
        return "eu"

    def String(self) -> str:  # noqa: N802 - as in Go
        return f"<{self.name}>"


class Child(Host):
    def only_here(self) -> str:
        return "child"


USES = {
    "url": "{{.url}}",
    "port": "{{.port 1}}",
    "piped": "{{1 | .port}}",
    "chain": "{{(.kind).x}}",
    "kind": "{{.kind}}",
    "zone": "{{.zone}}",
    "loop": "{{range $x := list .}}{{$x.url}}{{end}}",
    "call": "{{call .zone}}",
}
ALLOWED = [
    pytest.param((), set(), id="none"),
    pytest.param((Host,), {"url", "port", "piped", "kind", "zone", "loop"}, id="class"),
    pytest.param((Host.url,), {"url", "loop"}, id="property"),
    pytest.param((Host.port,), {"port", "piped"}, id="method"),
    pytest.param((Host.kind, Host.zone), {"kind", "zone"}, id="of the class"),
    pytest.param((dict, str), set(), id="others"),
]


@pytest.mark.parametrize("value", [Host(), Child()], ids=["itself", "subclass"])
@pytest.mark.parametrize(("allowed", "works"), ALLOWED)
def test_only_these_methods_are_there(
    allowed: tuple[object, ...], works: set[str], value: Host
) -> None:
    template = Template("t").funcs({"list": lambda *items: list(items)}).methods(*allowed)
    reasons = {name: outcome(template.parse(text), value) for name, text in USES.items()}
    assert {name for name, reason in reasons.items() if not reason} == works
    refused = set(USES) - works - {"chain", "call"}
    assert all("can't evaluate field" in reasons[name] for name in refused)


def outcome(template: Template, value: Host) -> str:
    try:
        template.render(value)
    except gotmpl.ExecError as error:
        return error.reason
    return ""


def test_fields_keys_and_texts_stay() -> None:
    template = Template("t").methods().parse("{{.h.name}} {{.k}} {{.h}}")
    assert template.render({"h": Host(), "k": 1}) == "db1 1 <db1>"


def test_what_is_allowed_is_the_set_s_and_a_clone_has_its_own() -> None:
    first = Template("t").parse('{{define "in"}}{{.url}}{{end}}{{template "in" .}}')
    assert first.render(Host()) == "http://db1"
    copy = first.methods().clone()
    copy.methods(Host)
    assert copy.render(Host()) == "http://db1"
    with pytest.raises(gotmpl.ExecError, match="can't evaluate field url in type"):
        first.render(Host())


def test_no_methods_are_allowed_by_a_name() -> None:
    with pytest.raises(gotmpl.TemplateError, match="not a class, a method or a property: 'url'"):
        Template("t").methods("url")
