"""Pays for what the first render of a process costs, before a test has a deadline.

Hypothesis gives each example 200 ms, and calls a test flaky whose first example is too slow.
"""

from __future__ import annotations

import codecs
from functools import cache

import metadata_client.compose  # noqa: F401 - whose first use imports YAML
from confd_lib.rendering import render


@cache
def prepare() -> None:
    """Import what templates, resources and stacks need on their first use.

    >>> import sys
    >>> prepare()
    >>> "parsimonious" in sys.modules, "metadata_client.compose.stack" in sys.modules
    (True, True)
    """
    codecs.lookup("utf-8-sig")  # of resources
    render('{{range ls "/"}}{{printf "%v" .}}{{else}}{{"-"}}{{end}}', {})
