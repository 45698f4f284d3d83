"""Open the store for a command: Django started on the right database, or a sentence that says why not."""

from __future__ import annotations

from livingdrug.errors import BadInput

__all__ = ["open_store"]


def open_store(database: str | None, *, tables: bool = True) -> None:
    """Start Django on the store at `database`, or on that of the environment; raises `BadInput` when it cannot be used."""
    from livingdrug.care.database import missing, start

    start(database)
    if says := missing(tables=tables):
        raise BadInput.at("store", says)
