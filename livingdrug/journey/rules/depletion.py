"""LD: lymphodepletion makes the patient defenseless, so the cells are there before it starts."""

from __future__ import annotations

from livingdrug.journey import events as e
from livingdrug.journey.rules import words
from livingdrug.journey.rules.base import Act, rule
from livingdrug.journey.state import Journey, Product, find, standing

LABEL = "The therapy's label, as its file states it (lymphodepletion)"
EARLY = "Practice of treatment centers: lymphodepletion starts when the released product has been received"


def arrived(journey: Journey) -> Product | None:
    """The released product that was received at the center, intact; None if there is none."""
    product = words.last_product(journey)
    if product is None or product.rejected or not product.released:
        return None
    parcels = [each for each in journey.parcels if product.product in each.items and each.received]
    return product if parcels and parcels[-1].intact else None


def forbidding(journey: Journey) -> tuple[str, ...]:
    """What forbids treatment now: contraindications that are open, and exclusions that were found again since the order."""
    facts = journey.eligibility
    ordered = next((each.at for _, each in standing(journey) if isinstance(each, e.TherapyOrdered)), None)
    again = facts.present if facts and ordered and facts.at > ordered else ()
    return tuple(dict.fromkeys((*journey.contraindications, *again)))


@rule(
    "LD-001",
    on=(e.LymphodepletionStarted,),
    early=True,
    waivers=("physician",),
    why="Lymphodepletion without cells is harm without benefit: if the product is late or lost, the patient has neither.",
    source=EARLY,
    example="Fludarabine is started because the product should arrive on Thursday.",
)
def the_product_is_on_site(act: Act[e.LymphodepletionStarted]) -> str | None:
    """The released product is at the center before lymphodepletion starts."""
    if arrived(act.journey):
        return None
    product = words.last_product(act.journey)
    if product is None:
        return "there is no product; wait for it"
    if product.rejected or not product.released:
        return f"{product.product} is {'rejected' if product.rejected else 'not released'}; wait for a released product"
    return f"{product.product} has not been received intact at {act.journey.center}; wait for it"


@rule(
    "LD-002",
    on=(e.LymphodepletionStarted,),
    early=True,
    why="An infection that is not controlled becomes a deadly one without lymphocytes.",
    source=LABEL,
    example="A patient with fever and positive blood cultures gets fludarabine.",
)
def nothing_forbids_lymphodepletion(act: Act[e.LymphodepletionStarted]) -> str | None:
    """No contraindication is present when lymphodepletion starts."""
    found = forbidding(act.journey)
    return f"present: {'; '.join(found)}; resolve it first" if found else None


@rule(
    "LD-003",
    on=(e.LymphodepletionStarted,),
    waivers=("physician",),
    why="The cells were studied after these drugs; others make another space for them.",
    source=LABEL,
    example="Bendamustine is given because fludarabine is out of stock.",
)
def the_drugs_are_the_therapys(act: Act[e.LymphodepletionStarted]) -> str | None:
    """The drugs are those of the therapy."""
    right = tuple(each.name for each in act.therapy.lymphodepletion.drugs)
    if sorted(act.event.drugs) == sorted(right):
        return None
    return f"it is {', '.join(act.event.drugs) or 'nothing'}, and the therapy's is {', '.join(right)}; let the physician decide"


@rule(
    "LD-004",
    on=(e.LymphodepletionFinished,),
    early=True,
    why="The infusion window is counted from the end, so that the end must belong to a start.",
    source=LABEL,
    example="The last dose is recorded, and the first one never was.",
)
def lymphodepletion_ends_after_it_started(act: Act[e.LymphodepletionFinished]) -> str | None:
    """Lymphodepletion that ends has started, and has not ended yet."""
    if act.journey.depletion_started is None:
        return "it has not been started; record the start first"
    if act.journey.depletion_finished is not None:
        return f"it ended on {act.journey.depletion_finished:%Y-%m-%d} already; correct that event if the day is wrong"
    return None


@rule(
    "LD-005",
    on=(e.LymphodepletionStarted,),
    early=True,
    why="One course makes room for one infusion; a second one is for cells that had to wait.",
    source=LABEL,
    example="Lymphodepletion starts again while the first course goes on.",
)
def one_course_at_a_time(act: Act[e.LymphodepletionStarted]) -> str | None:
    """A course of lymphodepletion starts when none is going on and the cells were not given yet."""
    if act.journey.infusion is not None:
        return "the cells were given already"
    if act.journey.depletion_started is not None and act.journey.depletion_finished is None:
        return "a course is going on; record its end first"
    return None


@rule(
    "LD-006",
    on=(e.ProductThawed,),
    why="A thaw cannot be undone, and thawed cells live for minutes.",
    source="The therapy's label: thaw when the patient is ready",
    example="Two bags are thawed before the window of infusion opens.",
)
def cells_are_thawed_for_the_infusion(act: Act[e.ProductThawed]) -> str | None:
    """Cells are thawed once they are released, on site, and lymphodepletion is over."""
    product = find(act.journey.products, act.event.product)
    if product is None:
        return None
    ready = arrived(act.journey)
    if ready is None or ready.product != product.product:
        return f"{product.product} is not released and received; do not thaw it"
    if act.journey.depletion_finished is None:
        return "lymphodepletion is not over; do not thaw the cells yet"
    return None
