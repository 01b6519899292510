"""The command `confd-lib`, for developing templates before confd runs them.

`render` renders a template for a stack, with a file of values or with what a store holds, `dump`
writes such a file, `lint` finds faults in a conf.d, and `serve` serves the metadata of a stack. It
never writes destinations: only `confd` does.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeGuard

import gotmpl
import metadata_client
from confd_lib import backends, escapes
from confd_lib.backends.simulated import View
from confd_lib.command import coercion, stdout
from confd_lib.command.tool import dump, lint, show, sources, targets
from confd_lib.command.tool.targets import Target
from confd_lib.compat import VERSIONS
from confd_lib.errors import ConfdError, ConfigError, system_reason
from confd_lib.store.store import Store
from confd_lib.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from confd_lib.confdir.resource import TemplateResource
    from metadata_client import Answers, Stack

# Errors in the input of the user; each prints in one line.
_USER_ERRORS: Final = (ConfdError, gotmpl.TemplateError, metadata_client.MetadataError, OSError)


def main(args: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        args: the arguments of the command; those of this process by default.

    Returns:
        the exit status: 0; 1 if something failed, of `lint` if there are findings; 2 if the flags
        are wrong, of `lint` also if nothing can be checked; 130 after Ctrl-C.
    """
    coercion.undo()
    parser = _parser()
    options = parser.parse_args(args)
    if fault := _fault(options):
        parser.error(fault)
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = _report
        try:
            status: int = options.run(options)
        except _USER_ERRORS as error:
            if isinstance(error.__cause__, BrokenPipeError):  # the reader has closed the pipe
                return 1
            _report(error)
            return int(options.failure)
        except KeyboardInterrupt:
            return 128 + signal.SIGINT
    return status


def _report(message: object, *_: object, **__: object) -> None:
    """Write a warning or an error to stderr, in one line."""
    text = (
        f"{message.filename}: {system_reason(message)}" if _is_of_a_file(message) else str(message)
    )
    sys.stderr.write(f"confd-lib: {escapes.one_line(text)}\n")


def _is_of_a_file(message: object) -> TypeGuard[OSError]:
    return isinstance(message, OSError) and message.filename is not None


