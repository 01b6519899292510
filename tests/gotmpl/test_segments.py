"""Output that one line writes: what is written where it fails, and the code that is kept."""

from __future__ import annotations

import traceback

import pytest

from gotmpl import ExecError, Template

BIG = 10**5000  # of more digits than Python prints


@pytest.mark.parametrize("wrap", ["@", "{{range .l}}{{with $}}@{{end}}{{end}}"])
@pytest.mark.parametrize(
    ("text", "partial", "context"),
    [
        ("a{{.x}}b{{.big}}c{{.x}}", "a1b", "{{.big}}"),
        ("a{{.x}}b{{.big}}c{{.x.y}}", "a1b", "{{.big}}"),
        ("a{{.x}}b{{.x.y}}c{{.big}}", "a1b", ".x.y"),
        ("a{{.x}}{{$v := .x}}{{$v}}b{{index .l 9}}c", "a11b", "index .l 9"),
        ('a{{printf "%d%v" .x .t}}b{{index .l 9}}c', "a1trueb", "index .l 9"),
        ("a{{if and .x (index .l 9)}}b{{end}}", "a", "index .l 9"),
        ("a{{.x}}{{if .x}}b{{.x}}{{.x.y}}{{end}}", "a1b1", ".x.y"),
        ("a{{.x}}{{len .x}}", "a1", "len .x"),
    ],
)
def test_what_came_before_a_failure_is_written(
    wrap: str, text: str, partial: str, context: str
) -> None:
    template = Template("t").parse(wrap.replace("@", text))
    with pytest.raises(ExecError) as caught:
        template.render({"x": 1, "t": True, "big": BIG, "l": [0]})
    assert (caught.value.partial, caught.value.context) == (partial, context)


def test_a_traceback_shows_the_line_though_the_source_is_not_kept() -> None:
    def fail() -> str:
        raise ValueError("boom")

    template = Template("t").funcs({"fail": fail}).parse("a{{.}}{{fail}}")
    with pytest.raises(ExecError) as caught:
        template.render(1)
    cause = caught.value.__cause__
    assert cause is not None
    shown = "".join(traceback.format_exception(cause))
    assert "x2 = f_fail()" in shown


def test_a_clone_keeps_the_code_of_what_it_shares() -> None:
    base = Template("t").parse('{{define "a"}}x{{end}}{{template "a"}}')
    base.render()
    clone = base.clone()
    assert clone.render() == "x"
    assert base._set.codes
    assert clone._set.codes == base._set.codes


def test_the_code_of_a_template_that_is_replaced_is_dropped() -> None:
    set_ = Template("t").parse('{{define "a"}}0{{end}}{{template "a"}}')
    for number in range(9):
        assert set_.parse(f'{{{{define "a"}}}}{number}{{{{end}}}}').render() == str(number)
    assert len(set_._set.codes) == 2
