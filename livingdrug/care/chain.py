"""The hash chains: what exactly is hashed, so that a reader written by somebody else finds the same.

For an event, all hashes as 64 hexadecimal digits and all text in UTF-8:

    hash      = SHA-256( previous + "\\n" + body )
    log_hash  = SHA-256( log_hash of the position before + "\\n" + position + "\\n" + hash )

`previous` is the hash of the event before in the same journey; the first of a journey, and the log at position 1, follow 64
zeros. `body` is one JSON object with sorted keys, without spaces, with letters beyond ASCII as they are:

    {"account": …, "content": …, "journey": …, "key": …, "network": …, "recorded": …, "rules": …, "therapy": …, "version": …}

where `content` is the event's canonical JSON as one text (it holds `at`, `by` and `event`, which the columns of the same
names only repeat, `at` in UTC), `version` is a number, and the rest is text as in the columns. `therapy`, `network` and
`rules` are the SHA-256 of the definitions that judged the event. For the audit trail

    hash      = SHA-256( hash of the position before + "\\n" + all other columns as such a JSON object )

`care/verify.py` implements this a second time, with nothing of this file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["NOTHING", "body", "digest", "linked", "log_linked", "spelled"]

NOTHING = "0" * 64
"""What the first link follows."""


def digest(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def spelled(value: Any) -> str:
    """JSON in the one spelling that hashes cover."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


COVERED = ("account", "content", "journey", "key", "network", "recorded", "rules", "therapy", "version")


def body(row: Mapping[str, Any]) -> str:
    """What the hash of an event covers, from its row."""
    return spelled({name: row[name] for name in COVERED})


def linked(previous: str, text: str) -> str:
    """The hash of a text that follows a hash."""
    return digest(f"{previous}\n{text}")


def log_linked(previous: str, position: int, hash_: str) -> str:
    """The hash of the log to this position."""
    return digest(f"{previous}\n{position}\n{hash_}")
