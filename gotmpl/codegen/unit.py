"""The generated code of one template, with the values of its names; `statements` makes it."""

from __future__ import annotations

from collections.abc import Mapping

from gotmpl.codegen.python import Module
from gotmpl.codegen.state import Field
from gotmpl.record import record
from gotmpl.syntax.nodes import Node


@record
class Unit:
    """The generated code of one template, and the values of its names.

    Attributes:
        entry: the name of the template's function.
        module: the code.
        nodes: the nodes by number.
        constants: what the code refers to by name.
        functions: the names in templates of the functions that it calls, by their Python names.
        templates: the names of the templates that it calls, by their Python names.
        readers: the fields that it reads, by the Python names of their readers.
    """

    entry: str
    module: Module
    nodes: tuple[Node, ...]
    constants: Mapping[str, object]
    functions: Mapping[str, str]
    templates: Mapping[str, str]
    readers: Mapping[str, Field]
