"""The environment of templates and commands: that of the process, without what Python adds."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from confd_lib.command import coercion
from tests.confd_lib.sidekick import ROOT


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({}, "none"),
        ({"LANG": "C"}, "none"),
        ({"LANG": "C.UTF-8"}, "none"),
        ({"LC_ALL": "C"}, "none"),
        ({"PYTHONCOERCECLOCALE": "0"}, "none"),
        ({"LC_CTYPE": "C"}, "C"),
        ({"LC_CTYPE": "POSIX"}, "POSIX"),
        ({"LC_CTYPE": "C.UTF-8"}, "C.UTF-8"),
        ({"LC_CTYPE": ""}, ""),
    ],
)
def test_lc_ctype_is_what_the_process_was_given(folder, given, value):
    folder.both(
        '{{getv "/lc/ctype" "none"}} {{if getenv "LC_CTYPE"}}{{getenv "LC_CTYPE"}}{{end}}',
        reload_cmd=f"echo ${{LC_CTYPE-none}} > {folder.out}/reload",
    )
    command = [sys.executable, "-m", "confd_lib", "-onetime", "-backend=env"]
    environment = {"PATH": os.environ["PATH"], **given}
    subprocess.run(
        [*command, f"-confdir={folder.path}"], cwd=ROOT, env=environment, check=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    shown = "" if value == "none" else value
    assert folder.dest().read_text() == f"{value} {shown}"
    assert (folder.out / "reload").read_text() == f"{value}\n"


@pytest.mark.parametrize(
    ("environ", "left"),
    [
        ({"LC_CTYPE": "C.UTF-8"}, None),
        ({"LC_CTYPE": "UTF-8", "LANG": "POSIX"}, None),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "de_DE.UTF-8"}, "C.UTF-8"),
        ({"LC_CTYPE": "C.UTF-8", "LC_ALL": "C"}, "C.UTF-8"),
        ({"LC_CTYPE": "C.UTF-8", "PYTHONCOERCECLOCALE": "0"}, "C.UTF-8"),
        ({"LC_CTYPE": "de_DE.UTF-8"}, "de_DE.UTF-8"),
        ({}, None),
    ],
)
def test_where_the_start_is_not_shown_pythons_rules_decide(tmp_path, monkeypatch, environ, left):
    for name in ("LANG", "LC_ALL", "LC_CTYPE", "PYTHONCOERCECLOCALE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    coercion.undo(str(tmp_path / "nowhere"))
    assert os.environ.get("LC_CTYPE") == left
