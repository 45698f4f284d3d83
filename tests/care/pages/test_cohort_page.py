"""The cohort page: recorded numbers with their intervals, virtual patients beside, exports and tables that people bring."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from stages import Told

from livingdrug.care import cohorts
from livingdrug.care.models import Access
from livingdrug.care.pages import figures, virtual
from livingdrug.care.pages.virtual import Virtual
from livingdrug.report.look import PALETTE

SignIn = Callable[..., Any]
MANIFEST = {"start": "eligible", "calibrated": True, "therapy": "tisagenlecleucel"}


@pytest.fixture
def simulated(store_: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Virtual patients without a simulation: the recorded ones, many times."""
    many = pl.concat([cohorts.cohort("tisagenlecleucel")] * 20)
    figures._kept.clear()
    monkeypatch.setattr(virtual, "find", lambda scenario: Virtual(scenario, many, MANIFEST, "1"))


@pytest.fixture
def undone(store_: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """No virtual patients yet, and none begun by a test."""
    monkeypatch.setattr(virtual, "find", lambda scenario: None)
    monkeypatch.setattr(virtual, "start", lambda scenario: True)


def number(client: Any, measure: str, where: str = "/cohort.json") -> dict[str, Any] | None:
    content = client.get(where).json()
    return next(each for each in content["numbers"] if each["measure"] == measure)["cohorts"][0]


def table(rows: str, name: str = "cohort.csv") -> dict[str, Any]:
    return {"table": SimpleUploadedFile(name, rows.encode())}


def test_numbers_come_with_their_interval_and_how_many_patients_they_rest_on(sign_in: SignIn, undone: None) -> None:
    found = number(sign_in("physician"), "remission")
    assert found is not None
    assert (found["value"], found["n"]) == (1.0, 2)
    assert 0 < found["low"] < found["high"] == 1


def test_no_page_waits_for_a_simulation(sign_in: SignIn, undone: None) -> None:
    client = sign_in("physician")
    assert "being simulated" in client.get("/cohort").content.decode()
    assert "being simulated" in client.get("/cohort/figures?waits=1").content.decode()


def test_a_page_that_waited_is_shown_anew_with_the_virtual_numbers(sign_in: SignIn, simulated: None) -> None:
    answer = sign_in("physician").get("/cohort/figures?waits=1")
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")
    assert sign_in("physician").get("/cohort.json").json()["virtual"] > 100


def test_figures_are_drawn_once_and_then_stand_in_the_page(sign_in: SignIn, simulated: None) -> None:
    client = sign_in("physician")
    assert "<svg" not in client.get("/cohort").content.decode()
    drawn = client.get("/cohort/figures").content.decode()
    assert drawn.count("<svg") >= 6
    page = client.get("/cohort").content
    assert page.count(b"<svg") == drawn.count("<svg")
    assert len(page) < 300_000
    assert not re.search(rb'<[^>]+ style="', page)
    assert "published" not in re.sub(r'id="[^"]*"|labelledby="[^"]*"|url\([^)]*\)', "", drawn)


def test_without_scripts_the_figures_are_a_link_away(sign_in: SignIn, simulated: None) -> None:
    assert "<svg" in sign_in("physician").get("/cohort?draw=1").content.decode()


def test_every_color_of_the_figures_has_its_twin_on_dark_paper() -> None:
    style = Path(virtual.__file__).parents[1] / "static" / "care" / "style.css"
    text = style.read_text(encoding="utf-8")
    for light, dark in PALETTE.items():
        assert f'.pictures [fill="{light}"] {{ fill: {dark} }}' in text


def test_a_center_counts_its_own_patients_and_an_auditor_all(sign_in: SignIn, undone: None) -> None:
    own, all_ = sign_in("physician").get("/cohort.json").json(), sign_in("auditor").get("/cohort.json").json()
    assert all_["patients"] == own["patients"] + 2
    assert sign_in("physician", "stanford").get("/cohort.json").json()["patients"] == 1
    assert sign_in("auditor").get("/cohort.json?center=mskcc").json()["patients"] == 1
    assert sign_in("physician").get("/cohort.json?center=mskcc").json()["patients"] == own["patients"]
    assert sign_in("payer").get("/cohort").status_code == 403


def test_a_site_sees_no_number_that_rests_on_a_few_patients(sign_in: SignIn, undone: None) -> None:
    site = sign_in("quality")
    assert number(site, "remission") is None
    assert number(site, "infused_of_enrolled") is not None
    assert "fewer than 5" in site.get("/cohort").content.decode()
    content = site.get("/cohort.json?center=chop").json()
    assert (content["asked"]["center"], content["exports"]) == ("", {})


def test_rows_of_patients_are_for_those_who_treat_them_and_every_export_is_noted(sign_in: SignIn, undone: None) -> None:
    answer = sign_in("physician").get("/cohort/export.csv")
    assert answer["Content-Disposition"].startswith("attachment;")
    found = pl.read_csv(io.BytesIO(answer.content))
    assert found.height == sign_in("physician").get("/cohort.json").json()["patients"]
    assert pl.read_parquet(io.BytesIO(sign_in("auditor").get("/cohort/export.parquet").content)).height > found.height
    assert sign_in("quality").get("/cohort/export.csv").status_code == 403
    assert sign_in("physician").get("/cohort/export.exe").status_code == 403
    noted = list(Access.objects.filter(action="E", what__startswith="export of the cohort").values_list("outcome", flat=True))
    assert noted == ["done", "done", "refused", "refused"]


def test_a_table_that_somebody_brings_is_drawn_and_not_kept(sign_in: SignIn, simulated: None) -> None:
    client = sign_in("physician")
    rows = "patient,fate,age,response\n" + "".join(f"{i},infused,{i},CR\n" for i in range(1, 9))
    answer = client.post("/cohort", table(rows))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "of the table that you brought" in text
    assert "<svg" in text
    assert client.get("/cohort.json").json()["brought"] is None


def test_everything_that_is_wrong_with_a_table_is_told_with_row_and_column(sign_in: SignIn, undone: None) -> None:
    client = sign_in("physician")
    answer = client.post("/cohort", table("patient,age,respnse\n1,old,CR\n1,3,CR\n"))
    assert answer.status_code == 422
    text = answer.content.decode()
    for said in ("row 2, column age", "no column &#x27;respnse&#x27;", "response"):
        assert said in text, text[text.find("The table was not read") :][:900]
    assert "/tmp" not in text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cohort.exe", "patient\n1\n", "no .csv file"),
        ("cohort.csv", "PK\x03\x04\0", "is not text"),
        ("cohort.csv", "patient\n" + "1\n" * 2_600_000, "are the most"),
        ("cohort.csv", "patient,age\n1,<script>alert(1)</script>\n", "&lt;script&gt;"),
        ("../../etc/passwd.csv", "", ""),
    ],
)
def test_what_is_no_table_is_refused(sign_in: SignIn, undone: None, name: str, content: str, said: str) -> None:
    answer = sign_in("physician").post("/cohort", table(content, name))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert b"<script>alert" not in answer.content


