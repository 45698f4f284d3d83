"""The infusion gate: what to read at the top, each condition green with its evidence or red with its reason, and no way around.

What is typed is judged as it is typed, without being recorded; a chain that a scanner or a check character vouches for and that
is not the patient's is recorded at once, whatever is pressed afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import render

from livingdrug.care.accounts.permissions import may_record
from livingdrug.care.accounts.signing import MEANINGS
from livingdrug.care.pages import amounts, choices, desk, forms, scans, stops, times, tokens
from livingdrug.care.pages.acts import Outcome, perform
from livingdrug.care.pages.desk import Offer
from livingdrug.care.pages.forms import Field
from livingdrug.care.pages.page import Here, Shown, network_of, page, routes
from livingdrug.care.pages.views.act import answered, meaning
from livingdrug.errors import Complaint
from livingdrug.journey import events as e
from livingdrug.journey import gate as gates
from livingdrug.journey.events import GatePassed, Identifier
from livingdrug.journey.limits import dose_range
from livingdrug.journey.record import Reason
from livingdrug.journey.rules.words import PAPERS
from livingdrug.journey.state import Product, find, standing
from livingdrug.network import ask
from livingdrug.network.schema import people

__all__ = ["ROUTES", "gate"]

GATE_LASTS = timedelta(hours=4)
NAMES = ("product", "chain", "second.kind", "second.value", "weight", "cells", "device")
NEEDS = {
    "COI-004": ("chain",), "COI-007": ("second.value",), "COI-008": ("product",), "INF-006": ("chain", "second.value"),
    "INF-014": ("weight", "cells"), "INF-015": ("weight",), "REC-014": ("device",),
}  # fmt: skip
"""What must have been read or typed before a condition can be judged: until then it waits, and the gate is shut."""

IDENTITY = ("COI-004", "INF-006")

WORDS = {"fine": ("✓", "Met"), "stop": ("✗", "Not met"), "wait": ("…", "To be read"), "off": ("–", "Not in force")}


@dataclass(frozen=True, slots=True)
class Line:
    """One condition: `state` is fine, stop, wait (its reading is missing) or off (its rule is not in force today)."""

    rule: str
    title: str
    state: str
    mark: str
    word: str
    says: str


@dataclass(frozen=True, slots=True)
class Countdown:
    """How long something may still last, from the server's clock."""

    label: str
    until: datetime
    shown: str
    now: datetime
    minutes: int

    @property
    def state(self) -> str:
        """What color and word go with it."""
        return "stop" if self.minutes <= 0 else "attention" if self.minutes < 10 else ""


@page("gate", "care/gate.html", journey=True)
def gate(here: Here) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """The gate with its conditions, or what became of what was sent."""
    asked = desk.posted(here).get("do", "")
    if asked:
        return _asked(here, asked)
    made = desk.sent(here, OFFERS)
    if made and made[0].done:
        return desk.filled(here, "gate")
    content = _content(here, {}, (), made)
    return Shown(content, made[0].status) if made else content


def _asked(here: Here, asked: str) -> Shown | HttpResponseBase:
    """Check, pass, or record a mismatch: of what was read."""
    typed, says = scans.cleaned(desk.posted(here))
    if (found := _mismatch(here, typed, asked)) is not None:
        return _stopped(here, typed, found)
    if asked == "pass":
        return _passed(here, typed, says)
    content = _content(here, typed, says)
    if getattr(here.request, "htmx", False):
        return render(here.request, "care/_gate.html", {**content, "standing": here.journey, "live": True})
    return Shown(content)


def _passed(here: Here, typed: Mapping[str, str], says: tuple[Complaint, ...]) -> Shown | HttpResponseBase:
    if says:
        return Shown(_content(here, typed, says), 422)
    desk.put(here, {**typed, "at": _moment(here).isoformat()})
    outcome, _ = answered(here, GatePassed.name)
    if not outcome.done:
        return Shown(_content(here, typed, outcome.complaints, (outcome, typed), gate=True), outcome.status)
    desk.remember(here, typed.get("device", ""))
    messages.success(here.request, "The gate is passed. It holds for four hours.")
    return desk.filled(here, "gate")


def _moment(here: Here) -> datetime:
    """Now, to the minute as forms have it, so that an act typed in the same minute does not seem to come before."""
    minute, last = here.now.replace(second=0, microsecond=0), here.journey.state.last_act
    return here.now if last is not None and last > minute else minute


# Mismatch -------------------------------------------------------------------------------------------------------------


