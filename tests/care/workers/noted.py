"""What a long run of the tests of faults found, kept in benchmarks/record.json; an everyday run keeps nothing."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

__all__ = ["LONG", "note"]

LONG = os.environ.get("LIVINGDRUG_LONG") == "1"
STORED = Path(__file__).parents[3] / "benchmarks" / "record.json"


def note(fault: str, database: str, **found: Any) -> None:
    """Keep what was counted of one fault on one kind of database."""
    if not LONG:
        return
    kept = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    row = kept.setdefault("faults", {}).setdefault(fault, {})
    row[database.partition(":")[0]] = {"date": time.strftime("%Y-%m-%d"), **found}
    STORED.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
