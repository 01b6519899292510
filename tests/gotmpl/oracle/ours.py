"""Answer cases with gotmpl, in the form of the Go program's answers.

Knows the public face of gotmpl only; ops.py answers for the parts inside.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import gotmpl

from .judge import Answer, Case
from .mirror import FUNCTIONS, decode
from .ops import ask_value


def answer(case: Case) -> Answer:
    """Return gotmpl's answer to a case; any exception but a TemplateError escapes."""
    return MODES[case.get("mode", "exec")](case)


def text_of(case: Case) -> str:
    parts = case["template"]
    if isinstance(parts, str):
        return parts
    return "".join(part if isinstance(part, str) else part[0] * part[1] for part in parts)


def functions(wanted: Any) -> dict[str, Callable[..., object]]:
    names = wanted if isinstance(wanted, dict) else {name: name for name in wanted}
    return {name: FUNCTIONS[known] for name, known in names.items()}


def execute(case: Case) -> Answer:
    template = gotmpl.Template(case.get("name", "t"))
    try:
        template.funcs(functions(case.get("funcs", []))).option(*case.get("options", []))
        template.delims(*case.get("delims", ["", ""])).parse(text_of(case))
    except gotmpl.ParseError as error:
        return {"error": str(error)}
    except gotmpl.TemplateError as error:  # Go panics
        return {"panic": error.reason}
    return outcome(lambda out: template.execute(out, decode(case.get("data"))))


def outcome(execution: Callable[[io.StringIO], object]) -> Answer:
    out = io.StringIO()
    try:
        execution(out)
    except gotmpl.ExecError as error:
        if error.partial != out.getvalue():
            return {"output": out.getvalue(), "partial": error.partial, "error": str(error)}
        return {"output": out.getvalue(), "error": str(error)}
    except gotmpl.TemplateError as error:
        return {"output": out.getvalue(), "error": str(error)}
    return {"output": out.getvalue()}


def parse_only(case: Case) -> Answer:
    try:
        trees = gotmpl.parse(
            case.get("name", "t"),
            text_of(case),
            funcs=gotmpl.BUILTINS.keys() | functions(case.get("funcs", [])).keys(),
            delims=tuple(case.get("delims", ["", ""])),
            comments=case.get("comments", False),
        )
    except gotmpl.ParseError as error:
        return {"error": str(error)}
    return {"trees": {name: str(tree) for name, tree in trees.items()}}


# -- Sets of templates, as steps.go plays them


class Stage:
    """The state of a play: the templates by the names that the steps give them, and a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: dict[str, gotmpl.Template] = {}

    def take(self, step: list[Any]) -> object:
        """Return the answer to one step: [operation, template, arguments…]."""
        operation, on, *args = step
        try:
            return getattr(self, operation)(on, *args)
        except (gotmpl.ParseError, OSError) as error:
            return {"error": self._worded(error)}
        except gotmpl.TemplateError as error:
            if operation.startswith("parse"):
                return {"error": self._worded(error)}
            return {"panic": error.reason}

    def _worded(self, error: Exception) -> str:
        """Return the error without the folder's name; an OSError as Go prints it."""
        text = str(error)
        if isinstance(error, OSError) and error.strerror:
            text = f"open {error.filename}: {error.strerror.lower()}"
        return text.replace(str(self._folder), "FOLDER")

    def new(self, on: str, name: str) -> None:
        self._templates[on] = gotmpl.Template(name)

    def new_in(self, on: str, other: str, name: str) -> None:
        self._templates[on] = self._templates[other].new(name)

    def parse(self, on: str, text: str) -> None:
        self._templates[on].parse(text)

    def clone(self, on: str, other: str) -> None:
        self._templates[on] = self._templates[other].clone()

    def lookup(self, on: str, other: str, name: str) -> str | None:
        found = self._templates[other].lookup(name)
        if found is None:
            return None
        self._templates[on] = found
        return found.name

    def option(self, on: str, *options: str) -> None:
        self._templates[on].option(*options)

    def delims(self, on: str, left: str, right: str) -> None:
        self._templates[on].delims(left, right)

    def funcs(self, on: str, wanted: Any) -> None:
        self._templates[on].funcs(functions(wanted))

    def name(self, on: str) -> str:
        return self._templates[on].name

    def tree(self, on: str) -> object:
        return str(self._templates[on].tree)

    def templates(self, on: str) -> list[str]:
        return sorted(template.name for template in self._templates[on].templates())

    def defined_templates(self, on: str) -> str:
        head, colon, names = self._templates[on].defined_templates().partition(": ")
        return head + colon + ", ".join(sorted(names.split(", ")))

    def add_parse_tree(self, on: str, other: str, name: str, source: str) -> None:
        tree = self._templates[source].tree
        if tree is None:
            raise ValueError(f"nothing was parsed into {source}")
        self._templates[on] = self._templates[other].add_parse_tree(name, tree)

    def execute(self, on: str, data: Any = None) -> Answer:
        return outcome(lambda out: self._templates[on].execute(out, decode(data)))

    def execute_template(self, on: str, name: str, data: Any = None) -> Answer:
        return outcome(lambda out: self._templates[on].execute_template(out, name, decode(data)))

    def file(self, on: str, text: str) -> None:
        path = self._folder / on
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))

    def parse_files(self, on: str, *names: str) -> str:
        parsed = self._templates[on].parse_files(*(self._folder / name for name in names))
        return parsed.name

    def parse_glob(self, on: str, pattern: str) -> str:
        return self._templates[on].parse_glob(f"{self._folder}/{pattern}").name


def play(case: Case) -> Answer:
    with tempfile.TemporaryDirectory(prefix="judge") as folder:
        stage = Stage(Path(folder))
        return {"log": [stage.take(step) for step in case["steps"]]}


MODES: Final[dict[str, Callable[[Case], Answer]]] = {
    "exec": execute,
    "parse": parse_only,
    "steps": play,
    "value": ask_value,
}
