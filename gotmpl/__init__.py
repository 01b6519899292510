"""Go's `text/template`, evaluated from Python: the same output, the same errors.

Knows nothing of confd, of HTTP, of files beyond `parse_files`, or of keys.

>>> import gotmpl
>>> gotmpl.render("{{range .}}{{.}} {{end}}", ["a", "b"])
'a b '
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gotmpl.builtins.functions import BUILTINS
    from gotmpl.errors import ExecError, FuncError, LimitError, ParseError, TemplateError
    from gotmpl.failures.failure import Failure
    from gotmpl.failures.names import did_you_mean, near
    from gotmpl.limits import check_limits
    from gotmpl.strconv.floats import format_float
    from gotmpl.strconv.quoting import quote
    from gotmpl.syntax import nodes
    from gotmpl.syntax.probes import Observer, Visit, visits
    from gotmpl.template import Template, Writer, parse
    from gotmpl.values.kinds import Map, Slice
    from gotmpl.values.scalars import scalar

__all__ = [
    "BUILTINS",
    "ExecError",
    "Failure",
    "FuncError",
    "LimitError",
    "Map",
    "Observer",
    "ParseError",
    "Slice",
    "Template",
    "TemplateError",
    "Visit",
    "Writer",
    "check_limits",
    "did_you_mean",
    "format_float",
    "near",
    "nodes",
    "parse",
    "quote",
    "render",
    "scalar",
    "visits",
]

# Names that are loaded on first use, and their modules: `import gotmpl` is cheap.
# A place that ends with the name is the module itself.
_PLACES = {
    "BUILTINS": "builtins.functions",
    "ExecError": "errors",
    "Failure": "failures.failure",
    "FuncError": "errors",
    "LimitError": "errors",
    "Map": "values.kinds",
    "Observer": "syntax.probes",
    "ParseError": "errors",
    "Slice": "values.kinds",
    "Template": "template",
    "TemplateError": "errors",
    "Visit": "syntax.probes",
    "Writer": "template",
    "check_limits": "limits",
    "did_you_mean": "failures.names",
    "format_float": "strconv.floats",
    "near": "failures.names",
    "nodes": "syntax.nodes",
    "parse": "template",
    "quote": "strconv.quoting",
    "scalar": "values.scalars",
    "visits": "syntax.probes",
}


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    place = _PLACES[name]
    module = import_module(f"gotmpl.{place}")
    value = globals()[name] = module if place.endswith(f".{name}") else getattr(module, name)
    return value


def render(
    text: str,
    data: object = None,
    *,
    name: str = "",
    funcs: Mapping[str, Callable[..., object]] | None = None,
    missingkey: str = "default",
) -> str:
    """Parse a text and execute it.

    Args:
        text: the template.
        data: the value of `.`.
        name: the name that errors carry.
        funcs: functions that the template may call, beside Go's own.
        missingkey: what a key that a map lacks gives: `default`, `zero` or `error`, as in
            `Template.option`.

    Raises:
        TypeError: the text is a path, or bytes, or another argument is not of its type.
        TemplateError: there is no such `missingkey`.
        ParseError: the text is not a template.
        ExecError: the template met data that it cannot handle, or a function failed.

    >>> render('{{.service}}:{{printf "%05d" .port}}', {"service": "db", "port": 3306})
    'db:03306'
    >>> render("{{.service}}:{{.port}}", {"service": "db"}, name="db", missingkey="error")
    Traceback (most recent call last):
    ...
    gotmpl.errors.ExecError: template: db:1:15: executing "db" at <.port>: map has no entry for \
key "port"
    """
    from gotmpl.template import Template  # noqa: PLC0415 - the façade loads on first use

    template = Template(name).funcs(funcs or {}).option(f"missingkey={missingkey}")
    return template.parse(text).render(data)
