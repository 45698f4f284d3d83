"""The bedside: a look is charted in seconds on a phone, graded as it is typed, and refused where it cannot be true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stages
from stages import NOW, Told

from livingdrug.care import store
from livingdrug.care.pages import rescue as rescues
from livingdrug.journey import events as e


def where(told: Told, name: str = "infused", twin: bool = False) -> str:
    return f"/journeys/{told[name]}/bedside" + (".json" if twin else "")


def shown(client: Any, told: Told, name: str = "infused") -> dict[str, Any]:
    return client.get(where(told, name, twin=True)).json()


def form(client: Any, told: Told, name: str = "infused", **typed: Any) -> dict[str, Any]:
    """A look without fault, changed by what is given; None takes a field away."""
    content = shown(client, told, name)
    start = {"do": "chart", "version": content["version"], "key": content["key"], "temperature": "38.9", "vasoactive": "3",
             "oxygen": "1", "consciousness": "0", "capd": "4"}  # fmt: skip
    return {key: value for key, value in (start | typed).items() if value is not None}


def last(told: Told, name: str = "infused") -> e.Event:
    return store.latest(told[name]).state.history[-1]


# Charting ---------------------------------------------------------------------------------------------------------------


def test_a_look_is_charted_as_two_events_at_once(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    answer = nurse.post(where(store_), form(nurse, store_, systolic="84", saturation="91,5", oxygen="0"), follow=True)
    assert answer.status_code == 200
    assert "Charted: ASTCT 3, Penn 4, Lee 3, ICANS 1." in answer.content.decode()
    vitals, neurology = store.latest(store_["infused"]).state.history[-2:]
    assert vitals == e.VitalsCharted(
        at=NOW, by="chop-bedside-nurse-1", hours=(0.0,), temperature=(38.9,), vasoactive=(3,), oxygen=(0,), systolic=(84.0,),
        saturation=(91.5,),
    )  # fmt: skip
    assert neurology == e.NeurologyAssessed(at=NOW, by="chop-bedside-nurse-1", capd=4)


def test_vitals_and_neurology_are_charted_apart_too(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    assert nurse.post(where(store_), form(nurse, store_, consciousness=None, capd=None)).status_code == 302
    assert isinstance(last(store_), e.VitalsCharted)
    assert nurse.post(where(store_), form(nurse, store_, temperature=None, vasoactive=None, oxygen=None)).status_code == 302
    assert isinstance(last(store_), e.NeurologyAssessed)


def test_fahrenheit_is_refused_and_its_celsius_offered(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    before = last(store_)
    answer = nurse.post(where(store_), form(nurse, store_, temperature="101.3"))
    assert answer.status_code == 422
    assert "101.3 is in °F, and the chart is in °C; that is 38.5 °C" in answer.content.decode()
    assert last(store_) == before
    offered = form(nurse, store_, temperature="101.3", do="celsius", use="38.5")
    taken = nurse.post(where(store_), offered)
    assert taken.status_code == 200
    assert taken.context["typed"]["temperature"] == "38.5"
    assert last(store_) == before


REFUSED = {
    "temperature is missing": ({"temperature": None}, "temperature", "is missing; type it in °C"),
    "temperature is no number": ({"temperature": "warm"}, "temperature", "'warm' is no number; type one from 25 to 45 °C"),
    "temperature cannot be": ({"temperature": "61"}, "temperature", "61 °C cannot be; type 25 to 45 °C"),
    "infinity is no number": ({"systolic": "inf"}, "systolic", "'inf' is no number; type one from 20 to 300 mmHg"),
    "pressors were not tapped": ({"vasoactive": None}, "vasoactive", "tap which fluids or pressors the patient needs, or none"),
    "a need is unknown": (
        {"oxygen": "9"}, "oxygen", "'9' is none of room air, low flow, high flow, cpap, bipap, ventilator; tap one",
    ),
    "nobody says how awake": ({"consciousness": None}, "consciousness", "tap how awake the patient is"),
    "the test was not taken": ({"capd": None}, "capd", "CAPD is missing; only a patient who cannot be aroused goes without"),
    "the score cannot be": ({"capd": "33"}, "capd", "'33' is no score; CAPD goes from 0 to 32"),
    "an answer is missing": (
        {"capd": None, "capd1": "4"}, "capd", "1 of 8 questions are answered; answer all, or type the score",
    ),
    "an answer cannot be": ({"capd1": "7"}, "capd1", "'7' is not 0 to 4; tap an answer"),
    "a time cannot be read": ({"charted_at": "noon"}, "charted_at", "'noon' is not a time; give one like 2018-04-12T09:35"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_true_is_refused_beside_its_field(case: str, sign_in: Callable[..., Any], store_: Told) -> None:
    change, name, says = REFUSED[case]
    nurse = sign_in("bedside nurse")
    answer = nurse.post(where(store_), form(nurse, store_, **change))
    assert answer.status_code == 422
    assert answer.context["says"] == {name: says}
    assert answer.context["typed"]["oxygen"] in ("1", "9")


def test_an_empty_form_says_what_to_do(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    content = shown(nurse, store_)
    answer = nurse.post(where(store_), {"do": "chart", "version": content["version"], "seizure": "0"})
    assert answer.context["says"]["temperature"].startswith("nothing is charted yet")


def test_the_eight_questions_make_the_score(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    questions = {f"capd{number}": "4" if number <= 4 else "2" for number in range(1, 9)}
    assert nurse.post(where(store_), form(nurse, store_, capd=None, **questions)).status_code == 302
    assert last(store_).capd == 8  # type: ignore[attr-defined]
    answer = nurse.post(where(store_), form(nurse, store_, capd="9", **questions))
    assert answer.context["says"] == {"capd": "9 is typed, and the answers make 8; leave one of them out"}


def test_a_patient_who_cannot_be_aroused_goes_without_the_test(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    assert nurse.post(where(store_), form(nurse, store_, capd=None, consciousness="4")).status_code == 302
    assert shown(nurse, store_)["since_infusion"][3]["today"] == 4


def test_a_look_of_this_morning_is_charted_then(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    assert nurse.post(where(store_), form(nurse, store_, charted_at="2026-03-02T06:00")).status_code == 302
    assert last(store_).at == NOW.replace(hour=11, minute=0)


def test_a_look_sent_twice_is_charted_once(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    posted = form(nurse, store_)
    assert nurse.post(where(store_), posted).status_code == 302
    version = store.latest(store_["infused"]).version
    nurse.post(where(store_), posted)
    assert store.latest(store_["infused"]).version == version


def test_after_a_conflict_what_was_typed_is_still_there(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    posted = form(nurse, store_, temperature="39.2", capd="5")
    assert nurse.post(where(store_), form(nurse, store_)).status_code == 302
    answer = nurse.post(where(store_), posted)
    assert answer.status_code == 409
    assert answer.context["typed"]["temperature"] == "39.2"
    assert [each.event for each in answer.context["refused"]["meanwhile"]] == ["vitals charted", "neurology assessed"]
    again = {**posted, "version": answer.context["version"], "key": answer.context["key"]}
    assert nurse.post(where(store_), again).status_code == 302


def test_the_rules_have_the_last_word(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    answer = nurse.post(where(store_), form(nurse, store_, charted_at="2026-02-01T06:00"))
    assert answer.status_code == 422
    assert "SAF-001" in answer.content.decode()


# ICE --------------------------------------------------------------------------------------------------------------------


ICE = {"orientation": "4", "naming": "3", "commands": "1", "writing": "0", "attention": "1"}


@pytest.fixture
def adult(store_: Told) -> Told:
    """The store with a patient of twelve years or more, who takes ICE."""
    written, events = stages.story(51, "infused", age=20.0, weight=60.0)
    return Told(store_.url, {**store_.ids, "adult": stages.tell(events)}, {**store_.stories, "adult": written})


def test_the_five_items_make_ice(sign_in: Callable[..., Any], adult: Told) -> None:
    nurse = sign_in("bedside nurse")
    assert nurse.post(where(adult, "adult"), form(nurse, adult, "adult", capd=None, **ICE)).status_code == 302
    assert last(adult, "adult").ice == 9  # type: ignore[attr-defined]


def test_all_right_is_one_tap(sign_in: Callable[..., Any], adult: Told) -> None:
    nurse = sign_in("bedside nurse")
    assert nurse.post(where(adult, "adult"), form(nurse, adult, "adult", capd=None, all_right="10")).status_code == 302
    assert last(adult, "adult").ice == 10  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({**ICE, "all_right": "10"}, {"ice": "all is right, and an item is not; take one of them back"}),
        ({**ICE, "writing": ""}, {"ice": "not asked yet: writes a sentence"}),
        ({**ICE, "naming": "5"}, {"naming": "'5' is not 0 to 3; tap a number"}),
        ({}, {"ice": "ICE is missing; only a patient who cannot be aroused goes without"}),
    ],
)  # fmt: skip
def test_an_ice_that_does_not_add_up_is_refused(
    more: dict[str, str], says: dict[str, str], sign_in: Callable[..., Any], adult: Told
) -> None:
    nurse = sign_in("bedside nurse")
    answer = nurse.post(where(adult, "adult"), form(nurse, adult, "adult", capd=None, **more))
    assert answer.context["says"] == says


# Grades -----------------------------------------------------------------------------------------------------------------


def grades(client: Any, told: Told, name: str = "infused", **typed: Any) -> dict[str, Any]:
    """What the page says of a look before it is charted."""
    posted = form(client, told, name, **{"do": "grade", **typed})
    return client.post(where(told, name, twin=True), posted).json()["graded"]


def test_a_look_is_graded_before_it_is_charted(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse, before = sign_in("bedside nurse"), last(store_)
    made = grades(nurse, store_, oxygen="1", vasoactive="0", capd="9")
    assert {each["scale"]: (each["grade"], each["makes"]) for each in made["grades"]} == {
        "ASTCT": (2, ["cannula to 6 L/min, blow-by"]),
        "Penn": (3, ["cannula to 6 L/min, blow-by"]),
        "Lee": (2, ["cannula to 6 L/min, blow-by"]),
        "ICANS": (3, ["CAPD 9"]),
    }
    assert made["differ"] == "cannula to 6 L/min, blow-by is 2 in ASTCT and 3 in Penn"
    assert last(store_) == before


def test_fever_alone_is_a_grade_in_each_scale(sign_in: Callable[..., Any], store_: Told) -> None:
    made = grades(sign_in("bedside nurse"), store_, vasoactive="0", oxygen="0")
    assert [each["grade"] for each in made["grades"]] == [1, 2, 1, 1]
    assert made["differ"] == "fever is 1 in ASTCT and 2 in Penn, for a patient in hospital"


def test_while_something_is_missing_a_grade_is_at_least(sign_in: Callable[..., Any], store_: Told) -> None:
    made = grades(sign_in("bedside nurse"), store_, oxygen=None, consciousness=None, capd=None, seizure="4")
    assert [(each["grade"], each["at_least"]) for each in made["grades"]] == [(3, True), (4, True), (3, True), (4, True)]
    made = grades(
        sign_in("bedside nurse"), store_, temperature=None, vasoactive=None, oxygen=None, capd=None, consciousness=None
    )
    assert [each["grade"] for each in made["grades"]] == [None] * 4


def test_a_need_without_fever_so_far_is_no_crs(sign_in: Callable[..., Any], store_: Told) -> None:
    written, events = stages.story(52, "gate passed")
    told = Told(store_.url, {"new": stages.tell([*events, stages.STORY.infused(written)])}, {})
    made = grades(sign_in("bedside nurse"), told, "new", temperature="37.0", capd="0")
    assert [each["grade"] for each in made["grades"]] == [0, 0, 0, 0]
    assert made["note"].startswith("No fever so far")


def test_dialysis_counts_in_penn_and_not_in_astct(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    content = shown(nurse, store_)
    started = {"act": "dialysis started", "at": "2026-03-02T10:00", "version": content["version"], "key": "k"}
    assert nurse.post(where(store_), started).status_code == 302
    made = grades(nurse, store_, vasoactive="0", oxygen="0")
    assert [each["grade"] for each in made["grades"][:3]] == [1, 3, 4]
    assert made["differ"] == "organs do not count in ASTCT, and dialysis is 3 in Penn"


def test_today_and_the_worst_are_shown(sign_in: Callable[..., Any], store_: Told) -> None:
    since = shown(sign_in("bedside nurse"), store_, "severe")["since_infusion"]
    assert [(each["scale"], each["today"], each["worst"], each["day"]) for each in since] == [
        ("ASTCT", 4, 4, 4), ("Penn", 4, 4, 4), ("Lee", 3, 3, 4), ("ICANS", None, 1, 3),
    ]  # fmt: skip


def test_a_day_without_vitals_has_no_grade_of_crs(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    assert nurse.post(where(store_), form(nurse, store_, temperature=None, vasoactive=None, oxygen=None)).status_code == 302
    content = shown(nurse, store_)
    assert [each["today"] for each in content["since_infusion"]] == [None, None, None, 1]
    assert (content["rows"][0]["astct"], content["rows"][0]["icans"]) == (None, 1)


def test_a_temperature_that_cannot_be_makes_no_grade(sign_in: Callable[..., Any], store_: Told) -> None:
    written, events = stages.story(52, "gate passed")
    told = Told(store_.url, {"new": stages.tell([*events, stages.STORY.infused(written)])}, {})
    nurse = sign_in("bedside nurse")
    for typed in ("61", "101.3", "warm"):
        made = grades(nurse, told, "new", temperature=typed, vasoactive="0", oxygen="0")
        assert [(each["grade"], each["at_least"]) for each in made["grades"][:3]] == [(0, True)] * 3


def test_an_overridden_grade_stands_beside_the_computed_one(sign_in: Callable[..., Any], store_: Told) -> None:
    physician = sign_in("physician")
    content = shown(physician, store_, "severe")
    posted = {
        "act": "grade overridden", "scale": "ASTCT", "day": "4", "computed": "1", "grade": "3", "reason": "pneumothorax",
        "at": "2026-03-02T10:10", "version": content["version"], "key": "k",
    }  # fmt: skip
    refused = physician.post(where(store_, "severe"), {**posted, "password": "wrong"})
    assert refused.status_code == 422
    answer = physician.post(where(store_, "severe"), {**posted, "password": physician.password}, follow=True)  # type: ignore[attr-defined]
    assert answer.status_code == 200
    overridden, signed = store.latest(store_["severe"]).state.history[-2:]
    assert (overridden.computed, overridden.grade) == (4, 3)  # type: ignore[attr-defined]
    assert signed.name == "signed"
    astct = shown(physician, store_, "severe")["since_infusion"][0]
    assert (astct["worst"], astct["overridden"]) == (4, ["3 instead of 4 on day 4"])


def test_a_nurse_cannot_override_a_grade(sign_in: Callable[..., Any], store_: Told) -> None:
    assert "Override" not in sign_in("bedside nurse").get(where(store_)).content.decode()


# Tocilizumab and missed looks ------------------------------------------------------------------------------------------


def test_tocilizumab_is_dosed_by_weight_and_counted(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    rescue = shown(nurse, store_)["rescue"]
    assert (rescue["mg"], rescue["how"], rescue["left"], rescue["most"]) == (240.0, "8 mg/kg (from 30 kg) × 30 kg", 1, 4)
    assert [each["mg"] for each in rescue["given"]] == [240.0]
    assert rescue["next"] == "now"
    version = shown(nurse, store_)["version"]
    page = nurse.get(where(store_) + "?act=tocilizumab-given").content.decode()
    assert 'value="240"' in page
    given = {"act": "tocilizumab given", "mg": "240", "at": "2026-03-02T10:10", "version": version, "key": "k"}
    assert nurse.post(where(store_), given).status_code == 302
    rescue = shown(nurse, store_)["rescue"]
    assert (rescue["left"], rescue["may"]) == (0, False)
    assert rescue["next"] == "in 8 hours, at 2026-03-02 18:10 EST: 8 hours apart"


@pytest.mark.parametrize(
    ("weight", "mg", "how"),
    [(20.0, 240.0, "12 mg/kg (below 30 kg) × 20 kg"), (120.0, 800.0, "8 mg/kg (from 30 kg) × 120 kg = 960 mg, 800 mg at most")],
)
def test_the_dose_says_how_it_is_computed(weight: float, mg: float, how: str) -> None:
    story = stages.STORY.Story(weight=weight)
    journey = stages.STORY.journey_of(list(stages.STORY.to_collection(story)))
    assert rescues.dose(story.therapy, journey) == (mg, how)
    assert rescues.dose(story.therapy, stages.STORY.Journey()) == (None, "no weight is known")


def test_a_policy_says_when_its_need_is_reached(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    assert [each["reached"] for each in shown(nurse, store_)["rescue"]["policies"]] == [False, False]
    assert [each["reached"] for each in shown(nurse, store_, "severe")["rescue"]["policies"]] == [True, True]


def test_missed_looks_are_said_until_they_are_made(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    assert [each["what"] for each in shown(nurse, store_)["late"]] == ["vitals", "neurology"]
    assert nurse.post(where(store_), form(nurse, store_)).status_code == 302
    assert shown(nurse, store_)["late"] == []


# Who -------------------------------------------------------------------------------------------------------------------


def test_before_the_infusion_there_is_no_chart(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    assert "has not been infused" in nurse.get(where(store_, "released")).content.decode()
    assert nurse.post(where(store_, "released"), {"do": "chart"}).status_code == 200


@pytest.mark.parametrize("role", ["pharmacist", "auditor"])
def test_who_reads_does_not_chart(role: str, sign_in: Callable[..., Any], store_: Told) -> None:
    reader = sign_in(role)
    page = reader.get(where(store_))
    assert page.status_code == 200
    assert 'value="chart"' not in page.content.decode()
    before = last(store_)
    assert reader.post(where(store_), form(sign_in("bedside nurse"), store_)).status_code in (403, 422)
    assert last(store_) == before


@pytest.mark.parametrize("role", ["coordinator", "courier", "operator", "payer"])
def test_the_bedside_is_closed_to_others(role: str, sign_in: Callable[..., Any], store_: Told) -> None:
    assert sign_in(role).get(where(store_)).status_code == 403


def test_a_nurse_of_another_center_finds_nothing(sign_in: Callable[..., Any], store_: Told) -> None:
    assert sign_in("bedside nurse", "stanford").get(where(store_)).status_code == 404


def test_the_page_is_small(sign_in: Callable[..., Any], store_: Told) -> None:
    nurse = sign_in("bedside nurse")
    page = nurse.get(where(store_, "severe"))
    assert len(page.content) < 300_000
    assert len(page.context["course"].wide) < 60_000
    assert "style=" not in page.content.decode()


# In a browser ----------------------------------------------------------------------------------------------------------

TAP, KEY, THINK = 1.1, 0.28, 1.35
"""Seconds for a tap, a key and a thought: keystroke-level model of Card, Moran and Newell (Commun ACM 1980;23:396-410)."""


def test_crs_to_grade_3_is_charted_in_twenty_seconds_on_a_phone(browser: Any, enter: Callable[..., Any], store_: Told) -> None:
    page = enter(browser, "bedside nurse", phone=True)
    page.goto(where(store_))
    taps = keys = 0
    for name, text in (("temperature", "39.4"), ("systolic", "84"), ("saturation", "91")):
        page.locator(f"#c-{name}").click()
        page.keyboard.type(text)
        taps, keys = taps + 1, keys + len(text)
    for name, level in (("vasoactive", 2), ("oxygen", 1), ("consciousness", 0)):
        page.locator(f"input[name={name}][value='{level}']").click()
        taps += 1
    page.locator("#c-capd").click()
    page.keyboard.type("9")
    taps, keys = taps + 1, keys + 1
    page.wait_for_selector("#why >> text=CAPD 9")
    assert page.locator("#grades dd").evaluate_all("all => all.map(each => each.textContent[0])") == ["3", "3", "2", "3"]
    page.locator(".bar button").click()
    taps += 1
    page.wait_for_selector("text=Charted: ASTCT 3, Penn 3, Lee 2, ICANS 3.")
    thoughts = 5  # temperature, pressure and saturation, needs, awake, CAPD
    assert (taps, keys) == (8, 9)
    assert taps * TAP + keys * KEY + thoughts * THINK < 20


def test_every_target_is_large_enough_for_a_thumb(browser: Any, enter: Callable[..., Any], store_: Told) -> None:
    page = enter(browser, "bedside nurse", phone=True)
    page.goto(where(store_))
    small = page.evaluate(
        "[...document.querySelectorAll('form.chart label:has(input[type=radio]), form.chart input[type=text], .bar button')]"
        ".filter(each => each.getBoundingClientRect().height < 44 || each.getBoundingClientRect().width < 44)"
        ".filter(each => each.getBoundingClientRect().width > 0).map(each => each.outerHTML.slice(0, 90))"
    )
    assert small == []


def test_a_look_is_charted_with_the_keyboard_alone(browser: Any, enter: Callable[..., Any], store_: Told) -> None:
    page = enter(browser, "bedside nurse")
    page.goto(where(store_))
    page.locator("#c-temperature").focus()
    for key in (
        "3",
        "8",
        ".",
        "5",
        "Tab",
        "Tab",
        "Tab",
        "Space",
        "ArrowRight",
        "Tab",
        "Space",
        "Tab",
        "Space",
        "Tab",
        "4",
        "Enter",
    ):
        page.keyboard.press(key)
    page.wait_for_selector("text=Charted: ASTCT 2, Penn 3, Lee 2, ICANS 1.")


def test_fahrenheit_is_said_while_it_is_typed(browser: Any, enter: Callable[..., Any], store_: Told) -> None:
    page = enter(browser, "bedside nurse", phone=True)
    page.goto(where(store_))
    page.locator("#c-temperature").press_sequentially("101.3")
    page.locator("text=Use 38.5 °C").click()
    page.wait_for_selector("#c-temperature[value='38.5']")


def test_the_bedside_in_a_browser(browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, adult: Told) -> None:
    for role, name, more in (
        ("bedside nurse", "infused", ""), ("bedside nurse", "severe", "?act=steroids-given"), ("bedside nurse", "released", ""),
        ("physician", "adult", "?act=grade-overridden"), ("auditor", "severe", ""),
    ):  # fmt: skip
        page = enter(browser, role)
        page.goto(where(adult, name) + more)
        assert violations(page) == []
        picture(page, f"bedside-{role}-{name}")
