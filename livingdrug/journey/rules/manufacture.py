"""MFG: one run at a time, where the therapy is made, in the order of its steps."""

from __future__ import annotations

from typing import Any

from livingdrug.journey import events as e
from livingdrug.journey.rules.base import Act, rule
from livingdrug.journey.state import find
from livingdrug.network import ask
from livingdrug.therapy.schema import Therapy

BATCH = "21 CFR 211.188: batch production and control records"


def steps_of(therapy: Therapy) -> tuple[str, ...]:
    """The steps that operators finish; release testing is quality's and has events of its own."""
    return tuple(each.name for each in therapy.manufacture.steps if "release" not in each.name)


@rule(
    "MFG-001",
    on=(e.ManufactureStarted,),
    why="A site is licensed for a product; another site's product is another product.",
    source="21 CFR 601.12 and 600.21: licensed establishments",
    example="A run starts at a site that the order does not name.",
)
def the_site_is_the_orders(act: Act[e.ManufactureStarted]) -> str | None:
    """A run is made at the site of the order, which makes the therapy."""
    site = ask.site(act.network, act.event.site)
    if act.event.site != act.journey.site:
        return (
            f"it is at {act.event.site!r}, and the order is for {act.journey.site or 'no site'}; order anew or move the cells"
        )
    if site is None or act.therapy.name not in site.therapies:
        return f"{act.event.site} does not make {act.therapy.name}; name a site that does"
    return None


@rule(
    "MFG-002",
    on=(e.ManufactureStarted,),
    why="Cells that have not arrived, or did not arrive well, cannot go into a run.",
    source="21 CFR 1271.265 and 211.82: receipt and storage of what comes in",
    example="The run is started in the system while the courier is still on the road.",
)
def material_has_arrived_intact(act: Act[e.ManufactureStarted]) -> str | None:
    """Every collection of a run was received at the site, intact."""
    for name in act.event.collections:
        parcels = [each for each in act.journey.parcels if name in each.items]
        if not parcels or not parcels[-1].received:
            return f"{name} has not been received at {act.journey.site}; record its receipt"
        if not parcels[-1].intact:
            return f"{name} did not arrive intact; reject it and collect again"
    return None


@rule(
    "MFG-003",
    on=(e.ManufactureStarted,),
    early=True,
    why="Two runs of one patient at a time would be two products with one label.",
    source=BATCH,
    example="A second run starts while the first one expands.",
)
def one_run_at_a_time(act: Act[e.ManufactureStarted]) -> str | None:
    """No run starts while another goes on, or while there is a product that was not rejected."""
    running = [each.run for each in act.journey.runs if each.status == "running"]
    if running:
        return f"the run {running[0]} goes on; finish it or let it fail first"
    made = [each.product for each in act.journey.products if not each.rejected]
    return f"there is a product, {made[0]}; reject it before a new run" if made else None


@rule(
    "MFG-004",
    on=(e.ManufactureStarted,),
    early=True,
    waivers=("quality",),
    why="After repeated failure other cells are needed, not another try.",
    source="The therapy file (manufacture.attempts_maximum)",
    example="A third run from the same collection.",
)
def attempts_are_limited(act: Act[e.ManufactureStarted]) -> str | None:
    """There are no more runs than the therapy allows."""
    runs, limit = len(act.journey.runs), act.therapy.manufacture.attempts_maximum.value
    return (
        f"there were {runs} runs, and the limit is {limit:g}; quality decides whether to try again" if runs >= limit else None
    )


@rule(
    "MFG-005",
    on=(e.StepFinished, e.InProcessTested, e.ManufactureFailed, e.ManufactureFinished),
    why="A batch record belongs to a run that is going on.",
    source=BATCH,
    example="A step is recorded for yesterday's failed run.",
)
def the_run_goes_on(act: Act[Any]) -> str | None:
    """Steps, results and ends belong to the run that is going on."""
    run = find(act.journey.runs, act.event.run)
    if run is None:
        return f"there is no run {act.event.run!r} on this journey; stop: this may be another patient's run"
    return None if run.status == "running" else f"the run {run.run} is {run.status}; nothing more happens to it"


@rule(
    "MFG-006",
    on=(e.StepFinished,),
    why="Each step makes what the next one needs: activation before transduction, transduction before expansion.",
    source="The therapy file (manufacture.steps)",
    example="Expansion is recorded before transduction.",
)
def steps_come_in_order(act: Act[e.StepFinished]) -> str | None:
    """The steps of a run come in the order of the therapy, each once."""
    run, steps = find(act.journey.runs, act.event.run), steps_of(act.therapy)
    if run is None:
        return None
    if len(run.steps) >= len(steps):
        return "all steps are finished"
    following = steps[len(run.steps)]
    return None if act.event.step == following else f"it is {act.event.step!r}, and the next step is {following!r}"


@rule(
    "MFG-007",
    on=(e.ManufactureFinished,),
    why="A product without a full batch record cannot be judged, let alone released.",
    source=BATCH,
    example="The product is labeled while the harvest has not been recorded.",
)
def a_product_has_all_steps(act: Act[e.ManufactureFinished]) -> str | None:
    """A run is finished after all its steps, with bags, cells, and an expiry after its making."""
    event, run, steps = act.event, find(act.journey.runs, act.event.run), steps_of(act.therapy)
    if run is not None and len(run.steps) < len(steps):
        return f"the step {steps[len(run.steps)]!r} is not finished"
    if not event.bags:
        return "there is no bag; list the labels of all bags"
    if not 1e3 <= event.cells <= 1e12:
        return f"{event.cells:g} cells cannot be; give the number of CAR-positive viable cells"
    return None if event.expires > event.at else "it expires before it was made; correct the times"
