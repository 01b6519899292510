"""The errors of templates: facts, which print themselves in Go's words.

Knows nothing of trees, values or output; all other modules may raise them.

    TemplateError
    ├── ParseError      the text is not a template
    └── ExecError       the template met data that it cannot handle
        └── LimitError  the execution cost more than its limits allow
    FuncError           a builtin failed; becomes the reason of an ExecError
"""

from __future__ import annotations

from gotmpl.strconv.quoting import quote


class TemplateError(Exception):
    """A template, or a set of templates, cannot do what was asked.

    Raised as itself if no place in a text is at fault: an unknown option, a bad function name, a
    missing template. `str()` is the text that Go's `text/template` gives.

    Attributes:
        reason: what is wrong, without the place.
        name: the name under which the text was parsed; may be empty.
        line: the line in that text, counted from 1; 0 if no line is at fault.
    """

    def __init__(self, reason: str, *, name: str = "", line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.name = name
        self.line = line

    def __str__(self) -> str:
        return f"template: {self.reason}"


class ParseError(TemplateError):
    """The text is not a template.

    >>> print(ParseError("unexpected EOF", name="haproxy.cfg.tmpl", line=3))
    template: haproxy.cfg.tmpl:3: unexpected EOF
    """

    def __str__(self) -> str:
        return f"template: {self.name}:{self.line}: {self.reason}"


class ExecError(TemplateError):
    """The template met data that it cannot handle, or a function failed.

    Attributes:
        column: the byte offset in the line, counted from 0 as Go does.
        template: the name of the template that was executing; empty if none was.
        context: the source of the node at which it stopped.
        partial: the output before the error.

    >>> error = ExecError(
    ...     "can't evaluate field foo in type string",
    ...     name="t", line=1, column=8, template="t", context=".s.foo",
    ... )
    >>> print(error)
    template: t:1:8: executing "t" at <.s.foo>: can't evaluate field foo in type string
    """

    def __init__(
        self,
        reason: str,
        *,
        name: str = "",
        line: int = 0,
        column: int = 0,
        template: str = "",
        context: str = "",
        partial: str = "",
    ) -> None:
        super().__init__(reason, name=name, line=line)
        self.column = column
        self.template = template
        self.context = context
        self.partial = partial

    def __str__(self) -> str:
        if not self.line:  # Go: the error of a template without a tree has no place
            return f"template: {self.name}: {self.reason}"
        place = f"{self.name}:{self.line}:{self.column}"
        at = f"executing {quote(self.template)} at <{self.context}>"
        return f"template: {place}: {at}: {self.reason}"


class LimitError(ExecError):
    """An execution was ended because it passed a limit that `Template.limits` had set.

    Attributes:
        limit: the name of that limit: `seconds`, `output` or `steps`.

    >>> print(LimitError("limit of 30 seconds exceeded", name="t", line=1, column=8,
    ...                  template="t", context="."))
    template: t:1:8: executing "t" at <.>: limit of 30 seconds exceeded
    """

    limit: str = ""


def message(error: BaseException) -> str:
    """Return the text of an exception; its class, if it has no text or cannot print itself.

    >>> message(ValueError("no such key")), message(TimeoutError())
    ('no such key', 'TimeoutError')
    """
    try:
        return str(error) or ("" if error.args else type(error).__name__)
    except Exception:  # noqa: BLE001 - whatever a class of the user's may raise
        return type(error).__name__


class FuncError(Exception):
    """A template function failed, with Go's message; the runtime adds the call.

    >>> str(FuncError("index out of range: 3"))
    'index out of range: 3'
    """