class _Parser(argparse.ArgumentParser):
    """A parser whose errors escape control characters in the arguments that they quote."""

    def error(self, message: str) -> NoReturn:
        super().error(escapes.one_line(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="confd-lib",
        description="Render templates, dump a store, lint a conf.d, serve metadata.",
    )
    parser.add_argument("--version", action="version", version=f"confd-lib {__version__}")
    parser.set_defaults(failure=1)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_render(
        commands.add_parser(
            "render",
            help="render a template for a container of a stack, with a file of values or with what "
            "a store holds",
        )
    )
    _add_dump(commands.add_parser("dump", help="write the keys of a store as a file of values"))
    _add_lint(commands.add_parser("lint", help="find faults in a conf.d and its templates"))
    _add_serve(
        commands.add_parser("serve", help="serve the metadata of a stack, as rancher-metadata does")
    )
    return parser


# Flags that describe a stack or one of its containers: they need --compose.
_OF_A_STACK: Final = {
    "container": "--as",
    "env": "--env",
    "metadata_version": "--metadata-version",
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
    if options.run is _render and not (compose or values or named):
        return (
            "one of --compose DIR, --values FILE, --backend NAME and --config-file FILE is needed"
        )
    if named and (compose or values):
        return f"{sources.first(options)}: not allowed with --{'compose' if compose else 'values'}"
    return ""


def _add_stack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--scale",
        type=_number,
        action="append",
        default=[],
        metavar="SERVICE=N",
        help="number of containers of a service, instead of the one in its file (repeatable)",
    )
    parser.add_argument(
        "--env",
        type=_pair,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="value of $NAME in the compose files (repeatable)",
    )


# -- render


def _add_render(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_render)
    parser.add_argument(
        "template",
        type=Path,
        help="the template, a file; or a resource, a TOML file below a folder conf.d",
    )
    parser.add_argument(
        "--name",
        metavar="NAME",
        help="the value of . in the template; of a resource with each, the one name to render "
        "(default: all of them)",
    )
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
    parser.add_argument(
        "--compat",
        choices=VERSIONS,
        default="",
        help="follow that confd to the letter (default: 0.16, with an ls that lists the root)",
    )
    show.add_flags(parser)
    _add_stack(parser)


def _render(options: argparse.Namespace) -> int:
    found = _targets(options)
    if options.html and len(found) > 1:
        raise ConfigError("--html shows one file: choose it with --name")
    for number, target in enumerate(found):
        if len(found) > 1:
            space = "\n" if number else ""
            stdout.show(f"{space}==> {escapes.one_line(target.dest)} <==\n")
        if show.is_wanted(options):
            show.show(options, target)
        else:
            stdout.show(targets.render(target, options.compat))
    return 0


def _targets(options: argparse.Namespace) -> list[Target]:
    path: Path = options.template
    if not targets.is_resource(path):
        return [Target(path, _view(options), options.name)]
    if options.key:
        raise ConfigError(f"--key: {path} lists keys of its own")
    return targets.of_resource(path, lambda found: _view_of(options, found), options.name)


def _view_of(options: argparse.Namespace, resource: TemplateResource) -> Store:
    """Return the keys that a resource sees."""
    if sources.is_named(options):
        return sources.view_of(options, resource)
    if options.values:
        prefix = resource.full_prefix(options.prefix or "", joined=False)
        return _values(options.values).view(prefix, resource.keys)
    return _of_stack(options).store_of(resource)


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
    stack = _stack(options)
    container = stack.container(options.container) if options.container else None
    return View(stack, container, options.metadata_version or "latest")


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
    parser.set_defaults(run=lambda options: lint.run(options, _stack), failure=2)
    lint.add_flags(parser)
    _add_stack(parser)


# -- serve


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_serve)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--compose", metavar="DIR", help="a folder with compose files")
    source.add_argument(
        "--answers",
        metavar="FILE",
        help="an answers file of rancher-metadata; read again when it changes",
    )
    parser.add_argument(
        "--listen",
        type=_address,
        default=("127.0.0.1", 0),
        metavar="HOST:PORT",
        help="address to listen on (default 127.0.0.1:0, a free port)",
    )
    parser.add_argument(
        "--xff",
        action=argparse.BooleanOptionalAction,
        help="take the address of a client from the header X-Forwarded-For (default: only if "
        "the server listens on a loopback address)",
    )
    parser.add_argument(
        "--cors", action="store_true", help="allow every web page to read, as the real service does"
    )
    _add_stack(parser)


def _serve(options: argparse.Namespace) -> int:
    host, port = options.listen
    answers: Answers | str = options.answers or _stack(options).answers()
    ends = {signal.SIGTERM, signal.SIGINT}
    # Block before the server starts threads, which inherit the mask: only `sigwait` gets a signal.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        with contextlib.ExitStack() as serving:
            server = metadata_client.MetadataServer(
                answers, host, port, options.xff, cors=options.cors
            )
            with _address_errors(host, port):
                serving.enter_context(server)
            containers = _containers(server.answers)
            stdout.write("".join(f"{line}\n" for line in (server.url, *containers)))
            signal.sigwait(ends)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return 0


def _containers(answers: Answers) -> list[str]:
    """Return "name address" of each container in the answers, as the oldest version names it."""
    names: dict[str, str] = {}
    for _, clients in sorted(answers.items()):
        for address, tree in clients.items():
            match tree.get("self"):
                case {"container": {"name": str(name)}}:
                    names.setdefault(address, name if name.isprintable() else ascii(name))
    return [f"{name} {address}" for address, name in names.items()]


@contextlib.contextmanager
def _address_errors(host: str, port: int) -> Iterator[None]:
    """Re-raise the errors of listening as ConfigError."""
    try:
        yield
    except UnicodeError as error:  # Python encodes a host before it resolves it
        raise ConfigError(f"cannot listen on {host}:{port}: the host name is invalid") from error
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {system_reason(error)}") from error


def _stack(options: argparse.Namespace) -> Stack:
    return metadata_client.compose.load(
        options.compose, env=dict(options.env), scale=dict(options.scale)
    )


# -- Arguments


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _number(text: str) -> tuple[str, int]:
    name, value = _pair(text)
    if not value.isascii() or not value.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not SERVICE=N")
    return name, int(value)


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host.strip("[]"), int(port)
