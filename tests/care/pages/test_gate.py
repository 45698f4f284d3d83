"""Tests of the infusion gate: every condition with its evidence, live, and no way around."""

from __future__ import annotations

from typing import Any

import pytest
from stages import Told

from livingdrug.care import store
from livingdrug.journey import events as e
from livingdrug.journey.identity import with_check
from livingdrug.journey.state import standing

HERE = "/journeys/{}/gate"
READY = "lymphodepletion"


def state(store_: Told, name: str = READY) -> Any:
    return store.latest(store_[name]).state


def read(store_: Told, name: str = READY, do: str = "check", **more: str) -> dict[str, str]:
    """What is read at the bedside."""
    s = store_.stories[name]
    fields = {
        "do": do, "version": str(store.latest(store_[name]).version), "key": "k", "product": s.product, "chain": s.chain,
        "second.kind": "record number", "second.value": s.record_number.value, "weight": "30", "cells": "1.2e8",
        "device": "scanner-4",
    }  # fmt: skip
    return fields | more


def lines(answer: Any) -> dict[str, str]:
    return {each["rule"]: each["state"] for each in answer.json()["conditions"]}


def test_what_is_not_read_yet_waits_and_the_gate_is_shut(store_: Told, sign_in: Any) -> None:
    answer = sign_in("physician").get(HERE.format(store_[READY]) + ".json")
    assert lines(answer)["INF-006"] == "wait"
    assert lines(answer)["INF-001"] == "fine"
    assert not answer.json()["is_open"]


def test_after_june_2025_the_rems_is_not_in_force(store_: Told, sign_in: Any) -> None:
    answer = sign_in("physician").get(HERE.format(store_[READY]) + ".json")
    assert lines(answer)["INF-003"] == lines(answer)["INF-005"] == "off"


