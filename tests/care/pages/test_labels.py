"""Tests of labels: what they must say, and that a reader of somebody else reads the same identifiers back."""

from __future__ import annotations

import io
import itertools
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vl_convert
import zxingcpp
from PIL import Image
from stages import Told

from livingdrug.care import labels, store
from livingdrug.care.pages import scans
from livingdrug.journey.identity import chain as chain_of
from livingdrug.journey.identity import din as din_of

HERE = "/journeys/{}/labels"
AUTOLOGOUS, UNTESTED = "FOR AUTOLOGOUS USE ONLY", "NOT EVALUATED FOR INFECTIOUS SUBSTANCES"
ADVISE, BIOHAZARD, REACTIVE = (
    "WARNING: Advise recipient of communicable disease risks", "BIOHAZARD", "WARNING: Reactive test results for HBV",
)  # fmt: skip


def read(png: bytes) -> set[str]:
    """Every code in a picture."""
    return {each.text for each in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))}


# What must be said ----------------------------------------------------------------------------------------------------

TRUTH = {
    # (autologous, tested, at risk, reactive): 21 CFR 1271.90(c)
    (True, True, False, False): {AUTOLOGOUS},
    (True, True, False, True): {AUTOLOGOUS, BIOHAZARD, REACTIVE},
    (True, True, True, False): {AUTOLOGOUS, BIOHAZARD},
    (True, True, True, True): {AUTOLOGOUS, BIOHAZARD, REACTIVE},
    (True, False, False, False): {AUTOLOGOUS, UNTESTED},
    (True, False, False, True): {AUTOLOGOUS, UNTESTED, BIOHAZARD, REACTIVE},
    (True, False, True, False): {AUTOLOGOUS, UNTESTED, BIOHAZARD},
    (True, False, True, True): {AUTOLOGOUS, UNTESTED, BIOHAZARD, REACTIVE},
    (False, True, False, False): set(),
    (False, True, False, True): {ADVISE, BIOHAZARD, REACTIVE},
    (False, True, True, False): {ADVISE, BIOHAZARD},
    (False, True, True, True): {ADVISE, BIOHAZARD, REACTIVE},
    (False, False, False, False): {UNTESTED, ADVISE},
    (False, False, False, True): {UNTESTED, ADVISE, BIOHAZARD, REACTIVE},
    (False, False, True, False): {UNTESTED, ADVISE, BIOHAZARD},
    (False, False, True, True): {UNTESTED, ADVISE, BIOHAZARD, REACTIVE},
}


@pytest.mark.parametrize("case", TRUTH, ids=str)
def test_statements_of_21_cfr_1271_90(case: tuple[bool, bool, bool, bool]) -> None:
    autologous, tested, at_risk, reactive = case
    agents = ("HBV",) if reactive else ()
    said = labels.statements(autologous=autologous, tested=tested, at_risk=at_risk, reactive=agents)
    assert set(said) == TRUTH[case]
    assert len(said) == len(set(said))


def test_the_truth_table_is_whole() -> None:
    assert set(TRUTH) == set(itertools.product([True, False], repeat=4))


# Codes ----------------------------------------------------------------------------------------------------------------

NUMBERS = [
    (din_of("A9999", 2025, 123456), chain_of("A9999", 2025, "AB0001")),
    (din_of("G1234", 2025, 123456), chain_of("G1234", 2025, "AB1234")),
    (din_of("A9999", 2020, 436396), chain_of("Z9Z99", 2099, "ZZZZZZ")),
    (din_of("W0000", 2000, 0), chain_of("10000", 2000, "000000")),
]


@pytest.mark.parametrize(("din", "chain"), NUMBERS)
def test_every_code_is_read_back_by_a_third_party(din: str, chain: str) -> None:
    for code in (labels.din_code(din), labels.chain_code(chain), labels.compound(din, chain)):
        png = vl_convert.svg_to_png(str(code.svg), scale=4)
        assert read(png) == {code.text}
    assert scans.din(labels.din_code(din).text).value == din
    assert scans.chain(labels.chain_code(chain).text).value == chain
    assert scans.parts(labels.compound(din, chain).text) == {"collection": din, "chain": chain}


def test_numbers_are_printed_in_groups_with_their_check_character() -> None:
    number = labels.din_number("A999920436396")
    assert (number.groups, number.check) == (("A9999", "20", "436396"), "*")
    chain = labels.chain_number("CHA999925AB0001")
    assert (chain.groups, chain.check) == (("CH", "A9999", "25", "AB0001"), "N")


def test_drawings_have_no_style_that_a_page_would_have_to_allow() -> None:
    for svg in (labels.din_code("A999925123456").svg, labels.compound("A999925123456", "CHA999925AB0001").svg):
        assert "style" not in svg


def test_moments_stand_on_both_clocks() -> None:
    at = datetime(2026, 7, 1, 3, 30, tzinfo=UTC)
    assert labels.moment(at, ZoneInfo("America/New_York")) == "30 Jun 2026 23:30 EDT (2026-07-01 03:30 UTC)"


