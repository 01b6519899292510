"""Renders a text or a file with confd's functions over given values.

Knows the store and the functions; it must not know resources, backends or destinations.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib.confdir import templates
from confd_lib.funcs import functions as available
from confd_lib.store.store import Store
from gotmpl.arguments import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping


def render(
    text: str,
    values: Store | Mapping[str, object] | None = None,
    *,
    name: str = "template",
    compat: str = "",
    funcs: Mapping[str, Callable[..., object]] | None = None,
    without: Collection[str] = (),
    data: object = None,
) -> str:
    """Return a text rendered with the functions of confd.

    Args:
        text: the template.
        values: a Store, or a tree whose keys are joined with `/`; a flat `{"/k": "v"}` is one too.
        name: the template's name in errors.
        compat: the version of confd to follow exactly: `0.16`, or `0.11` for Rancher's fork; empty
            for 0.16 with an `ls` and an `lsdir` that list the root.
        funcs: functions of your own beside those of confd, by name.
        without: names of functions of confd that the template may not call.
        data: the value of `.`: the name, in a template of a resource with `each`.

    Raises:
        ConfigError: `compat` or a name of `without` is unknown, or a function of your own has the
            name of another.
        TypeError: the text is a path, or bytes, or another argument is not of its type.
        gotmpl.TemplateError: parsing or rendering fails; the message is Go's.

    >>> render('{{range ls "/ports"}}{{.}} {{end}}', {"ports": {"http": 80, "https": 443}})
    'http https '
    >>> render('{{quoted (getv "/name")}}', {"name": "db"}, funcs={"quoted": "'{}'".format})
    "'db'"
    >>> render("{{.}}: {{getv (printf `/%s/port` .)}}", {"web": {"port": 80}}, data="web")
    'web: 80'
    """
    store = values if isinstance(values, Store) else Store(values)
    return templates.parse(name, text, available(store, compat, funcs, without)).render(data)


@checked
def render_file(
    path: str | Path,
    values: Store | Mapping[str, object] | None = None,
    *,
    compat: str = "",
    funcs: Mapping[str, Callable[..., object]] | None = None,
    without: Collection[str] = (),
    data: object = None,
) -> str:
    """Return a file rendered with the functions of confd; errors name its base name, as in Go.

    Args:
        path: the template.
        values: as for `render`.
        compat: as for `render`.
        funcs: as for `render`.
        without: as for `render`.
        data: as for `render`.

    Raises:
        ConfigError: as for `render`.
        TemplateFileError: the file cannot be read.
        gotmpl.TemplateError: parsing or rendering fails; the message is Go's.

    >>> print(render_file("examples/zookeeper/templates/myid.tmpl", {"self": {"container": {
    ...     "service_index": "2"}}}).strip())
    2
    """
    file = Path(path)
    text = templates.read_text(file)
    return render(
        text, values, name=file.name, compat=compat, funcs=funcs, without=without, data=data
    )


def functions(compat: str = "", *, without: Collection[str] = ()) -> dict[str, str]:
    """Return a line of help for each function of templates, by name.

    Args:
        compat: the version of confd, as for `render`.
        without: names of functions that are left out, as for `render`.

    Raises:
        ConfigError: `compat` or a name of `without` is unknown.

    >>> functions()["toUpper"]
    'Return the text in upper case.'
    >>> from confd_lib import SYSTEM_FUNCTIONS
    >>> sorted(functions().keys() - functions(without=SYSTEM_FUNCTIONS).keys())[:3]
    ['datetime', 'fileExists', 'getenv']
    """
    left = available(Store(), compat, without=without)
    return {name: (left[name].__doc__ or "").partition("\n")[0] for name in sorted(left)}