def test_conditions_are_judged_as_they_are_filled(store_: Told, sign_in: Any) -> None:
    where, client = HERE.format(store_[READY]), sign_in("physician")
    part = client.post(where, read(store_), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'hx-swap-oob="true"' in part
    assert "Every condition holds" in part
    heavy = client.post(where, read(store_, weight="44"), headers={"HX-Request": "true"}).content.decode()
    assert "+47% from 30 kg" in heavy
    assert "Every condition holds" not in heavy


def test_a_misread_chain_waits_to_be_read_again(store_: Told, sign_in: Any) -> None:
    answer = sign_in("physician").post(HERE.format(store_[READY]) + ".json", read(store_, chain="CHA9999260"))
    assert lines(answer)["INF-006"] == "wait"
    assert not state(store_).mismatches


def test_the_rules_of_the_record_are_shown_too(store_: Told, sign_in: Any) -> None:
    found = sign_in("physician").get(HERE.format(store_[READY]) + ".json").json()["others"]
    assert {"COI-004", "COI-012", "REC-006"} <= {each["rule"] for each in found}


def test_checking_records_nothing(store_: Told, sign_in: Any) -> None:
    before = state(store_).version
    sign_in("physician").post(HERE.format(store_[READY]), read(store_))
    sign_in("physician").post(HERE.format(store_[READY]), read(store_, chain="CHA999926000099"))
    assert state(store_).version == before


def test_a_typed_chain_of_another_alarms_and_is_recorded_when_it_is_confirmed(store_: Told, sign_in: Any) -> None:
    where, client = HERE.format(store_[READY]), sign_in("physician")
    shown = client.post(where, read(store_, chain="CHA999926000099")).content.decode()
    assert "Record the mismatch" in shown
    answer = client.post(where, read(store_, do="mismatch", chain="CHA999926000099"))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert len(state(store_).mismatches) == 1


def test_a_scanned_chain_of_another_is_recorded_at_once_and_once(store_: Told, sign_in: Any) -> None:
    where, client = HERE.format(store_[READY]), sign_in("physician")
    other = {"chain": with_check("CHA999926000099")}
    part = client.post(where, read(store_, **other), headers={"HX-Request": "true"})
    assert part["HX-Retarget"] == "#main"
    client.post(where, read(store_, **other), headers={"HX-Request": "true"})
    found = [each for each in state(store_).history if isinstance(each, e.MismatchFound)]
    assert [each.scanned for each in found] == ["CHA999926000099"]


def test_passing_with_another_wristband_is_a_full_stop_without_a_password(store_: Told, sign_in: Any) -> None:
    answer = sign_in("physician").post(HERE.format(store_[READY]), read(store_, do="pass", **{"second.value": "MRN-99"}))
    assert answer.status_code == 422
    mismatch = state(store_).history[-1]
    assert isinstance(mismatch, e.MismatchFound)
    assert mismatch.scanned.startswith("record number T-")  # what is personal is never in the log


def test_a_physician_signs_and_passes(store_: Told, sign_in: Any) -> None:
    where, client = HERE.format(store_[READY]), sign_in("physician")
    unsigned = client.post(where, read(store_, do="pass", password="wrong"))
    assert unsigned.status_code == 422
    assert "not your password" in unsigned.content.decode()
    answer = client.post(where, read(store_, do="pass", password=client.password))
    assert answer.status_code == 302, answer.content.decode()
    events = [each for _, each in standing(state(store_))]
    assert isinstance(events[-1], e.Signed)
    assert events[-1].position == state(store_).gate_position
    assert "I take responsibility for what is recorded here" in client.get(where).content.decode()


@pytest.mark.parametrize(
    "wrong", [{"weight": "44"}, {"cells": "1"}, {"cells": "many"}, {"weight": ""}, {"device": ""}, {"chain": ""}], ids=str
)
def test_a_shut_gate_cannot_be_passed(store_: Told, sign_in: Any, wrong: dict[str, str]) -> None:
    client = sign_in("physician")
    answer = client.post(HERE.format(store_[READY]), read(store_, do="pass", password=client.password, **wrong))
    assert answer.status_code == 422
    assert state(store_).gate is None
    assert not state(store_).mismatches


@pytest.mark.parametrize("role", ["bedside nurse", "pharmacist", "coordinator"])
def test_nobody_but_a_physician_passes(store_: Told, sign_in: Any, role: str) -> None:
    client = sign_in(role)
    assert "Sign and pass the gate" not in client.get(HERE.format(store_[READY])).content.decode()
    client.post(HERE.format(store_[READY]), read(store_, do="pass", password=client.password))
    assert state(store_).gate is None


def test_other_roles_and_centers_do_not_open_it(store_: Told, sign_in: Any) -> None:
    for role in ("courier", "payer", "operator", "collection nurse"):
        assert sign_in(role).get(HERE.format(store_[READY])).status_code == 403
    assert sign_in("physician", "stanford").get(HERE.format(store_[READY])).status_code == 404
    assert sign_in("physician", "stanford").post(HERE.format(store_[READY]), read(store_)).status_code == 404


def test_the_other_ways_to_infuse_lead_to_the_same_refusal(store_: Told, sign_in: Any) -> None:
    s = store_.stories[READY]
    infusing = read(store_) | {
        "at": "2026-03-02T10:20", "bags": f"{s.product}-1", "ended": "2026-03-02T10:20", "act": "infused", "do": "",
        "witness": s.who("bedside nurse", 2),
    }  # fmt: skip
    refused = sign_in("bedside nurse").post(HERE.format(store_[READY]), infusing)
    assert refused.status_code == 422
    assert "INF-018" in refused.content.decode()
    other = sign_in("bedside nurse").post(f"/journeys/{store_[READY]}/act/infused", infusing)
    assert other.status_code == 422 or other.url == HERE.format(store_[READY])
    assert state(store_).infusion is None


def test_from_the_gate_to_the_infusion(store_: Told, sign_in: Any) -> None:
    where, s = HERE.format(store_[READY]), store_.stories[READY]
    physician, nurse = sign_in("physician"), sign_in("bedside nurse")
    physician.post(where, read(store_, do="pass", password=physician.password))
    shown = nurse.get(where).content.decode()
    assert "The gate is passed" in shown
    assert 'data-until="2026-03-02T' in shown
    version = str(store.latest(store_[READY]).version)
    thaw = {
        "act": "thawed",
        "version": version,
        "key": "t",
        "product": s.product,
        "bags": f"{s.product}-1",
        "at": "2026-03-02T10:20",
    }
    assert nurse.post(where, thaw).status_code == 302
    opened = nurse.get(where + ".json").json()
    assert [each["label"] for each in opened["clocks"]] == ["Thaw", "Gate"]
    assert opened["clocks"][0]["minutes"] == 30
    held = {each["name"]: each["value"] for each in opened["form"]["fields"]}
    infusing = read(store_, do="", weight=held["weight"], cells=held["cells"], key="i") | {
        "act": "infused", "at": "2026-03-02T10:20", "bags": held["bags"], "ended": "2026-03-02T10:24",
        "witness": s.who("bedside nurse", 2), "version": str(store.latest(store_[READY]).version),
    }  # fmt: skip
    other = nurse.post(where, infusing | {"witness": s.who("bedside nurse", 1), "key": "w"})
    assert "witness to their own act" in other.content.decode()
    answer = nurse.post(where, infusing)
    assert answer.status_code == 302, answer.content.decode()
    assert state(store_).infusion is not None
    assert "Infused" in nurse.get(where).content.decode()


def test_a_thaw_that_is_over_is_said_in_words(store_: Told, sign_in: Any) -> None:
    shown = sign_in("bedside nurse").get(HERE.format(store_["gate passed"])).content.decode()
    assert "has run out" in shown


def test_the_twin_echoes_no_identifier(store_: Told, sign_in: Any) -> None:
    assert "MRN" not in sign_in("physician").get(HERE.format(store_[READY]) + ".json").content.decode()


def test_the_gate_opens_as_it_is_filled_in_a_browser(
    browser: Any, enter: Any, picture: Any, violations: Any, store_: Told
) -> None:
    s, page = store_.stories[READY], enter(browser, "physician")
    page.goto(HERE.format(store_[READY]))
    assert violations(page) == []
    assert page.evaluate("document.activeElement.name") == "chain"
    page.keyboard.type(f"&/{s.chain}\n")
    page.keyboard.type(f"{s.record_number.value}\n")
    page.keyboard.type("30\n")
    page.fill("[name=device]", "scanner-4")
    page.locator("[name=cells]").focus()
    page.keyboard.type("1.2e8")
    page.keyboard.press("Tab")
    page.wait_for_selector("#gate-verdict >> text=Open")
    assert violations(page) == []
    picture(page, "gate-open")
    page.fill("[name=password]", "lapwing-granite-orbit-7")
    page.click("text=Sign and pass the gate")
    page.wait_for_selector("text=The gate is passed")
    assert page.locator(".clock .left").first.inner_text().startswith(("4:", "04:", "03:"))
    assert violations(page) == []
    picture(page, "gate-passed")


def test_another_patients_bag_alarms_in_a_browser(
    browser: Any, enter: Any, picture: Any, violations: Any, store_: Told
) -> None:
    page = enter(browser, "physician", phone=True)
    page.goto(HERE.format(store_[READY]))
    page.fill("[name=chain]", "CHA999926000099")
    page.keyboard.press("Tab")
    page.wait_for_selector("text=Record the mismatch")
    assert violations(page) == []
    picture(page, "gate-foreign")
    page.click("text=Record the mismatch")
    page.wait_for_selector("text=These may be another patient's cells")
    assert violations(page) == []
    picture(page, "gate-stop")


def test_the_gate_works_without_scripts(chromium: Any, live: str, sign_in: Any, store_: Told) -> None:
    context = chromium.new_context(base_url=live, java_script_enabled=False)
    cookies = sign_in("physician").cookies
    context.add_cookies([{"name": name, "value": each.value, "url": live} for name, each in cookies.items()])
    page = context.new_page()
    page.goto(HERE.format(store_[READY]))
    page.fill("[name=chain]", store_.stories[READY].chain)
    page.click("text=Check")
    assert page.locator("[name=chain]").input_value() == store_.stories[READY].chain
    assert "to be read" in page.locator("#gate-verdict").inner_text()
    context.close()
