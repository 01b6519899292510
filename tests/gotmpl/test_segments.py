"""Output that one line writes: what is written where it fails, and the code that is kept."""

from __future__ import annotations

import dataclasses
import traceback
import urllib.parse

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
        ("a{{$v := printf `%v%v` .x.y $v}}", "a", ".x.y"),
    ],
)
def test_what_came_before_a_failure_is_written(
    wrap: str, text: str, partial: str, context: str
) -> None:
    template = Template("t").parse(wrap.replace("@", text))
    with pytest.raises(ExecError) as caught:
        template.render({"x": 1, "t": True, "big": BIG, "l": [0]})
    assert (caught.value.partial, caught.value.context) == (partial, context)


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("{{.n}}{{.n}}{{set . 2}}{{.n}}", "112"),
        ("{{.m.n}}{{.m.n}}{{set .m 2}}{{.m.n}}", "112"),
        ('{{printf "%d" .n}}{{set . 2}}{{printf "%d" .n}}', "12"),
        ("{{if eq .n 1}}{{.n}}{{set . 2}}{{.n}}{{end}}{{.n}}", "122"),
        ("{{if eq .n 5}}a{{else if eq (put . 2) 5}}b{{else if eq .n 2}}{{.n}}{{end}}", "2"),
        ("{{if eq .n 5}}a{{else if eq .n 1}}{{.n}}{{.m.n}}{{else}}b{{end}}", "11"),
        ("{{$v := .m}}{{$v.n}}{{$v = .other}}{{$v.n}}", "17"),
        ("{{$v := .}}{{$v.m.n}}{{$v = .other}}{{$v.m.n}}", "18"),
        ('{{range index .l (printf "%d" .n)}}{{.}}{{$.n}}{{set $ .}}{{$.n}}{{end}}', "515656"),
        ('{{printf "%d" .n}}{{template "inner" .}}{{.n}}', "133"),
        ("{{and .n (put . 2) .n}}{{.n}}", "22"),
        ("{{if ge .m.n (same .m.n)}}{{.m.n}}{{end}}", "1"),
        ("{{if eq (put . (same .n)) (put . 2)}}{{else}}{{.n}}{{end}}", "2"),
        ("{{if eq (put . (len .t)) 1}}{{else}}{{.n}}{{.n}}{{end}}", "33"),
        ("{{if eq (add . .n) 2}}{{.n}}{{end}}", "2"),
        ('{{if and (eq .n 1) (eq (printf "%d" .n) "1")}}{{.n}}{{end}}{{.n}}', "11"),
    ],
)
def test_a_field_that_is_read_twice_is_what_it_is_then(text: str, output: str) -> None:
    def put(fields: dict[str, object], number: int) -> int:
        fields["n"] = number
        return number

    def set_(fields: dict[str, object], number: int) -> str:
        return str(put(fields, number))[:0]

    def same(number: int) -> int:
        return number

    def add(fields: dict[str, object], number: int) -> int:
        return put(fields, number + 1)

    row = {"t": "abc", "n": 1, "m": {"n": 1}, "other": {"n": 7, "m": {"n": 8}}, "l": {"1": [5, 6]}}
    template = Template("t").funcs({"set": set_, "put": put, "same": same, "add": add})
    template.parse('{{define "inner"}}{{set . 3}}{{.n}}{{end}}{{define "u"}}' + text + "{{end}}")
    # The code of the executed template itself runs once, and keeps nothing.
    assert template.parse('{{template "u" .}}').render(row) == output


