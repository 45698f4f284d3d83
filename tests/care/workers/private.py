"""A PostgreSQL of one's own, which a test may restart, kill and starve without hurting anybody else's."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

__all__ = ["Private", "free_port", "private"]

USER = "postgres"
SETTINGS = {
    "shared_buffers": "16MB",
    "max_connections": "60",
    "unix_socket_directories": "'{folder}'",
    "logging_collector": "off",
}


@dataclass(frozen=True)
class Private:
    """A cluster in a folder, which listens on a port of this machine."""

    folder: Path
    port: int
    programs: Path

    def url(self, name: str = "postgres") -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def control(self, *arguments: str) -> None:
        """Run pg_ctl, and wait until it has done what it is asked."""
        log = self.folder / "log"
        run(self.programs / "pg_ctl", "-D", str(self.folder / "data"), "-l", str(log), "-w", "-t", "30", *arguments)

    def restart(self, mode: str = "fast") -> None:
        """Restart it: `fast` breaks off what runs, `immediate` is a crash, after which it reads its log again."""
        self.control("-m", mode, "restart")

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """The URL of a new database, dropped afterwards."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
        yield self.url(name)
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def private(**settings: str) -> Iterator[Private]:
    """Make a cluster, start it, and take it away afterwards; skips the test where PostgreSQL is not installed."""
    programs = found()
    if programs is None:
        pytest.skip("no initdb and pg_ctl here; install the server of PostgreSQL to test what a restart does")
    folder = Path(tempfile.mkdtemp(prefix="livingdrug-", dir="/var/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, USER)  # PostgreSQL does not run as root
    made = Private(folder, free_port(), programs)
    try:
        run(
            programs / "initdb", "-D", str(folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"
        )
        given = [
            f"{name} = {value.format(folder=folder)}"
            for name, value in {**SETTINGS, **settings, "port": str(made.port)}.items()
        ]
        with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write("\n".join(given) + "\n")
        made.control("start")
        yield made
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            made.control("-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def found() -> Path | None:
    """Where the programs of the newest PostgreSQL are."""
    known = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")]
    if (on_path := shutil.which("pg_ctl")) is not None:
        known.append(Path(on_path).resolve().parent)
    return max(known, default=None)


def run(program: Path, *arguments: str) -> None:
    """Run a program of PostgreSQL, as its own user where we are root."""
    command = [str(program), *arguments]
    if os.geteuid() == 0:
        command = ["runuser", "-u", USER, "--", *command]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/")
    assert done.returncode == 0, done.stdout.decode()


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def until(port: int, seconds: float = 20) -> None:
    """Wait until somebody listens on a port."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port} after {seconds} s")
