"""The shape of a part's code: that of its text, and what is known of the functions that it calls.

Prints nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from gotmpl.codegen.state import Callee
from gotmpl.syntax.nodes import Part, Tree
from gotmpl.values.signatures import ANY, UNIVERSAL


def shape(
    tree: Tree, part: Part, functions: Mapping[str, Callee | None], defined: Mapping[str, bool]
) -> tuple[object, ...] | None:
    """Return what the code of a part depends on beside its values; None if on more than that.

    Args:
        tree: the template that it is a part of.
        part: the part.
        functions: what it may call, by name.
        defined: whether there is a template of a name.
    """
    called = [functions[name] for name in part.functions]
    if part.shape is None or not all(known and _is_universal(known) for known in called):
        return None
    signatures = [None if known is None or known.builtin else known.signature for known in called]
    templates = [defined[name] for name in part.templates]
    return part.shape, *signatures, *templates, tree.name == tree.source.name


def _is_universal(known: Callee) -> bool:
    """Return whether the types of a function are the same for all that have their names."""
    signature = known.signature
    types = (*signature.params, signature.variadic or ANY, signature.result)
    return known.builtin or UNIVERSAL.issuperset(types)
