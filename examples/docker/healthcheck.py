"""Exit with 0 if the status file of confd says that all is well, else with 1 and the reason.

    healthcheck.py /run/confd/status.json [SECONDS]

The file is too old after SECONDS: by default twice the 600 seconds of `-interval`, after which
confd makes a pass even without a change.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

_OLDEST = 1200.0


def reason(path: str, oldest: float) -> str:
    """Return why confd is not healthy, or empty."""
    try:
        status: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
        written = dt.datetime.fromisoformat(status["time"])
        bad = [_fault(name, one) for name, one in status["resources"].items() if _is_bad(one)]
        away = status["store"]["error"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"no status yet: {error}"
    age = (dt.datetime.now(dt.UTC) - written).total_seconds()
    if age > oldest:
        return f"the last status is {age:.0f} s old"
    if status["ok"]:
        return ""
    return "; ".join([*([f"the store: {away}"] if away else []), *bad]) or "there are no resources"


def _is_bad(resource: dict[str, Any]) -> bool:
    return resource["status"] not in ("updated", "in sync")


def _fault(name: str, resource: dict[str, Any]) -> str:
    return f"{name}: {resource['last_error'] or resource['status']}"


def main(args: list[str]) -> int:
    """Print the reason, if there is one, and return the exit status."""
    why = reason(args[0], float(args[1]) if args[1:] else _OLDEST)
    print(why or "ok")
    return int(bool(why))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
