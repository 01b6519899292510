"""The command `gotmpl`: renders templates with values, and shows where one fails.

`gotmpl render -f values.yaml --set db.port=3306 app.conf.tmpl` writes the text to standard output.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from gotmpl.command import sources, stdout, values
from gotmpl.command.faults import Fault, UsageFault, of_file
from gotmpl.command.parsing import Parser
from gotmpl.command.sources import Source
from gotmpl.errors import TemplateError
from gotmpl.failures.failure import Failure
from gotmpl.failures.names import did_you_mean, near
from gotmpl.failures.places import printable
from gotmpl.golang.strings import encode
from gotmpl.template import Template

Functions = Mapping[str, Callable[..., object]]
_LIMITS: Final = {"seconds": float, "output": int, "steps": int}


def main(args: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        args: the arguments of the command; those of this process by default.

    Returns:
        the exit status: 0; 1 if something failed; 2 if the flags are wrong; 130 after Ctrl-C.
    """
    stdout.reopen()
    try:
        return _render(parser().parse_args(args))
    except Fault as fault:
        sys.stderr.write(f"gotmpl: {printable(str(fault))}\n")
        return fault.status
    except BrokenPipeError:  # the reader has closed the pipe
        return 1
    except OSError as error:  # those of files are faults
        sys.stderr.write(f"gotmpl: {of_file(Path('stdout'), error)}\n")
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command, by which help, manual and shells know its flags."""
    command = Parser(
        "gotmpl", description="Renders Go's text/template, without Go.", allow_abbrev=False
    )
    command.add_argument("--version", action=_Version, nargs=0, help="print the version, and exit")
    commands = command.add_subparsers(required=True, metavar="COMMAND")
    render = commands.add_parser(
        "render",
        help="render templates with values",
        allow_abbrev=False,
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = render.add_argument
    add("templates", nargs="+", metavar="TEMPLATE", help="a file, or - for standard input")
    add("-f", "--values", action="append", default=[], metavar="FILE", help=_VALUES)
    add("--set", action="append", default=[], metavar="KEY=VALUE", help=_SET)
    add("-t", "--template", metavar="NAME", help="render this one; the others define what it calls")
    add("-o", "--output-dir", type=Path, metavar="DIR", help="write a file for each template")
    add("--functions", choices=["sprig"], metavar="SET", help="functions beside Go's own: sprig")
    add("--env", action="store_true", help="let sprig's env and expandenv see the environment")
    add("--network", action="store_true", help="let sprig's getHostByName ask the network")
    add(
        "--missingkey",
        choices=["default", "zero", "error"],
        default="default",
        help="what a missing key gives: <no value>, the zero of the map's type, or an error",
    )
    add("--limits", default="", metavar="NAME=N,…", help=_LIMITED)
    return command


class _Version(argparse.Action):
    """Prints the version of the distribution, which is looked up only then."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib import metadata  # noqa: PLC0415 - slow to import

        stdout.write(f"gotmpl {metadata.version('confd-lib')}\n")
        parser.exit()


def flags() -> set[str]:
    """Return the long flags of the command."""
    (found,) = (one.choices for one in parser()._actions if one.choices)
    options = found["render"]._option_string_actions  # type: ignore[index]  # a dict
    return {flag for flag in options if flag.startswith("--")}


_ABOUT: Final = """\
Renders templates with values. All of them are one set, so that each can call
what another defines. The texts go to standard output in the order of the
templates, or into a folder."""
_EXAMPLES: Final = """\
Examples:
  gotmpl render -f values.yaml app.conf.tmpl
  gotmpl render -f values.yaml --set db.port=3307 -o out *.tmpl
  echo '{{ .name | upper }}' | gotmpl render --functions sprig --set name=web -"""
_VALUES: Final = "a file of values, YAML or JSON, or - for standard input (repeatable)"
_SET: Final = "one value, as db.port=3306, over those of files (repeatable)"
_LIMITED: Final = "end what costs more: seconds=N, output=N (characters), steps=N"


