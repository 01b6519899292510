"""Lint: find faults in a conf.d and its templates before confd runs them.

This is a front door and holds names only.

>>> from confd_lib.lint import lint
>>> lint("examples/haproxy")
[]
"""

from __future__ import annotations

from confd_lib.lint.findings import Finding, Severity
from confd_lib.lint.fixes import Change, Fix, changes
from confd_lib.lint.linting import RULES, lint

__all__ = ["RULES", "Change", "Finding", "Fix", "Severity", "changes", "lint"]
