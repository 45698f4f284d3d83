"""Tests of collection and hand-over: two identifiers or nothing, a full stop after a mismatch, temperature logs checked."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from stages import Told

from livingdrug.care import store
from livingdrug.care.pages import readings, scans
from livingdrug.errors import BadInput
from livingdrug.journey import events as e
from livingdrug.journey.identity import with_check
from livingdrug.journey.state import find

HERE = "/journeys/{}/custody"


def state(store_: Told, name: str) -> Any:
    return store.latest(store_[name]).state


def form(store_: Told, name: str, act: str, **fields: str) -> dict[str, str]:
    version = str(store.latest(store_[name]).version)
    return {"act": act, "version": version, "key": "k", "at": "2026-03-02T10:20", "device": "scanner-1", **fields}


def taking(store_: Told, name: str = "collected", **more: str) -> dict[str, str]:
    s = store_.stories[name]
    fields = {"item": s.din, "giver": s.who("collection nurse"), "chain": s.chain}
    second = {"second.kind": "collection", "second.value": s.din}
    return form(store_, name, "handed over", **{**fields, **second, **more})


# Scans ----------------------------------------------------------------------------------------------------------------


def test_codes_and_typed_identifiers_read_the_same() -> None:
    chain, din = "CHA999926000005", "A999926000005"
    for text in (chain, with_check(chain), f"&/{chain}", f" {chain.lower()} ", f"=+02000={din}00&/{chain}"):
        assert scans.chain(text).value == chain, text
    for text in (din, with_check(din), f"={din}00", f"=+02000={din}00&/{chain}"):
        assert scans.din(text).value == din, text


def test_a_misread_is_no_mismatch() -> None:
    wrong = with_check("CHA999926000005")[:-1] + "A"
    assert "it was misread" in scans.chain(wrong).says
    assert not scans.chain(wrong).value
    assert "holds the collection, not the chain" in scans.chain("=A99992600000500").says
    assert "nothing was read" in scans.chain("  ").says


def test_only_a_scanner_or_a_check_character_vouches_for_a_chain() -> None:
    assert not scans.chain("CHA999926000005").sure
    assert scans.chain(with_check("CHA999926000005")).sure
    assert scans.chain("&/CHA999926000005").sure


def test_a_compound_message_must_hold_what_it_says() -> None:
    assert scans.parts("=+03000=A99992600000500&/CHA999926000005") == {}
    assert scans.parts("=+02000=A99992600000500nonsense") == {}


# Hand-over ------------------------------------------------------------------------------------------------------------


def test_a_courier_takes_over_with_two_scans(store_: Told, sign_in: Any) -> None:
    s = store_.stories["collected"]
    scanned = {"chain": f"&/{s.chain}", "second.value": f"={s.din}00"}
    answer = sign_in("courier").post(HERE.format(store_["collected"]), taking(store_, **scanned))
    assert answer.status_code == 302, answer.content.decode()
    part = find(state(store_, "collected").collections, s.din)
    assert part is not None
    assert part.holder == "courier-1"


def test_the_next_form_knows_the_scanner(store_: Told, sign_in: Any) -> None:
    client = sign_in("courier")
    client.post(HERE.format(store_["collected"]), taking(store_))
    assert 'value="scanner-1"' in client.get(HERE.format(store_["collected"]) + "?act=handed-over").content.decode()


def test_a_misread_chain_is_complained_about_and_not_recorded(store_: Told, sign_in: Any) -> None:
    before = store.latest(store_["collected"]).version
    answer = sign_in("courier").post(HERE.format(store_["collected"]), taking(store_, chain="CHA99992600000"))
    assert answer.status_code == 422
    assert "read it again" in answer.content.decode()
    assert store.latest(store_["collected"]).version == before


@pytest.mark.parametrize("left_out", ["chain", "second.kind", "second.value"])
def test_what_was_not_read_is_no_mismatch(store_: Told, sign_in: Any, left_out: str) -> None:
    answer = sign_in("courier").post(HERE.format(store_["collected"]), taking(store_, **{left_out: ""}))
    assert answer.status_code == 422
    assert not state(store_, "collected").mismatches


@pytest.mark.parametrize(
    "wrong", [{"chain": "CHA999926000099"}, {"second.value": "A999926000099"}, {"item": "A999926000099"}], ids=str
)
def test_a_mismatch_is_a_full_stop_that_is_recorded(store_: Told, sign_in: Any, wrong: dict[str, str]) -> None:
    answer = sign_in("courier").post(HERE.format(store_["collected"]), taking(store_, **wrong))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in text
    assert "These may be another patient's cells" in text or "These may be another patient&#x27;s cells" in text
    assert "morris-plains-quality-1" in text
    assert "<form" not in text
    assert len(state(store_, "collected").mismatches) == 1


def test_after_a_mismatch_nothing_moves_until_quality_has_closed_it(store_: Told, sign_in: Any) -> None:
    where, client = HERE.format(store_["collected"]), sign_in("courier")
    client.post(where, taking(store_, chain="CHA999926000099"))
    refused = client.post(where, taking(store_, key="again"))
    assert "COI-012" in refused.content.decode()
    quality = sign_in("quality")
    assert "Decide and close it" in quality.get(where).content.decode()
    position = min(state(store_, "collected").mismatches)
    closing = form(store_, "collected", "deviation closed", deviation="M", position=str(position), says="wrong label read")
    assert quality.post(where, closing).status_code == 422
    assert quality.post(where, closing | {"password": quality.password}).status_code == 302
    assert client.post(where, taking(store_, key="third")).status_code == 302


def test_two_people_see_one_version(store_: Told, sign_in: Any) -> None:
    answer = sign_in("courier").post(HERE.format(store_["collected"]), taking(store_, version="3"))
    assert answer.status_code == 409


def test_a_nurse_collects_with_the_wristband(store_: Told, sign_in: Any) -> None:
    s, where = store_.stories["ordered"], HERE.format(store_["ordered"])
    fields = {
        "collection": f"={s.din}00", "chain": with_check(s.chain), "patient.kind": "record number",
        "patient.value": s.record_number.value, "started": "2026-03-02T07:00", "volume": "250", "cd3": "4e9",
        "nucleated": "1.2e10", "bags": f"{s.din}-A\n{s.din}-B",
    }  # fmt: skip
    answer = sign_in("collection nurse").post(where, form(store_, "ordered", "collected", **fields))
    assert answer.status_code == 302, answer.content.decode()
    assert state(store_, "ordered").collections[0].collection == s.din


def test_a_parcel_is_shipped_and_received(store_: Told, sign_in: Any) -> None:
    s, where = store_.stories["collected"], HERE.format(store_["collected"])
    courier = sign_in("courier")
    courier.post(where, taking(store_))
    assert f'<textarea id="f-items" name="items" rows="2">{s.din}' in courier.get(where).content.decode()
    parcel = {
        "shipment": "OUT-5", "items": s.din, "chain": s.chain, "lane": "chop-to-morris-plains", "shipper": "S", "logger": "L",
        "status": "starting material",
    }  # fmt: skip
    assert courier.post(where, form(store_, "collected", "shipped", **parcel) | {"key": "s"}).status_code == 302
    operator = sign_in("operator")
    shown = operator.get(where).content.decode()
    assert "on its way to morris-plains" in shown
    receipt = {
        "shipment": "OUT-5", "items": f"={s.din}00", "chain": s.chain, "second.kind": "collection", "second.value": s.din,
        "intact": "true",
    }  # fmt: skip
    answer = operator.post(where, form(store_, "collected", "received", **receipt) | {"key": "r"})
    assert answer.status_code == 302, answer.content.decode()
    assert state(store_, "collected").parcels[0].received


# Temperature logs -----------------------------------------------------------------------------------------------------


def test_a_loggers_file_becomes_one_event(store_: Told, sign_in: Any) -> None:
    where = HERE.format(store_["accepted"])
    lines = "time,celsius\n2026-03-01T08:00-05:00,-181.5\n2026-03-01T09:30-05:00,-179\n"
    upload = SimpleUploadedFile("logger.csv", lines.encode(), content_type="text/csv")
    item = state(store_, "accepted").parcels[0].shipment
    answer = sign_in("operator").post(where, form(store_, "accepted", "temperature logged", item=item) | {"file": upload})
    assert answer.status_code == 302, answer.content.decode()
    event = state(store_, "accepted").history[-1]
    assert isinstance(event, e.TemperatureLogged)
    assert (event.hours, event.celsius) == ((0.0, 1.5), (-181.5, -179.0))
    assert event.at.isoformat() == "2026-03-01T08:00:00-05:00"


def test_lines_are_pasted_as_hours(store_: Told, sign_in: Any) -> None:
    where, item = HERE.format(store_["accepted"]), state(store_, "accepted").parcels[0].shipment
    pasted = form(store_, "accepted", "temperature logged", item=item, readings="0; -180\n12; -178.5")
    assert sign_in("operator").post(where, pasted).status_code == 302
    assert state(store_, "accepted").history[-1].hours == (0.0, 12.0)


@pytest.mark.parametrize(
    ("name", "kind", "content", "says"),
    [
        ("log.exe", "text/csv", b"0,-180", "no CSV file"),
        ("log.csv", "application/pdf", b"0,-180", "no CSV file"),
        ("log.csv", "text/csv", b"\x89PNG\r\n\x1a\n\xff", "not text"),
        ("log.csv", "text/csv", b"0,-180\x00", "bytes that no CSV file has"),
        ("log.csv", "text/csv", b"0,-180\n" * 20_000, "the limit is 100,000"),
        ("log.csv", "text/csv", b"0,-1\n" * 6_000, "the limit is 5,000"),
        ("log.csv", "text/csv", b"", "there is no reading"),
        ("log.csv", "text/csv", b"0,-180,7", "has 3 columns"),
        ("log.csv", "text/csv", b"0,-180\n1,<script>", "no temperature"),
        ("log.csv", "text/csv", b"0,-400", "no temperature"),
        ("log.csv", "text/csv", b"0,nan", "there is no reading"),
        ("log.csv", "text/csv", b"2,-180\n1,-180", "the times go back"),
        ("log.csv", "text/csv", b"0,-180\n2026-03-01T08:00Z,-180", "some lines have hours"),
        ("log.csv", "text/csv", b"2026-03-01T08:00,-180", "has no time zone"),
        ("log.csv", "text/csv", b"soon,-180", "is no time"),
    ],
)
def test_files_are_checked_for_type_size_and_content(name: str, kind: str, content: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        readings.of(SimpleUploadedFile(name, content, content_type=kind), "")


def test_a_bad_file_is_answered_beside_its_field(store_: Told, sign_in: Any) -> None:
    where, item = HERE.format(store_["accepted"]), state(store_, "accepted").parcels[0].shipment
    pasted = form(store_, "accepted", "temperature logged", item=item, readings="0,warm")
    answer = sign_in("operator").post(where, pasted)
    assert answer.status_code == 422
    assert 'id="s-readings"' in answer.content.decode()


# Who and how ----------------------------------------------------------------------------------------------------------


def test_a_courier_sees_no_cells_that_do_not_travel(store_: Told, sign_in: Any) -> None:
    assert sign_in("courier").get(HERE.format(store_["collected"])).status_code == 200
    assert sign_in("courier").get(HERE.format(store_["infused"])).status_code == 404
    assert sign_in("collection nurse", "stanford").get(HERE.format(store_["collected"])).status_code == 404


def test_an_auditor_reads_and_records_nothing(store_: Told, sign_in: Any) -> None:
    shown = sign_in("auditor").get(HERE.format(store_["collected"])).content.decode()
    assert "nothing for you to record" in shown
    answer = sign_in("auditor").post(HERE.format(store_["collected"]), taking(store_))
    assert answer.status_code in (403, 422)
    assert state(store_, "collected").collections[0].holder != "courier-1"


def test_the_twin_tells_the_same_and_no_name(store_: Told, sign_in: Any) -> None:
    answer = sign_in("courier").get(HERE.format(store_["collected"]) + ".json").json()
    assert answer["cells"][0]["item"] == store_.stories["collected"].din
    assert answer["form"]["event"] == "handed over"
    assert "MRN" not in str(answer)


def test_a_scanner_is_enough_to_hand_over_in_a_browser(
    browser: Any, enter: Any, picture: Any, violations: Any, store_: Told
) -> None:
    s, page = store_.stories["collected"], enter(browser, "courier", phone=True)
    page.goto(HERE.format(store_["collected"]))
    page.locator("[name=chain]").focus()
    page.keyboard.type(f"&/{s.chain}\n")  # a scanner types, and ends with Enter
    assert page.evaluate("document.activeElement.name") == "second.value"
    page.fill("[name=device]", "phone-1")
    page.locator("[name='second.value']").focus()
    page.keyboard.type(f"={s.din}00\n")
    page.wait_for_selector("text=Recorded: handed over")
    assert violations(page) == []
    picture(page, "custody-handed-over")


def test_a_swapped_bag_alarms_in_a_browser(browser: Any, enter: Any, picture: Any, violations: Any, store_: Told) -> None:
    s, page = store_.stories["collected"], enter(browser, "courier", phone=True)
    page.goto(HERE.format(store_["collected"]))
    page.fill("[name=chain]", with_check("CHA999926000099"))
    page.fill("[name='second.value']", s.din)
    page.fill("[name=device]", "phone-1")
    page.click("text=Record: take over")
    page.wait_for_selector(".alarm")
    assert page.evaluate("document.activeElement.id") == "refused"
    assert violations(page) == []
    picture(page, "custody-stop")
    page.goto(HERE.format(store_["collected"]))
    assert violations(page) == []
    picture(page, "custody-held")


def test_the_pages_of_custody_in_a_browser(browser: Any, enter: Any, picture: Any, violations: Any, store_: Told) -> None:
    for role, name in (
        ("quality", "swapped"),
        ("operator", "released"),
        ("collection nurse", "ordered"),
        ("auditor", "infused"),
    ):
        page = enter(browser, role)
        page.goto(HERE.format(store_[name]))
        assert violations(page) == []
        picture(page, f"custody-{role}-{name}".replace(" ", "-"))
    page.goto(HERE.format(store_["released"]) + "?act=temperature-logged")
    assert violations(page) == []
