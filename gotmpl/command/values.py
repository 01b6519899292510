"""The data of a template: files of YAML or JSON, the later over the earlier, and single values.

Knows nothing of templates.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gotmpl.command.faults import Fault, UsageFault, of_file

STDIN: Final = "-"
# A dot that no backslash precedes.
_DOT: Final = re.compile(r"(?<!\\)\.")

Values = dict[str, object]


def read(paths: Sequence[str], settings: Sequence[str]) -> object:
    """Return the values of files and of settings `a.b=1`; the later ones win.

    Maps are merged, all else is replaced. A single file may hold any value.

    Raises:
        Fault: a file cannot be read, or values that must be maps are not.
    """
    documents = [_document(path) for path in paths]
    if len(documents) == 1 and not settings:
        return documents[0]
    merged: Values = {}
    for path, document in zip(paths, documents, strict=True):
        if document is not None and not isinstance(document, dict):
            raise Fault(f"{path}: holds no map, which is needed beside other values")
        merge(merged, document or {})
    for setting in settings:
        merge(merged, parsed(setting))
    return merged


def _document(path: str) -> object:
    import yaml  # noqa: PLC0415 - slow to import

    try:
        text = sys.stdin.read() if path == STDIN else Path(path).read_text("utf-8")
    except (OSError, UnicodeError) as error:
        raise of_file(Path(path), error) from error
    try:
        return json.loads(text) if path.endswith(".json") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        reason = " ".join(str(error).split()) or "is nested too deep"
        raise Fault(f"{path}: {reason}") from error


def merge(into: Values, more: Values) -> None:
    """Set the values of another map in a map, and merge maps inside.

    >>> values = {"db": {"port": 3306, "name": "x"}}
    >>> merge(values, {"db": {"port": 3307}})
    >>> values
    {'db': {'port': 3307, 'name': 'x'}}
    """
    for key, value in more.items():
        old = into.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            merge(old, value)
        else:
            into[key] = value


def parsed(setting: str) -> Values:
    r"""Return the map of a setting; `true`, `null` and numbers are no texts, and `\.` is a dot.

    Raises:
        UsageFault: it has no key, or no `=`.

    >>> parsed("db.port=3306"), parsed("labels.app\\.kubernetes=web")
    ({'db': {'port': 3306}}, {'labels': {'app.kubernetes': 'web'}})
    """
    path, equals, text = setting.partition("=")
    keys = [key.replace("\\.", ".") for key in _DOT.split(path)]
    if not equals or not all(keys):
        raise UsageFault(f"--set {setting}: give it as KEY=VALUE, or KEY.KEY=VALUE")
    value = _scalar(text)
    for key in reversed(keys):
        value = {key: value}
    assert isinstance(value, dict)
    return value


def _scalar(text: str) -> object:
    try:
        value: object = json.loads(text, parse_constant=str)
    except ValueError:
        return text
    return text if isinstance(value, str | dict | list) else value
