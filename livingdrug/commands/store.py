"""`livingdrug store`: make, back up, restore, rebuild, export and anchor the store of the care service; destroy a key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from livingdrug.commands.opening import open_store
from livingdrug.errors import BadInput

__all__ = ["app"]

app = App(name="store", help="Make, back up, restore, rebuild, export and anchor the store of the care service.")

Database = Annotated[str | None, Parameter(name="--database")]
"""sqlite:///PATH or postgresql://USER@HOST/NAME; without it, LIVINGDRUG_DATABASE, or livingdrug.sqlite3 here."""


@app.command
def init(*, database: Database = None, empty: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Make the tables, or bring them up to date, and define the therapies and networks of the library as they are now.

    Parameters
    ----------
    database
        sqlite:///PATH or postgresql://USER@HOST/NAME; without it, LIVINGDRUG_DATABASE, or livingdrug.sqlite3 here.
    empty
        Define nothing: for a store that a backup is restored into.
    """
    store = _opened(database, tables=False)
    from livingdrug.care.database import migrate

    migrate()
    if not empty:
        store.define_library()
    print("the store is ready")


@app.command
def define(*files: Path, database: Database = None) -> None:
    """Define therapies and networks anew: journeys that begin from now on are judged by these therapies.

    Parameters
    ----------
    files
        Therapy and network files (….toml).
    database
        As for `livingdrug store init`.
    """
    from livingdrug.commands.check import kind_of

    store = _opened(database)
    if not files:
        raise BadInput.at("define", "needs a file; write livingdrug store define FILE.toml")
    for file in files:
        if (kind := kind_of(file)) not in ("therapy", "network"):
            raise BadInput.at(str(file), f"is a {kind}; the store holds therapies and networks")
        print(f"{store.define(kind, file)} {file}")


@app.command
def backup(path: Path, /, *, database: Database = None) -> None:
    """Write the whole store into one file, while the service runs.

    Parameters
    ----------
    path
        The file to write (….tar.gz); it must not be there yet.
    database
        As for `livingdrug store init`.
    """
    print(f"{_in_words(_opened(database).backup(path))} in {path}")


@app.command
def restore(path: Path, /, *, database: Database = None) -> None:
    """Fill an empty store, of either kind, from a backup, and prove that nothing changed.

    Parameters
    ----------
    path
        The file that `livingdrug store backup` wrote.
    database
        The store to fill: made with `livingdrug store init --empty`.
    """
    print(f"{_in_words(_opened(database).restore(path))} restored; every table is as in the backup")


@app.command
def rebuild(*, database: Database = None) -> None:
    """Make board, ledger, cohort, claims and slots anew from the events.

    Parameters
    ----------
    database
        As for `livingdrug store init`.
    """
    print(f"made anew from the events of {_opened(database).rebuild():,} journeys")


@app.command
def export(path: Path, /, *, database: Database = None) -> None:
    """Write the log with its definitions as JSON lines; pseudonyms only. `livingdrug verify` checks the file anywhere.

    Parameters
    ----------
    path
        The file to write (….jsonl or ….jsonl.gz).
    database
        As for `livingdrug store init`.
    """
    print(f"{_opened(database).export(path):,} events in {path}")


@app.command
def anchor(path: Path, /, *, database: Database = None) -> None:
    """Add how far log and audit trail reach, and their hashes, to a file that is kept outside the database.

    Parameters
    ----------
    path
        The file of anchors; it is made if it is not there.
    database
        As for `livingdrug store init`.
    """
    made = _opened(database).anchor(path)
    print(f"position {made['position']:,} anchored in {path}")


@app.command
def shred(patient: str, /, *, reason: str, account: str = "command line", database: Database = None) -> None:
    """Destroy the key of a patient: name, birth date and contacts are unreadable for good, the log stays whole.

    Parameters
    ----------
    patient
        The pseudonym.
    reason
        Why; it is kept in the audit trail.
    account
        Who; it is kept in the audit trail.
    database
        As for `livingdrug store init`.
    """
    store = _opened(database)
    if not store.shred(patient, account, source=store.Source(reason=reason)):
        raise BadInput.at(patient, "has no key: there is no such patient, or the key was destroyed before")
    print(f"the key of {patient} is destroyed; older backups still hold it until they are deleted")


def _opened(database: str | None, *, tables: bool = True) -> Any:
    """The store, once Django is started on it; raises `BadInput` when it cannot be reached or has no tables."""
    open_store(database, tables=tables)
    from livingdrug.care import store

    return store


def _in_words(manifest: dict[str, Any]) -> str:
    tables = manifest["tables"]
    events, journeys = (tables[name]["rows"] for name in ("care_event", "care_journey"))
    return f"{events:,} events of {journeys:,} journeys, {sum(each['rows'] for each in tables.values()):,} rows in all,"
