"""`livingdrug token`: tokens of the API, each of one account, with scopes and an end."""

from __future__ import annotations

import json
from typing import Annotated, Any

from cyclopts import App, Parameter

from livingdrug.commands.opening import open_store

__all__ = ["app"]

app = App(name="token", help="Make, list and take back tokens of the API.", help_format="plaintext", version_flags=[])


@app.command
def create(email: str, /, *, scopes: str = "read", days: int = 90, about: str = "", database: str | None = None) -> None:
    """Make a token and print its secret, once.

    Parameters
    ----------
    email
        The account that it speaks for; what it may see and do is what that account may.
    scopes
        What it may do of that, separated by commas: read, act, sign, export, names, audit.
    days
        How many days it lives, 366 at most.
    about
        What it is for, for the list.
    database
        sqlite:///PATH or postgresql://USER@HOST/NAME; without it, LIVINGDRUG_DATABASE, or livingdrug.sqlite3 here.
    """
    open_store(database)
    from livingdrug.care.api import tokens

    wanted = [each.strip() for each in scopes.split(",") if each.strip()]
    print(tokens.create(email, wanted, days=days, about=about))


@app.command(name="list")
def list_(
    *,
    database: str | None = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> None:
    """List all tokens: number, account, scopes, until when, and when last used; no secrets, which nobody keeps.

    Parameters
    ----------
    database
        sqlite:///PATH or postgresql://USER@HOST/NAME; without it, LIVINGDRUG_DATABASE, or livingdrug.sqlite3 here.
    as_json
        Print one JSON array instead of a table.
    """
    open_store(database)
    from livingdrug.care.api import tokens

    rows = [_row(each) for each in tokens.listed()]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from livingdrug.commands.tables import print_table

    head = ("token", "account", "scopes", "about", "expires", "used", "revoked")
    print_table(head, [tuple(str(row[name]) for name in head) for row in rows], right=("token",))


@app.command
def revoke(token: int, /, *, database: str | None = None) -> None:
    """Take a token back; servers that run stop taking it within seconds.

    Parameters
    ----------
    token
        Its number in the list.
    database
        sqlite:///PATH or postgresql://USER@HOST/NAME; without it, LIVINGDRUG_DATABASE, or livingdrug.sqlite3 here.
    """
    open_store(database)
    from livingdrug.care.api import tokens

    tokens.revoke(token)
    print(f"token {token} is revoked")


def _row(each: Any) -> dict[str, Any]:
    return {
        "token": each.id,
        "account": each.account.email,
        "scopes": ", ".join(each.scopes),
        "about": each.about,
        "expires": each.expires.date().isoformat(),
        "used": each.last_used.date().isoformat() if each.last_used else "",
        "revoked": each.revoked.date().isoformat() if each.revoked else "",
    }
