"""The exit statuses of the commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BY_COMMAND: Final[Mapping[str, Mapping[str, str]]] = {
    "confd": {
        "0": "the end of a loop, or a pass of -onetime without a failure",
        "1": "settings that cannot be used, or a pass of -onetime in which a resource failed",
        "2": "flags that cannot be used; with -onetime and -diff-exit-code, files that differed",
        "75": "with -exec, no good pass within start_timeout, or with -onetime no resource",
        "126": "with -exec, a command that cannot be run",
        "127": "with -exec, a command that is not there",
        "128 + n": "signal n came twice, or cut a pass of -onetime short; or it ended the child",
        "any other": "with -exec, the status of the child",
    },
    "confd-lib": {
        "0": "done",
        "1": "something failed; findings of lint; faults that no test of mutate notices",
        "2": "arguments that cannot be used, or nothing that lint or mutate can check",
        "130": "Ctrl-C",
    },
    "gotmpl": {
        "0": "done",
        "1": "a template or a file failed",
        "2": "arguments that cannot be used",
        "130": "Ctrl-C",
    },
}
"""The meaning of each status, by command."""