def _render(options: argparse.Namespace) -> int:
    limits = _limits(options.limits)
    if options.values.count(values.STDIN) + options.templates.count(sources.STDIN) > 1:
        raise UsageFault("standard input is named twice; it can be read once")
    found = sources.read(options.templates)
    data = values.read(options.values, options.set)
    functions = _functions(options)
    template = Template("").funcs(functions).option(f"missingkey={options.missingkey}")
    template.limits(**limits)
    for source in found:
        try:
            template.new(source.name).parse(source.text)
        except TemplateError as error:
            failure = Failure.of(error, source.text, path=source.path, functions=functions)
            return _failed(failure.with_hints(_of_sprig(error, functions)))
    return _write(_chosen(options.template, found, template), found, template, data, options)


def _of_sprig(error: TemplateError, functions: Functions) -> str:
    """Return a hint if a function is missing that sprig has."""
    missing = _MISSING.fullmatch(error.reason)
    if missing is None or functions:
        return ""
    from gotmpl.sprig import functions as of_sprig  # noqa: PLC0415 - loads on use

    name = missing[1]
    return f"{name} is a function of sprig: add --functions sprig" if name in of_sprig() else ""


_MISSING: Final = re.compile('function "(\\w+)" not defined')


def _functions(options: argparse.Namespace) -> Functions:
    if options.functions is None:
        return {}
    from gotmpl.sprig import functions  # noqa: PLC0415 - loads on use

    return functions(env=os.environ if options.env else None, network=options.network)


def _limits(text: str) -> dict[str, Any]:
    """Return the limits of a flag such as `seconds=2,output=100000`."""
    found: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        name, _, number = part.partition("=")
        try:
            found[name] = _LIMITS[name](number)
        except (KeyError, ValueError):
            raise UsageFault(f"--limits {part}: give seconds=N, output=N or steps=N") from None
        if not found[name] > 0:
            raise UsageFault(f"--limits {part}: a limit is above zero")
    return found


def _chosen(name: str | None, found: list[Source], template: Template) -> list[Source]:
    """Return the templates to be rendered: those of files, or the one of a name."""
    if name is None:
        return [one for one in found if not _only_defines(one, template)]
    if template.lookup(name) is None:
        names = [one.name for one in template.templates()]
        advice = did_you_mean(near(name, names)) or f"the templates are {', '.join(names)}"
        raise UsageFault(f"--template {name}: no template has this name; {advice}")
    own = next((one for one in found if one.name == name), None)
    return [own or Source(name, found[0].text, found[0].path)]


def _only_defines(source: Source, template: Template) -> bool:
    """Return whether a template has no text of its own, but defines others."""
    own = template.lookup(source.name)
    body = "" if own is None else str(own.tree).strip()
    return not body and _DEFINES.search(source.text) is not None


_DEFINES: Final = re.compile(r"\{\{-?\s*(?:define|block)\b")


def _write(
    chosen: list[Source],
    found: list[Source],
    template: Template,
    data: object,
    options: argparse.Namespace,
) -> int:
    """Render templates, and write all of them once none has failed."""
    texts = list[tuple[Source, str]]()
    for source in chosen:
        one = template.lookup(source.name)
        try:
            texts.append((source, one.render(data) if one else ""))  # Go has no empty template
        except TemplateError as error:
            at = next((other for other in found if other.name == error.name), source)
            names = _functions(options)
            return _failed(
                Failure.of(error, at.text, path=at.path, functions=names, template=one, data=data)
            )
    for source, text in texts:
        _put(source, text, options.output_dir)
    return 0


def _put(source: Source, text: str, folder: Path | None) -> None:
    if folder is None:
        stdout.write(text)
        return
    path = folder / source.target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(text))
    except OSError as error:
        raise of_file(path, error) from error


def _failed(failure: Failure) -> int:
    lines = [f"gotmpl: {printable(str(failure.error))}", *failure.lines()]
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    return 1
