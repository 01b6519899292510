"""`confd-lib preview`: a page on loopback that shows templates while they are edited.

The main thread alone prints, and notices edits; requests come in threads of the server.
"""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib.command import stdout
from confd_lib.command.sidecar.listening import listen
from confd_lib.command.tool import sources, stack, template
from confd_lib.command.tool.following import Followed
from confd_lib.command.tool.previewing import values
from confd_lib.command.tool.serving.serve import address, address_errors, token
from confd_lib.errors import ConfigError, MissingLibrary
from confd_lib.golang import match as gomatch
from confd_lib.preview.model.moments import Setting
from confd_lib.preview.model.previews import Preview
from confd_lib.preview.model.renderings import Rules
from metadata_client import MetadataError, compose

if TYPE_CHECKING:
    import argparse

    from confd_lib.preview.server import Served

_ENDS: Final = frozenset((signal.SIGTERM, signal.SIGINT))
# The seconds between two comparisons of the files: a page follows a save within 200 ms.
_POLL_S: Final = 0.03
# The seconds between two questions to a store.
_STORE_S: Final = 2.0
# The seconds after a change in which the pages come first.
_REPORT_S: Final = 0.5
_LOOPBACK: Final = "127.0.0.1"
_LAST_PORT: Final = 65535


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "confdir",
        nargs="?",
        default=".",
        metavar="CONFDIR",
        help="the folder that holds conf.d and templates (default: the current one)",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--compose",
        metavar="DIR",
        help="a folder with compose files, or of an entry of a catalog (default: CONFDIR, if it "
        "holds such files)",
    )
    source.add_argument("--values", metavar="FILE", help="a YAML or JSON file, or a folder of them")
    stack.add_flags(parser)
    stack.add_answers(parser)
    sources.add_flags(parser)
    parser.add_argument(
        "--mask",
        action="append",
        default=[],
        metavar="PATTERN",
        help="hide the values of the keys that match, as templates ask for them, like "
        "'/*/password', and of those above and below them (repeatable)",
    )
    template.add_rules(parser)
    _add_address(parser)


def _add_address(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--port", type=int, default=0, metavar="N", help="port on loopback (default: a free one)"
    )
    where.add_argument(
        "--listen",
        type=address,
        metavar="HOST:PORT",
        help="address to listen on, instead of one on loopback",
    )
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def complete(options: argparse.Namespace) -> None:
    """Take the compose files of the confd folder, if no flag names other values.

    A folder that does not exist is taken too: the page and the terminal say what is missing.
    """
    if options.compose or options.values or sources.is_named(options):
        return
    with suppress(MetadataError):
        files = compose.files_of(options.confdir)
        if any(path.exists() for path in files) or not Path(options.confdir).exists():
            options.compose = options.confdir


def run(options: argparse.Namespace, say: Callable[[object], None]) -> int:
    """Print the address of the page, then serve it until SIGINT or SIGTERM.

    Args:
        options: the flags.
        say: prints a line to stderr.

    Returns:
        the exit status, 0.

    Raises:
        ConfigError: the address, the token or a mask cannot be used.
        MissingLibrary: the libraries of the server are not installed.
    """
    warnings.showwarning = _once(say)
    given = setting(options)
    preview = Preview(given)
    # Block before the server starts threads, which inherit the mask: only this thread gets signals.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    stop = threading.Event()
    try:
        with _serving(options, preview, say) as served:
            stdout.write(f"{served.url}\n")
            _open(options, served.url, say)
            live = _Live(preview, served.publish, say)
            watching = (given.source, stop, _STORE_S, live.renew)
            threading.Thread(target=values.watch, args=watching, daemon=True).start()
            while signal.sigtimedwait(_ENDS, _POLL_S) is None:
                live.follow()
    finally:
        stop.set()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return 0


def _once(say: Callable[[object], None]) -> Callable[..., None]:
    """Return a function that prints each warning once: stacks are loaded again and again."""
    printed: set[str] = set()

    def show(message: object, *_: object, **__: object) -> None:
        if str(message) not in printed:
            printed.add(str(message))
            say(message)

    return show


def setting(options: argparse.Namespace) -> Setting:
    """Return what the flags say of a preview.

    Raises:
        ConfigError: a mask can match nothing.
    """
    rules = Rules(options.compat, options.functions)
    return Setting(Path(options.confdir), values.source(options), rules, _patterns(options))


def _patterns(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the patterns of the keys that are hidden.

    Raises:
        ConfigError: one of them can match nothing.
    """
    for pattern in options.mask:
        if not pattern.startswith("/"):
            raise ConfigError(f"--mask {pattern}: it does not begin with /, so it matches no key")
        try:
            gomatch.read(pattern)
        except gomatch.BadPattern as error:
            raise ConfigError(f"--mask {pattern}: {error}") from error
    return tuple(options.mask)


@contextmanager
def _serving(
    options: argparse.Namespace, preview: Preview, say: Callable[[object], None]
) -> Iterator[Served]:
    try:
        from confd_lib.preview.server import serving  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise MissingLibrary("confd-lib preview", "preview") from None
    host, port = options.listen or (_LOOPBACK, options.port)
    if not 0 <= port <= _LAST_PORT:
        raise ConfigError(f"--port {port}: it is not between 0 and {_LAST_PORT}")
    with address_errors(host, port):
        listener = listen(host, port)
    with serving(preview, listener, say, token(os.environ), host) as served:
        yield served


def _open(options: argparse.Namespace, url: str, say: Callable[[object], None]) -> None:
    if options.open and not webbrowser.open(url):
        say("--open: there is no browser; open the address above")


class _Live:
    """Follows the files of a preview, and prints what is wrong with them.

    Args:
        preview: the preview.
        publish: sends news to the open pages.
        say: prints a line.
    """

    def __init__(
        self, preview: Preview, publish: Callable[[], None], say: Callable[[object], None]
    ) -> None:
        self._preview = preview
        self._publish = publish
        self._say = say
        self._followed = Followed(preview.files)
        # Those that were printed last, those that are found now, and who finds them.
        self._faults: tuple[str, ...] = ()
        self._found: list[str] = []
        self._finding: Iterator[str] | None = None
        self._reported = 0
        self._report_at = time.monotonic()

    def renew(self) -> None:
        """Note that something has changed; it may be called in any thread."""
        self._preview.renew()
        self._publish()
        self._report_at = time.monotonic() + _REPORT_S

    def follow(self) -> None:
        """Note changes of the files, find faults step by step, and print those that are new."""
        if self._followed.have_changed():
            self.renew()
        if self._reported != self._preview.generation and time.monotonic() >= self._report_at:
            self._reported = self._preview.generation
            self._found, self._finding = [], self._preview.faults()
        if self._finding:
            fault = next(self._finding, None)
            if fault is None:
                self._report()
            else:
                self._found.append(fault)

    def _report(self) -> None:
        self._finding = None
        before, self._faults = self._faults, tuple(dict.fromkeys(filter(None, self._found)))
        for fault in self._faults:
            if fault not in before:
                self._say(fault)
        if before and not self._faults:
            self._say("all resources can be rendered")
