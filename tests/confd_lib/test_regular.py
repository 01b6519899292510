"""The reader of regular files: the files that it refuses, and that all of confd uses it."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from confd_lib import regular
from confd_lib.backends import File
from confd_lib.command.settings import config
from confd_lib.confdir import resource, templates
from confd_lib.errors import (
    BackendError,
    ConfigError,
    ResourceError,
    TemplateFileError,
    out_of_descriptors,
)
from confd_lib.lint import lint


def test_a_file_is_read_to_its_end_whatever_stat_says(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * 200_000)
    assert regular.read_file(path) == b"x" * 200_000
    assert regular.read_file("/proc/self/stat").endswith(b"\n")  # its size is 0 by stat


def test_a_link_is_followed(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    assert regular.read_file(tmp_path / "link") == b"x"


def test_the_null_device_is_an_empty_file():
    assert regular.read_file(os.devnull) == b""


def make_fifo(path):
    os.mkfifo(path)


def make_directory(path):
    path.mkdir()


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def make_device(path):
    path.symlink_to("/dev/zero")


def make_nothing(path):
    pass


KINDS = [
    pytest.param(make_fifo, "is a named pipe", id="fifo"),
    pytest.param(make_directory, "is a directory", id="directory"),
    pytest.param(make_socket, "is a socket", id="socket"),
    pytest.param(make_device, "is a device", id="device"),
    pytest.param(make_nothing, "No such file or directory", id="nothing"),
]


@pytest.mark.parametrize(("make", "why"), KINDS)
def test_an_irregular_file_is_refused_at_once(tmp_path, monkeypatch, make, why):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    make(Path("odd"))
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the reason is asserted below
        regular.read_file("odd")
    assert (caught.value.strerror, caught.value.filename) == (why, "odd")


@pytest.mark.parametrize(
    ("path", "why"),
    [("a\0b", "the path holds a null byte"), ("a\ud800", "the path holds a lone surrogate")],
)
def test_the_error_for_an_impossible_path_is_our_own(path, why):
    with pytest.raises(OSError, match=why):
        regular.read_file(path)


READERS = [
    pytest.param(lambda path: resource.read(str(path)), ResourceError, id="resource"),
    pytest.param(templates.read, TemplateFileError, id="template"),
    pytest.param(lambda path: File(path).get_values(()), BackendError, id="-file"),
    pytest.param(
        lambda path: config.read({"config-file": str(path)}), ConfigError, id="confd.toml"
    ),
]


@pytest.mark.parametrize(("read", "error"), READERS)
def test_a_named_pipe_is_an_error_and_does_not_block(tmp_path, read, error):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(error, match=rf"^.*{path}.* is a named pipe$"):
        read(path)


def test_too_many_open_files_are_recognised(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.ENFILE, os.strerror(errno.ENFILE))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(TemplateFileError) as caught:
        templates.read(tmp_path / "a.tmpl")
    assert out_of_descriptors(caught.value)
    assert not out_of_descriptors(TemplateFileError("a.tmpl"))


def test_lint_does_not_wait_for_a_named_pipe(folder):
    folder.resource()
    os.mkfifo(folder.path / "templates/a.tmpl")
    (found,) = lint(folder.path)
    assert (found.rule, found.path) == ("unreadable-file", str(folder.path / "templates/a.tmpl"))
    assert found.message == "the file cannot be read: is a named pipe"


def test_lint_does_not_wait_for_a_named_pipe_in_conf_d(folder):
    os.mkfifo(folder.path / "conf.d/a.toml")
    (found,) = lint(folder.path)
    assert (found.rule, found.path) == ("unreadable-file", str(folder.path / "conf.d/a.toml"))
