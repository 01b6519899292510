"""`confd-lib serve`: the metadata of a stack, which follows its files and can be scaled.

The main thread alone prints, and reads the files again; requests about scales come in threads of
the server. Knows nothing of templates.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

import metadata_client
from confd_lib.backends.remote.credentials import check_header
from confd_lib.command import stdout
from confd_lib.command.tool import stack
from confd_lib.command.tool.following import POLL_S, Followed
from confd_lib.command.tool.serving.deployment import Deployment, containers, differences
from confd_lib.errors import ConfigError, system_reason
from metadata_client import MetadataError, MetadataServer, Scaling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

TOKEN: Final = "CONFD_LIB_TOKEN"
"""The variable of the environment that holds the token of `serve` and `scale`."""

_ENDS: Final = frozenset((signal.SIGTERM, signal.SIGINT))


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--compose",
        metavar="DIR",
        help="a folder with compose files; read again when they are saved",
    )
    source.add_argument(
        "--answers",
        metavar="FILE",
        help="an answers file of rancher-metadata; read again when it changes",
    )
    parser.add_argument(
        "--listen",
        type=address,
        default=("127.0.0.1", 0),
        metavar="HOST:PORT",
        help="address to listen on (default 127.0.0.1:0, a free port); on another than a loopback "
        f"address, `confd-lib scale` needs a token (variable {TOKEN})",
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
    stack.add_flags(parser)


def run(options: argparse.Namespace, say: Callable[[object], None]) -> int:
    """Print the URL and the containers, then serve until SIGINT or SIGTERM.

    Args:
        options: the flags.
        say: prints a line about the files.

    Returns:
        the exit status, 0.

    Raises:
        ConfigError: the address or the token cannot be used.
        MetadataError: the compose files or the answers cannot be served.
    """
    live = _Live(options, say) if options.compose else None
    # Block before the server starts threads, which inherit the mask: only this thread gets signals.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        with _served(options, live) as server:
            named = (f"{name} {address}" for address, name in containers(server.answers).items())
            stdout.write("".join(f"{line}\n" for line in (server.url, *named)))
            while signal.sigtimedwait(_ENDS, POLL_S) is None:
                if live:
                    live.follow()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return 0


@contextlib.contextmanager
def _served(options: argparse.Namespace, live: _Live | None) -> Iterator[MetadataServer]:
    host, port = options.listen
    server = MetadataServer(
        live.answers() if live else options.answers,
        host,
        port,
        options.xff,
        cors=options.cors,
        scaling=Scaling(live.scale, _token()) if live else None,
    )
    if live:
        live.publish = server.replace
    with contextlib.ExitStack() as serving:
        with address_errors(host, port):
            serving.enter_context(server)
        yield server


class _Live:
    """The stack that is served, and its changes.

    Args:
        options: the flags that describe it.
        say: prints a line about its files.

    Attributes:
        publish: serves other answers.
    """

    def __init__(self, options: argparse.Namespace, say: Callable[[object], None]) -> None:
        self._options = options
        self._say = say
        self._followed = Followed(lambda: metadata_client.compose.files_of(options.compose))
        self._now = Deployment.of(stack.load(options, scaled=False), dict(options.scale))
        self._lock = threading.Lock()
        self._lines: deque[str] = deque()
        self.publish: Callable[[metadata_client.Answers], None] = lambda _: None

    def answers(self) -> metadata_client.Answers:
        """Return the answers for the stack as it is now."""
        return self._now.running.answers()

    def scale(self, scales: Mapping[str, int]) -> str:
        """Change scales, and return all containers as JSON; it may be called in any thread."""
        with self._lock:
            answers = self._become(self._now.scaled(scales))
        names = containers(answers)
        return json.dumps({"containers": [[name, address] for address, name in names.items()]})

    def follow(self) -> None:
        """Read the files again if they have changed, and print what has come and gone since."""
        if self._followed.have_changed():
            try:
                self._edit()
            except (MetadataError, ConfigError) as error:
                self._say(f"{error}; the last good stack is still served")
        while self._lines:
            stdout.write(f"{self._lines.popleft()}\n")

    def _edit(self) -> None:
        defined = stack.load(self._options, scaled=False)
        if not defined.services:  # an editor may have emptied the file before it writes it
            raise ConfigError(f"{self._options.compose}: the files define no service")
        with self._lock:
            before = self._now.running.version
            self._become(self._now.edited(defined))
            now = self._now.running.version
        served = "are as before" if now == before else f"have version {now}"
        self._say(f"{self._options.compose}: the files have changed; the metadata {served}")

    def _become(self, new: Deployment) -> metadata_client.Answers:
        old = containers(self.answers())
        answers = new.running.answers()
        self._now = new
        self._lines.extend(differences(old, containers(answers)))
        self.publish(answers)
        return answers


@contextlib.contextmanager
def address_errors(host: str, port: int) -> Iterator[None]:
    """Re-raise the errors of listening as ConfigError."""
    try:
        yield
    except UnicodeError as error:  # Python encodes a host before it resolves it
        raise ConfigError(f"cannot listen on {host}:{port}: the host name is invalid") from error
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {system_reason(error)}") from error


def _token() -> str:
    return token(os.environ)


def token(environ: Mapping[str, str]) -> str:
    """Return the token of `serve` and `scale`, or empty.

    Raises:
        ConfigError: it cannot stand in a header of HTTP.

    >>> token({}), token({"CONFD_LIB_TOKEN": "s3cret"})
    ('', 's3cret')
    """
    found = environ.get(TOKEN, "")
    check_header(TOKEN, found)
    return found


def address(text: str) -> tuple[str, int]:
    """Return a host and a port; the argument is wrong if it is not `HOST:PORT`.

    >>> address("[::1]:8080")
    ('::1', 8080)
    """
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host.strip("[]"), int(port)
