"""The board: who is stopped, late or about to miss a window comes first, and everybody sees only what is theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from stages import Told

from livingdrug.journey.identity import with_check

SignIn = Callable[..., Any]


def sections(client: Any, where: str = "/board.json") -> dict[str, list[str]]:
    """The patients in each section of the board."""
    content = client.get(where).json()
    return {each["id"]: [line["patient"] for line in each["lines"]] for each in content["sections"]}


def patients(client: Any, where: str = "/board.json") -> set[str]:
    return {each["patient"] for each in client.get(where).json()["rows"]}


def test_exceptions_come_first(sign_in: SignIn) -> None:
    found = sections(sign_in("coordinator"))
    assert set(found["stopped"]) == {"patient-34", "patient-35"}
    assert found["late"] == ["patient-31"]
    assert found["closing"] == ["patient-33", "patient-32"], "longest due first"


def test_a_line_says_what_is_due_and_what_to_do_next(sign_in: SignIn, store_: Told) -> None:
    content = sign_in("physician").get("/board.json").json()
    closing = next(each for each in content["sections"] if each["id"] == "closing")
    gate = next(line for line in closing["lines"] if line["patient"] == "patient-32")
    assert gate["due"] == "infusion window closes"
    assert gate["when"] == "in 2 days"
    assert gate["next"] == {"label": "Go to the gate", "href": f"/journeys/{store_['closing']}/gate", "who": ""}
    response = next(line for line in closing["lines"] if line["patient"] == "patient-33")
    assert response["when"].startswith("window closes in")


def test_an_assessment_that_was_missed_is_a_section(sign_in: SignIn) -> None:
    assert "patient-33" in sections(sign_in("bedside nurse"))["missed"]
    assert "missed" not in sections(sign_in("quality"))


def test_filters_stay_in_the_address(sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    assert patients(client, "/board.json?stage=collected") == {"patient-5"}
    assert patients(client, "/board.json?show=held") == {"patient-34", "patient-35"}
    assert patients(client, "/board.json?show=severe") == {"patient-36"}
    page = client.get("/board?stage=collected&show=held").content.decode()
    assert "<option selected>collected</option>" in page
    assert "No journey fits" in page
    assert client.get("/board?stage=nonsense&show=nonsense").status_code == 200


def test_a_search_finds_a_pseudonym_or_what_is_read_on_a_label(sign_in: SignIn, store_: Told) -> None:
    client, told = sign_in("coordinator"), store_.stories["gate passed"]
    chain, din = told.chain, told.din
    for typed in (
        "patient-12",
        "PATIENT-12",
        chain,
        f"&/{with_check(chain)}",
        din,
        f"={din}00",
        with_check(din),
        "P-12",
        "order-12",
    ):
        assert patients(client, f"/board.json?{urlencode({'q': typed})}") == {"patient-12"}, typed


def test_a_search_never_shortens_a_number_to_somebody_elses(sign_in: SignIn) -> None:
    assert patients(sign_in("coordinator"), "/board.json?q=ORDER-49") == set()
    assert patients(sign_in("coordinator"), "/board.json?q=ORDER-4") == {"patient-4"}


def test_a_search_does_not_find_what_another_center_has(sign_in: SignIn, store_: Told) -> None:
    elsewhere = store_.stories["elsewhere"]
    for typed in ("patient-41", elsewhere.chain, f"ORDER-{elsewhere.number}"):
        assert patients(sign_in("coordinator"), f"/board.json?q={typed}") == set()
        assert patients(sign_in("coordinator", "stanford"), f"/board.json?q={typed}") == {"patient-41"}


def test_each_center_sees_its_own(sign_in: SignIn) -> None:
    assert patients(sign_in("physician", "stanford")) == {"patient-41"}
    assert not {"patient-41", "patient-42"} & patients(sign_in("physician"))
    assert patients(sign_in("auditor")) >= {"patient-1", "patient-41", "patient-42"}
    text = sign_in("physician").get("/board?center=stanford").content.decode()
    assert "patient-41" not in text


def test_a_site_does_not_learn_how_patients_are(sign_in: SignIn) -> None:
    client = sign_in("quality")
    content = client.get("/board.json").json()
    stages = {each["stage"] for each in (*content["rows"], *content["stages"])}
    assert not {"response assessed", "relapsed", "died"} & stages
    assert not any(each["severe"] or each["due"].startswith("response") for each in content["rows"])
    everybody = patients(client)
    for narrowed in ("show=severe", "stage=relapsed", "stage=infused"):
        found = patients(client, f"/board.json?{narrowed}")
        assert found == everybody or found == {
            "patient-13",
            "patient-14",
            "patient-15",
            "patient-33",
            "patient-36",
            "patient-42",
        }


def test_pages_follow_one_another(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from livingdrug.care.pages.views import board

    client = sign_in("coordinator")
    everybody = patients(client)
    monkeypatch.setattr(board, "ROWS", 8)
    where, found = "/board.json", list[str]()
    while where:
        content = client.get(where).json()
        found += [each["patient"] for each in content["rows"]]
        where = content["more"].replace("/board?", "/board.json?")
    assert len(found) == len(set(found))
    assert set(found) == everybody
    assert client.get("/board?after=nonsense").status_code == 400


def test_a_refresh_sends_nothing_while_nothing_has_changed(sign_in: SignIn) -> None:
    client = sign_in("coordinator")
    again = client.get("/board.json").json()["live"]
    assert client.get(again).status_code == 204
    assert client.get(again.replace("live=", "live=x")).status_code == 200


def test_who_has_no_board_goes_where_their_day_begins(sign_in: SignIn) -> None:
    assert sign_in("payer").get("/").headers["Location"] == "/ledger"
    assert sign_in("auditor").get("/").status_code == 302
    assert sign_in("payer").get("/board").status_code == 403
    nobody: Any = Client()
    assert nobody.get("/board").headers["Location"].startswith("/accounts/login/?next=%2Fboard")
    refreshing = nobody.get("/board", headers={"HX-Request": "true", "HX-Current-URL": "https://there.example/board?stage=x"})
    assert (refreshing.status_code, refreshing.headers["HX-Redirect"]) == (401, "/accounts/login/?next=%2Fboard")
    assert nobody.get("/board.json").status_code == 401


def test_the_board_in_a_browser(browser: Any, enter: Callable[..., Any], picture: Any, violations: Any) -> None:
    page = enter(browser, "coordinator")
    page.goto("/board")
    assert page.locator("h1").inner_text() == "Board"
    assert violations(page) == []
    picture(page, "board")
    page.keyboard.press("/")
    page.keyboard.type("patient-7")
    page.keyboard.press("Enter")
    page.wait_for_url("**/board?q=patient-7*")
    assert page.locator("table.people tbody tr").count() == 1
    page = enter(browser, "auditor")
    page.goto("/board")
    page.locator("summary").click()
    assert violations(page) == []
    picture(page, "board-auditor")
