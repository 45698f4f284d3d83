"""Slots: the week of places, and holding, booking, releasing and giving them to another patient."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from stages import NOW, Told

from livingdrug.care import clock

SignIn = Callable[..., Any]


def entries(client: Any, where: str) -> list[dict[str, Any]]:
    """Everything in the week, in its order."""
    return [entry for day in client.get(where).json()["week"]["days"] for entry in day["entries"]]


def sent(client: Any, journey: str, event: str, **more: str) -> Any:
    """What a form on the page of a patient's places sends."""
    content = client.get(f"/journeys/{journey}/slots.json").json()
    hidden = {"event": event, "version": content["version"], "key": content["key"], "at": content["at"]}
    return client.post(f"/journeys/{journey}/slots", hidden | more)


def held(client: Any, journey: str, resource: str = "chop-chair-1", day: str = "2026-03-10", **more: str) -> Any:
    about = {
        "kind_of": "collection",
        "resource": resource,
        "start": f"{day}T09:00",
        "end": f"{day}T14:00",
        "expires": "2026-03-03T10:00",
    }
    return sent(client, journey, "slot held", **{"slot": f"S-{resource}-{day}"} | about | more)


def test_a_place_is_held_booked_and_released(sign_in: SignIn, store_: Told) -> None:
    client, journey = sign_in("coordinator"), store_["authorized"]
    assert held(client, journey).status_code == 302
    (entry,) = entries(client, "/slots.json?day=2026-03-11")
    assert (entry["patient"], entry["state"], entry["begins"], entry["ends"]) == ("patient-3", "held", "09:00", "14:00")
    assert sent(client, journey, "slot booked", slot="S-chop-chair-1-2026-03-10").status_code == 302
    assert entries(client, "/slots.json?day=2026-03-11")[0]["state"] == "booked"
    assert sent(client, journey, "slot released", slot="S-chop-chair-1-2026-03-10", reason="fever").status_code == 302
    assert entries(client, "/slots.json?day=2026-03-11") == []


def test_a_place_that_is_taken_is_refused_with_the_hours_of_the_center(sign_in: SignIn, store_: Told) -> None:
    client = sign_in("coordinator")
    assert held(client, store_["authorized"]).status_code == 302
    answer = held(client, store_["eligible"])
    assert answer.status_code == 409
    assert "chop-chair-1 is taken from 2026-03-10 09:00 EDT to 2026-03-10 14:00 EDT" in answer.content.decode()


def test_a_hold_that_ran_out_is_marked_and_anybody_may_take_its_place(sign_in: SignIn, store_: Told, monkeypatch: Any) -> None:
    client = sign_in("coordinator")
    held(client, store_["authorized"])
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=2))
    client = sign_in("coordinator")
    assert entries(client, "/slots.json?day=2026-03-10")[0]["state"] == "ran out"
    (place,) = client.get(f"/journeys/{store_['authorized']}/slots.json").json()["places"]
    assert "slot booked" not in place["may"]
    assert held(client, store_["eligible"], expires="2026-03-09T10:00").status_code == 302


def test_a_place_is_given_to_another_patient_in_two_acts(sign_in: SignIn, store_: Told) -> None:
    client, journey = sign_in("coordinator"), store_["ordered"]
    answer = sent(client, journey, "give to another", slot="SLOT-4", to=store_["authorized"], reason="infection")
    assert answer["Location"] == f"/journeys/{store_['authorized']}/slots"
    (there,) = client.get(f"{answer['Location']}.json").json()["places"]
    assert (there["resource"], there["state"]) == ("chop-chair-4", "held")
    (here,) = client.get(f"/journeys/{journey}/slots.json").json()["places"]
    assert (here["state"], here["may"]) == ("released", [])


def test_a_place_is_not_given_to_a_patient_of_another_center(sign_in: SignIn, store_: Told) -> None:
    answer = sent(sign_in("coordinator"), store_["ordered"], "give to another", slot="SLOT-4", to=store_["elsewhere"])
    assert answer.status_code == 422
    assert "choose the patient" in answer.content.decode()
    assert "patient-41" not in answer.content.decode()


def test_a_patient_in_two_places_at_a_time_is_said(sign_in: SignIn, store_: Told) -> None:
    client = sign_in("coordinator")
    held(client, store_["authorized"])
    held(client, store_["authorized"], resource="chop-bed-2", kind_of="bed")
    assert client.get("/slots.json?day=2026-03-10").json()["week"]["clashes"] == [], "a bed goes with a chair"
    held(client, store_["authorized"], resource="chop-chair-2")
    week = client.get("/slots.json?day=2026-03-10").json()["week"]
    assert week["clashes"] == ["patient-3: in two places at a time, chop-chair-1 and chop-chair-2"]
    assert [head for head, _ in week["groups"]] == ["Chairs", "Beds"]


def test_what_others_have_taken_of_a_shared_place_is_shown_without_them(sign_in: SignIn, store_: Told) -> None:
    own, other = sign_in("coordinator"), sign_in("coordinator", "stanford")
    held(other, store_["elsewhere"], resource="morris-plains-line-1", kind_of="manufacture")
    assert entries(own, "/slots.json?day=2026-03-10") == []
    held(own, store_["authorized"], resource="morris-plains-line-1", day="2026-03-12", kind_of="manufacture")
    taken = next(each for each in entries(own, "/slots.json?day=2026-03-10") if each["state"] == "taken")
    assert (taken["patient"], taken["center"], taken["href"]) == ("", "", "")
    assert "patient-41" not in own.get("/slots?day=2026-03-10").content.decode()


def test_places_of_another_center_are_not_there_and_auditors_change_nothing(sign_in: SignIn, store_: Told) -> None:
    assert sign_in("coordinator", "stanford").get(f"/journeys/{store_['ordered']}/slots").status_code == 404
    assert sign_in("payer").get("/slots").status_code == 403
    auditor = sign_in("auditor")
    assert auditor.get("/slots.json").json()["patients"] == []
    assert held(auditor, store_["authorized"]).status_code == 403


def test_a_week_that_means_nothing_is_this_week(sign_in: SignIn, store_: Told) -> None:
    for asked in ("day=x", "day=0001-01-01", "day=9999-12-31", "kind=<b>&center=nowhere"):
        assert sign_in("coordinator").get(f"/slots.json?{asked}").json()["week"]["first"] == "2026-03-02"


def test_what_is_on_the_road_is_listed_until_it_arrives(sign_in: SignIn, store_: Told) -> None:
    loads = sign_in("auditor").get("/slots.json").json()["loads"]
    assert all(each["state"] in ("on the road", "late") for each in loads)


def test_slots_in_a_browser(
    browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, store_: Told, sign_in: SignIn
) -> None:
    client = sign_in("coordinator")
    held(client, store_["authorized"], day="2026-03-05")
    held(client, store_["authorized"], day="2026-03-05", resource="chop-bed-2", kind_of="bed", end="2026-03-07T10:00")
    page = enter(browser, "coordinator")
    page.goto("/slots")
    assert violations(page) == []
    picture(page, "slots")
    page.goto(f"/journeys/{store_['ordered']}/slots")
    for each in page.locator(".doing summary").all():
        each.click()
    assert violations(page) == []
    picture(page, "places")
