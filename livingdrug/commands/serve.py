"""`livingdrug serve`: run the care service, with `--demo` on invented patients."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from livingdrug.errors import BadInput

__all__ = ["serve"]

DATABASE = "demo.sqlite3"


def serve(
    *,
    demo: Annotated[bool, Parameter(negative="")] = False,
    database: str | None = None,
    folder: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    workers: int | None = None,
    threads: int = 8,
    log: Annotated[bool, Parameter(negative="--no-log")] = True,
) -> None:
    """Run the care service; behind a proxy that does TLS, unless it is a demo.

    Parameters
    ----------
    demo
        Invented patients at every stage, and an account for each role. Settings are filled in; never for patients.
    database
        sqlite:///PATH or postgresql://USER@HOST/NAME; without it, LIVINGDRUG_DATABASE, or livingdrug.sqlite3 here.
    folder
        Where a demo is kept, to go on with it another time; without it, a demo is gone when it stops.
    host
        Address to listen on; 127.0.0.1 is reached from this machine only.
    port
        Port to listen on.
    workers
        Processes; without it, two, and one for a demo.
    threads
        Threads of each process.
    log
        A line for each request on standard output; it names no patient.
    """
    _check(host, port, demo=demo, folder=folder, database=database)
    if demo:
        _serve_demo(folder, host, port, workers or 1, threads, log)
    else:
        _serve(database, host, port, workers or 2, threads, log)


def _check(host: str, port: int, *, demo: bool, folder: Path | None, database: str | None) -> None:
    if demo and database:
        raise BadInput.at("--database", "is for the real service; a demo makes its own, in --folder if you want to keep it")
    if folder and not demo:
        raise BadInput.at("--folder", "keeps a demo; name a real store with --database")
    if not 0 < port < 65536:
        raise BadInput.at("--port", f"{port} is no port; choose one from 1024 to 65535")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            says = f"{host}:{port} cannot be listened on ({error.strerror or error}); choose another with --port"
            raise BadInput.at("--port", says) from error


# The real service ---------------------------------------------------------------------------------------------------------


def _serve(database: str | None, host: str, port: int, workers: int, threads: int, log: bool) -> None:
    if database is not None:
        os.environ["LIVINGDRUG_DATABASE"] = database  # also for the processes of the server
    from livingdrug.care import serving
    from livingdrug.commands.opening import open_store

    open_store(None)
    serving.why_not()

    def ready() -> None:
        print(f"livingdrug listens on {_address(host, port)}, for a proxy that does TLS", flush=True)

    serving.serve(serving.Serving(_bind(host, port), workers, threads, log, ready))


# The demo -----------------------------------------------------------------------------------------------------------------


def _serve_demo(folder: Path | None, host: str, port: int, workers: int, threads: int, log: bool) -> None:
    began = time.perf_counter()
    with _folder(folder) as place:
        made = _made(place / DATABASE)
        from livingdrug.care import serving

        def ready() -> None:
            said = f"{made} patients, ready in {time.perf_counter() - began:.0f} s"
            print(
                f"livingdrug demo: {said}\nopen http://{_address(host, port)}/ and choose a role; stop with Ctrl-C", flush=True
            )

        serving.serve(serving.Serving(_bind(host, port), workers, threads, log, ready))


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """Where the demo's database is; a temporary one is deleted by the process that made it, not by its workers."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    made, owner = Path(tempfile.mkdtemp(prefix="livingdrug-demo-")), os.getpid()
    signal.signal(signal.SIGTERM, _stop)
    try:
        yield made
    finally:
        if os.getpid() == owner:
            shutil.rmtree(made, ignore_errors=True)


def _stop(number: int, frame: object) -> None:
    """Asked to stop before the server is there, as it does afterwards."""
    raise KeyboardInterrupt


def _made(file: Path) -> int:
    """A demo in that file, made now unless it is there; the number of its patients."""
    os.environ |= {"LIVINGDRUG_DEMO": "1", "LIVINGDRUG_DATABASE": f"sqlite:///{file.absolute()}"}
    from livingdrug.care.database import start
    from livingdrug.commands import progress

    start()
    from livingdrug.care.demo import store as demo

    if (patients := demo.patients()) is not None:
        return patients
    with progress.waiting("making the tables"):
        demo.begin()
    with progress.bar("making the patients") as tell:
        return demo.complete(tell)


def _bind(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _address(host: str, port: int) -> str:
    return f"localhost:{port}" if host in ("127.0.0.1", "::1", "localhost") else _bind(host, port)
