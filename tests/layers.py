"""The layers of each package and what they import: `python -m tests.layers` prints a report.

A layer is a folder of a package, a module beside the folders, or the package's `__init__`.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent
PACKAGES: Final = ("gotmpl", "metadata_client", "confd_lib")
# The layers of a package from the lowest to the highest: none imports from one to its right.
LAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    "gotmpl": (
        *("arguments", "record", "strconv", "golang", "errors", "limits", "syntax", "values"),
        *("fmt", "builtins", "codegen", "run", "template", "sprig", "failures", "command"),
        *("__main__", "gotmpl"),
    ),
    "metadata_client": (
        *("urls", "nearest", "errors", "float32", "gojson", "yaml11", "paths", "answers"),
        *("client", "server", "compose", "metadata_client"),
    ),
    "confd_lib": (
        *(
            "version",
            "lazy",
            "errors",
            "compat",
            "escapes",
            "logs",
            "regular",
            "files",
            "stamps",
            "polling",
            "diffs",
            "golang",
            "store",
            "confdir",
        ),
        *("destination", "backends", "funcs", "each", "rendering", "tracing", "run", "lint"),
        *("preview", "command", "testing", "mutation", "__main__", "confd_lib"),
    ),
}

# The files of the folders that have an order too, from the lowest to the highest.
FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "gotmpl.sprig": (
        *("strings", "layout", "lists", "dicts", "defaults", "numbers", "reflection", "paths"),
        *("encoding", "crypto", "dates", "chance", "environment", "v2016", "rancher"),
        *("v3.values", "v3.texts", "v3.numbers", "v3.lists", "v3.dicts", "v3.flow", "v3.jsons"),
        *("v3.dates", "v3.crypto", "v3.certificates", "v3.regex", "v3.urls", "v3.functions"),
    ),
    "gotmpl.command": ("stdout", "parsing", "faults", "values", "sources", "cli"),
    "gotmpl.failures": ("names", "places", "operands", "witness", "hints", "failure"),
    "confd_lib.lint": (
        *(
            "types.texts",
            "types.calls",
            "types.shapes",
            "types.trials",
            "types.operations",
            "types.inference",
        ),
        *("targets", "subjects", "examples", "fixes", "findings", "rules.rule", "rules.files"),
        *("rules.keys", "rules.resources", "rules.templates", "rules.types", "rules.stacks"),
        *("linting", "catalogs.uses", "catalogs.rules", "report"),
    ),
    "confd_lib.command": (
        *("coercion", "stdout", "settings.table", "settings.flags", "settings.usage"),
        *("settings.exec", "settings.confdtoml", "settings.config", "settings.stores"),
        *("completion.outline", "completion.bash", "completion.zsh", "completion.fish"),
        *("completion.scripts", "confd.agenda", "confd.signals"),
        *("sidecar.process", "sidecar.child", "sidecar.exposition", "sidecar.metrics"),
        *("sidecar.health", "sidecar.listening", "sidecar.pages", "sidecar.systemd"),
        *("confd.shutdown", "confd.status", "confd.preflight", "confd.run"),
        *(
            "confd.cli",
            "tool.dump",
            "tool.completion",
            "tool.sources",
            "tool.template",
            "tool.targets",
        ),
        *("tool.show", "tool.following", "tool.watch", "tool.stack", "tool.serving.deployment"),
        *("tool.serving.serve", "tool.serving.scale", "tool.serving.answers"),
        *("tool.previewing.values", "tool.previewing.preview"),
        *("tool.lint_confdtoml", "tool.scratch", "tool.mutate", "tool.lint", "tool.cli"),
    ),
    "confd_lib.mutation": ("spans", "mutants", "trials", "forks", "suite", "plugin"),
    "confd_lib.preview": (
        *("model.records", "model.states", "model.paths", "model.history", "model.masks"),
        *("model.projects", "model.renderings", "model.shown", "model.scene", "model.pins"),
        *("model.worlds", "model.overviews", "model.moments", "model.previews"),
        *("pages", "guard", "feed", "server"),
    ),
    "confd_lib.testing": (
        *(
            "files",
            "scene",
            "differences",
            "goldens.tally",
            "goldens.hooks",
            "goldens.comparison",
            "questions",
            "rendered",
            "viewers",
            "prepare",
            "coverage.selection",
            "coverage.recording",
            "coverage.places",
            "coverage.measure",
            "coverage.table",
            "coverage.page",
            "coverage.cobertura",
            "coverage.lcov",
            "coverage.jsonfile",
            "coverage.reports",
            "wiring",
            "goldens.trees",
            "bench",
            "strategies",
            "frames",
            "plugin",
        ),
    ),
    "confd_lib.tracing": (
        *("records", "terminal", "web", "page", "traces", "observers", "origins", "tracer"),
    ),
    "metadata_client.client": (
        *(
            "backoff",
            "failures",
            "sockets",
            "transport",
            "snapshot",
            "reading",
            "records",
            "names",
            "client",
        ),
        "watching",
    ),
    "metadata_client.server": (
        *("negotiation", "rendering", "sniffing", "wire", "access", "history", "reading"),
        *("replies", "scaling", "faults", "listening", "connections", "service"),
    ),
}
# Pairs of layers: the second may not import the first, though the order would allow it.
APART: Final = (("metadata_client.client", "metadata_client.server"),)


class Import(NamedTuple):
    """An import of a module of ours, at any place: in a function too.

    Attributes:
        importer: the module that imports.
        imported: the module that is imported.
        typing_only: whether it is for type checkers only.
    """

    importer: str
    imported: str
    typing_only: bool


def modules(package: str) -> dict[str, Path]:
    """Return the files of a package by the names of their modules."""
    return {module_name(path): path for path in sorted((ROOT / package).rglob("*.py"))}


def module_name(path: Path) -> str:
    """Return the module name of a file of ours."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _known() -> frozenset[str]:
    return frozenset(name for package in PACKAGES for name in modules(package))


