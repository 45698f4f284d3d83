"""The patient page: what may happen next, what may not and why, and all that happened, corrected and signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from stages import NOW, Told

from livingdrug.care import store
from livingdrug.care.pages import links, timeline
from livingdrug.care.pages.times import UTC
from livingdrug.journey import events as e
from livingdrug.journey.identity import check_character

SignIn = Callable[..., Any]


def content(client: Any, journey: str, query: str = "") -> dict[str, Any]:
    return client.get(f"/journeys/{journey}.json{query}").json()


def labels(several: list[dict[str, Any]]) -> list[str]:
    return [each["label"] for each in several]


def entries(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for phase in content["phases"] for each in phase["entries"]]


def test_what_usually_comes_next_is_the_first_button(sign_in: SignIn, store_: Told) -> None:
    found = content(sign_in("physician"), store_["referred"])
    assert labels(found["likely"])[:2] == ["Describe the patient", "Assess eligibility"]
    assert found["likely"][1]["href"] == links.act(store_["referred"], "eligibility assessed")
    assert labels(content(sign_in("physician"), store_["lymphodepletion"])["likely"]) == ["Go to the gate"]
    nurse = content(sign_in("bedside nurse"), store_["infused"])
    assert labels(nurse["likely"])[:2] == ["Chart vitals", "Assess neurology"]


def test_what_others_may_do_next_is_named_with_their_role(sign_in: SignIn, store_: Told) -> None:
    found = content(sign_in("coordinator"), store_["authorized"])
    assert {"label": "Order the therapy", "roles": ["physician"]} in found["waiting"]
    assert "Order the therapy" not in labels(found["likely"])
    stopped = content(sign_in("coordinator"), store_["swapped"])
    assert stopped["waiting"][0] == {"label": "Close a deviation", "roles": ["quality"]}


def test_what_may_not_happen_names_the_rules_and_what_would_clear_them(sign_in: SignIn, store_: Told) -> None:
    found = {each["label"]: each["reasons"] for each in content(sign_in("physician"), store_["referred"])["impossible"]}
    assert {"REF-003", "REF-008"} <= {each["rule"] for each in found["Order the therapy"]}
    assert any("let a physician assess it" in each["says"] for each in found["Order the therapy"])
    page = sign_in("physician").get(links.journey(store_["referred"])).content.decode()
    assert 'href="/rules#REF-003"' in page


def test_buttons_are_only_for_acts_that_the_door_would_judge(sign_in: SignIn, store_: Told) -> None:
    found = content(sign_in("auditor"), store_["infused"])
    assert (found["likely"], found["groups"], found["corrects"]) == ([], [], False)


def test_the_chain_is_shown_with_its_check_character(sign_in: SignIn, store_: Told) -> None:
    found = content(sign_in("coordinator"), store_["infused"])
    assert found["chain"] == store_.stories["infused"].chain
    assert found["check"] == check_character(found["chain"])


def test_all_that_happened_is_there_in_phases_and_both_orders(sign_in: SignIn, store_: Told) -> None:
    client, journey = sign_in("physician"), store_["response assessed"]
    oldest = content(client, journey, "?order=oldest")
    assert [each["title"] for each in oldest["phases"]] == list(timeline.TITLES)
    assert len(entries(oldest)) == store.latest(journey).version
    assert entries(oldest)[0]["event"] == "referred"
    assert entries(content(client, journey)) == entries(oldest)[::-1]
    moments = [each["moment"] for each in entries(oldest)]
    assert moments == sorted(moments)


def test_times_are_those_of_the_center(sign_in: SignIn, store_: Told) -> None:
    first = entries(content(sign_in("coordinator", "stanford"), store_["elsewhere"], "?order=oldest"))[0]
    assert first["at"].endswith("PST")


def test_a_late_entry_is_marked(sign_in: SignIn, store_: Told) -> None:
    journey = store_["referred"]
    seen = e.PatientSeen(at=NOW - timedelta(hours=3), by="chop-coordinator-1")
    version = store.latest(journey).version
    assert isinstance(store.append(journey, [seen], version, "teller", now=NOW + timedelta(hours=23)), store.Appended)
    later = e.AdverseEventReported(at=NOW - timedelta(hours=3), by="chop-coordinator-1", term="fever", grade=1)
    assert isinstance(store.append(journey, [later], version + 1, "teller", now=NOW + timedelta(hours=9)), store.Appended)
    found = {each["event"]: each["late"] for each in entries(content(sign_in("coordinator"), journey))}
    assert found["seen"] == "2026-03-03 09:20 EST"
    assert found["adverse event"] == ""


def test_a_site_sees_what_is_made_and_not_how_the_patient_is(sign_in: SignIn, store_: Told) -> None:
    found = content(sign_in("quality"), store_["severe"])
    assert {"collected", "released", "infused"} <= {each["event"] for each in entries(found)}
    assert not {"vitals charted", "consent given", "described", "response assessed"} & {
        each["event"] for each in entries(found)
    }
    assert not found["now"]["severe"]
    assert "At eligibility" not in found["facts"]


@pytest.mark.parametrize(("role", "place"), [("physician", "stanford"), ("payer", "commercial"), ("administrator", "chop")])
def test_a_journey_that_is_not_yours_is_not_there(sign_in: SignIn, store_: Told, role: str, place: str) -> None:
    client = sign_in(role, place)
    for twin in ("", ".json"):
        theirs = client.get(f"/journeys/{store_['infused']}{twin}")
        nobodys = client.get(f"/journeys/0123456789abcdef{twin}")
        assert theirs.status_code == nobodys.status_code
        assert theirs.status_code in (403, 404)
        assert "patient-13" not in theirs.content.decode()


def test_whoever_is_not_signed_in_sees_nothing(store_: Told) -> None:
    nobody: Any = Client()
    assert nobody.get(f"/journeys/{store_['infused']}").status_code == 302
    assert nobody.get(f"/journeys/{store_['infused']}.json").status_code == 401


def test_every_look_is_in_the_trail(sign_in: SignIn, store_: Told) -> None:
    sign_in("coordinator").get(links.journey(store_["infused"]))
    last = store.trail(limit=10_000, journey=store_["infused"])[-1]
    assert (last.account, last.action, last.what) == ("coordinator.chop@example.org", "R", "page patient")


def test_numbers_are_written_as_people_write_them() -> None:
    assert timeline.said(1.2e8, UTC) == "1.2 × 10⁸"
    assert timeline.said(31.5, UTC) == "31.5"
    assert timeline.said(0.00001, UTC) == "1e-05"
    assert timeline.said((0.0, 1.0), UTC) == "0, 1"
    assert timeline.said(3, UTC, "vasoactive") == "high dose"
    assert timeline.said(tuple(float(n) for n in range(40)), UTC).endswith("11 … (40 values)")


def test_no_patient_page_is_heavy(sign_in: SignIn, store_: Told) -> None:
    answer = sign_in("physician").get(links.journey(store_["settled"]))
    assert len(answer.content) < 150_000


def test_the_patient_page_in_a_browser(
    browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, store_: Told
) -> None:
    page = enter(browser, "physician")
    page.goto(f"/journeys/{store_['response assessed']}")
    assert violations(page) == []
    picture(page, "patient-physician")
    page = enter(browser, "coordinator")
    page.goto(f"/journeys/{store_['swapped']}")
    for each in page.locator("summary").all():
        each.click()
    picture(page, "patient-swapped")
    assert violations(page) == []


def test_a_printed_case_record_holds_signatures_and_no_buttons(
    browser: Any, enter: Callable[..., Any], sign_in: SignIn, store_: Told, tmp_path: Path, picture: Any
) -> None:
    journey = store_["deviating"]
    client, where = sign_in("quality"), links.act(journey, "deviation closed")
    version = store.latest(journey).version
    sent = {"version": version, "key": "k", "at": "2026-03-02T10:15", "deviation": "DEV-7", "says": "within limits"}
    assert client.post(where, {**sent, "password": client.password}).status_code == 302
    page = enter(browser, "physician")
    page.goto(f"{links.journey(journey)}?order=oldest")
    page.emulate_media(media="print")
    shown = page.locator("body").inner_text()
    assert "Signed by Quality of chop (morris-plains-quality-1), 2026-03-02 10:20 EST: I have reviewed" in shown
    assert "hash of the last event" in shown
    assert "What may happen next" not in shown
    assert "Sign out" not in shown
    made = page.pdf(path=tmp_path / "record.pdf", format="A4")
    assert len(made) > 10_000
    picture(page, "record-printed")
