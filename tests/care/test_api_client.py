"""The client against the service: a whole journey goes in over HTTP, and every reading comes back as data."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import Any

import httpx
import polars as pl
import pytest
from api_world import PASSWORD, account, story, token

from livingdrug.care.accounts.signing import SIGNED_ACTS
from livingdrug.care.wsgi import application
from livingdrug.client import Client, Conflict, NotAllowed, NotThere, Refused, answers
from livingdrug.journey.events import Identifier


def client(name: str) -> Client:
    service: Any = application
    return Client("http://testserver", token(name), transport=httpx.WSGITransport(app=service))


def recorded(until: int | None = None) -> tuple[Any, Any]:
    """The story over the API, each act by who does it; and who may see it last. The service signs for itself, so that the
    settlement, which names positions, is left out."""
    events = list(story.events(story.Story()))[:-1][:until]
    clients = {each.by: client(each.by) for each in events}
    for name in {each.by for each in events if each.name in SIGNED_ACTS}:
        account(name, PASSWORD)
    seen: Any = clients[events[0].by].start(events[0])
    for by, acts in groupby(events[1:], key=lambda each: each.by):
        mine = list(acts)
        password = PASSWORD if any(each.name in SIGNED_ACTS for each in mine) else None
        seen = clients[by].append(seen.journey, *mine, expected=seen, password=password)
    return seen, clients


def test_a_whole_journey_goes_in_and_comes_out(sqlite: str) -> None:
    seen, _ = recorded()
    physician, id = client("chop-physician-1"), seen.journey
    stands = physician.journey(id)
    assert (stands.version, stands.stage, stands.patient) == (seen.version, "response assessed", "patient-1")
    assert answers.tag(stands) == answers.tag(seen)
    events = physician.events(id)
    assert [each.version for each in events] == list(range(1, seen.version + 1))
    assert {"gate passed", "released", "signed"} <= {each.content.name for each in events}
    assert any(not each.reasons for each in physician.allowed(id))
    assert max(each.astct or 0 for each in physician.grades(id)) >= 1
    assert physician.release(id)[0].missing == ()
    gate = physician.gate(id, product="P-1", second=Identifier("record number", "MRN-1"))
    assert not gate.open
    assert [each.id for each in physician.board()] == [id]
    assert isinstance(physician.cohort("tisagenlecleucel"), pl.DataFrame)


def test_a_payer_learns_what_is_due_and_the_auditor_reads_everything(sqlite: str) -> None:
    seen, _ = recorded()
    due = client(story.payer_of(story.Story())).due(seen.journey)
    assert due.tag == answers.tag(seen)
    assert due.billed > 0
    auditor = client("auditor")
    assert [each.position for each in auditor.log()] == list(range(1, seen.version + 1))
    assert [each.position for each in auditor.audit()][:3] == [1, 2, 3]
    assert list(auditor.ledger()) == []
    assert auditor.position() == seen.version


def test_names_go_into_the_vault_and_come_back(sqlite: str) -> None:
    seen, clients = recorded(2)
    coordinator = clients["chop-coordinator-1"]
    coordinator.keep_person(seen.journey, "An Example", date(2009, 1, 2), "aunt")
    found = coordinator.person(seen.journey)
    assert (found.name, found.birth_date, found.contacts) == ("An Example", date(2009, 1, 2), ("aunt",))


def test_what_is_refused_stale_not_there_or_not_allowed_are_different_errors(sqlite: str) -> None:
    seen, _ = recorded(4)
    physician = client("chop-physician-1")
    whole = list(story.events(story.Story()))
    early = next(each for each in whole if each.name == "lymphodepletion started")
    with pytest.raises(Refused) as caught:
        physician.append(seen.journey, early, expected=seen)
    assert caught.value.numbers
    with pytest.raises(Conflict):
        physician.append(seen.journey, early, expected=f'"1-{"0" * 16}"')
    with pytest.raises(NotThere):
        client("stanford-physician-1").journey(seen.journey)
    with pytest.raises(NotAllowed):
        physician.due(seen.journey)


def test_what_is_declared_is_read(sqlite: str) -> None:
    physician = client("chop-physician-1")
    assert [each.name for each in physician.therapies()] == ["tisagenlecleucel"]
    assert [each.name for each in physician.networks()] == ["us-launch-2017"]
    assert all(each.why for each in physician.rules())
