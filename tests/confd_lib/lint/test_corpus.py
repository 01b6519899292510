"""Real resources of public repositories, linted in place; each kind of finding was checked by hand.

The corpus lies beside the checkout and is not part of it; where it is absent these tests skip.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from confd_lib.lint import lint

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "rancher"
FOLDERS = sorted({path.parent for path in CORPUS.rglob("*.toml")})

# Their findings, for the confd that they were written for. `owner` is from an old manual;
# the missing templates are missing from the corpus; the unused keys are indeed unused. The dead
# branch compares a key itself with "true", without getv; the shadowed variables set a default by :=
# in a branch, and it is read behind the branch.
EXPECTED = {
    "check-without-src": 1,
    "dead-branch": 1,
    "missing-src": 28,
    "no-keys": 1,
    "shadowed-variable": 2,
    "unknown-key": 48,
    "unused-key": 8,
    "unused-template": 4,
}


def linted(folder: Path, confdir: Path, target: str) -> Counter[str]:
    """Lint a folder of resources; not every one in the corpus has the layout of a confd folder."""
    confdir.mkdir()
    templates = folder.parent / "templates" if folder.name == "conf.d" else folder
    (confdir / "conf.d").symlink_to(folder)
    (confdir / "templates").symlink_to(templates)
    return Counter(finding.rule for finding in lint(confdir, target=target))


@pytest.mark.skipif(not FOLDERS, reason="the corpus is not beside the checkout")
@pytest.mark.parametrize(
    ("target", "more"),
    [
        pytest.param("confd-lib", {}, id="confd-lib"),
        pytest.param("0.16", {}, id="0.16"),
        pytest.param("0.11", {"newer-syntax": 3, "wrong-arguments": 17}, id="0.11"),
    ],
)
def test_real_resources(tmp_path: Path, target: str, more: dict[str, int]) -> None:
    found: Counter[str] = Counter()
    for i, folder in enumerate(FOLDERS):
        found += linted(folder, tmp_path / str(i), target)
    assert found == EXPECTED | more
