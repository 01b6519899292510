"""A `mariadbd` with Galera: its programs, its settings, and the questions that it answers.

Knows nothing of stacks and of confd, except that a file of confd's is read first.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from examples.stage import Failure, Process, Stage, find

# Each program or file that is needed, and the package that brings it.
PACKAGES: Final = {
    "mariadbd": "mariadb-server",
    "mariadb-install-db": "mariadb-server",
    "mariadb": "mariadb-client",
    "rsync": "rsync",
    # The compose file names this path.
    "/usr/lib/galera/libgalera_smm.so": "galera-4",
}
# SQL, the cluster's own protocol, the sender and the receiver of states.
PORTS: Final = (33306, 4567, 4568, 4444)
SQL, GROUP, IST, SST = PORTS
# Root may not run a server as itself.
ACCOUNT: Final = "mysql" if os.geteuid() == 0 else None

# Read after the file of confd, and stronger: paths and ports of this machine, and small buffers.
_SETTINGS: Final = """\
!includedir {included}
[mysqld]
datadir={data}
tmpdir={tmp}
socket={socket}
pid-file={data}/pid
log-bin={data}/bin
port={sql}
skip-name-resolve
innodb_buffer_pool_size=24M
innodb_log_file_size=8M
key_buffer_size=1M
performance_schema=OFF
wsrep_on=ON
wsrep_sst_method=rsync
wsrep_node_address={address}
wsrep_sst_receive_address={address}:{sst}
wsrep_provider_options="{provider}"
"""
_PROVIDER: Final = (
    "base_host={address};base_port={group};gmcast.listen_addr=tcp://{address}:{group};"
    "ist.recv_addr={address}:{ist};gcache.size=8M"
)
# Relative to the data folder, as the path of a socket has 107 characters at most.
_SOCKET: Final = "socket"
# Its first error is the reason, and the others follow from it.
_FAULT: Final = re.compile(r"(?<=\[ERROR\] ).*")
# The most seconds for an answer, and for leaving the cluster.
_SECONDS: Final = 10
_SECONDS_TO_END: Final = 30

_STATUS: Final = """\
SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_local_state_comment', 'wsrep_cluster_size');
SHOW GLOBAL VARIABLES LIKE 'max_connections';
"""


def check_command(empty: Path) -> str:
    """Return the check_cmd with which a server reads a staged file, without joining a cluster.

    Args:
        empty: a folder that stands for its data.
    """
    options = ["--help", "--verbose", "--wsrep-provider=none", "--wsrep-on=OFF", "--skip-log-bin"]
    options += [f"--user={ACCOUNT}"] if ACCOUNT else []
    words = shlex.join([*options, f"--datadir={empty}"])
    return f"{shlex.quote(find('mariadbd'))} --defaults-file={{{{.src}}}} {words} > /dev/null"


@dataclass(slots=True)
class Server:
    """The server of one node.

    Attributes:
        name: the name of its node.
        address: where it listens.
        folder: the folder for its settings, its log and its data.
    """

    name: str
    address: str
    folder: Path
    process: Process | None = field(default=None, init=False)

    @property
    def data(self) -> Path:
        """The folder of its data."""
        return self.folder / "data"

    @property
    def tmp(self) -> Path:
        """The folder of its temporary files: its account may not write to that of the story."""
        return self.folder / "tmp"

    def configure(self, included: Path) -> None:
        """Write its settings, which begin with those of a folder, and make its empty folders."""
        ports = {"sql": SQL, "group": GROUP, "ist": IST, "sst": SST, "address": self.address}
        provider = _PROVIDER.format(**ports)
        (self.folder / "my.cnf").write_text(
            _SETTINGS.format(
                included=included,
                data=self.data,
                tmp=self.tmp,
                socket=_SOCKET,
                provider=provider,
                **ports,
            )
        )
        for folder in (self.data, self.tmp):
            folder.mkdir()
            if ACCOUNT:
                shutil.chown(folder, ACCOUNT, ACCOUNT)

    def install(self, stage: Stage) -> None:
        """Make the tables of the system; only the first server of a cluster needs them."""
        command = [find("mariadb-install-db"), "--no-defaults", f"--datadir={self.data}"]
        command += [
            f"--tmpdir={self.tmp}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]
        command += [f"--user={ACCOUNT}"] if ACCOUNT else []
        log = self.folder / "install.log"
        stage.run(f"mariadb-install-db of {self.name}", command, log=log, fault=_FAULT)

    def start(self, stage: Stage, peers: Sequence[str]) -> None:
        """Start it as a member of the cluster of some addresses; without any, as a new cluster."""
        cluster = ",".join(f"{peer}:{GROUP}" for peer in peers)
        command = [find("mariadbd"), f"--defaults-file={self.folder / 'my.cnf'}"]
        command += [f"--wsrep-cluster-address=gcomm://{cluster}"]
        command += [] if peers else ["--wsrep-new-cluster"]
        self.process = stage.processes.start(
            f"mariadbd of {self.name}",
            command,
            log=self.folder / "server.log",
            account=ACCOUNT,
            cwd=self.data,
            fault=_FAULT,
        )

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self.process:
            self.process.stop(patience=_SECONDS_TO_END)
        self.process = None

    def status(self) -> dict[str, str]:
        """Return its state, the size of its cluster and a setting; nothing while it is silent."""
        done = self._query(_STATUS)
        return dict(line.split("\t", 1) for line in done.stdout.splitlines()) if done else {}

    def ask(self, sql: str) -> str:
        """Return the answer to statements: values separated by tabs, rows by newlines.

        Raises:
            Failure: it refuses them, or does not answer.
        """
        done = self._query(sql)
        if done is None or done.returncode:
            reason = done.stderr.strip() if done else f"no answer for {_SECONDS} s"
            raise Failure(f"mariadbd of {self.name}: {reason}")
        return done.stdout.strip()

    def _query(self, sql: str) -> subprocess.CompletedProcess[str] | None:
        command = [find("mariadb"), "--no-defaults", "--user=root", f"--socket={_SOCKET}"]
        try:
            return subprocess.run(
                [*command, "--batch", "--skip-column-names", f"--execute={sql}"],
                cwd=self.data,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                start_new_session=True,  # Ctrl-C is for the story
                check=False,
            )
        except subprocess.TimeoutExpired:
            return None