def imports(path: Path) -> Iterator[Import]:
    """Yield the imports of a file, from any package."""
    tree = ast.parse(path.read_text())
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    importer = module_name(path)
    package = importer.split(".") if path.name == "__init__.py" else importer.split(".")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            inner = [f"{module}.{alias.name}" for alias in node.names]
            names = [name if name in _known() else module for name in inner]
        else:
            continue
        yield from (Import(importer, name, id(node) in guarded) for name in names)


def layer(module: str) -> str:
    """Return the layer of a module.

    >>> layer("gotmpl.fmt.verbs"), layer("gotmpl.errors"), layer("gotmpl")
    ('fmt', 'errors', 'gotmpl')
    """
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] or package


def own_imports(package: str) -> list[Import]:
    """Return the imports of a package's modules by others of them."""
    found = modules(package)
    return [one for path in found.values() for one in imports(path) if one.imported in found]


def upward(package: str) -> list[Import]:
    """Return the imports of a higher layer by a lower one, by the order of the table."""
    order = LAYERS[package].index
    return [
        one
        for one in own_imports(package)
        if order(layer(one.importer)) < order(layer(one.imported))
    ]


def circles(package: str) -> list[list[str]]:
    """Return the layers that import each other, in groups."""
    arrows = {(layer(one.importer), layer(one.imported)) for one in own_imports(package)}
    layers = sorted({layer(name) for name in modules(package)})
    above = {name: _reached(name, arrows) for name in layers}
    groups = {tuple(b for b in layers if b in above[a] and a in above[b]) for a in layers}
    return sorted(list(group) for group in groups if len(group) > 1)


def _reached(start: str, arrows: set[tuple[str, str]]) -> set[str]:
    reached, waiting = set[str](), [start]
    while waiting:
        name = waiting.pop()
        found = {target for source, target in arrows if source == name} - reached
        reached |= found
        waiting += found
    return reached


def functions(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the length in lines of each function of a file, and its name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or 0) - node.lineno + 1, f"{module_name(path)}.{node.name}"


def report(package: str) -> str:
    """Return the layers, imports and sizes of a package as text."""
    found = modules(package)
    files = Counter(map(layer, found))
    between = Counter(
        (layer(one.importer), layer(one.imported))
        for one in own_imports(package)
        if layer(one.importer) != layer(one.imported)
    )
    sizes = {name: path.read_text().count("\n") for name, path in found.items()}
    lengths = [one for path in found.values() for one in functions(path)]
    largest = max(sizes, key=sizes.__getitem__)
    longest = max(lengths)
    middle = f"{median(length for length, _ in lengths):g}"
    layers = LAYERS.get(package, tuple(sorted(files)))
    lines = [
        f"{package}: {len(files)} layers, {len(found)} files, {sum(sizes.values())} lines",
        f"  layers     {'  '.join(f'{name} {files[name]}' for name in layers)}",
        f"  imports    {sum(between.values())} between layers, along {len(between)} pairs of them",
        f"  circles    {'; '.join(' '.join(group) for group in circles(package)) or 'none'}",
        f"  upward     {_upward(package)}",
        f"  largest    {sizes[largest]} lines, {largest}",
        f"  functions  {len(lengths)}, median {middle} lines, longest {longest[0]}, {longest[1]}",
    ]
    return "\n".join(lines)


def _upward(package: str) -> str:
    if package not in LAYERS:
        return "no order is given"
    return ", ".join(f"{one.importer} -> {one.imported}" for one in upward(package)) or "none"


if __name__ == "__main__":
    sys.stdout.write("\n".join(map(report, PACKAGES)) + "\n")