def test_a_post_without_a_file_says_what_to_do(sign_in: SignIn, undone: None) -> None:
    assert "choose a CSV file" in sign_in("physician").post("/cohort").content.decode()


def test_the_scenario_of_care_comes_before_those_of_trials() -> None:
    assert set(virtual.scenarios("tisagenlecleucel")[:2]) == {"launch-2017", "real-world-us"}
    assert virtual.scenarios("axicabtagene-ciloleucel") == ("zuma-1",)
    assert virtual.scenarios("water") == ()


def test_the_simulating_process_learns_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known: dict[str, Any] = {}
    monkeypatch.setenv("LIVINGDRUG_CACHE", str(tmp_path))
    monkeypatch.setenv("LIVINGDRUG_KEY", "secret")
    monkeypatch.setattr(virtual.subprocess, "Popen", lambda *args, **more: known.update(more) or Ended())
    monkeypatch.setattr(virtual, "_running", {})
    monkeypatch.setattr(virtual, "_failed", {})
    assert virtual.start("eliana")
    assert "LIVINGDRUG_KEY" not in known["env"]
    assert not virtual.start("eliana"), "it ended without leaving patients, and is not tried again at once"


class Ended:
    """A process that has ended."""

    def poll(self) -> int:
        return 1


def test_the_cohort_in_a_browser(
    browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, simulated: None
) -> None:
    page = enter(browser, "physician")
    page.set_default_timeout(60_000)
    page.goto("/cohort")
    page.wait_for_selector(".pictures svg", timeout=60_000)
    assert violations(page) == []
    picture(page, "cohort")
