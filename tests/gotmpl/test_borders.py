"""Borders of the engine: functions, data and threads of users while templates are executed."""

from __future__ import annotations

import gc
import inspect
import io
import pickle
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

import gotmpl
from gotmpl import Template, TemplateError


def nested(value: str) -> str:
    """Render another template, which fails by itself."""
    return gotmpl.render("inner {{.x.y}}", {"x": value}, name="inner")


def endless(value: int) -> int:
    return endless(value + 1)


@pytest.mark.parametrize(
    ("text", "funcs", "message"),
    [
        pytest.param(
            '{{nested "v"}}',
            {"nested": nested},
            'template: t:1:2: executing "t" at <nested "v">: error calling nested: '
            'template: inner:1:10: executing "inner" at <.x.y>: '
            "can't evaluate field y in type interface {}",
            id="a function that renders",
        ),
        pytest.param(
            "{{endless 1}}",
            {"endless": endless},
            'template: t:1:2: executing "t" at <endless 1>: error calling endless: '
            "maximum recursion depth exceeded",
            id="a function without end",
        ),
    ],
)
def test_the_template_of_a_failure_is_named(
    text: str, funcs: dict[str, Callable[..., object]], message: str
) -> None:
    with pytest.raises(gotmpl.ExecError) as caught:
        gotmpl.render(text, name="t", funcs=funcs)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("depth", [1, 6, 20, 49])
def test_a_function_without_end_is_named_below_some_templates(depth: int) -> None:
    text = "".join(
        f'{{{{define "t{n}"}}}}{{{{template "t{n + 1}"}}}}{{{{end}}}}' for n in range(depth)
    )
    text += f'{{{{define "t{depth}"}}}}{{{{endless 1}}}}{{{{end}}}}{{{{template "t0"}}}}'
    with pytest.raises(gotmpl.ExecError, match="error calling endless: maximum recursion depth"):
        gotmpl.render(text, name="t", funcs={"endless": endless})


def test_what_an_inner_template_wrote_stays_its_own() -> None:
    with pytest.raises(gotmpl.ExecError) as caught:
        gotmpl.render('outer {{nested "v"}}', funcs={"nested": nested})
    assert caught.value.partial == "outer "
    assert isinstance(caught.value.__cause__, gotmpl.ExecError)
    assert caught.value.__cause__.partial == "inner "


class Away(Mapping[str, object]):
    """A mapping whose look-ups fail."""

    def __getitem__(self, key: str) -> object:
        raise RuntimeError("db away")

    def __iter__(self) -> Iterator[str]:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


class Broken:
    """A struct whose field cannot be read."""

    __slots__ = ("a",)

    @property
    def b(self) -> str:
        raise RuntimeError("no b")


def fails_later() -> Iterator[int]:
    yield 1
    raise RuntimeError("no second item")


def cyclic() -> list[object]:
    found: list[object] = []
    found.append(found)
    return found


HOSTILE = [
    pytest.param("{{.a}}", Away, "db away", id="look-up"),
    pytest.param("{{.a.b.c}}", Away, "db away", id="chain"),
    pytest.param("{{.}}", Away, "db away", id="printed map"),
    pytest.param("{{range .}}{{end}}", Away, "db away", id="ranged map"),
    pytest.param("{{if .a}}{{end}}", Away, "db away", id="condition"),
    pytest.param("{{.b}}", Broken, "no b", id="property"),
    pytest.param("{{range .}}{{end}}", fails_later, "no second item", id="iterator"),
    pytest.param("{{.}}", cyclic, "value is nested too deeply to be printed", id="cyclic"),
    pytest.param("{{.}}", lambda: 10**5000, "4300 digits", id="large int"),
    pytest.param("{{.}}", lambda: [10**5000], "4300 digits", id="large int in a list"),
    pytest.param("{{$x := 1}}{{.}}", lambda: 10**5000, "4300 digits", id="after a variable"),
]
AROUND = [
    pytest.param("x@", id="top"),
    pytest.param("x{{range 1}}{{with $}}@{{end}}{{end}}", id="loop"),
    pytest.param('{{define "in"}}x@{{end}}{{template "in" .}}', id="template"),
    pytest.param("x" + "{{if 1}}" * 20 + "@" + "{{end}}" * 20, id="depth"),
]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize(("text", "data", "reason"), HOSTILE)
def test_whatever_the_data_do_is_the_template_s_error(
    text: str, data: Callable[[], object], reason: str, around: str
) -> None:
    out = io.StringIO()
    template = Template("t").parse(around.replace("@", text))
    with pytest.raises(
        gotmpl.ExecError, match=rf'^template: t:1:\d+: executing "(t|in)" at <.*{reason}'
    ):
        template.execute(out, data())
    assert out.getvalue() == "x"


