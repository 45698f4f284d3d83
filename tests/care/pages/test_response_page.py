"""Response and follow-up: assessments in their windows, criteria told before they are recorded, and the payment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import stages
from stages import NOW, Told

from livingdrug.care import store
from livingdrug.care.pages import assessing, follow
from livingdrug.journey import events as e
from livingdrug.therapy.load import load

S = stages.STORY.Story()
START = stages.STORY.infused(S).at
BY = "chop-physician-1"


def where(told: Told, name: str = "unassessed", twin: bool = False) -> str:
    return f"/journeys/{told[name]}/response" + (".json" if twin else "")


def shown(client: Any, told: Told, name: str = "unassessed", query: str = "") -> dict[str, Any]:
    return client.get(where(told, name, twin=True) + query).json()


def form(client: Any, told: Told, name: str = "unassessed", **typed: Any) -> dict[str, Any]:
    """A complete remission on day 28, changed by what is given; None takes a field away."""
    content = shown(client, told, name)
    start = {"do": "record", "version": content["version"], "key": content["key"], "assessment": "28", "burden": "0.1",
             "mrd": "0.001", "neutrophils": "2000", "platelets": "150000"}  # fmt: skip
    return {key: value for key, value in (start | typed).items() if value is not None}


def last(told: Told, name: str = "unassessed") -> e.Event:
    return store.latest(told[name]).state.history[-1]


# Windows ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "states"),
    [
        (0, ["not yet", "not yet"]), (20, ["not yet", "not yet"]), (21, ["open", "not yet"]), (28, ["open", "not yet"]),
        (29, ["late", "not yet"]), (35, ["late", "not yet"]), (36, ["missed", "not yet"]), (77, ["missed", "open"]),
        (104, ["missed", "late"]), (105, ["missed", "missed"]),
    ],
)  # fmt: skip
def test_an_assessment_has_a_window(day: int, states: list[str]) -> None:
    told = list(stages.STORY.events(S))
    journey = stages.STORY.journey_of(told[: told.index(stages.STORY.infused(S)) + 1])
    made = follow.assessments(S.therapy, S.network, journey, START + timedelta(days=day))
    assert [each.state for each in made] == states
    chosen = follow.due_now(made)
    assert (chosen.day if chosen else None) == next((each.day for each in made if each.state in ("open", "late")), None)


def test_without_windows_an_assessment_is_open_until_it_is_made() -> None:
    response = S.therapy.response.model_copy(update={"windows": ()})
    therapy = S.therapy.model_copy(update={"response": response})
    told = list(stages.STORY.events(S))
    journey = stages.STORY.journey_of(told[: told.index(stages.STORY.infused(S)) + 1])
    made = follow.assessments(therapy, S.network, journey, START + timedelta(days=300))
    assert [(each.state, each.closes, each.left) for each in made] == [("late", None, None)] * 2


def test_what_is_done_shows_its_result(sign_in: Callable[..., Any], store_: Told) -> None:
    first = shown(sign_in("physician"), store_, "response assessed")["assessments"][0]
    assert (first["state"], first["response"], first["mrd"]) == ("done", "CR", "negative")


# Assessing --------------------------------------------------------------------------------------------------------------


def test_a_remission_is_recorded_as_it_was_typed(sign_in: Callable[..., Any], store_: Told) -> None:
    physician = sign_in("physician")
    answer = physician.post(where(store_), form(physician, store_), follow=True)
    assert "Recorded: day 28, CR." in answer.content.decode()
    assert last(store_) == e.ResponseAssessed(
        at=NOW, by=BY, assessment=28, burden=0.001, mrd=0.00001, neutrophils=2000.0, platelets=150_000.0
    )
    assert shown(physician, store_)["settlement"] == "nothing is missing; the payer may settle it"


CASES = {
    "remission": ({}, "CR", "negative", []),
    "few platelets": ({"platelets": "90000"}, "CRi", "negative", ["Platelets 90,000, above 100,000 per µL"]),
    "counts exactly at the limit": ({"neutrophils": "1000"}, "CRi", "negative", ["Neutrophils 1,000, above 1,000 per µL"]),
    "blasts": ({"burden": "5"}, "no response", "positive", ["Marrow blasts 5 %, below 5 %"]),
    "elsewhere": ({"extramedullary": "yes"}, "no response", "positive", ["Disease outside the marrow: found"]),
    "residual disease": ({"mrd": "0,01"}, "CR", "positive", ["Residual disease 0.01 %, below 0.01 %"]),
    "not measured": ({"mrd": None}, "CR", "not measured", []),
    "not counted": ({"platelets": None}, "CRi", "negative", []),
}


@pytest.mark.parametrize("case", CASES)
def test_the_criteria_are_told_before_anything_is_recorded(case: str, sign_in: Callable[..., Any], store_: Told) -> None:
    change, response, mrd, against = CASES[case]
    physician, before = sign_in("physician"), last(store_)
    answer = physician.post(where(store_, twin=True), form(physician, store_, **{"do": "check", **change}))
    made = answer.json()["verdict"]
    assert (made["response"], made["mrd"]) == (response, mrd)
    assert [each["says"] for each in made["criteria"] if each["met"] is False] == against
    assert last(store_) == before


REFUSED = {
    "nothing is typed": ({"burden": ""}, {"burden": "is missing; type it in percent"}),
    "no number": ({"burden": "few"}, {"burden": "'few' is no number; type percent, as 0.01"}),
    "more than all": ({"burden": "101"}, {"burden": "101 % of the burden cannot be; type 0 to 100 %"}),
    "a count with a word": (
        {"platelets": "150k"},
        {"platelets": "'150k' is no number; type the number per µL, without thousands marks"},
    ),
    "a count in billions": (
        {"neutrophils": "1.5"},
        {"neutrophils": "1.5 per µL is hardly a count; 1.5 × 10⁹/L are 1500 per µL"},
    ),
    "more cells than blood": (
        {"platelets": "9e9"},
        {"platelets": "9000000000 platelets per µL cannot be; type the number per µL"},
    ),
    "a time that is none": ({"assessed_at": "noon"}, {"assessed_at": "'noon' is not a time; give one like 2018-04-12T09:35"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_true_is_refused_beside_its_field(case: str, sign_in: Callable[..., Any], store_: Told) -> None:
    change, says = REFUSED[case]
    physician, before = sign_in("physician"), last(store_)
    answer = physician.post(where(store_), form(physician, store_, **change))
    assert answer.status_code == 422
    assert answer.context["says"] == says
    assert last(store_) == before


def test_counts_in_billions_per_liter_are_offered_per_microliter(sign_in: Callable[..., Any], store_: Told) -> None:
    physician = sign_in("physician")
    wrong = form(physician, store_, platelets="150", neutrophils="0")
    page = physician.post(where(store_), wrong).content.decode()
    assert "Use 150000 per µL" in page
    taken = physician.post(where(store_), {**wrong, "do": "use platelets", "use_platelets": "150000"})
    assert taken.context["typed"]["platelets"] == "150000"
    assert taken.context["verdict"].response == "CRi"


def test_an_assessment_outside_its_window_is_refused_by_its_rule(sign_in: Callable[..., Any], store_: Told) -> None:
    physician = sign_in("physician")
    answer = physician.post(where(store_), form(physician, store_, assessment="90"))
    assert answer.status_code == 422
    assert "RSP-001" in answer.content.decode()


def test_after_a_conflict_what_was_typed_is_still_there(sign_in: Callable[..., Any], store_: Told) -> None:
    physician = sign_in("physician")
    posted = form(physician, store_)
    seen = {"act": "seen", "at": "2026-03-02T10:00", "version": posted["version"], "key": "k"}
    assert physician.post(where(store_), seen).status_code == 302
    answer = physician.post(where(store_), posted)
    assert answer.status_code == 409
    assert answer.context["typed"]["platelets"] == "150000"
    again = {**posted, "version": answer.context["version"], "key": answer.context["key"]}
    assert physician.post(where(store_), again).status_code == 302


def test_a_partial_response_is_told_where_there_is_one() -> None:
    therapy = load("axicabtagene-ciloleucel")
    journey = stages.STORY.journey_of(list(stages.STORY.events(S)))
    typed = {"burden": "20", "before": "50"}
    reading = assessing.read(typed, at=START + timedelta(days=30), by=BY, assessment=90)
    assert reading.event is not None
    made = assessing.verdict(therapy, journey, reading.event)
    assert made is not None
    assert made.response == "partial"
    assert not made.remission
    assert made.criteria[0] == assessing.Criterion("Tumor left 20 %, below 0.5 %", False)
    assert made.criteria[1] == assessing.Criterion("From 50 % to 20 %, smaller by 50 % at least", True)


# Follow-up --------------------------------------------------------------------------------------------------------------


def after(days: float, kind: type[e.Event], **more: Any) -> e.Event:
    return kind(at=START + timedelta(days=days), by=BY, **more)


def free(*more: e.Event, response: bool = True) -> tuple[int, str, str] | None:
    """Event-free survival of the story to its remission, or to the infusion, and these."""
    told = list(stages.STORY.events(S))
    end = next(place for place, each in enumerate(told) if each.name == ("response assessed" if response else "infused"))
    journey = stages.STORY.journey_of([*told[: end + 1], *more])
    made = follow.event_free(journey, follow.facts(S.therapy, S.network, journey))
    return (made.day, made.says, made.state) if made else None


def test_event_free_survival_counts_as_in_the_analysis() -> None:
    none = "no event so far; followed to the last time that the patient was seen"
    assert free(after(100, e.PatientSeen), after(200, e.PatientSeen)) == (200, none, "fine")
    assert free(after(90, e.Relapsed, relapse="antigen-negative"), after(120, e.Died, cause="disease")) == (
        90, "to relapse, antigen-negative", "stop",
    )  # fmt: skip
    assert free(after(60, e.FurtherTherapyGiven, therapy="transplant"), after(90, e.Died, cause="other")) == (
        60, "followed to further therapy: transplant", "attention",
    )  # fmt: skip
    assert free(after(10, e.Died, cause="toxicity"), response=False) == (10, "to died: toxicity", "stop")
    failed = after(28, e.ResponseAssessed, assessment=28, burden=0.6, neutrophils=100.0, platelets=9000.0)
    assert free(failed, response=False) == (28, "to response of day 28: no response", "stop")


def test_the_dead_and_the_living_have_different_facts() -> None:
    told = list(stages.STORY.events(S))
    journey = stages.STORY.journey_of([*told, after(70, e.PatientSeen), after(80, e.BCellsRecovered)])
    assert [each.what for each in follow.facts(S.therapy, S.network, journey)] == [
        "infused", "response of day 28: CR, MRD negative", "seen alive", "B cells recovered",
    ]  # fmt: skip
    before = stages.STORY.journey_of(told[:5])
    assert follow.facts(S.therapy, S.network, before) == ()
    assert follow.event_free(before, ()) is None
    assert follow.assessments(S.therapy, S.network, before, START) == ()


def test_a_relapse_is_recorded_with_its_kind(sign_in: Callable[..., Any], store_: Told) -> None:
    physician = sign_in("physician")
    content = shown(physician, store_, "response assessed")
    act = {
        "act": "relapsed",
        "relapse": "antigen-negative",
        "at": "2026-03-02T10:00",
        "version": content["version"],
        "key": "k",
    }
    assert physician.post(where(store_, "response assessed"), act).status_code == 302
    assert last(store_, "response assessed").name == "relapsed"


def test_a_relapse_before_any_response_waits_with_its_rule(sign_in: Callable[..., Any], store_: Told) -> None:
    closed = shown(sign_in("physician"), store_)["closed"]
    assert [(each["label"], each["reasons"][0]["rule"]) for each in closed] == [("Relapse", "RSP-004")]


def test_the_settlement_says_what_it_waits_for(sign_in: Callable[..., Any], store_: Told) -> None:
    physician = sign_in("physician")
    assert shown(physician, store_)["settlement"] == "waits: the assessment of day 28 is not recorded"
    assert shown(physician, store_, "settled")["settlement"] == "settled"


def test_a_visit_that_was_missed_is_said(sign_in: Callable[..., Any], store_: Told) -> None:
    assert shown(sign_in("physician"), store_)["visits"] == ["visit of day 28: due 4 days ago"]


# Who --------------------------------------------------------------------------------------------------------------------


def test_before_the_infusion_there_is_nothing_to_assess(sign_in: Callable[..., Any], store_: Told) -> None:
    assert "has not been infused" in sign_in("physician").get(where(store_, "released")).content.decode()


def test_a_coordinator_reads_and_records_visits_only(sign_in: Callable[..., Any], store_: Told) -> None:
    coordinator = sign_in("coordinator")
    page = coordinator.get(where(store_)).content.decode()
    assert "a physician records it" in page
    assert "Seen alive" in page
    before = last(store_)
    assert coordinator.post(where(store_), form(coordinator, store_)).status_code == 422
    assert last(store_) == before


@pytest.mark.parametrize("role", ["pharmacist", "courier", "operator", "payer"])
def test_the_page_is_closed_to_others(role: str, sign_in: Callable[..., Any], store_: Told) -> None:
    assert sign_in(role).get(where(store_)).status_code == 403


def test_percent_has_no_noise() -> None:
    assert [assessing.percent(each) for each in (None, 0.0, 0.1, 0.0001, 0.00001, 0.07, 1.0)] == [
        "", "0", "10", "0.01", "0.001", "7", "100",
    ]  # fmt: skip


def test_the_page_in_a_browser(browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, store_: Told) -> None:
    page = enter(browser, "physician")
    page.goto(where(store_))
    for name, text in (("burden", "0,1"), ("mrd", "0.001"), ("neutrophils", "2000"), ("platelets", "90000")):
        page.locator(f"#r-{name}").fill(text)
    page.wait_for_selector("#verdict >> text=CRi")
    assert violations(page) == []
    picture(page, "response-unassessed")
    for role, name, more in (("physician", "response assessed", "?act=relapsed"), ("coordinator", "settled", "")):
        page = enter(browser, role)
        page.goto(where(store_, name) + more)
        assert violations(page) == []
        picture(page, f"response-{role}")
