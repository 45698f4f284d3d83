"""One patient from referral to settlement, through pages only, in a browser: ten people of six kinds of places, two mix-ups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import paper
import pytest
from conftest import PASSWORD, account_of
from stages import NOW, Told

from livingdrug.care import clock, store
from livingdrug.care.models import Journey
from livingdrug.care.pages import links
from livingdrug.journey import events as e
from livingdrug.journey.identity import chain as chain_of
from livingdrug.journey.identity import din as din_of
from livingdrug.journey.identity import with_check
from livingdrug.journey.rules.manufacture import steps_of

NAME, BORN, RECORD = "Placeholder, Zoë", "2016-08-30", "MRN-777001"
CHAIN, DIN = chain_of("A9999", 2026, "777001"), din_of("A9999", 2026, 777001)
OTHERS = chain_of("A9999", 2026, "777002")
"""The chain of identity of somebody else's cells."""
PRODUCT, SITE = "P-777001", "morris-plains"


@dataclass
class Clinic:
    """Whoever sits at the browser, and what the clock shows."""

    page: Any
    enter: Callable[..., Any]
    id: str = ""
    now: datetime = NOW
    role: tuple[str, bool] = ("", False)

    def be(self, role: str, place: str = "chop", *, days: float = 0, minutes: float = 5, phone: bool = False) -> Clinic:
        """Somebody else sits down, so much later."""
        self.now += timedelta(days=days, minutes=minutes)
        if (role, phone) != self.role:
            self.enter(self.page, role, place, phone=phone)
            self.role = (role, phone)
        return self

    def open(self, part: str) -> Clinic:
        self.page.goto(links.journey(self.id, part))
        return self

    def fill(self, **typed: Any) -> Clinic:
        for name, value in typed.items():
            self._one(name.replace("__", "."), value)
        return self

    def _one(self, name: str, value: Any) -> None:
        found = self.page.locator(f'#main [name="{name}"]:not([type=hidden])')
        first = found.first
        kind, tag = first.get_attribute("type"), first.evaluate("each => each.tagName")
        if kind in ("checkbox", "radio"):
            for each in str(value).splitlines():
                self.page.locator(f'#main [name="{name}"][value="{each}"]').check(force=True)
        elif tag == "SELECT":
            first.select_option(str(value))
        else:
            first.fill(str(value))

    def press(self, label: str) -> Clinic:
        self.page.locator("#main button", has_text=label).locator("visible=true").last.click()
        self.page.wait_for_load_state()
        return self

    def act(self, event: str, part: str = "", **typed: Any) -> Clinic:
        """Record an act with its form, on a page of its own or on the generic one; it must be taken."""
        self.open(f"{part}?act={links.slug(event)}" if part else f"act/{links.slug(event)}").fill(**typed)
        before = store.latest(self.id).version
        self.page.locator("#main form.act button[type=submit]").last.click()
        self.page.wait_for_load_state()
        says = self.page.locator("#main .says, #main .refused, #main [role=alert]").all_inner_texts()
        assert store.latest(self.id).version > before, f"{event} was not taken: {says}"
        return self

    def sees(self, text: str) -> Clinic:
        self.page.locator("#main", has_text=text).first.wait_for()
        return self


@pytest.fixture
def clinic(store_: Told, browser: Any, enter: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, settings: Any) -> Clinic:
    settings.LIVINGDRUG_IDLE_SECONDS = settings.LIVINGDRUG_SESSION_SECONDS = 10**9
    made = Clinic(browser, enter)
    monkeypatch.setattr(clock, "now", lambda: made.now)
    return made


def test_one_patient_from_referral_to_settlement_through_pages_only(clinic: Clinic) -> None:
    referred(clinic)
    ordered(clinic)
    collected(clinic)
    a_swapped_bag_is_stopped_at_the_hand_over(clinic)
    made(clinic)
    released(clinic)
    home(clinic)
    a_swapped_bag_is_stopped_at_the_gate(clinic)
    infused(clinic)
    the_crs_is_charted_to_grade_3_on_a_phone(clinic)
    answered_and_paid(clinic)
    journey = store.latest(clinic.id).state
    assert journey.settled
    assert [each.scanned for each in journey.history if isinstance(each, e.MismatchFound)] == [OTHERS, OTHERS]
    what_is_printed_shows_the_signatures(clinic)
    the_payer_finds_no_name_anywhere(clinic)


# Before the collection --------------------------------------------------------------------------------------------------


def referred(c: Clinic) -> None:
    c.be("coordinator").page.goto("/refer")
    c.fill(name=NAME, born=BORN, record_number=RECORD, contact="parent, 555-0100", therapy="tisagenlecleucel")
    c.page.locator("#main form button[type=submit]").last.click()
    c.page.wait_for_url("**/journeys/*")
    c.id = urlsplit(c.page.url).path.rpartition("/")[2]
    c.sees(NAME)
    c.act("described", age="9.5", weight="30")


