"""The generated code of one template, with the values of its names; `statements` makes it."""

from __future__ import annotations

from collections.abc import Mapping

from gotmpl.codegen.python import Module
from gotmpl.record import record
from gotmpl.syntax.nodes import Node

ENTRY = "template"  # the function of a template in its code


@record
class Names:
    """The Python names in generated code, with their meanings.

    Attributes:
        constants: the values themselves.
        functions: the names in templates of the functions that it calls.
        templates: the names of the templates that it calls.
        readers: the fields that it reads.
    """

    constants: Mapping[str, object]
    functions: Mapping[str, str]
    templates: Mapping[str, str]
    readers: Mapping[str, str]


@record
class Unit:
    """The generated code of one template.

    Attributes:
        module: the code.
        nodes: the nodes by number.
        names: what the code refers to.
    """

    module: Module
    nodes: list[Node]
    names: Names
