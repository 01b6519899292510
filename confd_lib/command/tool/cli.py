"""The command `confd-lib`, for developing templates before confd runs them.

`render` renders a template for a stack, with a file of values or with what a store holds, `dump`
writes such a file, `lint` finds faults in a conf.d, `mutate` puts faults into templates to see if
tests notice them. `preview` shows templates on a page while they are edited. `serve` serves the
metadata of a stack, `scale` changes it meanwhile, and `answers` writes them to a file. `completion`
helps the shell. None of them writes destinations: only `confd` does.
"""

from __future__ import annotations

import argparse
import signal
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeGuard

import gotmpl
import metadata_client
from confd_lib import backends, escapes, files
from confd_lib.backends.simulated import View
from confd_lib.command import coercion, stdout
from confd_lib.command.completion import outline
from confd_lib.command.tool import (
    completion,
    dump,
    lint,
    mutate,
    show,
    sources,
    stack,
    targets,
    template,
    watch,
)
from confd_lib.command.tool.previewing import preview
from confd_lib.command.tool.serving import answers, scale, serve
from confd_lib.command.tool.targets import Target
from confd_lib.errors import ConfdError, ConfigError, system_reason
from confd_lib.golang import walk
from confd_lib.store.store import Store
from confd_lib.version import __version__
from gotmpl.command.parsing import Parser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from confd_lib.confdir.resource import TemplateResource


# Errors in the input of the user; each prints in one line.
_USER_ERRORS: Final = (ConfdError, gotmpl.TemplateError, metadata_client.MetadataError, OSError)


