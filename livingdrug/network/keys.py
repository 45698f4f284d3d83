"""The generated part of docs/networks.md: the file format key by key, as the schema has it.

Renew it with `python -m livingdrug.network.keys docs/networks.md`, after the schema has changed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from livingdrug.network.schema import Network
from livingdrug.therapy import keys

__all__ = ["MARK", "renewed"]

MARK = "<!-- Generated below: python -m livingdrug.network.keys docs/networks.md -->"


def renewed(page: str) -> str:
    """The page with a new generated part below the mark."""
    return keys.renewed(page, MARK, Network)


if __name__ == "__main__":
    for each in sys.argv[1:]:
        Path(each).write_text(renewed(Path(each).read_text(encoding="utf-8")), encoding="utf-8")
