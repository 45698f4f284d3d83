"""The state of the log for who audits it: how far it reaches, when it was anchored last, and whether every hash still fits."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.db import connection

from livingdrug.care import verify
from livingdrug.care.database import is_postgresql
from livingdrug.care.log import end
from livingdrug.care.models import Access

__all__ = ["MOST", "Log", "check", "log"]

ANCHORS = "LIVINGDRUG_ANCHORS"
"""The environment variable that names the file of anchors, where the service may read it."""
MOST = 200_000
"""Events up to which a page checks the whole log; a longer one is checked with `livingdrug verify`."""


@dataclass(frozen=True, slots=True)
class Log:
    """How far log and trail reach, their hashes, and the last anchor; `anchored` is empty where none is known."""

    position: int
    hash: str
    trail: int
    trail_hash: str
    anchored: str
    anchored_at: int
    agrees: bool | None
    """Whether the log at the anchored position is what was anchored; None where no anchor is known."""
    checkable: bool


def log() -> Log:
    """The log as it is now."""
    position, hash_ = end()
    trail, trail_hash = Access.objects.order_by("-position").values_list("position", "hash").first() or (0, "")
    anchor = _last_anchor()
    agrees = None if anchor is None else _hash_at(int(anchor["position"])) == anchor["log_hash"]
    known = anchor or {"at": "", "position": 0}
    return Log(position, hash_, trail, trail_hash, known["at"], known["position"], agrees, position <= MOST)


def _last_anchor() -> dict[str, Any] | None:
    """The last line of the file of anchors; None where there is no file, or nothing in it that can be read."""
    try:
        lines = Path(os.environ[ANCHORS]).read_text(encoding="utf-8").splitlines()
        made = json.loads(lines[-1])
        return made if {"at", "position", "log_hash"} <= made.keys() else None
    except (KeyError, OSError, ValueError, IndexError, AttributeError):
        return None


def _hash_at(position: int) -> str:
    from livingdrug.care.chain import NOTHING
    from livingdrug.care.models import Event

    if not position:
        return NOTHING
    return Event.objects.filter(position=position).values_list("log_hash", flat=True).first() or ""


def check() -> verify.Report:
    """Every hash of the log and the trail, by the reader that trusts nobody; with the anchors, where they are known."""
    anchors = os.environ.get(ANCHORS, "")
    return verify.verify(_place(), anchors if anchors and Path(anchors).is_file() else None)


def _place() -> str:
    """The database as the reader opens it."""
    about = connection.settings_dict
    if not is_postgresql():
        return str(about["NAME"])
    who = quote(str(about["USER"])) + (f":{quote(str(about['PASSWORD']))}" if about["PASSWORD"] else "")
    port = f":{about['PORT']}" if about["PORT"] else ""
    return f"postgresql://{who}@{about['HOST']}{port}/{quote(str(about['NAME']))}"
