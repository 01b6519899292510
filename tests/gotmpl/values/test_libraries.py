"""Values of libraries that the package does not import: numpy, pydantic, attrs, markupsafe."""

from __future__ import annotations

from typing import Any

import pytest

import gotmpl


def outcome(text: str, data: object) -> str:
    """Return the output, or the reason of the error."""
    try:
        return gotmpl.render(text, data)
    except gotmpl.ExecError as error:
        return error.reason


@pytest.mark.parametrize(
    ("build", "text", "expected"),
    [
        ("int64(5)", "{{.}} {{printf `%03d %T` . .}} {{eq . 5}} {{lt . 6}}", "5 005 int true true"),
        ("int64(2)", "{{range .}}{{.}}{{end}} {{index `abc` .}}", "01 99"),
        ("uint8(3)", "{{range .}}{{.}}{{end}} {{len (slice `abcd` .)}}", "012 1"),
        ("float32(1.5)", "{{.}} {{printf `%.2f %T` . .}} {{eq . 1.5}}", "1.5 1.50 float64 true"),
        ("float64(1e21)", "{{.}} {{printf `%T` .}}", "1e+21 float64"),
        ("bool_(True)", "{{.}} {{if .}}yes{{end}} {{printf `%t %T` . .}}", "true yes true bool"),
        ("bool_(False)", "{{.}} {{if .}}yes{{else}}no{{end}} {{not .}}", "false no true"),
        ("str_('é')", "{{.}} {{len .}} {{slice . 1}} {{eq . `é`}}", "é 2 \udca9 true"),
        ("complex64(1 + 2j)", "{{.}} {{printf `%T` .}}", "(1+2i) complex128"),
        ("array([1, 2])", "{{.}} {{len .}} {{index . 1}} {{slice . 1}}", "[1 2] 2 2 [2]"),
        ("array([1, 2])", "{{range $i, $x := .}}{{$i}}{{$x}} {{else}}no{{end}}", "01 12 "),
        ("array([])", "{{range .}}{{.}}{{else}}no{{end}}{{if .}}yes{{end}}", "no"),
        ("array([[1, 2], [3, 4]])", "{{.}} {{index . 1 0}}", "[[1 2] [3 4]] 3"),
        ("datetime64('2024-05-06')", "{{.}}", "2024-05-06"),
        ("timedelta64(5, 's')", "{{.}}", "5 seconds"),
        ("int64(1)", "{{.item}}", "can't evaluate field item in type int"),
        ("array([1])", "{{.tofile `x`}}", "can't evaluate field tofile in type numpy.ndarray"),
        ("float64(1)", "{{.tofile `x`}}", "can't evaluate field tofile in type float64"),
    ],
)
def test_numpy(build: str, text: str, expected: str) -> None:
    numpy: Any = pytest.importorskip("numpy")
    value = eval(f"numpy.{build}", {"numpy": numpy})
    assert outcome(text, value) == expected


def takes_int(number: int) -> str:
    return type(number).__name__


def takes_float(number: float) -> str:
    return type(number).__name__


def takes_bool(flag: bool) -> str:
    return type(flag).__name__


def takes_list(items: list[object]) -> str:
    return type(items).__name__


@pytest.mark.parametrize(
    ("build", "function", "expected"),
    [
        ("int64(5)", takes_int, "int"),
        ("float32(5)", takes_float, "float"),
        ("bool_(True)", takes_bool, "bool"),
        ("array([1])", takes_list, "list"),
    ],
)
def test_functions_get_pythons_own_values(build: str, function: Any, expected: str) -> None:
    numpy: Any = pytest.importorskip("numpy")
    value = eval(f"numpy.{build}", {"numpy": numpy})
    assert gotmpl.render("{{f .}}", value, funcs={"f": function}) == expected
    assert gotmpl.render("{{call .f .x}}", {"f": function, "x": value}) == expected


def test_pydantic() -> None:
    pydantic: Any = pytest.importorskip("pydantic")

    class Host(pydantic.BaseModel):  # type: ignore[misc]  # may not be installed
        name: str
        password: pydantic.SecretStr

        def address(self) -> str:
            return f"{self.name}:80"

    class Named(Host):
        def __str__(self) -> str:
            return f"<{self.name}>"

    given = {"name": "web", "password": "s3cret"}
    text = "{{.}} {{.name}} {{.address}}"
    assert gotmpl.render(text, Host(**given)) == "{web **********} web web:80"
    assert gotmpl.render(text, Named(**given)) == "<web> web web:80"
    for name in ("model_dump", "json", "parse_file", "parse_raw", "copy"):
        assert "can't evaluate field" in outcome(f"{{{{.{name}}}}}", Host(**given))


def test_attrs() -> None:
    attrs: Any = pytest.importorskip("attrs")

    @attrs.define
    class Host:
        name: str
        port: int = 80

    assert gotmpl.render("{{.}} {{.name}}", Host("web")) == "{web 80} web"


@pytest.mark.parametrize("name", ["format", "format_map", "join", "unescape", "striptags"])
def test_markupsafe(name: str) -> None:
    markupsafe: Any = pytest.importorskip("markupsafe")
    data = {"m": markupsafe.Markup("{0.__class__}")}
    assert gotmpl.render("{{.m}}", data) == "{0.__class__}"
    assert outcome(f"{{{{.m.{name} .m}}}}", data).startswith(f"can't evaluate field {name}")