def _mismatch(here: Here, typed: Mapping[str, str], asked: str) -> e.MismatchFound | None:
    """A reading that is somebody else's and is to be recorded: vouched for, or said so by whoever read it."""
    foreign = _foreign(here, typed)
    sure = scans.chain(desk.posted(here).get("chain", "")).sure and foreign == typed.get("chain")
    if not foreign or not (sure or asked in ("pass", "mismatch")):
        return None
    return e.MismatchFound(
        at=here.now, by=here.visitor.person, item=typed.get("product") or "cells", expected=here.journey.state.chain,
        scanned=foreign[:200], device=typed.get("device", "")[:200],
    )  # fmt: skip


def _foreign(here: Here, typed: Mapping[str, str]) -> str:
    """What was read in full and is not this patient's; empty where there is nothing like it."""
    state, read = here.journey.state, scans.chain(typed.get("chain", ""))
    if read.value and read.value != state.chain:
        return read.value
    second = _second(here, typed)
    kinds = {each.kind for each in state.identifiers}
    if second.value and second.kind in kinds and second not in state.identifiers:
        return f"{second.kind} {second.value}"
    return ""


def _shown(here: Here, typed: Mapping[str, str]) -> str:
    """The same in the words that were read, for whoever has just read them; nobody else learns them."""
    foreign = _foreign(here, typed)
    if not foreign or foreign == typed.get("chain"):
        return foreign
    return f"{typed.get('second.kind', '')} {typed.get('second.value', '')}"


def _second(here: Here, typed: Mapping[str, str]) -> Identifier:
    kind, value = typed.get("second.kind", ""), typed.get("second.value", "").strip()
    return Identifier(kind, tokens.read_as(here.journey.state, kind, value) if value else "")


def _stopped(here: Here, typed: Mapping[str, str], found: e.MismatchFound) -> Shown | HttpResponseBase:
    """The red page: the mismatch is recorded, once, and the gate is shut."""
    state = here.journey.state
    known = [each for _, each in standing(state) if isinstance(each, e.MismatchFound) and each.scanned == found.scanned]
    outcome = Outcome(True) if known and state.mismatches else perform(here, [found], expected=here.journey.version)
    why = f"{found.scanned} was read, and it is not this patient's (chain {found.expected})"
    reasons = outcome.reasons or (Reason("INF-006", why),)
    content = {"title": "Infusion gate", "stop": stops.stop(here), "reasons": reasons}
    if not getattr(here.request, "htmx", False):
        return Shown(content, 422)
    answer = render(here.request, "care/_stop.html", {**content, "standing": here.journey})
    answer["HX-Retarget"], answer["HX-Reswap"] = "#main", "innerHTML show:window:top"
    return answer


# What the page shows --------------------------------------------------------------------------------------------------


def _content(
    here: Here,
    typed: Mapping[str, str],
    says: tuple[Complaint, ...],
    made: tuple[Outcome, Mapping[str, str]] | None = None,
    *,
    gate: bool = False,
) -> dict[str, Any]:
    state, outcome = here.journey.state, made[0] if made else Outcome(True)
    again = bool(typed) or "again" in here.request.GET or state.gate is None
    lines = [each for each in _lines(here, typed, says) if again or each.rule.startswith("INF")]
    clocks = _clocks(here)
    stopped = stops.stop(here) if outcome.stopped else None
    shut = [each for each in lines if each.state in ("stop", "wait")]
    return {
        "title": "Infusion gate",
        "stop": stopped,
        "held": stops.held(here),
        "conditions": tuple(each for each in lines if each.rule.startswith("INF")),
        "others": tuple(each for each in lines if not each.rule.startswith("INF")),
        "others_wrong": any(each.state == "stop" for each in lines if not each.rule.startswith("INF")),
        "others_shut": sum(each.state in ("stop", "wait") for each in lines if not each.rule.startswith("INF")),
        "is_open": not shut,
        "wrong": sum(each.state == "stop" for each in shut),
        "unread": sum(each.state == "wait" for each in shut),
        "foreign": _shown(here, typed),
        "scans": _fields(here, typed, says),
        "may_pass": may_record(here.visitor, state, GatePassed.name),
        "may_record_mismatch": may_record(here.visitor, state, e.MismatchFound.name),
        "meaning": meaning(GatePassed.name),
        "says": forms.complaints_at(says, "password"),
        "hint": _hint(here, typed),
        "passed": _pass(here),
        "again": again,
        "infused": _infused(here),
        "clocks": clocks,
        "thawed": any(each.label == "Thaw" for each in clocks),
        "over": next((f"the {each.label.lower()}" for each in clocks if each.minutes <= 0), ""),
        **desk.desk(here, "gate", _in_order(here), None if gate else made),
        **({"reasons": outcome.reasons, "conflict": outcome.conflict} if gate else {}),
        "version": here.journey.version,
        "key": desk.posted(here).get("key") or choices.key(),
    }


