"""The ledger: owed, waived, disputed or waiting, each line on its evidence; a payer sees money and evidence, and no names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from stages import NOW, Told

from livingdrug.care import store
from livingdrug.care.ledger import payers
from livingdrug.journey.events import Corrected, CoverageAuthorized

SignIn = Callable[..., Any]


def told(client: Any, where: str = "/ledger.json") -> dict[str, dict[str, Any]]:
    """The lines of the ledger by patient."""
    return {each["line"]["patient"]: each["line"] for each in client.get(where).json()["lines"]}


def patient(store_: Told, name: str) -> str:
    return f"patient-{store_.stories[name].number}"


def test_a_settlement_is_owed_and_what_has_no_evidence_waits_with_its_deadline(sign_in: SignIn, store_: Told) -> None:
    lines = told(sign_in("coordinator"))
    settled, waiting = lines[patient(store_, "settled")], lines[patient(store_, "infused")]
    assert (settled["state"], settled["owed"], settled["waived"]) == ("settled", 47_500_000, 0)
    assert waiting["state"] == "waiting"
    assert waiting["waits"] == "the assessment of day 28 is not recorded"
    assert not waiting["until"]["passed"]
    assert lines[patient(store_, "response assessed")]["state"] == "to settle"
    assert patient(store_, "ordered") not in lines


def test_a_picture(browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, store_: Told) -> None:
    page = enter(browser, "payer")
    page.goto("/ledger")
    assert violations(page) == []
    picture(page, "ledger")
    page.set_viewport_size({"width": 1200, "height": 900})
    for name in ("settled", "response assessed", "infused"):
        page.goto(f"/journeys/{store_[name]}/ledger")
        assert violations(page) == []
        picture(page, f"milestone-{name}")


def posted(client: Any, where: str, event: str, **more: str) -> Any:
    """What the form on the page of one milestone sends."""
    content = client.get(f"{where}.json").json()
    form, due = content["form"], content["due"]
    fields = {
        "event": event,
        "milestone": "treatment",
        "currency": content["currency"],
        "billed": due["billed"],
        "waived": due["waived"],
    }
    return client.post(where, {**fields, **{name: form[name] for name in ("version", "key", "at", "evidence")}, **more})


def test_a_payer_settles_with_a_signature_and_disputes_with_a_reason(sign_in: SignIn, store_: Told) -> None:
    payer, where = sign_in("payer", "medicare"), f"/journeys/{store_['response assessed']}/ledger"
    wrong = posted(payer, where, "milestone settled", password="no")
    assert wrong.status_code == 422
    assert "not your password" in wrong.content.decode()
    assert posted(payer, where, "milestone settled", password=payer.password).status_code == 302
    content = payer.get(f"{where}.json").json()
    assert (content["settled"]["billed"], content["agrees"]) == (47_500_000, True)
    assert "I approve" in content["steps"][0]["signatures"][0]
    empty = posted(payer, where, "milestone disputed", reason="")
    assert empty.status_code == 422
    assert posted(payer, where, "milestone disputed", reason="no marrow report").status_code == 302
    assert told(payer)[patient(store_, "response assessed")]["state"] == "disputed"


def test_amounts_that_are_not_the_contracts_are_refused_with_the_rule(sign_in: SignIn, store_: Told) -> None:
    payer, where = sign_in("payer", "medicare"), f"/journeys/{store_['response assessed']}/ledger"
    answer = posted(payer, where, "milestone settled", billed="100", password=payer.password)
    assert answer.status_code == 422
    assert "PAY-003" in answer.content.decode()


def test_evidence_is_shown_with_the_digest_that_a_signature_covers(sign_in: SignIn, store_: Told) -> None:
    content = sign_in("coordinator").get(f"/journeys/{store_['settled']}/ledger.json").json()
    assert [each["event"] for each in content["evidence"]] == ["infused", "response assessed"]
    assert all(len(each["digest"]) == len(each["hash"]) == 64 for each in content["evidence"])
    assert {"label": "response", "value": "CR"} in content["evidence"][1]["details"]
    assert content["may"] == {"milestone settled": False, "milestone disputed": False}


def test_nobody_but_the_payer_settles(sign_in: SignIn, store_: Told) -> None:
    where = f"/journeys/{store_['response assessed']}/ledger"
    for role in ("coordinator", "auditor"):
        assert posted(sign_in(role), where, "milestone settled", password="x").status_code == 403


def test_another_payer_and_another_center_see_nothing_of_it(sign_in: SignIn, store_: Told) -> None:
    for client in (sign_in("payer", "medicaid"), sign_in("coordinator", "stanford")):
        assert told(client) == {}
        for end in ("", ".json"):
            assert client.get(f"/journeys/{store_['settled']}/ledger{end}").status_code == 404
        assert "patient-15" not in client.get("/ledger").content.decode()


def test_a_payer_sees_no_name_no_vital_sign_and_no_neurology(sign_in: SignIn, store_: Told) -> None:
    payer = sign_in("payer", "medicare")
    for where in ("/ledger", f"/journeys/{store_['settled']}/ledger", f"/journeys/{store_['severe']}/ledger"):
        for text in (payer.get(where).content.decode(), json.dumps(payer.get(f"{where}.json").json())):
            for hidden in ("token-of-a-name", "MRN-", "temperature", "vasoactive", "tocilizumab", "wristband"):
                assert hidden not in text, f"{hidden} at {where}"


def test_who_pays_is_what_the_last_coverage_says_corrections_applied(store_: Told) -> None:
    id = store_["settled"]
    before = store.latest(id)
    position, coverage = next(
        (at, each) for at, each in enumerate(before.state.history, 1) if isinstance(each, CoverageAuthorized)
    )
    assert payers([id, store_["infused"]]) == {id: "medicare", store_["infused"]: "medicare"}
    right = replace(coverage, payer="medicaid")
    fixed = Corrected(at=NOW, by="chop-coordinator-1", position=position, replacement=right, reason="the wrong line was typed")
    made = store.append(id, [fixed], before.version, "coordinator@example.org", now=NOW)
    assert isinstance(made, store.Appended), made
    assert payers([id]) == {id: "medicaid"}
    assert payers([]) == {}


def test_filters_stay_in_the_address(sign_in: SignIn, store_: Told) -> None:
    client = sign_in("coordinator")
    assert {each["state"] for each in told(client, "/ledger.json?state=settled").values()} == {"settled"}
    assert told(client, "/ledger.json?payer=nobody") == {}
    assert client.get("/ledger.json?page=x&state=<b>").status_code == 200
