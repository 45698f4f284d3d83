"""Forms of acts, corrections and referrals: recorded, refused with rules, complained about beside the field, or in conflict."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from stages import Told

from livingdrug.care import models, store
from livingdrug.care.pages import links, tokens
from livingdrug.care.pages.verbs import GROUPS
from livingdrug.journey import events as e
from livingdrug.journey.events import BY_NAME

SignIn = Callable[..., Any]


def hidden(client: Any, where: str) -> dict[str, str]:
    """The fields that a form holds without showing them."""
    text = client.get(where).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(version|key|after)" value="([^"]*)"', text))


def fields(client: Any, where: str) -> dict[str, Any]:
    return {each["name"]: each for each in client.get(f"{where}.json").json()["fields"]}


def last(journey: str) -> e.Event:
    return store.latest(journey).state.history[-1]


def text(answer: Any) -> str:
    return answer.content.decode()


# Acts -------------------------------------------------------------------------------------------------------------------


def test_an_act_is_recorded_and_leads_back_to_the_patient(sign_in: SignIn, store_: Told) -> None:
    client, where = sign_in("coordinator"), links.act(store_["referred"], "consent given")
    answer = client.post(where, {**hidden(client, where), "at": "2026-03-02T10:15", "scope": "treatment", "form": "F-1"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == links.journey(store_["referred"])
    event = last(store_["referred"])
    assert isinstance(event, e.ConsentGiven)
    assert (event.scope, event.form, event.by) == ("treatment", "F-1", "chop-coordinator-1")
    assert event.at.isoformat() == "2026-03-02T10:15:00-05:00", "on the center's clock"


def test_a_form_that_is_sent_twice_is_recorded_once(sign_in: SignIn, store_: Told) -> None:
    client, where = sign_in("coordinator"), links.act(store_["referred"], "consent given")
    sent = {**hidden(client, where), "at": "2026-03-02T10:15", "scope": "treatment"}
    assert [client.post(where, sent).status_code for _ in range(2)] == [302, 302]
    assert store.latest(store_["referred"]).version == 3


def test_a_refusal_names_its_rules_and_keeps_what_was_typed(sign_in: SignIn, store_: Told) -> None:
    client, where = sign_in("physician"), links.act(store_["referred"], "ordered")
    answer = client.post(
        where, {**hidden(client, where), "at": "2026-03-02T10:15", "order": "O-99", "center": "chop", "site": "morris-plains"}
    )
    assert answer.status_code == 422
    page = text(answer)
    assert "/rules#REF-003" in page
    assert "O-99" in page
    assert store.latest(store_["referred"]).version == 2


def test_what_was_mistyped_is_said_beside_its_field(sign_in: SignIn, store_: Told) -> None:
    client, where = sign_in("physician"), links.act(store_["referred"], "eligibility assessed")
    answer = client.post(where, {**hidden(client, where), "at": "2026-03-02T10:15", "age": "nine", "weight": "30"})
    assert answer.status_code == 422
    assert re.search(r'id="s-age">Is &quot;nine&quot;, not a number', text(answer))
    assert re.search(r'id="s-disease_status">', text(answer)), "what is missing, too"


def test_an_hour_that_the_clock_skips_is_refused(sign_in: SignIn, store_: Told) -> None:
    client, where = sign_in("coordinator"), links.act(store_["referred"], "consent given")
    answer = client.post(where, {**hidden(client, where), "at": "2025-03-09T02:30", "scope": "treatment"})
    assert answer.status_code == 422
    assert "the clock skips it" in text(answer)


def test_when_somebody_was_faster_the_form_shows_what_happened_meanwhile(sign_in: SignIn, store_: Told) -> None:
    client, where = sign_in("coordinator"), links.act(store_["referred"], "consent given")
    stale = hidden(client, where)
    nurse = sign_in("physician")
    other = links.act(store_["referred"], "contraindication found")
    assert nurse.post(other, {**hidden(nurse, other), "at": "2026-03-02T10:10", "what": "fever"}).status_code == 302
    answer = client.post(where, {**stale, "at": "2026-03-02T10:15", "scope": "treatment"})
    assert answer.status_code == 409
    assert "Contraindication found" in text(answer)
    again = dict(re.findall(r'<input type="hidden" name="(version|key)" value="([^"]*)"', text(answer)))
    assert again["version"] == "3"
    assert client.post(where, {**again, "at": "2026-03-02T10:15", "scope": "treatment"}).status_code == 302


def test_an_act_that_needs_a_signature_asks_for_the_password(sign_in: SignIn, store_: Told) -> None:
    journey = store_["deviating"]
    client, where = sign_in("quality"), links.act(journey, "deviation closed")
    assert "I have reviewed what is recorded here" in text(client.get(where))
    typed = {"at": "2026-03-02T10:15", "deviation": "DEV-7", "says": "within validated limits"}
    before = store.latest(journey).version
    answer = client.post(where, {**hidden(client, where), **typed, "password": "wrong"})
    assert answer.status_code == 422
    assert 'id="s-password"' in text(answer)
    assert store.latest(journey).version == before
    password = client.password
    assert client.post(where, {**hidden(client, where), **typed, "password": password}).status_code == 302
    closed, signature = store.latest(journey).state.history[-2:]
    assert isinstance(closed, e.DeviationClosed)
    assert isinstance(signature, e.Signed)
    assert (signature.position, signature.meaning) == (before + 1, "review")
    assert not store.latest(journey).state.deviations
    page = text(client.get(links.journey(journey)))
    assert "Signed by Quality of chop" in page
    assert "I have reviewed what is recorded here" in page


def test_there_is_one_way_to_infuse(sign_in: SignIn, store_: Told) -> None:
    journey = store_["gate passed"]
    for role, event in (("physician", "gate passed"), ("bedside nurse", "infused"), ("pharmacist", "thawed")):
        client = sign_in(role)
        for answer in (client.get(links.act(journey, event)), client.post(links.act(journey, event), {"version": "42"})):
            assert answer.status_code == 302
            assert answer.headers["Location"] == links.gate(journey)


@pytest.mark.parametrize("slug", ["nonsense", "referred", "corrected", "signed", "Consent-given", "consent_given"])
def test_what_is_no_act_has_no_form(sign_in: SignIn, store_: Told, slug: str) -> None:
    assert sign_in("coordinator").get(f"/journeys/{store_['referred']}/act/{slug}").status_code == 404


def test_every_act_has_a_word_and_a_form_that_opens(sign_in: SignIn, store_: Told) -> None:
    named = {event for group in GROUPS.values() for event in group}
    assert named == set(BY_NAME) - {"referred", "corrected", "signed"}
    clients = [sign_in(role) for role in ("coordinator", "physician", "bedside nurse", "collection nurse", "pharmacist")]
    clients += [sign_in(role) for role in ("operator", "quality", "payer", "courier")]
    for event in sorted(named):
        statuses = {each.get(links.act(store_["released"], event)).status_code for each in clients}
        assert statuses & {200, 302}, event
        assert statuses <= {200, 302, 403, 404}, event


def test_who_may_not_record_gets_no_form(sign_in: SignIn, store_: Told) -> None:
    assert sign_in("coordinator").get(links.act(store_["referred"], "ordered")).status_code == 403
    assert sign_in("physician", "stanford").get(links.act(store_["referred"], "ordered")).status_code == 404
    assert sign_in("auditor").get(links.act(store_["referred"], "seen")).status_code == 403


def test_a_link_fills_fields_in_but_never_what_is_scanned(sign_in: SignIn, store_: Told) -> None:
    where = f"/journeys/{store_['infused']}/act/tocilizumab-given.json"
    found = {each["name"]: each for each in sign_in("physician").get(f"{where}?mg=240").json()["fields"]}
    assert found["mg"]["value"] == "240"
    where = f"/journeys/{store_['collected']}/act/handed-over.json?chain=CHA999926000005&giver=x"
    found = {each["name"]: each for each in sign_in("collection nurse").get(where).json()["fields"]}
    assert (found["chain"]["value"], found["giver"]["value"]) == ("", "x")


@pytest.mark.parametrize("after", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "/\t/elsewhere"])
def test_a_form_leads_to_no_other_site(sign_in: SignIn, store_: Told, after: str) -> None:
    client, where = sign_in("coordinator"), links.act(store_["referred"], "consent given")
    sent = {**hidden(client, where), "at": "2026-03-02T10:15", "scope": "treatment", "after": after}
    assert client.post(where, sent).headers["Location"] == links.journey(store_["referred"])


def test_the_form_in_a_browser(browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, store_: Told) -> None:
    page = enter(browser, "physician")
    page.goto(links.act(store_["referred"], "eligibility assessed"))
    page.get_by_label("age").fill("nine")
    page.get_by_role("button", name="Record").click()
    assert page.evaluate("document.activeElement.id") == "f-age", "what is wrong has the focus"
    assert violations(page) == []
    picture(page, "act-wrong")
    page.goto(links.act(store_["severe"], "grade overridden"))
    assert violations(page) == []
    picture(page, "act-signed")


# Corrections ------------------------------------------------------------------------------------------------------------


def position_of(journey: str, name: str) -> int:
    return next(place for place, each in enumerate(store.latest(journey).state.history, 1) if each.name == name)


def test_a_correction_changes_one_field_and_keeps_both(sign_in: SignIn, store_: Told) -> None:
    journey = store_["ordered"]
    place = position_of(journey, "eligibility assessed")
    old = store.latest(journey).state.history[place - 1]
    assert isinstance(old, e.EligibilityAssessed)
    client, where = sign_in("physician"), f"{links.journey(journey)}/correct/{place}"
    filled = {name: each["value"] for name, each in fields(client, where).items()}
    password = client.password
    sent = {**hidden(client, where), **filled, "weight": "31.5", "reason": "scale misread", "password": password}
    answer = client.post(where, sent)
    assert answer.status_code == 302, text(answer)
    state = store.latest(journey).state
    made = state.history[-2]
    assert isinstance(made, e.Corrected)
    assert isinstance(made.replacement, e.EligibilityAssessed)
    assert (made.replacement.weight, made.replacement.at, made.replacement.by) == (31.5, old.at, old.by)
    assert state.eligibility is not None
    assert state.eligibility.weight == 31.5
    page = text(client.get(links.journey(journey)))
    assert "<del>30</del> <ins>31.5</ins>" in page
    assert "scale misread" in page
    assert "I wrote what is recorded here, and it is true" in page


def test_a_correction_gives_a_reason_and_changes_something(sign_in: SignIn, store_: Told) -> None:
    journey = store_["ordered"]
    where = f"{links.journey(journey)}/correct/{position_of(journey, 'eligibility assessed')}"
    client = sign_in("physician")
    filled = {name: each["value"] for name, each in fields(client, where).items()}
    assert "say why" in text(client.post(where, {**hidden(client, where), **filled, "weight": "31"}))
    assert "Nothing is changed" in text(client.post(where, {**hidden(client, where), **filled, "reason": "none"}))
    assert store.latest(journey).version == 9


def test_an_observation_can_be_said_never_to_have_happened(sign_in: SignIn, store_: Told) -> None:
    journey = store_["swapped"]
    place = position_of(journey, "mismatch found")
    client, where = sign_in("quality"), f"{links.journey(journey)}/correct/{place}"
    password = client.password
    client.post(where, {**hidden(client, where), "never": "true", "reason": "test scan", "password": password})
    assert not store.latest(journey).state.mismatches
    assert "never happened" in text(client.get(links.journey(journey)))


def test_identity_is_shown_and_has_no_field(sign_in: SignIn, store_: Told) -> None:
    journey = store_["collected"]
    where = f"{links.journey(journey)}/correct/{position_of(journey, 'collected')}"
    client = sign_in("coordinator")
    assert not {"chain", "collection", "bags", "by"} & set(fields(client, where))
    assert store_.stories["collected"].chain in text(client.get(where))


def test_what_is_not_there_is_not_corrected(sign_in: SignIn, store_: Told) -> None:
    where = f"{links.journey(store_['ordered'])}/correct"
    assert {sign_in("physician").get(f"{where}/{each}").status_code for each in ("0", "99", "x", "-1", "1e3", "٣")} == {404}
    assert sign_in("collection nurse").get(f"{where}/3").status_code == 403


def test_the_correction_in_a_browser(
    browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, store_: Told
) -> None:
    journey = store_["response assessed"]
    page = enter(browser, "physician")
    page.goto(f"{links.journey(journey)}/correct/{position_of(journey, 'vitals charted')}")
    assert violations(page) == []
    picture(page, "correct")


# Referrals --------------------------------------------------------------------------------------------------------------

JANE = {
    "name": "Doe, Jane", "born": "2015-05-01", "record_number": "MRN 4711", "contact": "mother +1 215 555 0100",
    "referrer": "Dr. Roe", "therapy": "tisagenlecleucel",
}  # fmt: skip


def test_a_referral_keeps_names_out_of_the_log(sign_in: SignIn, store_: Told) -> None:
    client = sign_in("coordinator")
    answer = client.post("/refer", {**hidden(client, "/refer"), **JANE})
    assert answer.status_code == 302, text(answer)
    journey = answer.headers["Location"].rpartition("/")[2]
    event = store.latest(journey).state.history[0]
    assert isinstance(event, e.PatientReferred)
    assert re.fullmatch(r"P-[2-9CFGHJMPQRVWX]{7}", event.patient)
    log = "".join(models.Event.objects.filter(journey_id=journey).values_list("content", flat=True))
    assert not [each for each in ("Doe", "Jane", "2015-05-01", "4711", "555") if each in log]
    assert "Doe, Jane" in text(client.get(links.journey(journey)))
    assert "Doe, Jane" not in text(sign_in("auditor").get(links.journey(journey)))
    read = tokens.read_as(store.latest(journey).state, "record number", "mrn  4711")
    assert e.Identifier("record number", read) in event.identifiers, "a scan at the wristband agrees"
    both = tokens.name_and_birth_date("DOE, JANE", "2015-05-01")
    assert e.Identifier("name and birth date", tokens.token("name and birth date", both)) in event.identifiers


def test_the_same_person_is_not_referred_twice_without_saying_so(sign_in: SignIn, store_: Told) -> None:
    client = sign_in("coordinator")
    sent = {**hidden(client, "/refer"), **JANE}
    first = client.post("/refer", sent).headers["Location"]
    assert client.post("/refer", sent).headers["Location"] == first, "the same form is the same patient"
    again = {**hidden(client, "/refer"), **JANE}
    answer = client.post("/refer", again)
    assert answer.status_code == 422
    assert first in text(answer)
    assert client.post("/refer", {**again, "another": "true"}).status_code == 302
    elsewhere = sign_in("coordinator", "stanford")
    assert elsewhere.post("/refer", {**hidden(elsewhere, "/refer"), **JANE}).status_code == 302, (
        "nothing leaks to another center"
    )


def test_a_referral_says_what_is_wrong_beside_its_field(sign_in: SignIn, store_: Told) -> None:
    client = sign_in("coordinator")
    wrong = {"name": "", "born": "2030-01-01", "record_number": "x" * 301, "therapy": "snake oil"}
    answer = client.post("/refer", {**hidden(client, "/refer"), **JANE, **wrong})
    assert answer.status_code == 422
    for name in ("name", "born", "record_number", "therapy"):
        assert f'id="s-{name}"' in text(answer)
    assert not models.Person.objects.exists()


def test_who_refers_nobody_has_no_form(sign_in: SignIn, store_: Told) -> None:
    for role in ("bedside nurse", "operator", "payer", "auditor"):
        assert sign_in(role).get("/refer").status_code == 403


def test_the_referral_in_a_browser(browser: Any, enter: Callable[..., Any], picture: Any, violations: Any) -> None:
    page = enter(browser, "coordinator")
    page.goto("/refer")
    assert violations(page) == []
    picture(page, "refer")


# Rules ------------------------------------------------------------------------------------------------------------------


def test_every_rule_has_an_address(sign_in: SignIn, store_: Told) -> None:
    from livingdrug.journey.rules.library import RULES

    answer = sign_in("courier").get("/rules")
    assert all(f'id="{number}"' in text(answer) for number in RULES)
    assert len(answer.content) < 300_000


def test_the_rules_in_a_browser(browser: Any, enter: Callable[..., Any], picture: Any, violations: Any) -> None:
    page = enter(browser, "physician")
    page.goto("/rules#INF-003")
    assert violations(page) == []
    picture(page, "rules")
