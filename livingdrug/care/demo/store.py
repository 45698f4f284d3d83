"""A demo in a store: whether it is there, and how it is made."""

from __future__ import annotations

from django.db import connection

from livingdrug.care import definitions, store
from livingdrug.care.accounts import demo as accounts
from livingdrug.care.accounts.models import Account
from livingdrug.care.database import migrate, missing
from livingdrug.care.demo.fill import CENTER, Progress, Told, fill
from livingdrug.care.models import Journey
from livingdrug.errors import BadInput

__all__ = ["begin", "complete", "patients"]


def patients() -> int | None:
    """How many patients a demo that is complete has; None where there is nothing yet.

    Raises `BadInput` for half a demo, and for one of another version of livingdrug.
    """
    if not connection.introspection.table_names():
        return None
    if missing():
        raise BadInput.at("--folder", "holds a demo of another livingdrug; delete the folder, or name another")
    found, accounts_ = Journey.objects.count(), Account.objects.exists()
    if found and not accounts_:
        raise BadInput.at("--folder", "holds a demo that was stopped while it was made; delete the folder, or name another")
    return found or None


def begin() -> None:
    """Tables and definitions."""
    migrate()
    store.define_library()


def complete(progress: Progress = lambda done, of: None) -> int:
    """Patients, then accounts; how many patients there are."""
    told: Told = fill(progress=progress)
    accounts.make(CENTER)
    definitions.forget()
    return len(told.journeys)
