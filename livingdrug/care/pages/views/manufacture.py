"""Manufacture: runs with their steps, times, lots and equipment, and what was made from what, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase

from livingdrug.care.pages import desk, stops, times
from livingdrug.care.pages.desk import Offer
from livingdrug.care.pages.page import Here, Shown, page, routes
from livingdrug.journey import events as e
from livingdrug.journey.rules.manufacture import steps_of
from livingdrug.journey.state import Journey, Product, Run, standing

__all__ = ["ROUTES", "Made", "made_of", "manufacture"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run: `state` is done, next or to come."""

    step: str
    state: str
    when: str = ""
    by: str = ""
    equipment: str = ""
    lots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """One run as it is shown: what went in, where it stands, its steps and in-process results."""

    run: str
    status: str
    site: str
    line: str
    started: str
    by: str
    collections: tuple[str, ...]
    steps: tuple[Step, ...]
    tests: tuple[str, ...]
    ended: str


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of what: collections, their run, its product and its bags; empty where it is not made yet."""

    collections: tuple[str, ...]
    run: str
    product: str
    bags: tuple[str, ...]
    says: str


@page("manufacture", "care/manufacture.html", journey=True)
def manufacture(here: Here) -> Mapping[str, Any] | Shown | HttpResponseBase:
    """The runs, and the next act of the one that goes on."""
    offers = _in_order(here)
    made = desk.sent(here, offers)
    if made and made[0].done:
        return desk.filled(here, "manufacture")
    state = here.journey.state
    content = {
        "title": "Manufacture",
        "site": state.site,
        "order": state.order,
        "chain": state.chain,
        "runs": tuple(_batch(here, run) for run in reversed(state.runs)),
        "made": made_of(state),
        "stop": stops.stop(here) if made and made[0].stopped else None,
        "held": stops.held(here),
        **desk.desk(here, "manufacture", offers, made),
    }
    return Shown(content, made[0].status) if made else content


# Runs -----------------------------------------------------------------------------------------------------------------


def _batch(here: Here, run: Run) -> Batch:
    zone = desk.zone(here)
    of_run = [event for _, event in standing(here.journey.state) if getattr(event, "run", None) == run.run]
    start = next((each for each in of_run if isinstance(each, e.ManufactureStarted)), None)
    return Batch(
        run=run.run,
        status=run.status,
        site=run.site,
        line=start.line if start else "",
        started=times.shown(run.at, zone),
        by=start.by if start else run.operators[0],
        collections=run.collections,
        steps=_steps(here, run, [each for each in of_run if isinstance(each, e.StepFinished)]),
        tests=tuple(f"{each.test}: {each.value:g} {each.unit}" for each in of_run if isinstance(each, e.InProcessTested)),
        ended=_end(here, of_run),
    )


def _steps(here: Here, run: Run, finished: list[e.StepFinished]) -> tuple[Step, ...]:
    zone, following = desk.zone(here), "next" if run.status == "running" else "not done"
    done = tuple(Step(each.step, "done", times.shown(each.at, zone), each.by, each.equipment, each.lots) for each in finished)
    left = steps_of(here.journey.therapy)[len(done) :]
    return (*done, *(Step(step, following if place == 0 else "to come") for place, step in enumerate(left)))


def _end(here: Here, of_run: list[e.Event]) -> str:
    for event in of_run:
        when = times.shown(event.at, desk.zone(here))
        if isinstance(event, e.ManufactureFailed):
            return f"failed {when}, {event.by}: {event.reason}"
        if isinstance(event, e.ManufactureFinished):
            return f"finished {when}, {event.by}: {event.product}"
    return ""


# What was made of what ------------------------------------------------------------------------------------------------


def made_of(state: Journey) -> tuple[Made, ...]:
    """Every way from a collection to a bag, those that ended early too."""
    found = [_made(state, run) for run in state.runs]
    used = {name for run in state.runs for name in run.collections}
    waiting = [each for each in state.collections if each.collection not in used]
    decided = {None: "not accepted yet", True: "accepted", False: "rejected"}
    return (*found, *(Made((each.collection,), "", "", (), decided[each.accepted]) for each in waiting))


def _made(state: Journey, run: Run) -> Made:
    product = next((each for each in state.products if each.run == run.run), None)
    if product is None:
        return Made(run.collections, run.run, "", (), run.status)
    return Made(run.collections, run.run, product.product, product.bags, _fate(state, product))


def _fate(state: Journey, product: Product) -> str:
    if state.infusion is not None and state.infusion.product == product.product:
        return "infused"
    if product.rejected:
        return "rejected"
    return f"released {product.release}" if product.released else "not released"


# What may be done -----------------------------------------------------------------------------------------------------


def _in_order(here: Here) -> tuple[Offer, ...]:
    """The acts, the likeliest next one first."""
    run = _running(here.journey.state)
    done = run is not None and len(run.steps) >= len(steps_of(here.journey.therapy))
    first = e.ManufactureFinished if done else e.StepFinished
    return tuple(sorted(OFFERS, key=lambda each: each.kind is not first))


def _running(state: Journey) -> Run | None:
    return next((each for each in state.runs if each.status == "running"), None)


def _start(here: Here) -> dict[str, str]:
    state = here.journey.state
    used = {name for run in state.runs if run.status != "failed" for name in run.collections}
    left = [each.collection for each in state.collections if each.accepted and each.collection not in used]
    return {"collections": "\n".join(left), "site": state.site}


def _step(here: Here) -> dict[str, str]:
    run = _running(here.journey.state)
    if run is None:
        return {}
    left = steps_of(here.journey.therapy)[len(run.steps) :]
    return {"run": run.run, "step": left[0] if left else ""}


def _run(here: Here) -> dict[str, str]:
    run = _running(here.journey.state)
    return {"run": run.run} if run else {}


def _undecided(here: Here) -> dict[str, str]:
    left = [each.collection for each in here.journey.state.collections if each.accepted is None]
    return {"collections": "\n".join(left)}


OFFERS = (
    Offer(e.StepFinished, "Finish a step", _step),
    Offer(e.CollectionAccepted, "Accept the collection", _undecided),
    Offer(e.CollectionRejected, "Reject the collection", _undecided, opens=False),
    Offer(e.ManufactureStarted, "Start a run", _start, labels={"run": "Run number", "line": "Line"}),
    Offer(e.InProcessTested, "In-process result", _run, opens=False),
    Offer(e.ManufactureFinished, "Finish the run", _run, labels={"product": "Product number"}),
    Offer(e.ManufactureFailed, "The run failed", _run, opens=False),
)

ROUTES = routes("journeys/<str:id>/manufacture", manufacture, "manufacture")