class Counter:
    """Counts the calls of its methods."""

    def __init__(self) -> None:
        self.n, self.text, self.none = 1, "t", None
        self.inner: Counter | None = None

    def step(self) -> str:
        self.n += 1
        return "!"

    @property
    def stepped(self) -> str:
        return self.step()

    def same(self, value: object) -> object:
        return value

    def itself(self) -> Counter:
        self.n += 1
        return self


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("{{.n}}{{.step}}{{.n}}", "1!2"),
        ("{{.n}}{{.stepped}}{{.n}}", "1!2"),
        ("{{.n}}{{.step}}{{.n}}{{.step}}{{.n}}", "1!2!3"),
        ("{{.n}}{{.n}}{{.step}}{{.text}}{{.n}}{{.n}}", "11!t22"),
        ("{{.n}}{{.itself.n}}{{.n}}{{.itself.n}}{{.itself.n}}{{.n}}", "122344"),
        ("{{.n}}{{if .step}}{{.n}}{{end}}{{.n}}", "122"),
        ("{{if eq .n 5}}{{else if .step}}{{.n}}{{end}}", "2"),
        ("{{if eq .n 5}}{{else if eq .step `?`}}{{else if eq .n 2}}{{.n}}{{end}}", "2"),
        ("{{if eq .n 5}}{{else if eq .step `?`}}{{else}}{{.n}}{{end}}", "2"),
        ("{{if eq .step `?`}}{{else if eq .step `?`}}{{else}}{{.n}}{{end}}", "3"),
        ("{{.n}}{{and .step .n}}{{.n}}", "122"),
        ("{{.n}}{{$v := .step}}{{.n}}", "12"),
        ("{{.n}}{{eq .step `!`}}{{.n}}", "1true2"),
        ("{{.n}}{{len .step}}{{.n}}", "112"),
        ("{{.n}}{{print .step}}{{.n}}", "1!2"),
        ("{{.n}}{{.same .step}}{{.n}}", "1!2"),
        ("{{.n}}{{.itself.same 7}}{{.n}}", "172"),
        ("{{.n}}{{.itself.same (printf `%v` .n)}}{{.n}}", "122"),
        ("{{.n}}{{print .step (printf `%v` .n)}}{{.n}}", "1!22"),
        ("{{.n}}{{printf `%v` .step}}{{.n}}", "1!2"),
        ("{{printf `%v%v` .step .n}}", "!2"),
        ("{{printf `%s%v%d%v%t` `a` .step 5 .n true}}{{.n}}", "a!52true2"),
        ("{{.n}}{{printf `%d%v%s%d` `a` .n `b` .n}}", "1%!d(string=a)1b1"),
        ("{{printf `%v%v%v%v` .n .step .n .step}}{{.n}}", "1!2!3"),
        ("{{.n}}{{printf `%v%d` .step .n}}{{.n}}", "1!22"),
        ("{{.n}}{{.none}}{{.n}}", "1<no value>1"),
        ("{{.inner.n}}{{.inner.step}}{{.inner.n}}{{.n}}", "1!21"),
        ("{{printf `%v%v%v%v%v` .step .text .inner.text .n .none}}", "!tt2<nil>"),
        ("{{printf `%v%v%v` .inner.step .n .inner.n}}{{printf `%v` .inner.n}}", "!122"),
        ("{{printf `%v%v%v` .inner.n .itself.n .inner.n}}{{.n}}", "1212"),
        ("{{and true (printf `%v%v` .inner.step .inner.n)}}{{.inner.n}}", "!22"),
        ("{{and true (printf `%v%v` .step .n)}}{{.n}}", "!22"),
        ("{{if eq .inner.step `!`}}{{printf `%v%v` .inner.step .inner.n}}{{end}}", "!3"),
    ],
)
def test_what_a_method_changes_is_seen_behind_it(text: str, output: str) -> None:
    for around in ("@", "{{range .l}}@{{end}}", "{{with $x := .c}}@{{end}}"):
        counter = Counter()
        counter.inner = Counter()
        data = counter if around == "@" else {"l": [counter], "c": counter}
        assert Template("t").parse(around.replace("@", text)).render(data) == output


class Serial:
    """Prints a new number each time."""

    def __init__(self) -> None:
        self.printed = 0

    def __str__(self) -> str:
        self.printed += 1
        return str(self.printed)


