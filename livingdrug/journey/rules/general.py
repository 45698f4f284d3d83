"""REC: the record itself. Order, clocks, people, corrections, overrides and signatures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from livingdrug.journey import codec
from livingdrug.journey import events as e
from livingdrug.journey.events import Event
from livingdrug.journey.rules import words
from livingdrug.journey.rules.base import RULES, TIMES, Act, act_of, objections, rule, without_zone
from livingdrug.journey.rules.roles import ROLES, TRAINED
from livingdrug.journey.state import evolve, journey_of, standing, stands
from livingdrug.network import ask

PART11 = "21 CFR 11.10"
ALCOA = "21 CFR 11.10(e) and the ALCOA+ principles (contemporaneous, consistent)"
ADMINISTRATION = (e.Corrected, e.Overridden, e.Signed, e.MilestoneSettled, e.MilestoneDisputed, e.DeviationClosed, e.NotInfused)
"""What may still be recorded of the dead, besides what was found before."""
AFTERTHOUGHTS = (e.SlotReleased, e.CoverageAuthorized, e.CoverageDenied, e.DeviationClosed, e.NotInfused, *ADMINISTRATION)
"""Acts of the office, which change neither where cells are nor what was done to the patient."""


@rule(
    "REC-001",
    on=(Event,),
    early=True,
    why="Everything else hangs on who is treated with what and where; a second referral would be a second journey.",
    source=f"{PART11}(f): operational checks enforce the sequence of steps",
    example="A collection is recorded for a patient whom nobody has referred.",
)
def a_journey_begins_with_one_referral(act: Act[Event]) -> str | None:
    """A journey begins with its referral, and has one."""
    referral = isinstance(act.event, e.PatientReferred)
    if not act.journey.patient and not referral:
        return "the patient has not been referred; record the referral first"
    if act.journey.patient and referral:
        return f"the patient was referred for {act.journey.therapy} already; a second therapy is a journey of its own"
    return None


@rule(
    TIMES,
    on=(Event,),
    why="A clock time without a zone is another moment in every city, and windows of days and minutes hang on it.",
    source=ALCOA,
    example="A thaw at 09:00 without a zone, entered in Chicago and read in Boston.",
)
def times_have_a_zone(act: Act[Event]) -> str | None:
    """Every time carries its time zone."""
    name = without_zone(act.event)
    return f"{name} is {getattr(act.event, name).isoformat()}, without a time zone; add the offset" if name else None


@rule(
    "REC-003",
    on=(Event,),
    early=True,
    why="Cells go one way. An act dated before the one it follows is a wrong date, a wrong zone or a wrong patient.",
    source=f"{PART11}(f) and ALCOA+ (consistent)",
    example="A product is received on the day before it was shipped.",
)
def acts_are_in_order_of_time(act: Act[Event]) -> str | None:
    """An act is not earlier than the act before it; observations may be charted late."""
    event, last = act.event, act.journey.last_act
    if event.kind != "act" or isinstance(event, AFTERTHOUGHTS) or last is None or event.at.tzinfo is None:
        return None
    if event.at < last:
        return f"it is dated {words.when(event)}, before the last act at {words.clock(last)}; check date and zone"
    return None


@rule(
    "REC-004",
    on=(Event,),
    early=True,
    why="What has not happened yet cannot be recorded; a date ahead of the clock is a clock or a zone that is wrong.",
    source=ALCOA,
    example="An infusion in three hours is recorded as given, to save time.",
)
def nothing_is_recorded_ahead(act: Act[Event]) -> str | None:
    """Nothing is dated later than the clock of the record, give or take five minutes."""
    ended: datetime = getattr(act.event, "ended", act.event.at)
    if act.now is None or act.event.at.tzinfo is None or ended.tzinfo is None:
        return None
    latest = max(act.event.at, ended)
    if latest <= act.now + words.CLOSE:
        return None
    return f"it is dated {words.clock(latest)}, and now it is {words.clock(act.now)}; correct the time"


@rule(
    "REC-005",
    on=(Event,),
    early=True,
    why="An act on a patient who has died is recorded for the wrong patient, or with the wrong date.",
    source=f"{PART11}(f)",
    example="Vitals are charted on the day after the death.",
)
def nothing_happens_to_the_dead(act: Act[Event]) -> str | None:
    """After a death only the record is completed, and what was found before it."""
    died = act.journey.died
    if died is None or isinstance(act.event, ADMINISTRATION) or act.event.at.tzinfo is None:
        return None
    if isinstance(act.event, e.Died):
        return f"the patient died on {died:%Y-%m-%d} already; correct that event if its date or cause is wrong"
    if act.event.kind == "act" or act.event.at > died:
        return f"the patient died on {words.clock(died)}; check the patient and the date"
    return None


@rule(
    "REC-006",
    on=(Event,),
    early=True,
    why="Each act needs somebody who is entitled to it on that day, so that no one grades, releases or pays who may not.",
    source=f"{PART11}(d) and (g): access and authority checks",
    example="A courier charts vitals; a nurse who left in May releases in June.",
)
def the_person_may_do_this(act: Act[Event]) -> str | None:
    """Who answers for the event is known, was there that day, and has a role for it."""
    person = ask.person(act.network, act.event.by)
    if person is None:
        return f"{act.event.by!r} is nobody in the network {act.network.name}; use the identifier that its file has"
    roles = ROLES.get(type(act.event), ())
    if any(ask.has_role(act.network, person.id, role, act.day) for role in roles):
        return None
    own = words.listed(tuple(person.roles))
    return f"{person.id} ({own}) may not record this on {act.day}; it takes a {words.listed(roles)}"


@rule(
    "REC-007",
    on=(Event,),
    early=True,
    why="Staff answer for the patients and the cells of their own center or site; couriers and payers come to all of them.",
    source=f"{PART11}(d): access limited to authorized individuals",
    example="A nurse in Boston hangs a bag for a patient in Philadelphia.",
)
def people_act_where_they_work(act: Act[Event]) -> str | None:
    """People act at the center or site they belong to."""
    place = ask.works_at(act.network, act.event.by)
    if not act.journey.patient and not isinstance(act.event, e.PatientReferred):
        return None
    if place is None or (ask.center(act.network, place) is None and ask.site(act.network, place) is None):
        return None
    here = {act.journey.center, act.journey.site}
    if isinstance(act.event, e.PatientReferred | e.TherapyOrdered):
        here |= {act.event.center}
    if place in here:
        return None
    center = act.journey.center or "another center"
    return f"{act.event.by} works at {place}, and this patient is treated at {center}; let somebody there record it"


@rule(
    "REC-008",
    on=(e.Corrected,),
    why="A record keeps what was first written; what replaces it must be true to the rules, and cells keep their identity.",
    source="21 CFR 11.10(e): changes do not obscure earlier entries, and state who, when and why",
    example="A weight of 220 kg is corrected to 22 kg; a chain of identity is not correctable at all.",
)
def a_correction_could_have_stood(act: Act[e.Corrected]) -> str | None:
    """A correction names an event, gives a reason, keeps kind and identity, and would have been accepted in its place."""
    event, journey = act.event, act.journey
    old = stands(journey, event.position)
    if old is None or isinstance(old, e.Corrected | e.Overridden | e.Signed):
        return f"there is nothing to correct at position {event.position}; positions run from 1 to {journey.version}"
    if not event.reason.strip():
        return "it gives no reason; say why the earlier entry was wrong"
    lifted = LIFTED_BY.get(type(old))
    if lifted and not any(ask.has_role(act.network, event.by, role, act.day) for role in ROLES[lifted]):
        return f"{old.name!r} stops something; only a {words.listed(ROLES[lifted])} may correct it or take it back"
    if event.replacement is None:
        return None if old.kind == "observation" else f"{old.name!r} is an act and cannot be taken back; correct its details"
    if type(event.replacement) is not type(old):
        return f"it puts {event.replacement.name!r} in the place of {old.name!r}; correct an event by one of its own kind"
    changed = [name for name in IDENTITY if getattr(event.replacement, name, None) != getattr(old, name, None)]
    if changed:
        return f"it changes {words.listed(tuple(changed))}; identity is never corrected: open a deviation, and quality decides"
    return _would_be_refused(act)


IDENTITY = (
    "patient", "therapy", "chain", "collection", "collections", "product", "bags", "run", "item", "items", "shipment",
    "second", "by", "order", "slot",
)  # fmt: skip
"""Fields by which cells, people and papers are told apart."""


LIFTED_BY: dict[type[Event], type[Event]] = {
    e.MismatchFound: e.DeviationClosed,
    e.DeviationOpened: e.DeviationClosed,
    e.ReleaseTested: e.ResultInvalidated,
    e.ContraindicationFound: e.ContraindicationResolved,
}
"""Findings that stop cells or treatment, with what lifts them: who may not do that may not correct them away either."""


def _would_be_refused(act: Act[e.Corrected]) -> str | None:
    """The objections to the corrected event in its place, as one sentence."""
    replacement, position = act.event.replacement, act.event.position
    assert replacement is not None, "a retraction has nothing to judge"
    before = journey_of(each for place, each in standing(act.journey) if place < position)
    found = objections(act_of(act.therapy, act.network, before, replacement, act.now))
    waived = {number for number, name in before.overrides if name == replacement.name}
    left = [f"{number}: {says}" for number, says in found.items() if number not in waived]
    return f"the corrected event would have been refused: {'; '.join(left)}" if left else _after(act, before)


def _after(act: Act[e.Corrected], before: Any) -> str | None:
    """An infusion that took place is only corrected within what the gate would have let through, which was just checked;
    anything else keeps the order of time with what follows."""
    replacement, position = act.event.replacement, act.event.position
    assert replacement is not None, "a retraction has nothing to judge"
    later = [each for place, each in standing(act.journey) if place > position and each.kind == "act"]
    if replacement.kind == "act" and not isinstance(replacement, AFTERTHOUGHTS) and later and replacement.at > later[0].at:
        return f"it would be dated after the next act, {later[0].name!r} at {words.when(later[0])}; check the date"
    evolve(replacement, before)
    return None


@rule(
    "REC-009",
    on=(e.Overridden,),
    why="Reality outruns rules. An exception is somebody's decision with a reason, visible, and never about identity.",
    source="21 CFR 211.100(b): deviations are recorded and justified",
    example="A physician accepts a dose slightly above the label's range.",
)
def overrides_are_authorized(act: Act[e.Overridden]) -> str | None:
    """An override names a rule that may be waived and the act it is for, by somebody who may waive it, with a reason."""
    event = act.event
    waived = RULES.get(event.rule)
    if waived is None:
        return f"there is no rule {event.rule!r}; see `livingdrug rules`"
    if not waived.waivers:
        return f"nobody may override {event.rule} ({waived.title}); clear its cause"
    if event.act not in e.BY_NAME or not issubclass(e.BY_NAME[event.act], waived.on):
        return f"{event.rule} does not judge {event.act!r}; name the act that was refused"
    if not any(ask.has_role(act.network, event.by, role, act.day) for role in waived.waivers):
        return f"{event.by} may not override {event.rule}; it takes a {words.listed(waived.waivers)}"
    return None if event.reason.strip() else "it gives no reason; say why the exception is right for this patient"


@rule(
    "REC-010",
    on=(e.Signed,),
    why="A signature belongs to exactly what was on the screen; after a change it does not hold any more.",
    source="21 CFR 11.50 and 11.70: meaning of a signature, and its link to the record",
    example="A release is signed, and the viability is corrected afterwards: the signature of the old result is refused.",
)
def signatures_cover_what_stands(act: Act[e.Signed]) -> str | None:
    """A signature has a meaning and covers the event that stands, as its digest shows."""
    signed = stands(act.journey, act.event.position)
    if signed is None:
        return f"there is nothing to sign at position {act.event.position}; positions run from 1 to {act.journey.version}"
    if not act.event.meaning.strip():
        return "it has no meaning; say what is signed for: approval, review, responsibility"
    if act.event.digest != codec.digest(signed):
        return "its digest is not that of the event as it stands; look at the event again and sign that"
    return None


@rule(
    "REC-011",
    on=TRAINED,
    early=True,
    waivers=("quality",),
    why="Collection, manufacture and care of these cells are not self-explanatory, and knowledge goes out of date.",
    source="21 CFR 11.10(i) and 211.25: education, training and experience for the task",
    example="An operator whose training ended in March starts a run in April.",
)
def training_is_current(act: Act[Event]) -> str | None:
    """Whoever collects, manufactures, releases, thaws or treats is trained for the therapy on that day."""
    return ask.why_not_trained(act.network, act.event.by, act.therapy.name, act.day)


@rule(
    "REC-012",
    on=(Event,),
    why="A message that is sent twice must not collect, ship, infuse or bill twice.",
    source="ALCOA+ (accurate); duplicates are the classic failure of order systems",
    example="A tablet loses its connection and sends the same vitals again.",
)
def an_event_is_recorded_once(act: Act[Event]) -> str | None:
    """The same event is not recorded twice."""
    kind, history = type(act.event), act.journey.history
    for position in range(len(history), 0, -1):
        if type(history[position - 1]) is kind and history[position - 1] == act.event:
            return f"it is recorded already, at position {position}; nothing is to be done"
    return None


@rule(
    "REC-013",
    on=(
        e.CellsCollected, e.ManufactureStarted, e.ManufactureFinished, e.Shipped, e.SlotHeld, e.TherapyOrdered,
        e.DeviationOpened,
    ),
    why="A number that names two things cannot tell them apart on a label.",
    source="21 CFR 1271.290: a distinct identification code for each product",
    example="The second day of collection gets the donation number of the first.",
)  # fmt: skip
def numbers_are_new(act: Act[Any]) -> str | None:
    """Collections, runs, products, shipments, slots, orders and bags get numbers that the journey has not used."""
    for kind, name in NUMBERED.items():
        value = getattr(act.event, name) if isinstance(act.event, kind) else None
        if value is not None and (not value.strip() or value in _used(act)):
            return f"the number {value!r} of this {name} is empty or used already; issue a new one"
    bags = getattr(act.event, "bags", ())
    taken = [bag for part in (*act.journey.collections, *act.journey.products) for bag in part.bags]
    double = [bag for bag in bags if bag in taken or bags.count(bag) > 1]
    return f"the bag {double[0]!r} is there already; each bag has its own label" if double else None


NUMBERED: dict[type[Event], str] = {
    e.CellsCollected: "collection",
    e.ManufactureStarted: "run",
    e.ManufactureFinished: "product",
    e.Shipped: "shipment",
    e.SlotHeld: "slot",
    e.TherapyOrdered: "order",
    e.DeviationOpened: "deviation",
}


def _used(act: Act[Any]) -> set[str]:
    journey = act.journey
    return {
        *(each.collection for each in journey.collections),
        *(each.run for each in journey.runs),
        *(each.product for each in journey.products),
        *(each.shipment for each in journey.parcels),
        *(each.slot for each in journey.slots),
        *(each.deviation for each in journey.deviations),
        *([journey.order] if journey.order else []),
    }


@rule(
    "REC-014",
    on=(e.CellsCollected, e.HandedOver, e.Received, e.GatePassed, e.ProductInfused),
    why="A scan is evidence only when it is known which scanner made it; a typed identifier names the workstation.",
    source=f"{PART11}(h): device checks for the source of data input",
    example="A hand-over arrives without the number of the scanner.",
)
def scans_name_their_device(act: Act[Any]) -> str | None:
    """A scan names the device it was made with."""
    return None if act.event.device.strip() else "it names no device; give the number of the scanner or workstation"


@rule(
    "REC-015",
    on=tuple(e.BY_NAME.values()),
    why="A word that is spelled in two ways is counted as two things, and a rule that looks for one misses the other.",
    source="ALCOA+ (consistent)",
    example='A death is recorded with the cause "leukaemia", and the cause is "disease".',
)
def words_are_known(act: Act[Event]) -> str | None:
    """Fields of words hold one of the words that are known."""
    for name, known in KNOWN.get(type(act.event), {}).items():
        value = getattr(act.event, name)
        if value not in known:
            return f"{name} is {value!r}; write {words.listed(known)}"
    return None


KNOWN: dict[type[Event], dict[str, tuple[str, ...]]] = {
    e.ConsentGiven: {"scope": words.CONSENTS},
    e.ConsentWithdrawn: {"scope": words.CONSENTS},
    e.SlotHeld: {"kind_of": words.SLOTS},
    e.Shipped: {"status": words.PARCELS},
    e.ProductReleased: {"release": words.RELEASES},
    e.NotInfused: {"reason": words.NOT_INFUSED},
    e.GradeOverridden: {"scale": words.SCALES},
    e.Relapsed: {"relapse": words.RELAPSES},
    e.Died: {"cause": words.CAUSES},
}
