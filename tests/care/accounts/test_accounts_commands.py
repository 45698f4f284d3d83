"""`livingdrug accounts`: invite, create, list, deactivate, forget a factor."""

from __future__ import annotations

import io

import pytest
from entrance import PASSWORD

from livingdrug.care.accounts.models import Account
from livingdrug.cli import run
from livingdrug.commands.ending import ExitStatus

ANNA = ("anna@chop.example", "Anna Berg")


def test_an_invitation_is_a_link_that_works(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    from entrance import Client

    assert run(["accounts", "invite", *ANNA, "--person", "chop-physician-2", "--database", store]) is ExitStatus.FINE
    link = capsys.readouterr().out.strip()
    assert link.startswith("http://localhost:8000/accounts/invitation/")
    assert Client().get(link.partition(":8000")[2]).status_code == 200


def test_an_account_is_created_listed_and_closed(
    store: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert run(["accounts", "create", *ANNA, "--person", "chop-physician-2", "--database", store]) is ExitStatus.FINE
    assert Account.objects.get().check_password(PASSWORD)
    run(["accounts", "create", "root@chop.example", "Root", "--role", "administrator", "--provider", "--database", store])
    assert not Account.objects.get(email="root@chop.example").has_usable_password()
    run(["accounts", "deactivate", "root@chop.example", "--database", store])
    run(["accounts", "forget-factor", ANNA[0], "--database", store])
    capsys.readouterr()
    run(["accounts", "list", "--database", store])
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["anna@chop.example", "Anna", "Berg", "chop-physician-2", "chop", "physician", "open"]
    assert lines[3].split() == ["root@chop.example", "Root", "closed"]


def test_a_weak_password_and_an_unknown_person_are_complaints(
    store: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert run(["accounts", "create", *ANNA, "--role", "auditor", "--database", store]) is ExitStatus.BAD_INPUT
    assert "at least 12 characters" in capsys.readouterr().err
    assert run(["accounts", "invite", *ANNA, "--person", "chop-phisician-2", "--database", store]) is ExitStatus.BAD_INPUT
    assert "nearest: chop-physician-2" in capsys.readouterr().err
    assert not Account.objects.exists()