def test_keys_of_any_types_are_sorted() -> None:
    keys: dict[object, int] = {b"x": 1, (1,): 2, "a": 3, 1: 4, None: 5, 1.5: 6}
    assert gotmpl.render("{{range $k, $v := .}}{{$v}}{{end}}", keys) == "546312"


def test_interrupts_pass_through() -> None:
    def interrupt() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gotmpl.render("{{f}}", funcs={"f": interrupt})


def test_output_before_an_error_is_written() -> None:
    out = io.StringIO()
    with pytest.raises(gotmpl.ExecError) as caught:
        Template("t").parse("a{{.x}}b{{.x.y}}c").execute(out, {"x": 1})
    assert out.getvalue() == caught.value.partial == "a1b"
    assert pickle.loads(pickle.dumps(caught.value)).partial == "a1b"


def test_functions_may_be_replaced_after_parsing() -> None:
    template = Template("t").funcs({"f": lambda: "old"}).parse("{{f}}")
    assert template.render() == "old"
    assert template.funcs({"f": lambda: "new"}).render() == "new"


def test_a_replaced_function_is_checked_again() -> None:
    def takes_text(value: str) -> str:
        return value

    template = Template("t").funcs({"f": lambda value: value}).parse("{{f .}}")
    assert template.render(1) == "1"
    with pytest.raises(gotmpl.ExecError, match="wrong type for value; expected string; got int"):
        template.funcs({"f": takes_text}).render(1)


class Meddler:
    """A function whose signature parses another text while code is generated."""

    def __init__(self, template: Template) -> None:
        self._template = template

    def __call__(self) -> str:
        return ""

    @property
    def __signature__(self) -> inspect.Signature:
        self._template.parse("new")
        return inspect.Signature()


def test_what_is_parsed_while_code_is_generated_is_not_lost() -> None:
    template = Template("t")
    template.funcs({"f": Meddler(template)}).parse("old{{f}}")
    template.render()
    assert template.render() == "new"


def test_a_clone_has_its_own_code_where_it_differs() -> None:
    base = Template("t").funcs({"f": lambda: "base"}).parse('{{f}}{{block "b" .}}b{{end}}')
    assert base.render() == "baseb"
    other = base.clone().funcs({"f": lambda: "other"}).parse('{{define "b"}}c{{end}}')
    assert (other.render(), base.render()) == ("otherc", "baseb")


def test_a_clone_without_content_is_not_defined() -> None:
    base = Template("t").parse('{{define "c"}}c{{end}}{{template "c"}}')
    clone = base.new("c").clone()
    with pytest.raises(TemplateError, match='template "c" not defined'):
        clone.execute_template(io.StringIO(), "t")
    assert base.render() == "c"


@pytest.mark.parametrize("limits", [{}, {"seconds": 60, "output": 10**6, "steps": 10**6}])
def test_many_threads_execute_one_template_in_turns(limits: dict[str, int]) -> None:
    """All threads meet in each turn of each loop, so that their executions interleave."""
    together = threading.Barrier(4)
    met: list[int] = []

    def meet(number: int) -> str:
        together.wait(30)
        met.append(number)
        return ""

    template = Template("t").funcs({"meet": meet}).limits(**limits)
    template.parse(
        '{{define "row"}}<{{meet .x}}{{.x}}>{{end}}'
        '{{$n := 0}}{{range $i, $x := .}}{{$n = $i}}{{meet $x.x}}{{template "row" $x}}{{end}}{{$n}}'
    )
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(template.render, [[{"x": n}] * 20 for n in range(4)]))
    assert texts == [f"<{n}>" * 20 + "19" for n in range(4)]
    assert all(sorted(met[at : at + 4]) == [0, 1, 2, 3] for at in range(0, len(met), 4))


def test_a_text_is_parsed_while_others_execute() -> None:
    """An execution keeps the templates that it began with; the next one has the new ones."""
    entered, parsed = threading.Event(), threading.Event()

    def wait() -> str:
        entered.set()
        assert parsed.wait(30)
        return "waited "

    template = Template("t").funcs({"wait": wait})
    template.parse('{{wait}}{{template "b"}}{{define "b"}}old{{end}}')
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(template.render)
        assert entered.wait(30)
        template.parse('{{define "b"}}new{{end}}')
        parsed.set()
        assert running.result(30) == "waited old"
    assert template.render() == "waited new"


def test_functions_live_no_longer_than_their_template() -> None:
    def getv(key: str) -> str:
        return key

    alive = weakref.ref(getv)
    assert Template("t").funcs({"getv": getv}).parse('{{getv "/a"}}').render() == "/a"
    del getv
    gc.collect()
    assert alive() is None
