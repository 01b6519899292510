"""Shared by tests of the command: one run of it, and a metadata service for it to ask."""

from __future__ import annotations

import re

from confd_lib.command.confd import cli

TREE = {"version": "1", "self": {"container": {"name": "web_1", "ip": "10.42.0.2"}}}


def confd(capfd, *args: object, subjects: bool = False) -> tuple[int, list[str], str]:
    """Run the command once; give its status, its log from errors up, and what it printed.

    Lines end before the words that name their resource and destination, unless asked for these.
    """
    status = cli.main(["-onetime", "-log-level=error", "-config-file=", *map(str, args)], "confd")
    said = capfd.readouterr()
    lines = [line.split("]: ", 1)[-1] for line in said.err.splitlines()]
    return status, lines if subjects else [*map(without_subjects, lines)], said.out


def rancher(server, folder, *args: object) -> tuple[object, ...]:
    """Give the flags that ask a server, or the one at an address, for the resources of a folder."""
    url = server if isinstance(server, str) else server.url.removeprefix("http://")
    common = ("--backend=rancher", "--prefix=/latest", "--node", url)
    return (*common, "--confdir", folder.path, "--ready-timeout=0", *args)


def without_subjects(line: str) -> str:
    """Cut off which resource and destination a line is about."""
    return re.sub(r" \((?:resources? |dest )[^()]*\)$", "", line)
