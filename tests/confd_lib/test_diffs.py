"""Unified diffs: `patch` accepts each of them, for any lines and names."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confd_lib.diffs import unified_diff

# The characters at which `str.splitlines` ends a line, and those with a meaning in a patch.
TEXTS = st.text(st.sampled_from("ab\n\r\f\v\x1c\x85\u2028 \\-+@"))


def patched(old: str, difference: list[str]) -> str:
    """Return the text that `patch` would make by a diff."""
    left, made, at, sign = old.split("\n"), [], 0, ""
    for line in difference[2:]:
        if line.startswith("@@"):
            begin, _, count = line.split()[1][1:].partition(",")
            begins = int(begin) - (count != "0")
            made += left[at:begins]
            at = begins
        elif line.startswith("\\"):
            if sign != "-":
                return "\n".join(made)
        else:
            sign = line[0]
            at += sign != "+"
            made += [line[1:-1]] * (sign != "-")
    return "\n".join(made + (left[at:] or [""]))


@given(TEXTS, TEXTS)
def test_a_diff_turns_the_old_text_into_the_new_one(old, new):
    difference = list(unified_diff(old, new, "old", "new"))
    assert (difference == []) == (old == new)
    assert all(line.endswith("\n") for line in difference)
    assert patched(old, difference) == new


@pytest.mark.skipif(not shutil.which("patch"), reason="patch is not installed")
@pytest.mark.parametrize("name", ["plain", "with space", "tab\there", "line\nbreak", 'a"\\b'])
def test_patch_finds_the_file_by_its_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"old\f1\n")
    difference = "".join(unified_diff("old\f1\n", "new\r2", name, f"{name} (rendered)"))
    subprocess.run(["patch", "-p0", "-s"], input=difference.encode(), cwd=tmp_path, check=True)
    assert (tmp_path / name).read_bytes() == b"new\r2"
