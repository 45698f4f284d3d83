"""Tests of release: verdicts as results are typed, the way out of specification, four eyes and a signature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from stages import Told, story, tell

from livingdrug.care import store
from livingdrug.journey import events as e
from livingdrug.journey.state import standing

HERE = "/journeys/{}/release"


@pytest.fixture
def fresh(store_: Told) -> Told:
    """A product that was made a day ago, without a result."""
    written, events = story(71, "manufactured", ago=1.0)
    until = next(place for place, each in enumerate(events) if isinstance(each, e.ReleaseTested))
    store_.ids["fresh"] = tell(events[:until])
    store_.stories["fresh"] = written
    return replace(store_)


def state(store_: Told, name: str) -> Any:
    return store.latest(store_[name]).state


def form(store_: Told, name: str, act: str, **fields: str) -> dict[str, str]:
    version = str(store.latest(store_[name]).version)
    product = state(store_, name).products[-1].product
    return {"act": act, "version": version, "key": act, "at": "2026-03-02T10:20", "product": product, **fields}


def results(store_: Told, name: str = "fresh", **found: str) -> dict[str, str]:
    s = store_.stories[name]
    right = {"viability": "0.9", "dose": f"{s.cells / s.weight}", "transduced": "0.2", "vector copies": "2"}
    tests = {each.test: right.get(each.test, "0") for each in s.therapy.release} | found
    return {f"value {test}": value for test, value in tests.items()} | {
        "do": "results", "version": str(store.latest(store_[name]).version), "key": "results",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("test", "value", "says"),
    [
        ("viability", "0.9", "in specification"),
        ("viability", "0.78", "may be given exceptionally"),
        ("viability", "0.3", "out of specification"),
        ("viability", "ninety", "is no number"),
        ("sterility", "1", "out of specification"),
        ("potency", "7", "recorded; no limit"),
        ("dose", "4e6", "in specification"),
        ("dose", "4e8", "out of specification"),
        ("viability", "", "no result yet"),
    ],
)
def test_a_verdict_stands_beside_each_field_as_it_is_typed(fresh: Told, sign_in: Any, test: str, value: str, says: str) -> None:
    before = state(fresh, "fresh").version
    asked = {"do": "check", "test": test, f"value {test}": value}
    text = sign_in("quality").post(HERE.format(fresh["fresh"]), asked).content.decode()
    assert says in text.casefold()
    assert "<html" not in text
    assert state(fresh, "fresh").version == before


def test_results_are_recorded_together(fresh: Told, sign_in: Any) -> None:
    answer = sign_in("quality").post(HERE.format(fresh["fresh"]), results(fresh))
    assert answer.status_code == 302, answer.content.decode()
    assert len(state(fresh, "fresh").products[0].results) == len(fresh.stories["fresh"].therapy.release)


def test_one_wrong_number_and_none_is_recorded(fresh: Told, sign_in: Any) -> None:
    answer = sign_in("quality").post(HERE.format(fresh["fresh"]), results(fresh, viability="high"))
    assert answer.status_code == 422
    assert "is no number" in answer.content.decode()
    assert state(fresh, "fresh").products[0].results == ()
    refused = sign_in("quality").post(HERE.format(fresh["fresh"]), results(fresh, viability="85"))
    assert "REL-001" in refused.content.decode()
    assert state(fresh, "fresh").products[0].results == ()


def test_what_lacks_is_named_and_a_conditional_release_is_proposed(fresh: Told, sign_in: Any) -> None:
    where, client = HERE.format(fresh["fresh"]), sign_in("quality")
    client.post(where, results(fresh, sterility="", mycoplasma=""))
    shown = client.get(where + ".json").json()
    assert shown["lacks"] == ["sterility", "mycoplasma"]
    fields = {each["name"]: each["value"] for each in shown["form"]["fields"]}
    assert fields["release"] == "conditional"
    assert fields["pending"] == "sterility\nmycoplasma"
    release = form(fresh, "fresh", "released", release="conditional", password=client.password)
    ticked = {**release, "pending": ["sterility", "mycoplasma"]}
    assert client.post(where, {**release, "pending": ["sterility"]}).status_code == 422
    assert client.post(where, ticked).status_code == 302
    assert "pending: sterility, mycoplasma" in client.get(where + ".json").json()["product"]["state"]["says"]


def test_a_release_needs_the_password_again_and_shows_what_it_means(fresh: Told, sign_in: Any) -> None:
    where, client = HERE.format(fresh["fresh"]), sign_in("quality")
    client.post(where, results(fresh))
    assert "I approve what is recorded here" in client.get(where).content.decode()
    release = form(fresh, "fresh", "released", release="in specification")
    for password in ("", "wrong"):
        assert client.post(where, release | {"password": password}).status_code == 422
    assert not state(fresh, "fresh").products[0].released
    assert client.post(where, release | {"password": client.password}).status_code == 302
    signed = client.get(where + ".json").json()["signatures"]
    assert [(each["what"], each["by"]) for each in signed] == [("released", "morris-plains-quality-1")]
    assert "I approve" in signed[0]["meaning"]
    last = [event for _, event in standing(state(fresh, "fresh"))][-1]
    assert isinstance(last, e.Signed)


def test_who_made_it_is_told_why_they_may_not_release_it(fresh: Told, sign_in: Any) -> None:
    shown = sign_in("operator").get(HERE.format(fresh["fresh"])).content.decode()
    assert "You worked on the run" in shown
    client = sign_in("operator")
    release = form(fresh, "fresh", "released", release="in specification", password=client.password)
    client.post(HERE.format(fresh["fresh"]), release)
    assert not state(fresh, "fresh").products[0].released


def test_the_way_out_of_specification_step_by_step(fresh: Told, sign_in: Any) -> None:
    where, quality, physician = HERE.format(fresh["fresh"]), sign_in("quality"), sign_in("physician")
    quality.post(where, results(fresh, viability="0.78"))

    def done() -> list[bool]:
        return [each["done"] for each in quality.get(where + ".json").json()["papers"]]

    assert done() == [False] * 5
    opened = quality.get(where + ".json").json()["form"]
    assert opened["event"] == "out of specification"
    early = form(fresh, "fresh", "released", release="in specification", password=quality.password)
    assert "REL-004" in quality.post(where, early).content.decode()
    assert quality.post(where, form(fresh, "fresh", "out of specification", tests="viability")).status_code == 302
    assert done() == [True, False, False, False, False]
    asked = form(fresh, "fresh", "exceptional release requested", reason="no other option left")
    assert physician.post(where, asked).status_code == 302
    approved = form(fresh, "fresh", "exceptional release approved", authority="managed access", reference="MA-7")
    assert quality.post(where, approved | {"password": quality.password}).status_code == 302
    consent = form(fresh, "fresh", "consent given", scope="out-of-specification product")
    assert physician.post(f"/journeys/{fresh['fresh']}/act/consent-given", consent).status_code == 302
    assert done() == [True, True, True, True, False]
    exceptional = form(fresh, "fresh", "released", release="exceptional", password=quality.password) | {"key": "last"}
    assert quality.post(where, exceptional).status_code == 302
    assert done() == [True] * 5


def test_an_invalidated_result_stays_visible_beside_its_retest(fresh: Told, sign_in: Any) -> None:
    where, client = HERE.format(fresh["fresh"]), sign_in("quality")
    client.post(where, results(fresh, viability="0.5"))
    found = next(each for each in state(fresh, "fresh").products[0].results if each.test == "viability")
    invalid = form(
        fresh, "fresh", "result invalidated", test="viability", position=str(found.position), reason="wrong dilution"
    )
    assert client.post(where, invalid | {"password": client.password}).status_code == 302
    again = {"do": "results", "value viability": "0.88", "version": str(state(fresh, "fresh").version), "key": "again"}
    assert client.post(where, again).status_code == 302
    shown = next(each for each in client.get(where + ".json").json()["tests"] if each["name"] == "viability")
    assert shown["value"] == "0.88"
    assert shown["earlier"] == [f"0.5 (event {found.position})"]


def test_who_opens_it(fresh: Told, sign_in: Any) -> None:
    for role in ("courier", "payer", "bedside nurse", "coordinator"):
        assert sign_in(role).get(HERE.format(fresh["fresh"])).status_code == 403
    assert sign_in("physician", "stanford").get(HERE.format(fresh["fresh"])).status_code == 404


def test_before_there_is_a_product(store_: Told, sign_in: Any) -> None:
    for name in ("ordered", "collected"):
        assert "There is no product yet" in sign_in("quality").get(HERE.format(store_[name])).content.decode()


DECISION = "[...document.querySelectorAll('h2')].find(e => e.textContent == 'Decision').getBoundingClientRect().y + scrollY"


def test_verdicts_appear_in_a_browser_without_moving_the_page(
    browser: Any, enter: Any, picture: Any, violations: Any, fresh: Told
) -> None:
    page = enter(browser, "quality")
    page.goto(HERE.format(fresh["fresh"]))
    assert violations(page) == []
    page.set_viewport_size({"width": 1200, "height": 900})
    before = page.evaluate(DECISION)
    page.locator("[name='value viability']").press_sequentially("0.78", delay=20)
    page.wait_for_selector("text=may be given exceptionally")
    page.fill("[name='value sterility']", "1")
    page.fill("[name='value dose']", "4e6")
    page.wait_for_selector("tr:has-text('Sterility') >> text=Out of specification")
    assert page.evaluate(DECISION) == before
    assert violations(page) == []
    picture(page, "release-typed")


def test_the_page_in_a_browser(browser: Any, enter: Any, picture: Any, violations: Any, fresh: Told, sign_in: Any) -> None:
    sign_in("quality").post(HERE.format(fresh["fresh"]), results(fresh, viability="0.78"))
    for role, name in (("quality", "fresh"), ("physician", "fresh"), ("quality", "manufactured"), ("operator", "manufactured")):
        page = enter(browser, role)
        page.goto(HERE.format(fresh[name]))
        assert violations(page) == []
        picture(page, f"release-{role}-{name}")


def test_a_print_shows_results_and_signatures_and_no_form(browser: Any, enter: Any, fresh: Told, sign_in: Any) -> None:
    where, client = HERE.format(fresh["fresh"]), sign_in("quality")
    client.post(where, results(fresh))
    client.post(where, form(fresh, "fresh", "released", release="in specification", password=client.password))
    page = enter(browser, "quality")
    page.goto(where)
    page.emulate_media(media="print")
    assert page.locator("text=I approve what is recorded here").first.is_visible()
    assert page.locator("th", has_text="Viability").is_visible()
    assert not page.locator("button").first.is_visible()
    assert not page.locator("nav").first.is_visible()
    assert page.locator("text=Patient patient-71, chain CHA9999").is_visible()


@pytest.mark.parametrize("part", ["release", "manufacture", "custody", "labels", "gate"])
def test_pages_are_small_and_say_no_names(fresh: Told, sign_in: Any, part: str) -> None:
    role = "physician" if part in ("gate", "labels", "custody") else "quality"
    name = "lymphodepletion" if part == "gate" else "released"
    answer = sign_in(role).get(f"/journeys/{fresh[name]}/{part}")
    assert answer.status_code == 200
    assert len(answer.content) < 300_000
    assert "<script>" not in answer.content.decode()
    assert " style=" not in answer.content.decode()
    assert fresh.stories[name].name_and_birth_date not in answer.content.decode()


def test_what_is_typed_is_never_markup(fresh: Told, sign_in: Any) -> None:
    bad = "<script>alert(1)</script>"
    text = sign_in("quality").post(HERE.format(fresh["fresh"]), results(fresh, viability=bad)).content.decode()
    assert bad not in text
    check = {"do": "check", "test": "viability", "value viability": bad}
    assert bad not in sign_in("quality").post(HERE.format(fresh["fresh"]), check).content.decode()
    reject = form(fresh, "fresh", "rejected", reason=bad, password="wrong")
    assert bad not in sign_in("quality").post(HERE.format(fresh["fresh"]), reject).content.decode()
