"""The generated code of one template, with the values of its names; `statements` makes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from gotmpl.codegen.python import Module
from gotmpl.record import record
from gotmpl.syntax.nodes import Node

ENTRY = "template"  # the function of a template in its code


@dataclass(slots=True, eq=False)
class Names:
    """The Python names in generated code.

    Attributes:
        constants: values by their Python names.
        functions: the Python names of the functions that the code calls, by their names.
        templates: those of the templates that it calls.
        readers: those of the readers of fields.
    """

    constants: dict[str, object] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    readers: dict[str, str] = field(default_factory=dict)


@record
class Unit:
    """The generated code of one template, its nodes by number, and the names in it."""

    module: Module
    nodes: list[Node]
    names: Names
