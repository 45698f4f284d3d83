"""How the store writes: one short transaction at a time, all of it or nothing, on the disk before anybody is told.

**Why one at a time.** A reader of the log asks for everything since a position. If two transactions took positions 7 and 8
and 8 were committed first, that reader would see 8, remember it, and never see 7. So the position is taken under a lock that
is held until the commit: positions follow the order of commits, and there are no gaps. On PostgreSQL this is an advisory
lock of the transaction (as in message-db), which readers never wait for; on SQLite it is the lock that an immediate
transaction takes anyway, and within one process a mutex before it, because SQLite wakes waiting writers by polling.
Everything slow (rules, folding, projections) happens before the lock is taken, and is thrown away if the journey has moved.

**What is tried again.** A busy database, a deadlock, a lost connection: at most `ATTEMPTS` times. A connection that is lost
during a commit leaves open whether it happened, so whoever tries again looks first whether its rows are there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar, cast

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from livingdrug.care.database import is_postgresql
from livingdrug.care.turns import Turns
from livingdrug.errors import StoreError

__all__ = ["ACCESS", "LOG", "reading", "tried_again", "writing"]

LOG, ACCESS = 0x6C6F67, 0x616363
"""Names of the two advisory locks. Whoever needs both takes the log's first."""

ATTEMPTS = 6
PAUSE = 0.05
"""Seconds before the second attempt; doubled for each further one."""

_one_writer = Turns()

atomic = cast("Callable[..., AbstractContextManager[None]]", transaction.atomic)  # Django's own signature says less

Result = TypeVar("Result")


@contextmanager
def writing(*locks: int) -> Iterator[None]:
    """A transaction that has the store to itself from here to its commit."""
    with _one_writer, atomic(durable=True):
        if is_postgresql():
            with connection.cursor() as cursor:
                cursor.execute("; ".join("SELECT pg_advisory_xact_lock(%s)" for _ in locks), locks)
        yield


@contextmanager
def reading() -> Iterator[None]:
    """A transaction that sees the store as it is at one moment, however long it reads."""
    with atomic(durable=True):
        if is_postgresql():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def tried_again(work: Callable[[], Result]) -> Result:
    """What `work` returns; it may run more than once. Raises `StoreError` when the database cannot write."""
    for attempt in range(ATTEMPTS):
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            _raise_if_final(error, attempt)
            connection.close()
            time.sleep(PAUSE * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


FULL = ("disk is full", "no space left", "could not extend file")
UNWRITABLE = ("readonly", "read-only", "disk i/o error", "unable to open", "malformed", "not a database")


def _raise_if_final(error: DatabaseError | InterfaceError, attempt: int) -> None:
    says = str(error).strip().partition("\n")[0]
    if any(each in says.lower() for each in FULL):
        raise StoreError(f"the disk of the store is full ({says}); nothing was written, make room and try again") from error
    if any(each in says.lower() for each in UNWRITABLE):
        raise StoreError(f"the store cannot be written ({says}); nothing was written, mend the disk or its rights") from error
    if attempt == ATTEMPTS - 1:
        raise StoreError(f"the store did not answer in {ATTEMPTS} attempts ({says}); nothing was written, try again") from error