def main(args: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        args: the arguments of the command; those of this process by default.

    Returns:
        the exit status: 0; 1 if something failed, of `lint` if there are findings, of `mutate`
        if there are mutants that no test notices; 2 if the flags are wrong, of `lint` and `mutate`
        also if nothing can be checked; 130 after Ctrl-C.
    """
    coercion.undo()
    stdout.reopen()
    options = argparse.Namespace(failure=1)
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = _report
        try:
            options = _options(args)
            status: int = options.run(options)
        except _USER_ERRORS as error:
            if stdout.is_unread(error):
                return 1
            if nearest := _nearest(options, str(error)):
                error.add_note(nearest)
            _report(error)
            return int(options.failure)
        except KeyboardInterrupt:
            return 128 + signal.SIGINT
    return status


def _options(args: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    options = parser.parse_args(args)
    options.complete(options)
    if fault := _fault(options):
        parser.error(fault)
    return options


def _report(message: object, *_: object, **__: object) -> None:
    """Write a warning or an error to stderr, in one line, and its notes in lines that follow."""
    text = (
        f"{message.filename}: {system_reason(message)}" if _is_of_a_file(message) else str(message)
    )
    notes = "".join(f"{note}\n" for note in getattr(message, "__notes__", ()))
    sys.stderr.write(f"confd-lib: {escapes.one_line(text)}\n{escapes.lines(notes)}")


# The arguments that name a file or a folder; the errors of stacks name the nearest themselves.
_PATHS: Final = ("paths", "store_config_file", "store_file", "template", "values")


def _nearest(options: argparse.Namespace, message: str) -> str:
    """Return which files are spelled nearly as the missing one that a message names, or empty."""
    for name in _PATHS:
        value = getattr(options, name, None)
        for one in value if isinstance(value, list | tuple) else (value,):
            if one and str(one) in message and (found := files.question(Path(one))):
                return found
    return ""


def _is_of_a_file(message: object) -> TypeGuard[OSError]:
    return isinstance(message, OSError) and message.filename is not None


class _Parser(Parser):
    """A parser whose errors escape control characters in the arguments that they quote."""

    write = staticmethod(stdout.write)

    def error(self, message: str) -> NoReturn:
        super().error(escapes.one_line(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="confd-lib",
        description="Renders templates, finds their faults, and serves metadata.",
    )
    parser.add_argument("--version", action="version", version=f"confd-lib {__version__}")
    parser.set_defaults(failure=1, complete=lambda _: None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (about, add, examples) in _COMMANDS.items():
        command = _add_command(commands, name, about, examples)
        add(command)
        command.usage = f"{command.prog} {outline.synopsis(command)}"
    return parser


def _add_command(
    commands: Any, name: str, about: str, examples: Sequence[str]
) -> argparse.ArgumentParser:
    """Add the parser of a command, whose help begins with a sentence and ends with examples."""
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.",
        epilog="\n  ".join(("Examples:", *examples)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return command


# Flags that describe a stack or one of its containers: they need --compose.
_OF_A_STACK: Final = {
    "entry_answers": "--answers",
    "container": "--as",
    "dialect": "--dialect",
    "env": "--env",
    "metadata_version": "--metadata-version",
    "project_name": "--project-name",
    "scale": "--scale",
}


def _first_of_a_stack(options: argparse.Namespace) -> str:
    """Return the first given flag that needs a stack, or empty."""
    return next((flag for name, flag in _OF_A_STACK.items() if getattr(options, name, None)), "")


def _fault(options: argparse.Namespace) -> str:
    """Return a sentence about flags that do not fit together, or empty."""
    compose, values = getattr(options, "compose", None), getattr(options, "values", None)
    if not compose and (flag := _first_of_a_stack(options)):
        return f"{flag} needs a stack (--compose DIR)"
    named = sources.is_named(options)
    if not named and (flag := sources.first(options)):
        return f"{flag} needs a store (--backend NAME, or --config-file FILE)"
    if options.run is _dump and not named:
        return "a store is needed: --backend NAME, or --config-file FILE"
    if options.run is _render and options.watch and options.template == template.STDIN:
        return "--watch needs a file: standard input cannot be read again"
    if options.run in (_render, _preview) and not (compose or values or named):
        return (
            "one of --compose DIR, --values FILE, --backend NAME and --config-file FILE is needed"
        )
    if named and (compose or values):
        return f"{sources.first(options)}: not allowed with --{'compose' if compose else 'values'}"
    return ""


# -- render


def _add_render(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_render)
    template.add_flags(parser)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--compose", metavar="DIR", help="a folder with compose files")
    source.add_argument("--values", metavar="FILE", help="a YAML or JSON file, or a folder of them")
    parser.add_argument(
        "--as",
        dest="container",
        metavar="CONTAINER",
        help="render as this container, such as galera_galera_1",
    )
    parser.add_argument(
        "--metadata-version", metavar="VERSION", help="version of the metadata, such as 2015-07-25"
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="KEY",
        help="a key to ask a store for, as in the keys of a resource (repeatable; default /)",
    )
    sources.add_flags(parser)
    template.add_rules(parser)
    show.add_flags(parser)
    parser.add_argument(
        "--watch",
        action="store_true",
        help="render again when the template, the compose files or the values are saved, and show "
        "the difference; a store over the network is asked again at each save of the others",
    )
    stack.add_flags(parser)
    stack.add_answers(parser)


def _render(options: argparse.Namespace) -> int:
    if options.watch:
        return watch.run(lambda: _watched(options), lambda: _files(options), _report)
    for head, target in _headed(_targets(options)):
        stdout.show(head)
        with show.explained(options, target):
            if show.is_wanted(options):
                show.show(options, target)
            else:
                stdout.show(targets.render(target, options.compat, options.functions))
    return 0


def _watched(options: argparse.Namespace) -> str | None:
    """Return the output; None after an error, which it reports."""
    try:
        headed = _headed(_targets(options))
        return "".join(f"{head}{_text(options, target)}" for head, target in headed)
    except _USER_ERRORS as error:
        _report(error)
        return None


def _text(options: argparse.Namespace, target: Target) -> str:
    with show.explained(options, target):
        if options.trace or options.html:
            return show.text(options, target)
        return targets.render(target, options.compat, options.functions)


def _headed(found: Sequence[Target]) -> Iterator[tuple[str, Target]]:
    """Yield each target with the text that stands before its output; one alone has none."""
    for number, target in enumerate(found):
        space = "\n" if number else ""
        head = f"{space}==> {escapes.one_line(target.dest)} <==\n" if len(found) > 1 else ""
        yield head, target


def _targets(options: argparse.Namespace) -> list[Target]:
    """Return what is rendered: a template, or the files of a resource."""
    if not targets.is_resource(options.template):
        view = _view(options)
        return [Target(template.read(options), view, view, options.each)]
    if options.key:
        raise ConfigError(f"--key: {options.template} lists keys of its own")
    found = targets.of_resource(options, lambda resource: _views_of(options, resource))
    if options.html and len(found) > 1:
        raise ConfigError("--html shows one file: choose it with --each")
    return found


def _views_of(options: argparse.Namespace, resource: TemplateResource) -> tuple[Store, Store]:
    """Return the keys that a resource sees, and all that are known."""
    if sources.is_named(options):
        store = sources.view_of(options, resource)
        return store, store
    if options.prefix:
        resource = replace(resource, prefix=options.prefix)
    view = View(_values(options.values)) if options.values else _of_stack(options)
    return view.store_of(resource), view.whole_of(resource)


def _files(options: argparse.Namespace) -> Iterator[Path]:
    """Yield the files of the template and of the values."""
    yield from targets.files(options.template)
    if options.compose:
        yield from metadata_client.compose.files_of(options.compose)
    for path in filter(None, (options.values, options.entry_answers, *sources.files(options))):
        yield from map(Path, walk.files(path, lambda _: True))


def _view(options: argparse.Namespace) -> Store:
    """Return the keys that the template sees."""
    if sources.is_named(options):
        return sources.view(options, options.key or ["/"])
    store = _values(options.values) if options.values else _metadata(options)
    return store.view(options.prefix or "/")


def _values(path: str) -> Store:
    return backends.File(path).get_values(["/"]).view("/", ["/"])


def _metadata(options: argparse.Namespace) -> Store:
    """Return the metadata as the container sees it, or as a client that is not in the stack."""
    return _of_stack(options).store()


def _of_stack(options: argparse.Namespace) -> View:
    loaded = stack.load(options)
    container = loaded.container(options.container) if options.container else None
    return View(loaded, container, options.metadata_version or "latest")


# -- dump


def _add_dump(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_dump)
    parser.add_argument(
        "keys", nargs="*", default=["/"], metavar="KEY", help="a key below the prefix (default /)"
    )
    sources.add_flags(parser)
    parser.add_argument(
        "--mask",
        action="append",
        default=[],
        metavar="PATTERN",
        help="hide the values of the keys that match, as '/*/password', and of those above and "
        "below them (repeatable)",
    )


def _dump(options: argparse.Namespace) -> int:
    found = dict(sources.view(options, options.keys).items())
    stdout.write(dump.text(dump.masked(found, options.mask)))
    return 0


# -- lint


def _add_lint(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=lambda options: lint.run(options, stack.load), failure=2)
    lint.add_flags(parser)
    stack.add_flags(parser)
    stack.add_answers(parser)


# -- preview


def _add_preview(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_preview, complete=preview.complete)
    preview.add_flags(parser)


def _preview(options: argparse.Namespace) -> int:
    return preview.run(options, _report)


# -- serve, scale and answers


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=lambda options: serve.run(options, _report))
    serve.add_flags(parser)


def _add_scale(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=scale.run)
    scale.add_flags(parser)


def _add_answers(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=answers.run)
    answers.add_flags(parser)


# -- completion


def _add_completion(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=lambda options: completion.run(options, _parser()))
    completion.add_flags(parser)


# The commands, in the order of the help: what each does, what adds its flags, and examples.
_COMMANDS: Final[
    Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None], Sequence[str]]]
] = {
    "render": (
        "render a template with a stack, a file of values, or a store",
        _add_render,
        (
            "confd-lib render templates/app.tmpl --values values.yaml",
            "confd-lib render templates/app.tmpl --compose . --as shop_web_1 --trace",
            "confd-lib render conf.d/app.toml --backend etcd --node 10.0.0.1:2379",
            "confd-lib render templates/app.tmpl --values values.yaml --watch",
        ),
    ),
    "dump": (
        "write the keys of a store as a file of values",
        _add_dump,
        (
            "confd-lib dump --backend etcd --node 10.0.0.1:2379 /app > values.yaml",
            "confd-lib dump --config-file confd.toml --mask '/*/password'",
        ),
    ),
    "lint": (
        "find faults in a conf.d and its templates",
        _add_lint,
        (
            "confd-lib lint /etc/confd",
            "confd-lib lint --for 0.11 --compose . .",
            "confd-lib lint --fix conf.d/app.toml",
            "confd-lib lint --rules",
        ),
    ),
    "mutate": (
        "put faults into templates, to see if tests notice them",
        mutate.add_flags,
        (
            "confd-lib mutate tests --templates templates",
            "confd-lib mutate tests --templates '*.tmpl' --pytest='-m \"not slow\"'",
        ),
    ),
    "preview": (
        "show on a page what templates render, while they are edited",
        _add_preview,
        (
            "confd-lib preview --open",
            "confd-lib preview . --compose . --scale web=3 --mask '/self/*/*/password'",
            "confd-lib preview /etc/confd --backend etcd --node 10.0.0.1:2379",
        ),
    ),
    "serve": (
        "serve the metadata of a stack, as rancher-metadata does",
        _add_serve,
        (
            "confd-lib serve --compose . --listen 127.0.0.1:8080",
            "confd-lib serve --answers answers.json",
        ),
    ),
    "scale": (
        "change the scales of a stack that is served",
        _add_scale,
        ("confd-lib scale http://127.0.0.1:8080 web=3 worker=0",),
    ),
    "answers": (
        "write the metadata of a stack as a file that rancher-metadata reads",
        _add_answers,
        ("confd-lib answers --compose . --scale web=3 > answers.json",),
    ),
    "completion": (
        "print a script by which a shell completes confd, confd-lib and gotmpl",
        _add_completion,
        completion.EXAMPLES,
    ),
}
