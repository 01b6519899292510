"""Generated code: every name that it uses is bound, whatever the template and the options."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from pathlib import Path

import pytest

import gotmpl
from gotmpl import Template
from gotmpl.codegen.unit import Unit
from gotmpl.run.program import Program

from .oracle import ours
from .oracle.regenerate import CASES, read


class Deaf:
    def visit(self, visit: gotmpl.Visit) -> None:
        pass

    def write(self, text: str) -> None:
        pass


MODES: dict[str, Callable[[Template], Template]] = {
    "plain": lambda template: template,
    "observed": lambda template: template.observe(Deaf()),
    "limits": lambda template: template.limits(1e9, 10**9),
    "all limits": lambda template: template.limits(1e9, 10**9, 10**9),
}


def free(function: ast.FunctionDef) -> set[str]:
    """Return the names that a function reads and does not bind itself."""
    named = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    bound = {node.id for node in named if isinstance(node.ctx, ast.Store)}
    return {node.id for node in named} - bound - {one.arg for one in function.args.args}


def unbound(template: Template) -> set[str]:
    assert template.tree is not None
    program = template._set.program()
    units = program.code(template.name, template.tree).units()
    return set().union(*(_unbound(unit, program) for unit in units))


def _unbound(unit: Unit, program: Program) -> set[str]:
    functions = [
        one for one in ast.parse(unit.module.text).body if isinstance(one, ast.FunctionDef)
    ]
    known = {
        *program.names,
        *unit.names.constants,
        *unit.names.functions.values(),
        *unit.names.templates.values(),
        *vars(builtins),
    }
    known |= {function.name for function in functions}
    return set().union(*map(free, functions)) - known


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_every_name_is_bound(path: Path, mode: str) -> None:
    """Each row is compiled in one of the modes: all four would take a minute."""
    wrong = {}
    for row in read(path)[list(MODES).index(mode) :: len(MODES)]:
        if row.get("mode", "exec") != "exec" or "delims" in row:
            continue
        set_ = MODES[mode](Template("t").funcs(ours.functions(row.get("funcs", []))))
        try:
            set_.parse(ours.text_of(row))
            names = set().union(*(unbound(one) for one in set_.templates() if one.tree))
        except gotmpl.TemplateError:
            continue
        if names:
            wrong[row["id"]] = names
    assert wrong == {}
