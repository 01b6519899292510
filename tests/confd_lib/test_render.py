"""`render` and `render_file`, with values of each kind and their errors."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

import confd_lib
from confd_lib.errors import TemplateFileError
from gotmpl import ExecError, ParseError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("values", "output"),
    [
        pytest.param({"/a/b": "v"}, "v", id="flat"),
        pytest.param({"a": {"b": "v"}}, "v", id="tree"),
        pytest.param({"a": [{"name": "b", "": "v"}]}, "v", id="named"),
        pytest.param(confd_lib.Store({"a/b": "v"}), "v", id="store"),
    ],
)
def test_values_are_a_store_or_any_mapping(values: dict[str, object], output: str) -> None:
    assert confd_lib.render('{{getv "/a/b"}}', values) == output


def test_values_are_optional() -> None:
    assert confd_lib.render('{{len (ls "/")}} {{.}} {{.x.y}}') == "0 <no value> <no value>"


def test_errors_have_the_name_and_the_partial_output() -> None:
    with pytest.raises(ExecError) as caught:
        confd_lib.render('port {{getv "/port"}}', name="app.conf")
    assert str(caught.value) == (
        'template: app.conf:1:7: executing "app.conf" at <getv "/port">: '
        "error calling getv: key does not exist: /port"
    )
    assert caught.value.partial == "port "


def test_a_file_is_named_by_its_base_name(tmp_path: Path) -> None:
    path = tmp_path / "app.conf.tmpl"
    path.write_bytes(b'\xff{{getv "/a"}}')
    assert confd_lib.render_file(path, {"a": 1}) == "\udcff1"
    path.write_text("{{nofn}}")
    with pytest.raises(ParseError, match=r'^template: app\.conf\.tmpl:1: function "nofn" not'):
        confd_lib.render_file(str(path))


def test_the_error_for_a_missing_file_names_it(tmp_path: Path) -> None:
    path = tmp_path / "none.tmpl"
    with pytest.raises(TemplateFileError) as caught:
        confd_lib.render_file(path)
    assert str(caught.value) == f"Missing template: {path}"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    with pytest.raises(TemplateFileError, match="is a directory"):
        confd_lib.render_file(tmp_path)
    with pytest.raises(TemplateFileError, match="the path holds a null byte"):
        confd_lib.render_file("a\0b")


def test_compat_selects_the_rules_of_the_fork() -> None:
    assert confd_lib.render('{{ls "/a"}}', {"/a/x": 1, "/ab": 2}) == "[x]"
    assert confd_lib.render('{{ls "/a"}}', {"/a/x": 1, "/ab": 2}, compat="0.11") == "[b x]"
