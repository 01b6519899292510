"""`confd-lib scale`: changes the scales of a stack while `confd-lib serve` serves it.

Knows nothing of stacks: the server answers.
"""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from confd_lib.backends.remote.addresses import check_base
from confd_lib.command import stdout
from confd_lib.command.tool.serving.serve import TOKEN, token
from confd_lib.command.tool.stack import scale_of
from confd_lib.errors import BackendError
from metadata_client import shown

if TYPE_CHECKING:
    import argparse

    from confd_lib.backends.remote.web import Reply

_PATH = "/v1/scale"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("url", metavar="URL", help="the URL that `confd-lib serve` has printed")
    parser.add_argument(
        "scales",
        type=scale_of,
        nargs="+",
        metavar="SERVICE=N",
        help="the number of containers of a service",
    )
    parser.epilog = (
        f"The variable {TOKEN} holds the token, if the server has one.\n\n{parser.epilog}"
    )


def run(options: argparse.Namespace) -> int:
    """Change the scales, and print the containers that there are then.

    Returns:
        the exit status, 0.

    Raises:
        ConfigError: the URL or the token cannot be used.
        BackendError: there is no answer, or the server refuses.
    """
    # Slow to import, and needed only here.
    from confd_lib.backends.remote.tls import TLS  # noqa: PLC0415
    from confd_lib.backends.remote.web import Web  # noqa: PLC0415

    check_base(options.url)
    base = options.url if "://" in options.url else f"http://{options.url}"
    url = f"{base.rstrip('/')}{_PATH}?{urlencode(dict(options.scales))}"
    bearer = token(os.environ)
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    with Web("metadata service", TLS(), threading.Event()) as web:
        reply = web.ask("POST", url, headers=headers)
    stdout.write("".join(f"{name} {address}\n" for name, address in _containers(base, reply)))
    return 0


def _containers(base: str, reply: Reply) -> list[tuple[str, str]]:
    try:
        document = json.loads(reply.body)
        return [(str(name), str(address)) for name, address in document["containers"]]
    except (ValueError, TypeError, KeyError) as error:
        raise BackendError(f"{shown(base)}: {_refusal(reply)}") from error


def _refusal(reply: Reply) -> str:
    """Return what a server has said that has not changed the scales."""
    first = reply.line.partition(" ")[2]
    if reply.status in (400, 403) and first.startswith(f"{reply.status} "):
        return first.partition(": ")[2] or first
    return f"{reply.line}; is it the URL that `confd-lib serve --compose` has printed?"
