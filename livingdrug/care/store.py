"""The store in one place: everything that commands, the API and the pages may ask of it."""

from __future__ import annotations

from livingdrug.care.access import HERE, Source, audit, trail
from livingdrug.care.answers import Appended, Conflict
from livingdrug.care.append import Door, append, start
from livingdrug.care.backup import backup, restore
from livingdrug.care.board import Board, Filters, board, counts
from livingdrug.care.cohorts import cohort
from livingdrug.care.database import start as open_store
from livingdrug.care.definitions import current, define, define_library, text_of
from livingdrug.care.ledger import Total, ledger, totals
from livingdrug.care.log import anchor, export, rows, since
from livingdrug.care.rebuild import rebuild
from livingdrug.care.states import Standing, latest
from livingdrug.care.vault import keep_person, person, shred

__all__ = [
    "HERE",
    "Appended",
    "Board",
    "Conflict",
    "Door",
    "Filters",
    "Source",
    "Standing",
    "Total",
    "anchor",
    "append",
    "audit",
    "backup",
    "board",
    "cohort",
    "counts",
    "current",
    "define",
    "define_library",
    "export",
    "keep_person",
    "latest",
    "ledger",
    "open_store",
    "person",
    "rebuild",
    "restore",
    "rows",
    "shred",
    "since",
    "start",
    "text_of",
    "totals",
    "trail",
]
