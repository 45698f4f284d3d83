"""The service as it runs for real, and a client for it: gunicorn in processes of its own, HTTP over a kept connection."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livingdrug.care import clock
from workers.private import free_port

__all__ = ["PASSWORD", "Answer", "Client", "Service", "served", "tokens_of"]

ROOT = Path(__file__).parents[3]
HOST = "127.0.0.1"
PASSWORD = "a password to sign with"


@dataclass(frozen=True)
class Service:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int

    def workers(self) -> list[int]:
        """The numbers of the processes that answer."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in children.read_text().split()]


@contextmanager
def served(url: str, workers: int = 2, threads: int = 8) -> Iterator[Service]:
    """Serve a store on a free port, as `livingdrug serve` does; the server is gone afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "livingdrug.cli", "serve", "--database", url, "--port", str(port), "--no-log"]
    environment = {**os.environ, "LIVINGDRUG_DEMO": "1", "LIVINGDRUG_DATABASE": url}
    given = (f"--workers={workers}", f"--threads={threads}")
    process = subprocess.Popen([*command, *given], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _until_well(process, port)
        yield Service(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _until_well(process: subprocess.Popen[bytes], port: int, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        assert process.poll() is None, f"the server ended with {process.returncode}"
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(Client(port)) as client:
            if client.send("GET", "/health").status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"the server does not answer after {seconds} s")


def tokens_of(persons: Iterable[str]) -> dict[str, str]:
    """A token for each person of the network, on the store that is in use; with every scope."""
    from django.contrib.auth.hashers import make_password

    from livingdrug.care.accounts.models import Account
    from livingdrug.care.api import tokens
    from livingdrug.care.api.models import SCOPES

    made, kept = dict[str, str](), make_password(PASSWORD)  # once: it takes long on purpose
    for person in persons:
        about = {"email": f"{person}@example.org", "name": person, "person": person, "made": clock.now()}
        account = Account(password=kept, **about)
        account.save()
        made[person] = tokens.create(account.email, SCOPES, days=3)
    return made


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, and the body as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def tag(self) -> str:
        """The version of the journey, for If-Match."""
        return self.headers.get("etag", "")


@dataclass
class Client:
    """One connection, kept open and made anew when the server has dropped it."""

    port: int
    seconds: float = 30
    lost: int = 0
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    def send(self, method: str, path: str, token: str = "", body: Any = None, **headers: str) -> Answer:
        """One request, once; raises OSError or HTTPException when the connection is lost."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(HOST, self.port, timeout=self.seconds)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given |= {"Authorization": f"Bearer {token}"} if token else {}
        text = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if text is not None:
            given.setdefault("Content-Type", "application/json")
        try:
            self._connection.request(method, f"/api/v1{path}", text, given)
            answer = self._connection.getresponse()
            return Answer(answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def insist(self, method: str, path: str, token: str, body: Any, **headers: str) -> Answer:
        """The same request until it is answered, by whichever server is there then: its key makes that safe."""
        for _ in range(600):
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = self.send(method, path, token, body, **headers)
                if answer.status != 503:
                    return answer
            self.lost += 1
            time.sleep(0.05)
        raise AssertionError(f"{method} {path} was not answered in 600 attempts")

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
