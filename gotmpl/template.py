"""`Template`: a set of named templates that share functions and options, and their execution."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol, Self

from gotmpl.arguments import checked, described
from gotmpl.builtins.functions import BUILTINS
from gotmpl.errors import ExecError, TemplateError
from gotmpl.limits import Limits
from gotmpl.run.code import Code
from gotmpl.run.limited import LimitedProgram
from gotmpl.run.methods import Methods
from gotmpl.run.program import Program, Settings
from gotmpl.strconv.quoting import quote
from gotmpl.syntax import blocks
from gotmpl.syntax.nodes import Tree
from gotmpl.syntax.probes import Observer

if TYPE_CHECKING:
    from pathlib import Path

_MISSINGKEY: Final = {"default": "default", "invalid": "default", "zero": "zero", "error": "error"}


class Writer(Protocol):
    """The destination of an execution."""

    def write(self, text: str, /) -> object:
        """Write some text."""


def parse(
    name: str,
    text: str,
    *,
    funcs: Container[str] = BUILTINS,
    delims: tuple[str, str] = ("{{", "}}"),
    comments: bool = False,
) -> dict[str, Tree]:
    """Parse a text; return its tree and those that it defines, by name (Go: parse.Parse).

    Args:
        name: the name of the template, which errors carry.
        text: the template.
        funcs: the names of the functions that the template may call, and no others.
        delims: the delimiters of actions; an empty one stands for its default.
        comments: whether comments become nodes.

    Raises:
        TypeError: the text is a path, or bytes.
        ParseError: the text is not a template.

    >>> trees = parse("t", '{{define "x"}}{{len .a}}{{end}}<{{ template   "x" . }}>')
    >>> {name: str(tree) for name, tree in trees.items()}
    {'x': '{{len .a}}', 't': '<{{template "x" .}}>'}
    """
    _check_text(text)
    return blocks.parse(name, text, funcs=funcs, delims=delims, comments=comments)


def _check_text(value: object) -> None:
    """Raise a `TypeError` that says what to do about a template that is no text."""
    if isinstance(value, str):
        return
    if isinstance(value, bytes | bytearray):
        do = 'a template is a str, not bytes: use text.decode("utf-8", "surrogateescape")'
    elif isinstance(value, os.PathLike):
        do = "a template is a str, not a path: use Template(name).parse_files(path)"
    else:
        do = f"a template is a str, not {type(value).__name__}"
    raise TypeError(do)


@dataclass(slots=True, eq=False)
class _Set:
    """The templates of a set, and what they share.

    Attributes:
        settings: functions and options.
        templates: those that were parsed, by name.
        codes: the code of those that were used, by name and tree.
    """

    settings: Settings = field(default_factory=Settings)
    templates: dict[str, Template] = field(default_factory=dict)
    codes: dict[tuple[str, Tree], Code] = field(default_factory=dict)
    _program: Program | None = None

    def __getstate__(self) -> tuple[Settings, dict[str, Template]]:
        return self.settings, self.templates

    def __setstate__(self, state: tuple[Settings, dict[str, Template]]) -> None:
        # Code cannot be pickled, and is generated again.
        self.settings, self.templates = state
        self.codes, self._program = {}, None

    def changed(self) -> None:
        """Drop the program, which was bound to what has changed."""
        self._program = None

    def forget(self, template: Template | None) -> None:
        """Drop the code of a template that is replaced."""
        if template is not None and template.tree is not None:
            self.codes.pop((template.name, template.tree), None)

    def program(self) -> Program:
        """Return the functions and templates as they are now, ready to run."""
        program = self._program
        if program is None:
            trees = {name: one.tree for name, one in self.templates.items() if one.tree}
            limits = self.settings.limits
            if limits is None:
                program = self._program = Program(self.settings, trees, self.codes)
            else:
                program = self._program = LimitedProgram(self.settings, trees, self.codes, limits)
        return program


class Template:
    """A template, one of a set of templates (Go: template.Template).

    Safe to execute from many threads at once. Methods that change the set return the template.
    It can be pickled with its set, if its functions can.

    Args:
        name: its name, which errors carry.

    Raises:
        TypeError: the name is no text.

    >>> t = Template("motd").funcs({"upper": str.upper})
    >>> t.parse('{{define "who"}}{{upper .name}}{{end}}Hello, {{template "who" .}}!')
    <Template 'motd'>
    >>> t.render({"name": "galera"})
    'Hello, GALERA!'
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a template is a str, not {type(name).__name__}")
        self._name = name
        self._set = _Set()
        self._delims = ("", "")
        self._tree: Tree | None = None

    def __repr__(self) -> str:
        return f"<Template {self._name!r}>"

    @property
    def name(self) -> str:
        """The template's name."""
        return self._name

    @property
    def tree(self) -> Tree | None:
        """The parsed tree, if anything was parsed."""
        return self._tree

    # -- The set

    def new(self, name: str) -> Template:
        """Return a new template of the same set; it joins the set when it is parsed."""
        template = Template(name)
        template._set, template._delims = self._set, self._delims
        return template

    def lookup(self, name: str) -> Template | None:
        """Return the template of that name, if there is one.

        >>> Template("t").parse('{{define "row"}}{{end}}').lookup("row")
        <Template 'row'>
        """
        return self._set.templates.get(name)

    def templates(self) -> list[Template]:
        """Return the templates of the set that were parsed."""
        return list(self._set.templates.values())

    def defined_templates(self) -> str:
        """Return the names of the templates as Go puts them into an error message."""
        names = [quote(name) for name, found in self._set.templates.items() if found._tree]
        return f"; defined templates are: {', '.join(names)}" if names else ""

    def clone(self) -> Template:
        """Return a copy with its own set: later definitions in one do not affect the other.

        >>> base = Template("t").parse('{{block "title" .}}Default{{end}}')
        >>> base.clone().parse('{{define "title"}}Mine{{end}}').render(), base.render()
        ('Mine', 'Default')
        """
        shared = self._set.settings
        settings = replace(shared, functions=dict(shared.functions), observer=None)
        copy = self._copy(_Set(settings, {}, dict(self._set.codes)))
        for name, template in self._set.templates.items():
            mine = name == self._name
            copy._set.templates[name] = copy if mine else template._copy(copy._set)
        return copy

    def _copy(self, into: _Set) -> Template:
        copy = Template(self._name)
        copy._set, copy._delims, copy._tree = into, self._delims, self._tree
        return copy

    # -- Settings

    @checked
    def delims(self, left: str, right: str) -> Template:
        """Set the delimiters of actions; an empty one stands for its default.

        >>> Template("t").delims("<%", "%>").parse("{{<%.%>}}").render(1)
        '{{1}}'
        """
        self._delims = (left, right)
        return self

    def option(self, *options: str) -> Template:
        """Set options: `missingkey=` `default`, `invalid`, `zero` or `error`.

        Raises:
            TypeError: an option is no text.
            TemplateError: there is no such option.

        >>> Template("t").option("missingkey=error").parse("{{.port}}").render({})
        Traceback (most recent call last):
        ...
        gotmpl.errors.ExecError: template: t:1:2: executing "t" at <.port>: map has no entry for \
key "port"
        """
        for option in options:
            if not isinstance(option, str):
                raise TypeError(f"an option is a str, not {type(option).__name__}")
            if not option:
                raise TemplateError("empty option string")
            key, equals, value = option.partition("=")
            if not equals or key != "missingkey" or value not in _MISSINGKEY:
                raise TemplateError(f"unrecognized option: {option}")
            self._set.settings.missingkey = _MISSINGKEY[value]
            self._set.changed()
        return self

    def funcs(self, functions: Mapping[str, Callable[..., object]]) -> Template:
        """Add functions; templates must have them when they are parsed.

        Arguments are checked against the annotations. An exception becomes Go's `error calling …`.

        Raises:
            TypeError: they are no mapping, or a name is no text.
            TemplateError: a name is not an identifier, or a value is not a function.

        >>> def repeat(text: str, count: int) -> str:
        ...     return text * count
        >>> Template("t").funcs({"repeat": repeat}).parse('{{repeat "ab" 2}}').render()
        'abab'
        """
        if not isinstance(functions, Mapping):
            raise TypeError(f"funcs is a mapping of functions by name, not {described(functions)}")
        for name, function in functions.items():
            if not isinstance(name, str):
                raise TypeError(f"the name of a function is a str, not {described(name)}")
            if not _is_identifier(name):
                raise TemplateError(f"function name {quote(name)} is not a valid identifier")
            if not callable(function):
                raise TemplateError(f"value for {name} not a function")
        self._set.settings.functions.update(functions)
        self._set.changed()
        return self

    @checked
    def observe(self, observer: Observer | None) -> Template:
        """Report to `observer` where executions of the set pass and what they write."""
        self._set.settings.observer = observer
        self._set.changed()
        return self

    @checked
    def limits(
        self,
        seconds: float | None = None,
        output: int | None = None,
        steps: int | None = None,
    ) -> Self:
        """Limit what one execution of a template of the set may cost.

        An execution that passes a limit ends with `LimitError`. Each call replaces all three
        limits. The time is checked between steps, and in functions that call `check_limits`: a
        function that waits is not interrupted. What the execution holds in memory is bounded by
        `output` alone.

        Args:
            seconds: wall clock; None for no limit.
            output: characters written; no function may return a longer text either.
            steps: turns of loops and calls of templates.

        Raises:
            TemplateError: a limit is not above zero.

        >>> endless = Template("t").parse("{{range 1000000000000}}{{end}}")
        >>> endless.limits(steps=1000).render()
        Traceback (most recent call last):
        ...
        gotmpl.errors.LimitError: template: t:1:8: executing "t" at <1000000000000>: limit of \
1000 steps exceeded
        """
        limits = Limits(seconds, output, steps)
        for limit in limits:
            if limit is not None and not limit > 0:
                raise TemplateError(f"limit is not above zero: {limit}")
        self._set.settings.limits = None if limits == Limits() else limits
        self._set.changed()
        return self

    def methods(self, *allowed: object) -> Self:
        """Let templates of the set use these methods of data, and no others.

        Until this is called they may use all that docs/values.md gives. Fields and keys stay
        readable, and a value is still printed by its own text. A method that is not allowed is one
        that is not there. Each call replaces what was allowed.

        Args:
            allowed: classes, whose methods and properties all may be used; and single methods and
                properties, as `Host.address`.

        Raises:
            TemplateError: something else is given.

        >>> class Host:
        ...     name = "db1"
        ...     def address(self) -> str:
        ...         return "10.0.0.1"
        ...     def halt(self) -> str:
        ...         return "halting"
        >>> host = Template("t").methods(Host.address).parse("{{.address}} {{.halt}}")
        >>> host.render(Host())
        Traceback (most recent call last):
        ...
        gotmpl.errors.ExecError: template: t:1:15: executing "t" at <.halt>: can't evaluate field \
halt in type template.Host
        """
        self._set.settings.methods = Methods.of(allowed)
        self._set.changed()
        return self

    # -- Parsing

    def parse(self, text: str) -> Template:
        """Parse a text as the body of this template, with what it defines.

        An empty body does not replace one that is not.

        Raises:
            TypeError: the text is a path, or bytes.
            ParseError: the text is not a template; the set is unchanged.
        """
        _check_text(text)
        functions = BUILTINS.keys() | self._set.settings.functions.keys()
        trees = blocks.parse_outlined(self._name, text, funcs=functions, delims=self._delims)
        for name, tree in trees.items():
            self.add_parse_tree(name, tree)
        return self

    def parse_files(self, *paths: str | Path) -> Template:
        """Parse files as templates named by their base names.

        Raises:
            TemplateError: no file is named.
            ParseError: a file is not a template.
            OSError: a file cannot be read.

        >>> Template("site").parse_files("head.tmpl", "body.tmpl")  # doctest: +SKIP
        <Template 'site'>
        """
        if not paths:
            raise TemplateError("no files named in call to ParseFiles")
        from pathlib import Path  # noqa: PLC0415 - 5 % of the import

        for path in map(Path, paths):
            text = path.read_bytes().decode("utf-8", "surrogateescape")
            template = self if path.name == self._name else self.new(path.name)
            template.parse(text)
        return self

    @checked
    def parse_glob(self, pattern: str | Path) -> Template:
        """Parse the files that match a pattern.

        Raises:
            TemplateError: no file matches.
            ParseError: a file is not a template.
        """
        from pathlib import Path  # noqa: PLC0415 - 5 % of the import

        pattern = os.fspath(pattern)
        anchor = Path(pattern).anchor
        paths = sorted(Path(anchor).glob(pattern[len(anchor) :]))
        if not paths:
            raise TemplateError(f"pattern matches no files: `{pattern}`")
        return self.parse_files(*paths)

    @checked
    def add_parse_tree(self, name: str, tree: Tree) -> Template:
        """Add a tree to the set as a template, and return that (Go: AddParseTree)."""
        template = self if name == self._name else self.new(name)
        old = self._set.templates.get(name)
        keeps_old = old is not None and old._tree is not None and tree.is_empty
        if not keeps_old:
            self._set.forget(old)
            self._set.templates[name] = template
        if not keeps_old or template._tree is None:
            self._set.forget(template)
            template._tree = tree
        self._set.changed()
        return template

    # -- Execution

    def execute(self, out: Writer, data: object = None) -> None:
        r"""Execute the template into `out`.

        Raises:
            ExecError: the execution failed; the output before the error was written.
            LimitError: the execution passed a limit.

        >>> import sys
        >>> Template("t").parse("Hello, {{.}}!\n").execute(sys.stdout, "galera")
        Hello, galera!
        """
        text, error = self._execute(data)
        out.write(text)
        if error is not None:
            raise error

    def execute_template(self, out: Writer, name: str, data: object = None) -> None:
        """Execute another template of the set into `out`.

        Raises:
            TemplateError: there is no template of that name.
            ExecError: as for `execute`.
        """
        template = self.lookup(name)
        if template is None:
            reason = f"no template {quote(name)} associated with template {quote(self._name)}"
            raise TemplateError(reason)
        template.execute(out, data)

    def render(self, data: object = None) -> str:
        """Execute the template and return what it wrote.

        Raises:
            ExecError: the execution failed; `partial` holds the output before the error.
            LimitError: the execution passed a limit.

        >>> Template("t").parse("{{range .}}<{{.}}>{{end}}").render([1, 2])
        '<1><2>'
        """
        text, error = self._execute(data)
        if error is not None:
            raise error
        return text

    def python_source(self) -> str:
        """Return the Python source that executes this template.

        If it has several parts it is several functions, which are executed in turn.

        >>> print(Template("t").parse("<{{.}}>").python_source())
        def template(out, d0):
            x1 = show(d0)
            out.append(f"<{x1}>")
        <BLANKLINE>
        """
        if self._tree is None:
            raise self._incomplete()
        return self._set.program().code(self._name, self._tree).text()

    def _incomplete(self) -> ExecError:
        reason = f"{quote(self._name)} is an incomplete or empty template"
        return ExecError(reason, name=self._name)

    def _execute(self, data: object) -> tuple[str, ExecError | None]:
        if self._tree is None:
            return "", self._incomplete()
        return self._set.program().run(self._name, self._tree, data)


def _is_identifier(name: str) -> bool:
    """Go: goodName; beyond ASCII, its letters and digits are not Python's."""
    if name.isascii():
        return name.isidentifier()
    runes = name.replace("_", "a")
    return runes[0].isalpha() and all(rune.isalpha() or rune.isdecimal() for rune in runes)
