"""The audit page: broken glass, the state of the log, and who did, saw, signed and overrode what."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import account_of
from stages import Told

from livingdrug.care import log, store
from livingdrug.care.accounts.breakglass import open_glass
from livingdrug.care.accounts.who import visitor_of
from livingdrug.care.models import Access

SignIn = Callable[..., Any]


def whats(client: Any, where: str) -> list[str]:
    return [each["what"] for each in client.get(where).json()["lines"]]


def exported(client: Any, where: str = "/audit/export.csv") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(client.get(where).streaming_content).decode())))


def test_broken_glass_comes_first_with_its_reason(sign_in: SignIn, store_: Told) -> None:
    who = visitor_of(account_of("physician", "stanford"))
    assert who is not None
    open_glass(who, store_["severe"], "patient came to our emergency room")
    content = sign_in("auditor").get("/audit.json").json()
    (glass,) = content["broken"]
    assert (glass["patient"], glass["reason"], glass["still"]) == ("patient-36", "patient came to our emergency room", True)


def test_who_looked_at_a_patient_is_found(sign_in: SignIn, store_: Told) -> None:
    sign_in("coordinator").get(f"/journeys/{store_['ordered']}")
    lines = sign_in("auditor").get(f"/audit.json?view=saw&journey={store_['ordered']}").json()["lines"]
    assert "coordinator.chop@example.org" in [each["account"] for each in lines if each["what"] == "page patient"]


def test_what_was_refused_is_in_the_trail(sign_in: SignIn, store_: Told) -> None:
    sign_in("payer").get("/audit")
    line = next(each for each in sign_in("auditor").get("/audit.json").json()["lines"] if each["what"] == "page audit")
    assert (line["account"], line["outcome"]) == ("payer.chop@example.org", "refused")


def test_events_signatures_and_overrides_are_told_in_words(sign_in: SignIn, store_: Told) -> None:
    auditor = sign_in("auditor")
    assert "collected" in whats(auditor, f"/audit.json?view=did&journey={store_['settled']}")
    payer = sign_in("payer", "medicare")
    where = f"/journeys/{store_['response assessed']}/ledger"
    content = payer.get(f"{where}.json").json()
    hidden = {name: content["form"][name] for name in ("version", "key", "at", "evidence")}
    amounts = {
        "billed": content["due"]["billed"],
        "waived": content["due"]["waived"],
        "currency": "USD",
        "milestone": "treatment",
    }
    payer.post(where, {"event": "milestone settled", "password": payer.password, **hidden, **amounts})
    (told,) = whats(auditor, "/audit.json?view=signed&account=payer.medicare@example.org")
    assert told.startswith("signed milestone settled, entry ")
    assert told.endswith(": approval")
    assert whats(auditor, "/audit.json?view=overrode&day=2026-03-02") == []


def test_the_trail_is_read_page_by_page_and_day_by_day(sign_in: SignIn, store_: Told) -> None:
    auditor = sign_in("auditor")
    first = auditor.get("/audit.json?view=did").json()
    second = auditor.get(first["more"].replace("/audit?", "/audit.json?")).json()
    assert second["lines"][0]["position"] < first["lines"][-1]["position"]
    day = first["lines"][0]["at"][:10]
    assert {each["at"][:10] for each in auditor.get(f"/audit.json?view=did&day={day}").json()["lines"]} == {day}


@pytest.mark.parametrize("asked", ["view=x", "day=2026-02-31", "before=-1", "before=٣", "account=%00", "patient=%27%3B--"])
def test_filters_that_mean_nothing_harm_nothing(sign_in: SignIn, store_: Told, asked: str) -> None:
    assert sign_in("auditor").get(f"/audit.json?{asked}").status_code == 200


def test_an_export_has_what_the_filters_leave_and_is_itself_noted(sign_in: SignIn, store_: Told) -> None:
    store.audit("=HYPERLINK(1)@example.org", "R", "page patient")
    auditor = sign_in("auditor")
    rows = exported(auditor, "/audit/export.csv?view=saw")
    assert {row["action"] for row in rows} == {"saw"}
    assert any(row["account"] == "'=HYPERLINK(1)@example.org" for row in rows)
    last = Access.objects.order_by("-position")[0]
    assert (last.action, last.what) == ("E", "export of the audit trail: view saw")
    assert len(exported(auditor, "/audit/export.csv?view=did")) == log.end()[0]


def test_the_log_is_checked_on_demand_and_the_check_is_noted(sign_in: SignIn, store_: Told) -> None:
    auditor = sign_in("auditor")
    assert auditor.get("/audit/check").status_code == 404
    text = auditor.post("/audit/check", follow=True).content.decode()
    assert "The log is fine" in text, text
    assert Access.objects.get(what="check of the log").outcome.startswith("fine")


def test_the_last_anchor_is_compared_with_the_log(
    sign_in: SignIn, store_: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor, file = sign_in("auditor"), tmp_path / "anchors.jsonl"
    assert auditor.get("/audit.json").json()["log"]["agrees"] is None
    monkeypatch.setenv("LIVINGDRUG_ANCHORS", str(file))
    made = log.anchor(file)
    assert auditor.get("/audit.json").json()["log"]["agrees"] is True
    file.write_text(file.read_text().replace(made["log_hash"], "0" * 64))
    assert auditor.get("/audit.json").json()["log"]["agrees"] is False


def test_nobody_but_an_auditor_reads_or_exports_it(sign_in: SignIn, store_: Told) -> None:
    for role in ("coordinator", "physician", "quality", "payer", "courier", "administrator"):
        for where in ("/audit", "/audit.json", "/audit/export.csv"):
            assert sign_in(role).get(where).status_code == 403, f"{role} at {where}"
        assert sign_in(role).post("/audit/check").status_code == 403


def test_no_name_of_a_patient_is_in_the_trail(sign_in: SignIn, store_: Told) -> None:
    store.keep_person("patient-4", {"name": "Doe, Jane", "born": "2014-05-01"}, "somebody@example.org")
    text = sign_in("auditor").get("/audit").content.decode()
    assert "patient-4" in text
    assert "Jane" not in text


def test_the_audit_page_in_a_browser(
    browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, store_: Told, sign_in: SignIn
) -> None:
    who = visitor_of(account_of("physician", "stanford"))
    assert who is not None
    open_glass(who, store_["severe"], "patient came to our emergency room")
    sign_in("payer").get("/audit")
    page = enter(browser, "auditor")
    page.goto("/audit")
    assert violations(page) == []
    picture(page, "audit")
    page.goto("/audit?view=did")
    assert violations(page) == []
    picture(page, "audit-did")
