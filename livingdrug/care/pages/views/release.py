"""Release: results against the specification as they are typed, the way out of specification, and a release by somebody who did
not make the product, with the password again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import render

from livingdrug.care.accounts.permissions import may_record
from livingdrug.care.accounts.signing import MEANINGS
from livingdrug.care.pages import amounts, choices, desk, links, stops, times
from livingdrug.care.pages.acts import Outcome, perform
from livingdrug.care.pages.desk import Offer
from livingdrug.care.pages.page import Here, Shown, network_of, page, routes
from livingdrug.care.pages.views.act import typed_version
from livingdrug.errors import BadInput, Complaint
from livingdrug.journey import codec
from livingdrug.journey import events as e
from livingdrug.journey.limits import Limits, latest, limits_of, missed, untested
from livingdrug.journey.rules import words
from livingdrug.journey.state import Product, Run, find, standing, stands
from livingdrug.network import ask

__all__ = ["ROUTES", "release"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a result says against its limits: `state` is fine, attention (may be given exceptionally), stop or wait."""

    state: str
    mark: str
    says: str


WAIT = Verdict("wait", "…", "no result yet")


@dataclass(frozen=True, slots=True)
class Test:
    """One test of the specification: its limits, its result or what is typed for it, and the verdict."""

    name: str
    unit: str
    limits: str
    value: str
    typed: str
    verdict: Verdict
    when: str = ""
    by: str = ""
    earlier: tuple[str, ...] = ()
    """Results that were invalidated, which stay on record."""
    says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """One step of the way out of specification: done, or whose it is."""

    what: str
    done: bool
    says: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it is shown and printed (21 CFR 11.50): on what, by whom, when, and what it means."""

    what: str
    by: str
    when: str
    meaning: str


@page("release", "care/release.html", journey=True)
def release(here: Here) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """The product with its results, and the decision of quality."""
    asked, product = desk.posted(here).get("do", ""), _product(here)
    if asked == "check" and product is not None:
        return _checked(here, product)
    typed: Mapping[str, str] = {}
    made, results = None, Outcome(True)
    if asked == "results" and product is not None:
        typed = desk.posted(here)
        results = _recorded(here, product, typed)
        if results.done:
            return desk.filled(here, "release")
    else:
        made = desk.sent(here, OFFERS)
        if made and made[0].done:
            return desk.filled(here, "release")
    content = _content(here, product, typed, results, made)
    outcome = made[0] if made else results
    return Shown(content, outcome.status)


def _content(
    here: Here,
    product: Product | None,
    typed: Mapping[str, str],
    results: Outcome,
    made: tuple[Outcome, Mapping[str, str]] | None,
) -> dict[str, Any]:
    state = here.journey.state
    bench = desk.desk(here, "release", _in_order(here), made)
    stopped = bool(made and made[0].stopped)
    return {
        "title": "Release",
        "product": None if product is None else _facts(here, product),
        "tests": () if product is None else _tests(here, product, typed, results.complaints),
        "lacks": () if product is None else untested(here.journey.therapy, product),
        "missed": () if product is None else _missed(here, product),
        "papers": () if product is None else _papers(here, product),
        "path": here.journey.therapy.out_of_specification.path,
        "may_test": may_record(here.visitor, state, e.ReleaseTested.name) and product is not None and not product.rejected,
        "not_you": "" if product is None else _not_you(here, product),
        "signatures": _signatures(here),
        "stop": stops.stop(here) if stopped else None,
        "held": stops.held(here),
        "results_reasons": results.reasons,
        "results_conflict": results.conflict,
        "version": here.journey.version,
        "key": desk.posted(here).get("key") or choices.key(),
        **bench,
    }


def _product(here: Here) -> Product | None:
    return words.last_product(here.journey.state)


def _run(here: Here, product: Product) -> Run | None:
    return find(here.journey.state.runs, product.run)


def _facts(here: Here, product: Product) -> dict[str, Any]:
    zone, run = desk.zone(here), _run(here, product)
    return {
        "product": product.product, "run": product.run, "bags": product.bags, "cells": amounts.cells(product.cells),
        "made": times.shown(product.made, zone), "expires": times.shown(product.expires, zone),
        "expires_utc": times.shown(product.expires), "operators": run.operators if run else (), "state": _state(product),
        "pending": product.pending,
    }  # fmt: skip


def _state(product: Product) -> Verdict:
    if product.rejected:
        return Verdict("stop", "✗", "rejected")
    if not product.released:
        return Verdict("attention", "…", "quarantine: not released")
    if product.release == "in specification":
        return Verdict("fine", "✓", "released in specification")
    pending = f", pending: {', '.join(product.pending)}" if product.pending else ""
    return Verdict("attention", "!", f"released, {product.release}{pending}")


# Results against the specification ------------------------------------------------------------------------------------


def _limits(here: Here) -> dict[str, Limits]:
    center = ask.center(network_of(here), here.journey.state.center)
    return limits_of(here.journey.therapy, center.jurisdiction if center else "", here.journey.state)


def _missed(here: Here, product: Product) -> tuple[str, ...]:
    center = ask.center(network_of(here), here.journey.state.center)
    return missed(here.journey.therapy, center.jurisdiction if center else "", here.journey.state, product)


def _tests(here: Here, product: Product, typed: Mapping[str, str], complaints: Sequence[Complaint]) -> tuple[Test, ...]:
    return tuple(_test(here, product, each, typed, complaints) for each in _limits(here).values())


def _test(here: Here, product: Product, limits: Limits, typed: Mapping[str, str], complaints: Sequence[Complaint]) -> Test:
    found, entered = latest(product).get(limits.test), typed.get(f"value {limits.test}", "")
    event = stands(here.journey.state, found.position) if found else None
    set_aside = [each for each in product.results if each.test == limits.test and not each.valid]
    return Test(
        name=limits.test,
        unit="" if limits.unit == "1" else limits.unit,
        limits=_range(limits),
        value=_number(found.value) if found else "",
        typed=entered,
        verdict=_verdict(limits, found.value) if found else _judged(limits, entered),
        when=times.shown(event.at, desk.zone(here)) if event else "",
        by=event.by if event else "",
        earlier=tuple(f"{_number(each.value)} (event {each.position})" for each in set_aside),
        says=tuple(each.says for each in complaints if each.where == f"value {limits.test}"),
    )


def _number(value: float) -> str:
    return amounts.cells(value) if abs(value) >= 10_000 else f"{value:g}"


def _range(limits: Limits) -> str:
    low, high = limits.minimum, limits.maximum
    if low is not None and high is not None:
        return f"{_number(low)} to {_number(high)}"
    if low is not None:
        return f"at least {_number(low)}"
    return "no limit" if high is None else "none" if high == 0 else f"at most {_number(high)}"


def _judged(limits: Limits, text: str) -> Verdict:
    """The verdict on what is typed, before it is kept."""
    if not text.strip():
        return WAIT
    try:
        value = float(text)
    except ValueError:
        return Verdict("stop", "✗", f"{text[:20]!r} is no number")
    return _verdict(limits, value)


def _verdict(limits: Limits, value: float) -> Verdict:
    if limits.minimum is None and limits.maximum is None:
        return Verdict("fine", "✓", "recorded; no limit")
    if limits.inside(value):
        return Verdict("fine", "✓", "in specification")
    if limits.may_be_given(value):
        return Verdict("attention", "!", "out of specification; may be given exceptionally")
    return Verdict("stop", "✗", "out of specification")


def _checked(here: Here, product: Product) -> HttpResponseBase:
    """The verdict beside one field, as it is typed."""
    posted = desk.posted(here)
    limits = _limits(here).get(posted.get("test", ""))
    verdict = _judged(limits, posted.get(f"value {limits.test}", "")) if limits else WAIT
    return render(here.request, "care/_verdict.html", {"verdict": verdict})


def _recorded(here: Here, product: Product, typed: Mapping[str, str]) -> Outcome:
    """Every result that was typed, recorded together or not at all."""
    found, says = list[e.Event](), list[Complaint]()
    for test, limits in _limits(here).items():
        text = typed.get(f"value {test}", "").strip()
        if text:
            try:
                found.append(_result(here, product, limits, text))
            except (BadInput, ValueError):
                says.append(Complaint(f"value {test}", f"{text[:20]!r} is no number"))
    version = typed_version(typed)
    if says:
        return Outcome(False, complaints=tuple(says))
    if not found or version is None:
        return Outcome(False, conflict="no result was typed; type one at least")
    made = perform(here, found, expected=version, key=typed.get("key", ""))
    if made.done:
        messages.success(here.request, f"Recorded: {len(found)} {'result' if len(found) == 1 else 'results'}.")
    return made


def _result(here: Here, product: Product, limits: Limits, text: str) -> e.Event:
    again = any(each.test == limits.test for each in product.results)
    content = {
        "event": e.ReleaseTested.name, "at": here.now.isoformat(), "by": here.visitor.person, "product": product.product,
        "test": limits.test, "value": float(text), "unit": limits.unit, "retest": again,
    }  # fmt: skip
    return codec.decode(content)


# Out of specification -------------------------------------------------------------------------------------------------


def _papers(here: Here, product: Product) -> tuple[Paper, ...]:
    """The way out of specification, step by step; empty where nothing is missed."""
    outside, state = _missed(here, product), here.journey.state
    if not outside and not product.missed:
        return ()
    where = links.journey(here.journey.id, "release")
    stated = set(product.missed) == set(outside) and bool(outside)
    consent = words.OWN in state.consents
    given = product.release == words.EXCEPTIONAL and bool(product.released)
    steps = (
        (e.OutOfSpecificationFound, "Quality states what it misses", stated, ", ".join(product.missed or outside)),
        (e.ExceptionalReleaseRequested, "The physician requests it", bool(product.requested), _event(here, product.requested)),
        (e.ExceptionalReleaseApproved, "It is approved", bool(product.approved), _event(here, product.approved)),
        (e.ConsentGiven, "The patient consents to it", consent, ""),
        (e.ProductReleased, "Quality releases it as exceptional", given, _event(here, product.released) if given else ""),
    )
    return tuple(Paper(what, done, says, "" if done else _way(here, kind, where)) for kind, what, done, says in steps)


def _way(here: Here, kind: type[e.Event], where: str) -> str:
    """Where this visitor takes the step, if it is theirs."""
    if not may_record(here.visitor, here.journey.state, kind.name):
        return ""
    return links.act(here.journey.id, kind.name) if kind is e.ConsentGiven else f"{where}?act={links.slug(kind.name)}#do"


def _event(here: Here, position: int) -> str:
    event = stands(here.journey.state, position)
    if event is None:
        return ""
    approval = f"{event.authority}, {event.reference}" if isinstance(event, e.ExceptionalReleaseApproved) else ""
    about = getattr(event, "reason", "") or approval
    return f"{event.by}, {times.shown(event.at, desk.zone(here))}{': ' if about else ''}{about}"


# The decision ---------------------------------------------------------------------------------------------------------


def _not_you(here: Here, product: Product) -> str:
    """Why this visitor may not release it, whatever the results are."""
    run = _run(here, product)
    if run is not None and here.visitor.person in run.operators:
        return f"You worked on the run {run.run}. Somebody of quality who did not make it releases it"
    return ""


def _signatures(here: Here) -> tuple[Signature, ...]:
    """Every signature on an act with a product."""
    state, zone, found = here.journey.state, desk.zone(here), list[Signature]()
    for _, event in standing(state):
        about = stands(state, event.position) if isinstance(event, e.Signed) else None
        if isinstance(event, e.Signed) and about is not None and hasattr(about, "product"):
            means = MEANINGS.get(event.meaning, event.meaning)
            found.append(Signature(about.name, event.by, times.shown(event.at, zone), means))
    return tuple(found)


def _in_order(here: Here) -> tuple[Offer, ...]:
    """The acts, the likeliest next one first."""
    product = _product(here)
    if product is None or not _missed(here, product):
        return tuple(each for each in OFFERS if each.kind is not e.OutOfSpecificationFound)
    first = (e.OutOfSpecificationFound, e.ExceptionalReleaseRequested, e.ExceptionalReleaseApproved)
    done = (bool(product.missed), bool(product.requested), bool(product.approved))
    following = next((kind for kind, is_done in zip(first, done, strict=True) if not is_done), e.ProductReleased)
    return tuple(sorted(OFFERS, key=lambda each: each.kind is not following))


def _this(here: Here) -> dict[str, str]:
    product = _product(here)
    return {"product": product.product} if product else {}


def _releasing(here: Here) -> dict[str, str]:
    product = _product(here)
    if product is None:
        return {}
    lacks = untested(here.journey.therapy, product)
    kind = "exceptional" if _missed(here, product) else "conditional" if lacks else "in specification"
    return {"product": product.product, "release": kind, "pending": "\n".join(lacks) if kind == "conditional" else ""}


def _finding(here: Here) -> dict[str, str]:
    product = _product(here)
    return {"product": product.product, "tests": "\n".join(_missed(here, product))} if product else {}


def _approving(here: Here) -> dict[str, str]:
    return {**_this(here), "authority": here.journey.therapy.out_of_specification.path.partition(",")[0]}


def _invalidating(here: Here) -> dict[str, str]:
    """The last result that missed its limits, if there is one."""
    product = _product(here)
    if product is None:
        return {}
    outside = _missed(here, product)
    found = latest(product)
    start = {"product": product.product}
    return start | ({"test": outside[0], "position": str(found[outside[0]].position)} if outside else {})


def _positions(here: Here) -> dict[str, list[str]]:
    product = _product(here)
    return {"position": [str(each.position) for each in product.results if each.valid] if product else []}


WHY = {"reason": "Why benefit outweighs risk"}
ERROR = {"position": "Event", "reason": "Error found"}
OFFERS = (
    Offer(e.ProductReleased, "Release", _releasing, labels={"release": "Released as", "pending": "Pending (one a line)"}),
    Offer(e.OutOfSpecificationFound, "State what it misses", _finding, labels={"tests": "Tests (one a line)"}),
    Offer(e.ExceptionalReleaseRequested, "Request an exceptional release", _this, labels=WHY),
    Offer(e.ExceptionalReleaseApproved, "Approve an exceptional release", _approving),
    Offer(e.ResultInvalidated, "Invalidate a result", _invalidating, _positions, ERROR, opens=False),
    Offer(e.ProductRejected, "Reject or recall", _this, opens=False),
)

ROUTES = routes("journeys/<str:id>/release", release, "release")
