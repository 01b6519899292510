"""Renders a text or a file with confd's functions over given values.

Knows the store and the functions; it must not know resources, backends or destinations.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib import funcs
from confd_lib.confdir import templates
from confd_lib.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping


def render(
    text: str,
    values: Store | Mapping[str, object] | None = None,
    *,
    name: str = "template",
    compat: str = "",
) -> str:
    """Return a text rendered with the functions of confd.

    Args:
        text: the template.
        values: a Store, or a tree whose keys are joined with `/`; a flat `{"/k": "v"}` is one too.
        name: the template's name in errors.
        compat: the version of confd to follow exactly: `0.16`, or `0.11` for Rancher's fork; empty
            for 0.16 with an `ls` and an `lsdir` that list the root.

    Raises:
        ConfigError: `compat` is unknown.
        gotmpl.TemplateError: parsing or rendering fails; the message is Go's.

    >>> render('{{range ls "/ports"}}{{.}} {{end}}', {"ports": {"http": 80, "https": 443}})
    'http https '
    """
    store = values if isinstance(values, Store) else Store(values)
    return templates.parse(name, text, funcs.functions(store, compat)).render()


def render_file(
    path: str | Path, values: Store | Mapping[str, object] | None = None, *, compat: str = ""
) -> str:
    """Return a file rendered with the functions of confd; errors name its base name, as in Go.

    Args:
        path: the template.
        values: as for `render`.
        compat: as for `render`.

    Raises:
        ConfigError: `compat` is unknown.
        TemplateFileError: the file cannot be read.
        gotmpl.TemplateError: parsing or rendering fails; the message is Go's.
    """
    file = Path(path)
    return render(templates.read_text(file), values, name=file.name, compat=compat)


def functions(compat: str = "") -> dict[str, str]:
    """Return a line of help for each function of templates, by name.

    Args:
        compat: the version of confd, as for `render`.

    Raises:
        ConfigError: `compat` is unknown.

    >>> functions()["toUpper"]
    'The text in upper case.'
    """
    available = funcs.functions(Store(), compat)
    return {name: (available[name].__doc__ or "").partition("\n")[0] for name in sorted(available)}
