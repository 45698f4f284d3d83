"""The service as a running server: gunicorn with threads, static files by whitenoise, and a log without patient data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from livingdrug.errors import BadInput

__all__ = ["Quiet", "Serving", "serve", "why_not"]

FORMAT = "%(t)s %(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"
"""What is logged of a request: when, what was asked for and how it went; not by whom, no query, no referrer."""

SECRET = re.compile(r"^(/(?:api/v1/)?(?:journeys|accounts/invitation)/)[^/]+")
"""Parts of an address that stand for one patient, or open an invitation."""

TIMEOUT = 60
"""Seconds after which a worker that does not answer is replaced."""


KEPT_OPEN = 130
"""Seconds for which a connection stays open without a request: longer than proxies keep theirs, so that none sends a form into
one that is being closed."""


@dataclass(frozen=True, slots=True)
class Serving:
    """Where and how to serve: `bind` is host:port or unix:PATH; `ready` is called once requests are answered."""

    bind: str
    workers: int
    threads: int
    access: bool = True
    """Whether each request is a line of the log."""
    ready: Callable[[], None] = lambda: None


class Quiet(Logger):  # pyright: ignore[reportUntypedBaseClass]
    """A log that names no journey, no invitation, no query and no visitor."""

    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> dict[str, Any]:
        """What a line can be made of; whatever may name a patient is left out."""
        made = cast("dict[str, Any]", super().atoms(resp, req, environ, request_time))
        kept = {name: made[name] for name in ("t", "m", "s", "B", "M")}
        return {**kept, "U": masked(str(made["U"]))}


def masked(path: str) -> str:
    """An address without what stands for one patient; what a terminal would take for more than text is gone, too."""
    return SECRET.sub(r"\1…", "".join(each if each.isprintable() else "?" for each in path))[:200]


class _Server(BaseApplication):  # pyright: ignore[reportUntypedBaseClass]
    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        super().__init__()

    def load_config(self) -> None:
        for name, value in _configuration(self.serving).items():
            cast(Any, self).cfg.set(name, value)

    def load(self) -> Any:
        from livingdrug.care.wsgi import application

        return application


def _configuration(serving: Serving) -> Mapping[str, Any]:
    """Gunicorn's settings. Workers are forked from a service that is loaded, so that the first request is a quick one."""
    return {
        "bind": [serving.bind],
        "workers": serving.workers,
        "threads": serving.threads,
        "worker_class": "gthread",
        "preload_app": True,
        "timeout": TIMEOUT,
        "keepalive": KEPT_OPEN,
        "accesslog": "-" if serving.access else None,
        "access_log_format": FORMAT,
        "logger_class": Quiet,
        "loglevel": "warning",
        "proc_name": "livingdrug",
        # Which address a client has and whether it came over TLS is for the service to judge, not for the server.
        "forwarded_allow_ips": "127.0.0.1,::1",
        "control_socket_disable": True,
        "when_ready": lambda server: serving.ready(),
        "post_fork": _forget_connections,
    }


def _forget_connections(server: Any, worker: Any) -> None:
    """A connection to the database belongs to one process."""
    from django.db import connections

    connections.close_all()


def serve(serving: Serving) -> None:
    """Answer requests until somebody says stop; never returns. Raises `BadInput` where the address is taken."""
    from django.db import connections

    connections.close_all()
    _Server(serving).run()


def why_not() -> None:
    """Raise `BadInput` where the service, outside of a demo, would be open to attack."""
    from django.conf import settings
    from django.core.checks import run_checks

    if settings.DEMO:
        return
    found = [each for each in run_checks(include_deployment_checks=True) if not each.is_silenced()]
    if found:
        raise BadInput.at("settings", "; ".join(f"{each.id}: {each.msg}" for each in found))
