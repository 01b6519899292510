"""PostgreSQL under Patroni, which elects a leader and writes its keys. Knows nothing of confd."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from examples.stage import Failure, Process, Stage, find, require

from .etcd import Etcd

# SQL, and Patroni's own service.
PORTS: Final = (25432, 28008)
SQL, API = PORTS
# Neither PostgreSQL nor PgBouncer runs as root.
ACCOUNT: Final = "postgres" if os.geteuid() == 0 else None
# The seconds after which a silent leader has lost its lock.
TTL: Final = 5
ROW: Final = "written before the failover"
# Each program that is needed, and the package that brings it.
_PACKAGES: Final = {"patroni": "patroni", "psql": "postgresql-client", "pgbouncer": "pgbouncer"}
_FOLDERS: Final = "/usr/lib/postgresql/*/bin"
_SECONDS: Final = 5
_SECONDS_TO_END: Final = 20.0

_WHO: Final = "SELECT host(inet_server_addr()), pg_is_in_recovery()"
_WRITE: Final = f"CREATE TABLE demo AS SELECT '{ROW}' AS text"
_READ: Final = "SELECT text FROM demo"


def require_programs() -> None:
    """Do nothing if all programs are installed.

    Raises:
        Failure: some are missing; it names these, and the packages to install.
    """
    require(_PACKAGES)
    _folder_of_programs()


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a cluster, each a Patroni with its PostgreSQL.

    Attributes:
        stage: starts and stops programs.
        etcd: the store of Patroni's keys.
        addresses: the address of each member.
    """

    stage: Stage
    etcd: Etcd
    addresses: Mapping[str, str]
    _running: dict[str, Process] = field(default_factory=dict)

    @classmethod
    @contextlib.contextmanager
    def made(cls, stage: Stage, etcd: Etcd, addresses: Mapping[str, str]) -> Iterator[Members]:
        """Yield members that do not run; stop all at the end of the block."""
        members = cls(stage, etcd, addresses)
        try:
            yield members
        finally:
            members._stop_all()

    def start(self, name: str) -> None:
        """Start Patroni for a member; it starts PostgreSQL, with the data of its last run."""
        file = self.stage.folder / f"{name}.yml"
        # JSON is YAML.
        file.write_text(json.dumps(self._settings(name)))
        if not self._data(name).parent.exists():
            _folder_of_account(self._data(name).parent)
        self._running[name] = self.stage.processes.start(
            f"patroni of {name}",
            [find("patroni"), file],
            log=self.stage.folder / f"{name}.log",
            account=ACCOUNT,
            cwd=self._data(name).parent,
        )

    def kill(self, name: str) -> None:
        """Kill Patroni and PostgreSQL of a member, as a power failure would."""
        self._running.pop(name).kill()
        _kill_postgres(self._data(name))

    def log_of(self, name: str) -> Process | None:
        """Return the process whose log says why a member does not run."""
        return self._running.get(name)

    def who(self, address: str, port: int) -> str:
        """Return the member that takes writes at an address, or `-` and the one that only reads.

        The text is empty if no member answers.
        """
        answer = _answer(address, port, _WHO)
        host, _, reads_only = answer.partition("|")
        name = next((one for one, own in self.addresses.items() if own == host), "")
        return f"-{name}" if reads_only == "t" else name

    def write(self, address: str, port: int) -> None:
        """Make a table with one row.

        Raises:
            Failure: it is refused.
        """
        done = _psql(address, port, _WRITE)
        if done.returncode:
            raise Failure(f"PostgreSQL at {address}:{port}: {done.stderr.strip()}")

    def has_row(self, address: str, port: int) -> bool:
        """Return whether the row is read."""
        return _answer(address, port, _READ) == ROW

    def _data(self, name: str) -> Path:
        return self.stage.folder / name / "data"

    def _stop_all(self) -> None:
        with contextlib.ExitStack() as stops:  # the others are stopped though one of them fails
            for name in self.addresses:
                stops.callback(_kill_postgres, self._data(name))
            for process in self._running.values():
                stops.callback(process.stop, _SECONDS_TO_END)
                process.terminate()

    def _settings(self, name: str) -> Mapping[str, object]:
        address = self.addresses[name]
        here, api = f"{address}:{SQL}", f"{address}:{API}"
        return {
            "scope": self.etcd.folder.rpartition("/")[2],
            "namespace": self.etcd.folder.rpartition("/")[0],
            "name": name,
            "restapi": {"listen": api, "connect_address": api},
            # The API of version 3.
            "etcd3": {"host": self.etcd.url.removeprefix("http://")},
            "bootstrap": {
                "dcs": {
                    "ttl": TTL,
                    "loop_wait": 1,
                    "retry_timeout": 3,
                    "postgresql": {"use_pg_rewind": True},
                },
                "initdb": [{"auth": "trust"}, {"encoding": "UTF8"}, {"locale": "C"}, "no-sync"],
                "pg_hba": [f"host {what} all 127.0.0.0/8 trust" for what in ("all", "replication")],
            },
            "postgresql": {
                "listen": here,
                "connect_address": here,
                "data_dir": str(self._data(name)),
                "bin_dir": str(_folder_of_programs()),
                "pgpass": str(self._data(name).parent / "pgpass"),
                "authentication": {
                    "superuser": {"username": "postgres"},
                    "replication": {"username": "replicator"},
                },
                "parameters": {"unix_socket_directories": "", "shared_buffers": "16MB"},
            },
        }


def _folder_of_programs() -> Path:
    """Return the folder of PostgreSQL's newest programs, which Debian keeps out of PATH."""
    found = [path for path in Path("/").glob(_FOLDERS[1:]) if (path / "pg_ctl").exists()]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    program = shutil.which("pg_ctl")
    if program is None:
        raise Failure("postgres is not installed: apt-get install postgresql")
    return Path(program).resolve().parent


def _folder_of_account(path: Path) -> None:
    path.mkdir()
    if ACCOUNT:
        shutil.chown(path, ACCOUNT, ACCOUNT)


def _kill_postgres(data: Path) -> None:
    """Kill the PostgreSQL of a folder if it runs; it has left the session of its Patroni."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):  # it has ended
        return
    # The number may be another's by now. The other processes of PostgreSQL end with the first.
    if os.fsencode(data) in command:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _answer(address: str, port: int, sql: str) -> str:
    """Return the answer to a statement; the text is empty where nothing answers."""
    try:
        done = _psql(address, port, sql)
    except subprocess.TimeoutExpired:
        return ""
    return "" if done.returncode else done.stdout.strip()


def _psql(address: str, port: int, sql: str) -> subprocess.CompletedProcess[str]:
    where = f"host={address} port={port} user=postgres dbname=postgres connect_timeout={_SECONDS}"
    command: Sequence[str] = [find("psql"), "--no-psqlrc", "--no-password", "--tuples-only"]
    return subprocess.run(
        [*command, "--no-align", f"--command={sql}", where],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=2 * _SECONDS,
        start_new_session=True,  # Ctrl-C is for the story
        check=False,
    )