def ordered(c: Clinic) -> None:
    c.be("physician", days=1)
    c.act("eligibility assessed", age="9.5", weight="30", disease_status="refractory")
    c.act("consent given", scope="treatment")
    c.be("coordinator", days=2)
    c.act("coverage authorized", payer="medicare", reference="AUTH-777001")
    c.be("physician").act("ordered", order="ORDER-777001", center="chop", site=SITE)
    c.be("coordinator").act("chain issued", chain=CHAIN)


# The cells --------------------------------------------------------------------------------------------------------------


def collected(c: Clinic) -> None:
    c.be("collection nurse", days=4)
    c.act(
        "collected", "custody", chain=with_check(CHAIN), patient__kind="record number", patient__value=RECORD,
        collection=f"={DIN}00", device="scanner-1", started=typed(c.now - timedelta(hours=4)), volume="250", processed="6000",
        cd3="4e9", bags=f"{DIN}-A",
    )  # fmt: skip


def scans(chain: str, kind: str, value: str) -> dict[str, str]:
    return {"chain": with_check(chain), "second__kind": kind, "second__value": value, "device": "scanner-1"}


def a_swapped_bag_is_stopped_at_the_hand_over(c: Clinic) -> None:
    c.be("courier").open("custody?act=handed-over").fill(**scans(OTHERS, "collection", with_check(DIN)))
    c.page.locator("#main form.act button[type=submit]").last.click()
    c.sees("The mismatch is recorded")
    assert c.page.locator("[role=alert]").count()
    c.open("custody")
    assert not c.page.locator("form.act input[name=chain]").count(), "nothing can be handed over"
    closed(c)
    c.be("courier").act("handed over", "custody", **scans(CHAIN, "collection", with_check(DIN)))


def closed(c: Clinic) -> None:
    """Quality decides on the mismatch, and signs."""
    c.be("quality", SITE).act(
        "deviation closed",
        "custody",
        deviation="DEV-777001",
        says="the label of another patient lay beside it",
        password=PASSWORD,
    )


def made(c: Clinic) -> None:
    c.be("courier")
    c.act("shipped", "custody", chain=with_check(CHAIN), shipment="OUT-777001", shipper="SHIPPER-1", logger="LOGGER-1")
    c.be("operator", SITE, days=1)
    c.act("received", "custody", **scans(CHAIN, "collection", with_check(DIN)), items=f"={DIN}00", intact="true")
    c.be("quality", SITE).act("collection accepted", "manufacture")
    c.be("operator", SITE, days=1)
    c.act("manufacture started", "manufacture", run="RUN-777001", chain=with_check(CHAIN), line="line-1")
    for _ in steps_of(store.latest(c.id).therapy):
        c.be("operator", SITE, days=2).act("step finished", "manufacture", lots="LOT-7")
    expires = typed(c.now + timedelta(days=270))
    c.be("operator", SITE).act(
        "manufacture finished", "manufacture", product=PRODUCT, chain=with_check(CHAIN), bags=f"{PRODUCT}-1", cells="1.5e8",
        expires=expires,
    )  # fmt: skip


RESULTS = {"viability": "0.9", "dose": "4e6", "transduced": "0.2", "vector copies": "2", "potency": "0"}


def released(c: Clinic) -> None:
    c.be("quality", SITE, days=9).open("release")
    for each in c.page.locator('#main input[name^="value "]').all():
        name = str(each.get_attribute("name")).removeprefix("value ")
        each.fill(RESULTS.get(name, "0"))
    c.press("Record the results")
    c.act("released", "release", release="in specification", password=PASSWORD)
    c.sees("released in specification")


def home(c: Clinic) -> None:
    c.be("courier").act("handed over", "custody", **scans(CHAIN, "product", PRODUCT))
    c.act("shipped", "custody", chain=with_check(CHAIN), shipment="HOME-777001", shipper="SHIPPER-2", logger="LOGGER-2")
    c.be("pharmacist", days=1).act("received", "custody", **scans(CHAIN, "product", PRODUCT), items=PRODUCT, intact="true")
    c.act("temperature logged", "custody", readings="0,-180\n12,-178\n22,-175")
    c.act("stored", "custody", place="dewar-1", celsius="-170")


# The patient ------------------------------------------------------------------------------------------------------------


def a_swapped_bag_is_stopped_at_the_gate(c: Clinic) -> None:
    c.be("physician", days=1).act("lymphodepletion started", drugs="fludarabine\ncyclophosphamide")
    c.be("physician", days=3).act("lymphodepletion finished")
    c.be("pharmacist", days=3).act("tocilizumab reserved", doses="2")
    c.be("physician").open("gate").fill(chain=with_check(OTHERS))
    c.page.keyboard.press("Enter")  # as a scanner ends what it has read
    c.page.keyboard.press("Tab")
    c.sees("The mismatch is recorded")
    c.open("gate")
    assert not c.page.get_by_text("Every condition holds").count()
    closed(c)


