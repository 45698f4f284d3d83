"""Who may open which page, and whose journeys they see there. Pure functions of the visitor; what is not named is refused.

A page is open to roles, a journey to places: staff of a center see their center's, staff of a site what is made there,
couriers what is to be carried, a payer whom it pays for, an auditor all. An administrator sees no patient's data. A
clinician may open one journey of another center with a reason, for an hour, to look and not to act.
"""

from __future__ import annotations

from livingdrug.care.accounts.seen import SEEN
from livingdrug.care.accounts.who import CLINICIANS, Visitor
from livingdrug.journey.events import BY_NAME, Corrected, Event, HandedOver, Overridden, Received, Shipped, Signed
from livingdrug.journey.rules.roles import ROLES
from livingdrug.journey.state import Journey, stands

__all__ = [
    "PAGES",
    "first_page",
    "is_auditor",
    "may_break_glass",
    "may_open",
    "may_record",
    "may_see",
    "sees_clinical",
    "sees_event",
    "sees_names",
    "works_there",
]

WARD = frozenset({"physician", "bedside nurse", "pharmacist"})
CENTER = WARD | {"coordinator", "collection nurse"}
RELEASE = frozenset({"quality", "qualified person"})
SITE = RELEASE | {"operator"}
AUDITOR = frozenset({"auditor"})
CARRIES = frozenset({"courier"})
PAYS = frozenset({"payer"})

STAFF = {"center": CENTER, "site": SITE, "courier": CARRIES, "payer": PAYS}
"""The roles that belong to a kind of place; a role elsewhere gives no journeys."""

PAGES: dict[str, frozenset[str]] = {
    "accounts": frozenset({"administrator"}),
    "act": CENTER | SITE | CARRIES | PAYS,
    "audit": AUDITOR,
    "bedside": WARD | AUDITOR,
    "board": CENTER | SITE | CARRIES | AUDITOR,
    "centers": CENTER | SITE | AUDITOR,
    "cohort": frozenset({"coordinator", "physician", "pharmacist"}) | RELEASE | AUDITOR,
    "collection": CENTER | RELEASE | AUDITOR,
    "custody": CENTER | SITE | CARRIES | AUDITOR,
    "gate": WARD | {"coordinator"} | AUDITOR,
    "labels": CENTER | SITE,
    "ledger": frozenset({"coordinator"}) | PAYS | AUDITOR,
    "manufacture": SITE | AUDITOR,
    "names": CENTER,
    "patient": CENTER | SITE | AUDITOR,
    "refer": frozenset({"coordinator", "physician"}),
    "release": SITE | {"physician"} | AUDITOR,
    "response": frozenset({"coordinator", "physician", "bedside nurse"}) | AUDITOR,
    "rules": CENTER | SITE | CARRIES | PAYS | AUDITOR | {"administrator"},
    "slots": frozenset({"coordinator", "physician", "collection nurse", "operator"}) | RELEASE | AUDITOR,
}
"""The roles that each page is open to. A page that is not here is open to nobody."""

FIRST = {"payer": "ledger", "courier": "board", "center": "board", "site": "board"}


def may_open(visitor: Visitor, page: str) -> bool:
    """Whether one of the visitor's roles opens the page; False for a page that nobody knows."""
    return bool(visitor.roles & PAGES.get(page, frozenset()))


def may_see(visitor: Visitor, id: str, journey: Journey) -> bool:
    """Whether a journey is theirs to see: by where they work, by a glass that is open, or because they audit."""
    return is_auditor(visitor) or _is_theirs(visitor, journey) or (may_break_glass(visitor) and id in visitor.glass)


def may_record(visitor: Visitor, journey: Journey, event: str) -> bool:
    """Whether they may try to record that kind of event here: by role, and never behind the glass or as an auditor."""
    kind = BY_NAME.get(event)
    return kind is not None and bool(visitor.roles & frozenset(ROLES.get(kind, ()))) and _is_theirs(visitor, journey)


def sees_names(visitor: Visitor, journey: Journey) -> bool:
    """Whether they may read who the patient is: staff of the treating center only."""
    return visitor.kind == "center" and may_open(visitor, "names") and _is_theirs(visitor, journey)


def sees_clinical(visitor: Visitor) -> bool:
    """Whether they may know how patients are: what stops a journey, severity, grades."""
    return is_auditor(visitor) or (visitor.kind == "center" and works_there(visitor))


def sees_event(visitor: Visitor, journey: Journey, event: Event) -> bool:
    """Whether an event of a journey that they see is for their eyes; what corrects, overrides or signs goes with its act."""
    if sees_clinical(visitor):
        return True
    about: Event | None = event
    if isinstance(event, Corrected | Signed):
        about = stands(journey, event.position) or journey.history[event.position - 1]
    if isinstance(event, Overridden):
        return BY_NAME.get(event.act) in SEEN.get(visitor.kind, frozenset())
    return type(about) in SEEN.get(visitor.kind, frozenset())


def may_break_glass(visitor: Visitor) -> bool:
    """Whether they may open a journey of another center: clinicians at a center."""
    return visitor.kind == "center" and works_there(visitor) and bool(visitor.roles & CLINICIANS)


def is_auditor(visitor: Visitor) -> bool:
    """Whether they read everything and change nothing."""
    return "auditor" in visitor.roles


def first_page(visitor: Visitor) -> str:
    """The page on which their day begins; empty where none is open to them."""
    wanted = (FIRST.get(visitor.kind, ""), "audit", "accounts", "board")
    return next((each for each in wanted if may_open(visitor, each)), "")


def works_there(visitor: Visitor) -> bool:
    """Whether they have, today, a role that belongs to the kind of place where they work."""
    return bool(visitor.place) and bool(visitor.roles & STAFF.get(visitor.kind, frozenset()))


def _is_theirs(visitor: Visitor, journey: Journey) -> bool:
    if not works_there(visitor):
        return False
    if visitor.kind == "courier":
        return _is_carried(visitor.person, journey)
    own = {"center": journey.center, "site": journey.site, "payer": journey.payer}
    return own[visitor.kind] == visitor.place


# What couriers carry -----------------------------------------------------------------------------------------------------


def _is_carried(person: str, journey: Journey) -> bool:
    """Until the infusion: cells that wait for a courier or are on their way, and cells that this courier has had."""
    if journey.infusion is not None or journey.ended or journey.died is not None:
        return False
    return _waits_or_travels(journey) or any(_was_handled(person, each) for each in journey.history)


def _waits_or_travels(journey: Journey) -> bool:
    to_the_site = any(each.accepted is None for each in journey.collections)
    to_the_center = any(each.released and not each.rejected and each.stored_celsius is None for each in journey.products)
    return to_the_site or to_the_center or any(not each.received for each in journey.parcels)


def _was_handled(person: str, event: Event) -> bool:
    if isinstance(event, HandedOver):
        return person in (event.by, event.giver)
    return isinstance(event, Shipped | Received) and event.by == person
