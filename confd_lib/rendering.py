"""The small front door: a text or a file, and values, to text; no resource, no destination.

Knows the store and the functions; it must not know conf.d, backends or how files are written.
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
    """Render a text with the functions of confd.

    Args:
        text: the template.
        values: a Store, or a tree whose keys are joined with `/`: a flat `{"/k": "v"}` is one too.
        name: the name that errors carry.
        compat: whose rules the functions follow to the letter, `0.16` or `0.11`; empty for those of
            0.16 with an `ls` and an `lsdir` that list the root.

    Raises:
        gotmpl.TemplateError: the text is no template, or it cannot be rendered; in Go's words.

    >>> render('{{range ls "/ports"}}{{.}} {{end}}', {"ports": {"http": 80, "https": 443}})
    'http https '
    """
    store = values if isinstance(values, Store) else Store(values)
    return templates.parse(name, text, funcs.functions(store, compat)).render()


def render_file(
    path: str | Path, values: Store | Mapping[str, object] | None = None, *, compat: str = ""
) -> str:
    """Render a file with the functions of confd; errors carry its base name, as Go's do.

    Args:
        path: the template.
        values: as for `render`.
        compat: as for `render`.

    Raises:
        TemplateFileError: the file cannot be read.
        gotmpl.TemplateError: it is no template, or it cannot be rendered; in Go's words.
    """
    file = Path(path)
    return render(templates.read_text(file), values, name=file.name, compat=compat)


def functions(compat: str = "") -> dict[str, str]:
    """Return what a template may call: a line of help for each function, by name.

    Args:
        compat: of which version of confd, `0.16` (the default) or `0.11`.

    >>> functions()["toUpper"]
    'The text in upper case.'
    """
    made = funcs.functions(Store(), compat)
    return {name: (made[name].__doc__ or "").partition("\n")[0] for name in sorted(made)}
