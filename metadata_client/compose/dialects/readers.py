"""The programs of Rancher that read compose files, where their rules differ.

rancher-compose knows no catalogs; Rancher's executor deploys entries of them. Knows nothing of
services.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from metadata_client.compose.options import Option

CATALOG_NAMES: Final = ("catalog", ".catalog")
"""The keys of the catalog section, in the order in which they are looked for."""

OTHERS: Final = "the dialect compose-spec reads files of today's Docker Compose"
"""What may be meant by a file that none of these programs reads."""


@dataclass(frozen=True, slots=True)
class Reader:
    """The rules of one program.

    Attributes:
        bad_dollar: the message for a wrong `$`, with `{option}`, `{service}` and `{text}`.
        check_version: raises the error for a document of a version that the program does not read.
        interpolated: the sections beside the services whose variables are substituted.
        may_lose_links: whether a link without a target is left out: to a service that a question
            asks for, without an answer.
        no_services: the names of sections beside the services in files without a version.
    """

    bad_dollar: str
    check_version: Callable[[Option], None]
    interpolated: tuple[str, ...] = ()
    no_services: tuple[str, ...] = ()
    may_lose_links: bool = False


def is_version_2(top: Option) -> bool:
    """Return whether a document says that it is of version 2, as a text or a number."""
    return isinstance(top.value, dict) and str(top.value.get("version")) == "2"


def _check_for_rancher_compose(top: Option) -> None:
    version = top.within("version")
    if isinstance(version.value, str | int | float) and not is_version_2(top):
        hint = f"rancher-compose reads version '2', and files that name no version; {OTHERS}"
        raise version.place.fault(f"{version.mismatch('config.RawService').reason}; {hint}")


def _check_for_executor(top: Option) -> None:
    if not isinstance(top.value, dict):
        raise top.mismatch("config.Config")
    if str(top.value.get("version")) == "3":
        raise top.place.at("version").fault("version 3 is not supported")
    if not is_version_2(top):
        for name in top.value:
            option = top.within(str(name))
            if option.value is not None and not isinstance(option.value, dict):
                raise option.mismatch("map[string]interface {}")


RANCHER_COMPOSE: Final = Reader(
    'Invalid interpolation format for "{option}" option in service "{service}": "{text}"',
    _check_for_rancher_compose,
)
EXECUTOR: Final = Reader(
    'Invalid interpolation format for key "{option}": "{text}"',
    _check_for_executor,
    interpolated=("containers", "volumes", "networks"),
    no_services=CATALOG_NAMES,
    may_lose_links=True,
)
