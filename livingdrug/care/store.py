"""The store in one place: everything that commands, the API and the pages may ask of it."""

from __future__ import annotations

from livingdrug.care.access import HERE, Source, audit, trail
from livingdrug.care.append import Appended, Conflict, Door, append, start
from livingdrug.care.board import Board, Filters, board, counts
from livingdrug.care.database import start as open_store
from livingdrug.care.definitions import current, define, define_library, text_of
from livingdrug.care.states import Standing, latest

__all__ = [
    "HERE",
    "Appended",
    "Board",
    "Conflict",
    "Door",
    "Filters",
    "Source",
    "Standing",
    "append",
    "audit",
    "board",
    "counts",
    "current",
    "define",
    "define_library",
    "latest",
    "open_store",
    "start",
    "text_of",
    "trail",
]
