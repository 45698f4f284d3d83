"""`livingdrug accounts`: invite, list, make and deactivate the accounts of the care service."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated, Any

from cyclopts import App, Parameter

from livingdrug.commands.opening import open_store
from livingdrug.errors import BadInput

__all__ = ["app"]

app = App(name="accounts", help="Invite, list, make and deactivate the accounts of the care service.")

BY = "command line"
Database = Annotated[str | None, Parameter(name="--database")]
Roles = Annotated[list[str] | None, Parameter(name="--role", negative="")]


@app.command
def invite(email: str, name: str, /, *, person: str = "", role: Roles = None, database: Database = None) -> None:
    """Print a link by which somebody chooses a password, once and within 7 days; for an account that is there, a new one.

    Parameters
    ----------
    email
        Address, by which they will sign in.
    name
        Name, as it is shown and printed with signatures.
    person
        Id of the person in the network; roles and place come from there.
    role
        auditor or administrator; may be repeated.
    database
        sqlite:///PATH or postgresql://USER@HOST/NAME; without it, LIVINGDRUG_DATABASE, or livingdrug.sqlite3 here.
    """
    open_store(database)
    from livingdrug.care.accounts import invitations

    token = invitations.invite(email, name, by=BY, person=person, extra_roles=role or ())
    print(invitations.link_of(token))


@app.command
def create(
    email: str,
    name: str,
    /,
    *,
    person: str = "",
    role: Roles = None,
    provider: Annotated[bool, Parameter(negative="")] = False,
    database: Database = None,
) -> None:
    """Make an account whose password you type, or that signs in through the identity provider.

    Parameters
    ----------
    email
        Address, by which they will sign in.
    name
        Name, as it is shown and printed with signatures.
    person
        Id of the person in the network; roles and place come from there.
    role
        auditor or administrator; may be repeated.
    provider
        No password: they sign in through the identity provider.
    database
        As for `livingdrug accounts invite`.
    """
    open_store(database)
    from livingdrug.care.accounts import invitations

    password = None if provider else _typed()
    made = invitations.create(email, name, by=BY, password=password, person=person, extra_roles=role or ())
    print(f"{made.email} may sign in")


@app.command(name="list")
def list_(*, database: Database = None) -> None:
    """List accounts: address, name, person and place, roles today, and whether they may sign in.

    Parameters
    ----------
    database
        As for `livingdrug accounts invite`.
    """
    open_store(database)
    from livingdrug.care.accounts.models import Account
    from livingdrug.commands.tables import print_table

    rows = [_row(each) for each in Account.objects.all()]
    print_table(("address", "name", "person", "place", "roles", "state"), rows)


@app.command
def deactivate(email: str, /, *, database: Database = None) -> None:
    """Close an account: nobody signs in with it any more, and its sessions end with their next request.

    Parameters
    ----------
    email
        Its address.
    database
        As for `livingdrug accounts invite`.
    """
    open_store(database)
    from livingdrug.care.accounts import invitations

    invitations.deactivate(email, by=BY)
    print(f"{email.lower()} cannot sign in any more")


@app.command
def forget_factor(email: str, /, *, database: Database = None) -> None:
    """Remove a lost second factor: after the next sign-in, a role that signs sets up a new one before anything else opens.

    Parameters
    ----------
    email
        Address of the account.
    database
        As for `livingdrug accounts invite`.
    """
    open_store(database)
    from livingdrug.care.accounts import invitations

    invitations.forget_factor(email, by=BY)
    print(f"{email.lower()} has no second factor any more")


def _row(account: Any) -> tuple[str, ...]:
    from livingdrug.care import clock
    from livingdrug.care.accounts.who import visitor_of

    who = visitor_of(account)
    state = "closed" if who is None else "locked" if account.is_locked(clock.now()) else "open"
    roles, place = (", ".join(sorted(who.roles)), who.place) if who else ("", "")
    return account.email, account.name, account.person, place, roles, state


def _typed() -> str:
    """A password, typed twice; from a pipe, its first line."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("password: ")
    if getpass.getpass("again: ") != password:
        raise BadInput.at("password", "this is not the same password; type it twice")
    return password
