"""The generated code of one template, with the values of its names; `statements` makes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from gotmpl.codegen.python import Module
from gotmpl.limits import Flow
from gotmpl.record import record
from gotmpl.syntax.nodes import Node

ENTRY = "template"  # the function of a template in its code


def global_name(prefix: str, name: str) -> str:
    """Return a Python name for a template's name, the same in all code.

    Python takes some letters for each other, so a name with letters beyond ASCII is in hexadecimal.

    >>> global_name("f", "getv"), global_name("f", "é")
    ('f_getv', 'fx_c3a9')
    """
    return f"{prefix}_{name}" if name.isascii() else f"{prefix}x_{name.encode().hex()}"


@dataclass(slots=True, eq=False)
class Names:
    """The Python names in generated code.

    Attributes:
        constants: values by their Python names.
        functions: the Python names of the functions that the code calls, by their names.
        templates: those of the templates that it calls.
        loose: whether the code writes values of the data that limits do not measure at once.
        flow: what the code does, as far as limits matter.
    """

    constants: dict[str, object] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    templates: dict[str, str] = field(default_factory=dict)
    loose: bool = False
    flow: Flow = Flow.REPEATED


@record
class Unit:
    """The generated code of one template, its nodes by number, and the names in it."""

    module: Module
    nodes: list[Node]
    names: Names