def _lines(here: Here, typed: Mapping[str, str], says: tuple[Complaint, ...]) -> tuple[Line, ...]:
    standing, network = here.journey, network_of(here)
    event = _event(here, typed)
    found = gates.gate(standing.therapy, network, standing.state, event, now=here.now)
    misread = {each.where: each.says for each in says if typed}
    judged = IDENTITY if _foreign(here, typed) else ()
    if not typed and standing.state.gate is not None:
        judged = tuple(NEEDS)  # what was read when the gate was passed
    return tuple(_line(each, typed, misread, each.rule in judged) for each in found)


def _line(each: gates.Condition, typed: Mapping[str, str], misread: Mapping[str, str], judged: bool) -> Line:
    """`judged`: as it stands, whatever is not read yet: somebody else's chain is wrong at once."""
    needs = () if judged else NEEDS.get(each.rule, ())
    missing = [name for name in needs if not typed.get(name, "").strip() or name.removesuffix(".value") in misread]
    if each.met:
        state = "off" if each.says.startswith("not in force") else "fine"
        return Line(each.rule, each.title, state, *WORDS[state], each.says)
    if missing:
        read = [forms.label(name.removesuffix(".value")).partition(" (")[0] for name in missing]
        wrong = [
            misread[name.removesuffix(".value")]
            for name in missing
            if typed.get(name) and name.removesuffix(".value") in misread
        ]
        return Line(each.rule, each.title, "wait", *WORDS["wait"], wrong[0] if wrong else f"not read yet: {', '.join(read)}")
    return Line(each.rule, each.title, "stop", *WORDS["stop"], each.says)


def _event(here: Here, typed: Mapping[str, str]) -> GatePassed:
    """The passing of the gate as it stands in the form; what is missing or no number is nothing, and judged as such."""
    passed = here.journey.state.gate
    if passed is not None and not typed:
        return replace(passed, at=here.now, by=here.visitor.person)
    product = typed.get("product", "") or _only(here)
    return GatePassed(
        at=here.now, by=here.visitor.person, product=product, chain=scans.chain(typed.get("chain", "")).value,
        second=_second(here, typed), weight=_number(typed.get("weight", "")), cells=_number(typed.get("cells", "")),
        device=typed.get("device", ""),
    )  # fmt: skip


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _product(here: Here) -> Product | None:
    left = [each for each in here.journey.state.products if not each.rejected]
    return left[-1] if left else None


def _only(here: Here) -> str:
    product = _product(here)
    return product.product if product else ""


def _fields(here: Here, typed: Mapping[str, str], says: tuple[Complaint, ...]) -> tuple[Field, ...]:
    """What is read: the bag, the wristband, the scale and the dose. Only the product's number is known before."""
    state = here.journey.state
    kinds = tuple(sorted({each.kind for each in state.identifiers if each.kind not in PAPERS}))
    products = tuple(each.product for each in state.products if not each.rejected)
    start = {
        "product": _only(here),
        "second.kind": "record number" if "record number" in kinds else "",
        "device": desk.device_of(here),
    }
    options = {"second.kind": kinds, "product": products}
    held = typed or start
    said = {name: forms.complaints_at(says, name.removesuffix(".value")) if typed else () for name in NAMES}
    return tuple(
        Field(name, LABELS[name], KINDS.get(name, "text"), True, held.get(name, ""), options.get(name, ()), said[name])
        for name in NAMES
    )


KINDS = {"weight": "number", "cells": "number"}


LABELS = {
    "product": "Product",
    "chain": "Chain of identity, on the bag",
    "second.kind": "Second identifier, on the wristband",
    "second.value": "Second identifier, as read",
    "weight": "Weight today (kg)",
    "cells": "Dose (CAR-positive viable cells)",
    "device": "Scanner or workstation",
}


