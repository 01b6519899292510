"""The frames of a failed test that its author can use: not those of this distribution.

An error of ours is explained by its message. Knows what pytest knows of a failure, nothing of
templates.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

import gotmpl
import metadata_client
from confd_lib.errors import ConfdError

if TYPE_CHECKING:
    import pytest

_ERRORS: Final = (ConfdError, gotmpl.TemplateError, gotmpl.FuncError, metadata_client.MetadataError)
_FILES: Final = (gotmpl.__file__, metadata_client.__file__, str(Path(__file__).parent))
# Code that is generated from templates has file names that begin so.
_OURS: Final = (*(f"{Path(file).parent}/" for file in _FILES), "<template ")


def hide(excinfo: pytest.ExceptionInfo[BaseException], root: Path) -> None:
    """Hide frames of ours, and those that they called, up to the next of the user's.

    An error of another class, such as a fault of this distribution, keeps its frames.

    Args:
        excinfo: the failure of a test; its error and the causes of that are changed.
        root: the folder of the user's files.
    """
    error = excinfo.value
    if isinstance(error, _ERRORS):
        kept = _hide(error, root)
        if kept is not None:
            excinfo.traceback = type(excinfo.traceback)(kept)


def _hide(error: BaseException, root: Path) -> TracebackType | None:
    """Return the frames of an error that are left; without any, its own are as they were."""
    kept = _joined(list(_kept(error.__traceback__, root)))
    if kept is not None:
        error.__traceback__ = kept
    if error.__cause__ is not None and _hide(error.__cause__, root) is None:
        error.__cause__ = None  # nothing of the user's took part in it
    return kept


def _kept(traceback: TracebackType | None, root: Path) -> Iterator[TracebackType]:
    hidden = False
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file.startswith(_OURS):
            hidden = True
        elif file.startswith(f"{root}/") and "/site-packages/" not in file:
            hidden = False
        if not hidden:
            yield traceback
        traceback = traceback.tb_next


def _joined(frames: list[TracebackType]) -> TracebackType | None:
    made = None
    for one in reversed(frames):
        made = TracebackType(made, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return made