def infused(c: Clinic) -> None:
    c.be("physician").open("gate").fill(chain=with_check(CHAIN), second__kind="record number", second__value=RECORD)
    c.fill(weight="30", cells="1.2e8", device="scanner-4")
    c.page.keyboard.press("Tab")
    c.sees("Every condition holds")
    c.fill(password=PASSWORD).press("Sign and pass the gate")
    c.sees("The gate is passed")
    c.be("pharmacist").act("thawed", "gate")
    c.be("bedside nurse")
    c.now += timedelta(minutes=20)
    c.act(
        "infused", "gate", **scans(CHAIN, "record number", RECORD), weight="30", cells="1.2e8", ended=typed(c.now),
        at=typed(c.now - timedelta(minutes=15)), witness="chop-bedside-nurse-2",
    )  # fmt: skip
    assert store.latest(c.id).state.infusion is not None


def the_crs_is_charted_to_grade_3_on_a_phone(c: Clinic) -> None:
    c.be("bedside nurse", days=3, phone=True).open("bedside")
    c.fill(temperature="39.4", systolic="78", saturation="94")
    for name, value in (("vasoactive", "2"), ("oxygen", "1"), ("consciousness", "0")):
        c.page.locator(
            f'label:has(input[name={name}][value="{value}"]), input[name={name}][value="{value}"] + label'
        ).first.click()
    c.fill(capd="5").press("Chart")
    c.sees("ASTCT 3")
    wider = c.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, "nothing is wider than the phone"
    row = Journey.objects.get(id=c.id)
    assert row.severe


def answered_and_paid(c: Clinic) -> None:
    c.be("physician", days=25).open("response").fill(burden="0.1", mrd="0", neutrophils="2000", platelets="150000")
    c.press("Record the assessment")
    assert store.latest(c.id).state.assessments
    c.be("payer", "medicare", days=2).open("ledger").fill(password=PASSWORD)
    c.press("Settle")
    c.sees("settled")


# Afterwards -------------------------------------------------------------------------------------------------------------


def what_is_printed_shows_the_signatures(c: Clinic) -> None:
    c.be("quality", SITE).open("release")
    printed = c.page.pdf(format="Letter")
    text = paper.text(printed)
    for word in ("Quality of morris-plains", "I approve what is recorded here", PRODUCT, CHAIN):
        assert paper.squeezed(word) in text, f"{word!r} is not on the paper: {text[:1500]}"
    assert "Signout" not in text, "no menu on paper"
    assert paper.pages(printed) <= 2


def the_payer_finds_no_name_anywhere(c: Clinic) -> None:
    """Every link that a payer finds, and its twin, and whatever these lead to."""
    c.be("payer", "medicare")
    asked, seen = ["/ledger", links.journey(c.id, "ledger"), links.journey(c.id), "/board", "/cohort", "/audit"], set[str]()
    while asked:
        where = asked.pop()
        if where in seen:
            continue
        seen.add(where)
        answer = c.page.request.get(where)
        text = answer.text()
        for secret in (NAME, "Zoë", "Zo\\u00eb", "Placeholder", BORN, RECORD, "555-0100"):
            assert secret not in text, f"{secret!r} stands on {where}"
        if answer.ok and "html" in answer.headers["content-type"]:
            c.page.goto(where)
            found = c.page.eval_on_selector_all("a[href]", "all => all.map(each => each.pathname + each.search)")
            asked += [each for each in found if "logout" not in each and "page=" not in each]
            asked.append(f"{urlsplit(where).path}.json")
    assert len(seen) > 10


def typed(moment: datetime) -> str:
    """A moment as a form has it, on the center's clock."""
    return moment.astimezone(ZoneInfo("America/New_York")).strftime("%Y-%m-%dT%H:%M")


# Keyboard only ----------------------------------------------------------------------------------------------------------

SEEN = """() => {
  const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return ring || box.width < 2 || ["radio", "checkbox"].includes(each.type);
}"""
"""Whether whoever looks at the page sees where the focus is; taps show it on their label."""


def tab_to(page: Any, selector: str, most: int = 120) -> None:
    """Press Tab until the focus is there, and see it on the way."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by {most} tabs from where the focus was")


def test_a_nurse_signs_in_and_charts_a_patient_without_a_mouse(clinic: Clinic, store_: Told) -> None:
    account_of("bedside nurse", "chop")
    page, journey = clinic.page, store_["infused"]
    page.goto("/accounts/login/")
    page.keyboard.type("bedside-nurse.chop@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skip to the page
    tab_to(page, f"a[href='{links.journey(journey)}'], a[href='{links.bedside(journey)}']", 300)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{links.journey(journey)}**")
    if not page.url.endswith("bedside"):
        tab_to(page, f"a[href='{links.bedside(journey)}']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/bedside")
    chart_by_keys(page)
    clinic.id = journey
    clinic.sees("Charted: ASTCT 3")
    assert isinstance(store.latest(journey).state.history[-1], e.NeurologyAssessed)


def chart_by_keys(page: Any) -> None:
    tab_to(page, "[name=temperature]")
    page.keyboard.type("39.4")
    for name, presses in (("vasoactive", 2), ("oxygen", 0), ("consciousness", 0)):
        tab_to(page, f"[name={name}]")
        page.keyboard.press("Space")
        for _ in range(presses):
            page.keyboard.press("ArrowRight")
    tab_to(page, "[name=capd]")
    page.keyboard.type("4")
    page.keyboard.press("Enter")