def _hint(here: Here, typed: Mapping[str, str]) -> dict[str, str]:
    """What helps to type weight and dose: what is known, never what is to be read."""
    state, product = here.journey.state, _product(here)
    facts, weight = state.eligibility, _number(typed.get("weight", ""))
    weigh = f"{facts.weight:.3g} kg at eligibility" if facts else ""
    held = f"The product holds {amounts.cells(product.cells)}" if product else ""
    low, high = dose_range(here.journey.therapy, weight) if 1 <= weight <= 400 else (0.0, 0.0)
    range_ = f"; the label allows {amounts.cells(low)} to {amounts.cells(high)} at {weight:.3g} kg" if high else ""
    return {"weight": weigh, "cells": held + range_}


# After the gate -------------------------------------------------------------------------------------------------------


def _pass(here: Here) -> dict[str, str]:
    """The gate as it was passed; empty before."""
    passed = here.journey.state.gate
    if passed is None:
        return {}
    return {
        "at": times.shown(passed.at, desk.zone(here)), "by": passed.by, "product": passed.product,
        "cells": amounts.cells(passed.cells), "weight": f"{passed.weight:.3g}", "chain": passed.chain,
        "second": passed.second.kind, "signed": _signature(here),
    }  # fmt: skip


def _signature(here: Here) -> str:
    """Who signed the passing, when, and what that means: shown wherever it is printed."""
    state = here.journey.state
    found = [each for _, each in standing(state) if isinstance(each, e.Signed) and each.position == state.gate_position]
    if not found:
        return ""
    return f"{found[-1].by}, {times.shown(found[-1].at, desk.zone(here))}: {MEANINGS.get(found[-1].meaning, found[-1].meaning)}"


def _infused(here: Here) -> dict[str, str]:
    done = here.journey.state.infusion
    if done is None:
        return {}
    zone = desk.zone(here)
    return {
        "from": times.shown(done.at, zone), "to": times.shown(done.ended, zone), "by": done.by, "witness": done.witness,
        "bags": ", ".join(done.bags), "cells": amounts.cells(done.cells),
    }  # fmt: skip


def _clocks(here: Here) -> tuple[Countdown, ...]:
    """What runs out: the gate, and the thaw."""
    state = here.journey.state
    if state.infusion is not None or state.gate is None:
        return ()
    found = [_countdown(here, "Gate", state.gate.at + GATE_LASTS)]
    thaws = [each.at for _, each in standing(state) if isinstance(each, e.ProductThawed) and each.product == state.gate.product]
    limit = here.journey.therapy.infusion.thaw_maximum
    if thaws and limit is not None:
        found.insert(0, _countdown(here, "Thaw", min(thaws) + timedelta(hours=limit.value)))
    return tuple(found)


def _countdown(here: Here, label: str, until: datetime) -> Countdown:
    left = int((until - here.now).total_seconds() // 60)
    return Countdown(label, until, times.shown(until, desk.zone(here)), here.now, left)


def _thawing(here: Here) -> dict[str, str]:
    product = _product(here)
    return {"product": product.product, "bags": "\n".join(product.bags)} if product else {}


def _infusing(here: Here) -> dict[str, str]:
    passed = here.journey.state.gate
    if passed is None:
        return {}
    product = find(here.journey.state.products, passed.product)
    return {
        "product": passed.product, "weight": f"{passed.weight:.15g}", "cells": f"{passed.cells:.15g}",
        "bags": "\n".join(product.thawed_bags) if product else "", "second.kind": passed.second.kind,
    }  # fmt: skip


def _witnesses(here: Here) -> dict[str, list[str]]:
    network, center = network_of(here), here.journey.state.center
    on = ask.day(network, center, here.now)
    ward = [
        each.id
        for place, each in people(network)
        if place == center and any(ask.has_role(network, each.id, role, on) for role in ("physician", "bedside nurse"))
    ]
    kinds = sorted({each.kind for each in here.journey.state.identifiers if each.kind not in PAPERS})
    return {"witness": [each for each in ward if each != here.visitor.person], "second": kinds}


def _in_order(here: Here) -> tuple[Offer, ...]:
    """First the thaw, then the infusion."""
    product = _product(here)
    return OFFERS if product is not None and product.thawed_at is not None else OFFERS[::-1]


OFFERS = (
    Offer(e.ProductInfused, "Infuse", _infusing, _witnesses, {"at": "Started", "ended": "Ended", "witness": "Verified with"}),
    Offer(e.ProductThawed, "Thaw", _thawing, labels={"at": "Thaw was complete"}),
)

ROUTES = routes("journeys/<str:id>/gate", gate, "gate")
