"""Tests of the manufacture page: steps in order, and what was made of what."""

from __future__ import annotations

from typing import Any

from stages import Told

from livingdrug.care import store
from livingdrug.journey.rules.manufacture import steps_of

HERE = "/journeys/{}/manufacture"


def state(store_: Told, name: str) -> Any:
    return store.latest(store_[name]).state


def form(store_: Told, name: str, act: str, **fields: str) -> dict[str, str]:
    version = str(store.latest(store_[name]).version)
    return {"act": act, "version": version, "key": act, "at": "2026-03-02T10:20", **fields}


def starting(store_: Told, run: str, **more: str) -> dict[str, str]:
    s = store_.stories["accepted"]
    fields = {"run": run, "collections": s.din, "chain": s.chain, "site": s.site, "line": "line-1"}
    return form(store_, "accepted", "manufacture started", **{**fields, **more})


def test_a_run_is_started_and_stepped(store_: Told, sign_in: Any) -> None:
    where, client, s = HERE.format(store_["accepted"]), sign_in("operator"), store_.stories["accepted"]
    opened = client.get(where + ".json").json()["form"]
    assert opened["event"] == "manufacture started"
    start = starting(store_, "RUN-X", chain=f"&/{s.chain}")
    assert client.post(where, start).status_code == 302
    steps = steps_of(s.therapy)
    shown = client.get(where + ".json").json()
    assert {each["name"]: each["value"] for each in shown["form"]["fields"]}["step"] == steps[0]
    step = form(store_, "accepted", "step finished", run="RUN-X", step=steps[0], equipment="washer-2", lots="LOT-1\nLOT-2")
    assert client.post(where, step).status_code == 302
    done = client.get(where + ".json").json()["runs"][0]["steps"]
    assert [each["state"] for each in done[:3]] == ["done", "next", "to come"]
    assert done[0]["lots"] == ["LOT-1", "LOT-2"]
    assert done[0]["equipment"] == "washer-2"


def test_a_step_out_of_order_is_refused(store_: Told, sign_in: Any) -> None:
    where, client = HERE.format(store_["accepted"]), sign_in("operator")
    client.post(where, starting(store_, "R"))
    answer = client.post(where, form(store_, "accepted", "step finished", run="R", step="expansion"))
    assert answer.status_code == 422
    assert "MFG-006" in answer.content.decode()


def test_another_patients_material_is_a_full_stop(store_: Told, sign_in: Any) -> None:
    where = HERE.format(store_["accepted"])
    start = starting(store_, "R", chain="CHA999926000099")
    answer = sign_in("operator").post(where, start)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert state(store_, "accepted").mismatches


def test_a_run_fails_with_a_reason(store_: Told, sign_in: Any) -> None:
    where, client = HERE.format(store_["in manufacture"]), sign_in("operator")
    run = state(store_, "in manufacture").runs[0].run
    assert (
        client.post(where, form(store_, "in manufacture", "manufacture failed", run=run, reason="no expansion")).status_code
        == 302
    )
    assert "failed" in client.get(where + ".json").json()["runs"][0]["ended"]


def test_quality_accepts_the_collection(store_: Told, sign_in: Any) -> None:
    where, s = HERE.format(store_["collected"]), store_.stories["collected"]
    assert sign_in("operator").get(where).status_code == 200
    answer = sign_in("quality").post(where, form(store_, "collected", "collection accepted", collections=s.din))
    assert answer.status_code in (302, 422)  # it has not arrived at the site yet, where a rule asks for that


def test_what_was_made_of_what_is_told_both_ways(store_: Told, sign_in: Any) -> None:
    answer, s = sign_in("quality").get(HERE.format(store_["released"])), store_.stories["released"]
    text = answer.content.decode()
    assert "From the collection" in text
    assert "From the bag" in text
    made = sign_in("quality").get(HERE.format(store_["released"]) + ".json").json()["made"][0]
    assert made == {
        "collections": [s.din], "run": f"RUN-{s.number}", "product": s.product, "bags": [f"{s.product}-1"],
        "says": "released in specification",
    }  # fmt: skip


def test_centers_and_couriers_do_not_open_it(store_: Told, sign_in: Any) -> None:
    for role in ("physician", "coordinator", "courier", "payer"):
        assert sign_in(role).get(HERE.format(store_["released"])).status_code == 403


def test_the_page_in_a_browser(browser: Any, enter: Any, picture: Any, violations: Any, store_: Told) -> None:
    for role, name in (
        ("operator", "in manufacture"),
        ("operator", "accepted"),
        ("quality", "released"),
        ("auditor", "infused"),
    ):
        page = enter(browser, role)
        page.goto(HERE.format(store_[name]))
        assert violations(page) == []
        picture(page, f"manufacture-{role}-{name}".replace(" ", "-"))
