"""`confd-lib mutate`: its flags, its progress and its report.

It starts pytest in a process of its own, which runs the tests for each mutant and sends what it
finds. The module does not know what mutants are.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, Any, Final

from confd_lib import escapes, files
from confd_lib.command import stdout
from confd_lib.command.tool import scratch
from confd_lib.errors import ConfigError

# The width of the bar, in characters.
_BAR: Final = 30
# The seconds that pytest has to end after an interrupt.
_PATIENCE: Final = 10.0
# A line of pytest that names an error; before one about its flags stands its usage.
_ERROR: Final = re.compile(r"(?:ERROR: (?!usage: )|\S.*: error: )(.+)")
_OUTCOMES: Final = {
    "survived": "no test notices if it {what} ({tests} it)",
    "unreached": "no test comes here, nor notices if it {what}",
    "broken": "cannot be parsed: {what}",
}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    parser.set_defaults(run=run, failure=2)
    parser.add_argument(
        "tests",
        nargs="+",
        metavar="TESTS",
        help="files, folders or ids of tests",
    )
    parser.add_argument(
        "--templates",
        action="append",
        required=True,
        metavar="DIR",
        help="the templates: a folder, a file or a pattern, such as *.tmpl at any depth; !*.md "
        "leaves files out (repeatable)",
    )
    parser.add_argument(
        "--pytest",
        type=shlex.split,
        default=[],
        metavar="FLAGS",
        help="flags of pytest, as --pytest='-m \"not slow\"'",
    )
    parser.add_argument(
        "-n",
        dest="processes",
        type=_number,
        default=os.cpu_count() or 1,
        metavar="N",
        help="number of processes (default: one for each CPU)",
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Run the command.

    Returns:
        the exit status: 0; 1 if a mutant is not noticed.

    Raises:
        ConfigError: the tests fail without a mutant, or there is nothing to mutate.
    """
    if importlib.util.find_spec("pytest") is None:
        raise ConfigError("mutate runs tests: pip install 'confd-lib[testing]'")
    # SIGTERM ends it as Ctrl-C does: with the tests that run, and without files left behind.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with scratch.folder("confd-mutate-") as (folder, lock):
            found = _found(options, folder, lock)
    finally:
        signal.signal(signal.SIGTERM, before)
    stdout.write(_report(found))
    return int(any(one["outcome"] in _OUTCOMES for one in found))


def _found(options: argparse.Namespace, folder: Path, lock: int) -> list[dict[str, Any]]:
    """Return the facts about each mutant, in the order of the templates."""
    found: list[dict[str, Any]] = []
    progress = _Progress(sys.stderr)
    log = folder / "pytest.log"
    with log.open("w") as output, closing(_events(options, folder, lock, output)) as events:
        for facts in events:
            if "refused" in facts:
                raise ConfigError(f"{facts['refused']} ({_again(options)})")
            if "mutants" in facts:
                progress.of = facts["mutants"]
            else:
                found.append(facts)
            progress.show(found)
    progress.clear()
    if progress.of is None:
        raise ConfigError(_reason(log.read_text("utf-8", "replace"), options.tests))
    if not found:
        raise ConfigError("the templates have nothing to mutate: no action, and no branch")
    return sorted(found, key=lambda one: int(one["number"]))


def _again(options: argparse.Namespace) -> str:
    """Return the command that runs the tests without mutants."""
    return shlex.join(("pytest", *options.pytest, *options.tests))


def _reason(text: str, tests: Sequence[str]) -> str:
    """Return what pytest said when it ended before it ran a test, with the nearest files."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [found[1] for line in lines if (found := _ERROR.match(line))]
    said = next(iter([*errors, *reversed(lines)]), "pytest has ended")
    near = (files.question(Path(one.partition("::")[0])) for one in tests)
    return "; ".join((said, *filter(None, near)))


def _events(
    options: argparse.Namespace, folder: Path, lock: int, output: IO[str]
) -> Generator[dict[str, Any]]:
    """Run pytest and yield what it sends; the output of tests goes to a file.

    Pytest shares the lock of the folder: it may live longer than this process.
    """
    result, sends = os.pipe()
    with os.fdopen(result) as pipe:
        process = subprocess.Popen(
            _command(options, folder, sends),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(sends, lock),
            # Ctrl-C comes to this process, which lets pytest end once.
            process_group=0,
            env={**os.environ, "PYTEST_DEBUG_TEMPROOT": str(folder)},
        )
        os.close(sends)
        try:
            for line in pipe:
                yield json.loads(line)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let pytest end, which ends the runs of the tests first."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _command(options: argparse.Namespace, folder: Path, pipe: int) -> Sequence[str]:
    """Return the command line of pytest, without workers and coverage of other plugins."""
    off = {"xdist": "-n0", "pytest_cov": "--no-cov"}
    return (
        *(sys.executable, "-m", "pytest", "-p", "confd_lib.mutation.plugin"),
        *("-o", f"cache_dir={folder / 'cache'}", f"--confd-mutate-pipe={pipe}"),
        f"--confd-mutate-processes={options.processes}",
        *(f"--confd-mutate={words}" for words in options.templates),
        *(flag for module, flag in off.items() if importlib.util.find_spec(module)),
        *options.pytest,
        *options.tests,
    )


# -- Output


class _Progress:
    """A bar on a terminal; elsewhere nothing."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream if stream.isatty() else None
        self.of: int | None = None

    def show(self, found: Sequence[dict[str, Any]]) -> None:
        """Show how many mutants were tried, and how many of them survived."""
        if self._stream is not None and self.of is not None:
            survived = sum(one["outcome"] in _OUTCOMES for one in found)
            filled = "#" * (_BAR * len(found) // max(self.of, 1))
            self._stream.write(
                f"\r[{filled:<{_BAR}}] {len(found)}/{self.of} mutants, {survived} not noticed"
            )
            self._stream.flush()

    def clear(self) -> None:
        """Clear the line of the bar."""
        if self._stream is not None:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def _report(found: Sequence[dict[str, Any]]) -> str:
    shown = [one for one in found if one["outcome"] in _OUTCOMES]
    mutants = [one for one in found if one["outcome"] != "broken"]
    outcomes = Counter(one["outcome"] for one in mutants)
    unreached = outcomes["unreached"]
    unnoticed = outcomes["survived"] + unreached
    total = f"{len(mutants)} mutants, {len(mutants) - unnoticed} noticed, {unnoticed} not"
    if unreached:
        total += f" ({unreached} of them where no test comes)"
    return "".join(f"{line}\n" for one in shown for line in _lines(one)) + f"{total}\n"


def _lines(one: dict[str, Any]) -> Iterator[str]:
    """Yield the lines about a mutant that survived: its place, the line, and the changed line."""
    file = os.path.relpath(one["file"])
    tests = one.get("tests", 0)
    words = {"what": one["what"], "tests": "1 test runs" if tests == 1 else f"{tests} tests run"}
    shown = _OUTCOMES[one["outcome"]].format(**words)
    yield escapes.one_line(f"{file}:{one['line']}: {shown}")
    if one["outcome"] == "survived":  # where no test comes, no change is noticed
        yield escapes.one_line(f"    - {one['before']}")
        if one["after"]:
            yield escapes.one_line(f"    + {one['after']}")