@pytest.mark.parametrize(
    ("value", "output"),
    [
        (1.5, "1.5 1.5 1.5"),
        (1e6, "1e+06 1e+06 1e+06"),
        (True, "true true true"),
        (7, "7 7 7"),
        ("a", "a a a"),
        (None, "<no value> <nil> <no value>"),
        ([1.5, None], "[1.5 <nil>] [1.5 <nil>] [1.5 <nil>]"),
        (Serial, "1 2 3"),
        (lambda: [Serial()], "[1] [2] [3]"),
        (lambda: {"a": (1.5, Serial())}, "map[a:[1.5 1]] map[a:[1.5 2]] map[a:[1.5 3]]"),
    ],
)
def test_a_value_that_a_line_prints_again_has_the_text_it_has_then(
    value: object, output: str
) -> None:
    template = Template("t").parse("{{range .}}{{.x}} {{printf `%v` .x}} {{.x}};{{end}}")
    rows = [{"x": value() if callable(value) else value} for _ in range(2)]
    assert template.render([{"x": 0.5}, *rows, {"x": 0.5}]) == (
        f"0.5 0.5 0.5;{output};{output};0.5 0.5 0.5;"
    )


class Changing:
    """Changes a map when it is printed."""

    def __init__(self, fields: dict[str, object]) -> None:
        self.fields = fields

    def __str__(self) -> str:
        self.fields["n"] = 2
        return "printed"


def test_what_a_text_changes_is_seen_behind_the_next_control_structure() -> None:
    row: dict[str, object] = {"n": 1}
    row["value"] = Changing(row)
    template = Template("t").parse(
        "{{range .}}{{.value}} {{.n}} {{.value}} {{.n}}{{if 1}} {{.n}}{{end}}{{end}}"
    )
    assert template.render([row]) == "printed 1 printed 1 2"


class Broken:
    """A field of a class, which fails where an object's is read."""

    def __get__(self, owner: object, _: type) -> object:
        if owner is None:
            return "default"
        raise ValueError("broken")

    def __set__(self, _: object, value: object) -> None:
        """Accept any value."""


@dataclasses.dataclass
class Fragile:
    scheme: object = "http"
    port: object = Broken()


@pytest.mark.parametrize("value", [Fragile(), urllib.parse.urlsplit("http://host:65536")])
@pytest.mark.parametrize("wrap", ["@", "{{range .}}@{{end}}"])
@pytest.mark.parametrize(
    ("text", "partial", "context"),
    [
        ("<{{.scheme}}{{.port}}>", "<http", "{{.port}}"),
        ("<{{.scheme}}{{with .port}}{{end}}>", "<http", ".port"),
        ("<{{.scheme}}{{printf `%v%v` .scheme .port}}>", "<http", "printf `%v%v` .scheme .port"),
    ],
)
def test_a_field_that_fails_does_so_where_it_stands(
    text: str, partial: str, context: str, wrap: str, value: object
) -> None:
    template = Template("t").parse(wrap.replace("@", text))
    with pytest.raises(ExecError) as caught:
        template.render(value if wrap == "@" else [value])
    assert (caught.value.partial, caught.value.context) == (partial, context)


class Filling:
    """A field of a class that changes another when it is read."""

    def __get__(self, owner: Filled, _: type) -> object:
        if owner is not None:
            owner.n += 1
        return "!"

    def __set__(self, _: object, value: object) -> None:
        """Accept any value."""


@dataclasses.dataclass
class Filled:
    n: int = 1
    step: object = Filling()


@pytest.mark.parametrize("wrap", ["@", "{{range .}}@{{end}}"])
def test_what_a_field_changes_is_seen_behind_it(wrap: str) -> None:
    value = Filled()
    template = Template("t").parse(wrap.replace("@", "{{.n}}{{.step}}{{.n}}"))
    assert template.render(value if wrap == "@" else [value]) == "1!2"


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