# The page -------------------------------------------------------------------------------------------------------------


def shown(client: Any, id: str, **query: Any) -> list[dict[str, Any]]:
    return client.get(HERE.format(id) + ".json", query).json()["labels"]


def test_every_bag_and_every_shipper_has_a_label(store_: Told, sign_in: Any) -> None:
    made = shown(sign_in("pharmacist"), store_["on site"])
    assert [each["kind"] for each in made] == ["collection", "collection", "product", "shipper", "shipper"]
    assert [each["kind"] for each in shown(sign_in("pharmacist"), store_["on site"], kind="product")] == ["product"]


def test_labels_carry_two_identifiers_and_no_name(store_: Told, sign_in: Any) -> None:
    state = store.latest(store_["on site"]).state
    text = sign_in("pharmacist").get(HERE.format(store_["on site"])).content.decode()
    for identifier in (state.patient, state.order, state.collections[0].collection, state.products[0].product):
        assert identifier in text
    assert store_.stories["on site"].name_and_birth_date not in text
    assert store_.stories["on site"].record_number.value not in text


def test_an_unreleased_product_says_so(store_: Told, sign_in: Any) -> None:
    made = shown(sign_in("quality"), store_["manufactured"], kind="product")
    assert made[0]["warnings"][0] == "QUARANTINE: NOT RELEASED"
    made = shown(sign_in("quality"), store_["released"], kind="product")
    assert made[0]["warnings"][0] == "Released in specification"


def test_a_new_donation_number_gets_a_label_before_the_collection(store_: Told, sign_in: Any) -> None:
    nurse = sign_in("collection nurse")
    made = shown(nurse, store_["ordered"], din="=A99992600007700")
    assert [each["item"] for each in made] == ["A999926000077"]
    wrong = nurse.get(HERE.format(store_["ordered"]), {"din": "A9999260000771"}).content.decode()
    assert 'id="s-din"' in wrong


def test_no_label_before_the_chain(store_: Told, sign_in: Any) -> None:
    assert shown(sign_in("collection nurse"), store_["authorized"], din="A999926000077") == []


def test_statements_follow_what_is_known_of_the_donor(store_: Told, sign_in: Any) -> None:
    plain = shown(sign_in("pharmacist"), store_["on site"])[0]["statements"]
    assert plain == [AUTOLOGOUS, UNTESTED]
    tested = shown(sign_in("pharmacist"), store_["on site"], tested="1", reactive=["HBV", "<b>"])[0]["statements"]
    assert tested == [AUTOLOGOUS, BIOHAZARD, REACTIVE]


def test_couriers_and_payers_print_no_labels(store_: Told, sign_in: Any) -> None:
    assert sign_in("courier").get(HERE.format(store_["collected"])).status_code == 403
    assert sign_in("payer").get(HERE.format(store_["infused"])).status_code == 403
    assert sign_in("pharmacist", "stanford").get(HERE.format(store_["on site"])).status_code == 404


def test_the_printed_labels_are_read_back(browser: Any, enter: Any, picture: Any, violations: Any, store_: Told) -> None:
    page = enter(browser, "pharmacist")
    page.goto(HERE.format(store_["on site"]))
    assert violations(page) == []
    picture(page, "labels")
    page.set_viewport_size({"width": 1200, "height": 900})
    page.evaluate("document.documentElement.style.zoom = 3")
    state = store.latest(store_["on site"]).state
    din, chain = state.collections[0].collection, state.chain
    for label in page.locator(".label").all():
        found = read(label.screenshot())
        assert f"&/{chain}" in found
        kind = label.get_attribute("class")
        if "shipper" not in kind:
            assert f"=+02000={din}00&/{chain}" in found
        if "collection" in kind:
            assert f"={din}00" in found
        if "product" in kind:
            assert state.products[0].bags[0] in found


def test_each_label_prints_on_a_page_of_its_size(browser: Any, enter: Any, store_: Told) -> None:
    page = enter(browser, "pharmacist")
    page.goto(HERE.format(store_["on site"]))
    pages = re.findall(rb"MediaBox *\[0 0 ([0-9.]+) ([0-9.]+)\]", page.pdf(prefer_css_page_size=True))
    sizes = [tuple(round(float(each) / 72 * 25.4) for each in size) for size in pages]
    assert sizes == [(100, 100)] * 3 + [(148, 105)] * 2


def test_nothing_on_a_label_is_cut_off(browser: Any, enter: Any, store_: Told) -> None:
    page = enter(browser, "pharmacist")
    page.goto(HERE.format(store_["on site"]) + "?at_risk=1&reactive=HBV&reactive=HCV&reactive=HIV")
    cut = page.eval_on_selector_all(".label", CUT)
    assert cut == []


CUT = """all => all.filter(e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)
    .map(e => `${e.className} ${e.scrollWidth} of ${e.clientWidth}, ${e.scrollHeight} of ${e.clientHeight}`)"""
