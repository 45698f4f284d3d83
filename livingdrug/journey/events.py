"""Everything that can happen on a journey, in the order in which it usually does.

Acts and decisions are events; a run of measurements is one event that holds a short series. Times carry their zone,
identifiers are pseudonyms, money is in minor units. What `criteria` grades is stored as it was observed, never as a grade.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from livingdrug.journey.kinds import BY_NAME, Event, stored

__all__ = [
    "BY_NAME",
    "AdverseEventReported",
    "BCellsRecovered",
    "BaselineDescribed",
    "BridgingGiven",
    "CellsCollected",
    "ChainIssued",
    "CollectionAccepted",
    "CollectionRejected",
    "ConsentGiven",
    "ConsentWithdrawn",
    "ContraindicationFound",
    "ContraindicationResolved",
    "Corrected",
    "CoverageAuthorized",
    "CoverageDenied",
    "DeviationClosed",
    "DeviationOpened",
    "DialysisStarted",
    "Died",
    "EligibilityAssessed",
    "Event",
    "ExceptionalReleaseApproved",
    "ExceptionalReleaseRequested",
    "ExposureReported",
    "FurtherTherapyGiven",
    "GatePassed",
    "GradeOverridden",
    "HandedOver",
    "Identifier",
    "InProcessTested",
    "IntensiveCareEntered",
    "IntensiveCareLeft",
    "LaboratoryReported",
    "LymphodepletionFinished",
    "LymphodepletionStarted",
    "ManufactureFailed",
    "ManufactureFinished",
    "ManufactureStarted",
    "MilestoneDisputed",
    "MilestoneSettled",
    "MismatchFound",
    "NeurologyAssessed",
    "NotInfused",
    "OutOfSpecificationFound",
    "Overridden",
    "PatientAdmitted",
    "PatientDischarged",
    "PatientReferred",
    "PatientSeen",
    "ProductInfused",
    "ProductRejected",
    "ProductReleased",
    "ProductThawed",
    "Received",
    "Relapsed",
    "ReleaseTested",
    "ResponseAssessed",
    "ResultInvalidated",
    "Shipped",
    "Signed",
    "SlotBooked",
    "SlotHeld",
    "SlotReleased",
    "StepFinished",
    "SteroidsGiven",
    "Stored",
    "TemperatureLogged",
    "TherapyOrdered",
    "TocilizumabGiven",
    "TocilizumabReserved",
    "VitalsCharted",
]


@dataclass(frozen=True, slots=True)
class Identifier:
    """A way to tell who somebody is: what kind it is ("record number", "name and birth date", "order"), and its value or,
    where the value is personal, the token that the service keeps in its place."""

    kind: str
    value: str


# From referral to order -------------------------------------------------------------------------------------------------


@stored("referred")
class PatientReferred(Event):
    """A patient was referred for a therapy; the journey begins. `identifiers` are all that later scans may use."""

    patient: str
    therapy: str
    center: str
    identifiers: tuple[Identifier, ...]
    referrer: str = ""


@stored("described", "observation")
class BaselineDescribed(Event):
    """Who the patient is before treatment: weight in kg, lymphocytes per µL, burden as a share (marrow blasts in leukemia).

    The last three are known of virtual patients only.
    """

    age: float
    weight: float
    female: bool
    down_syndrome: bool = False
    prior_transplant: bool = False
    prior_lines: int | None = None
    burden: float | None = None
    burden_band: str | None = None
    lymphocytes: float | None = None
    antigen_negative_cells: float | None = None
    fitness: float | None = None
    low_fitness: bool | None = None


@stored("eligibility assessed", "observation")
class EligibilityAssessed(Event):
    """What the eligibility rules look at: age in years, weight in kg, state of the disease, exclusions that are present."""

    age: float
    weight: float
    disease_status: str
    present: tuple[str, ...] = ()
    evidence: str = ""


@stored("consent given")
class ConsentGiven(Event):
    """The patient consented: to treatment, research, data sharing, or to a product that is out of specification."""

    scope: str
    form: str = ""


@stored("consent withdrawn")
class ConsentWithdrawn(Event):
    """The patient withdrew a consent; everything that needs it stops."""

    scope: str
    reason: str = ""


@stored("coverage authorized")
class CoverageAuthorized(Event):
    """A payer authorized the treatment, to the last day `until`."""

    payer: str
    reference: str
    until: date | None = None


@stored("coverage denied")
class CoverageDenied(Event):
    """A payer refused the treatment."""

    payer: str
    reason: str


@stored("ordered")
class TherapyOrdered(Event):
    """A physician ordered the therapy for the center that will treat and the site that will manufacture."""

    order: str
    center: str
    site: str


@stored("chain issued")
class ChainIssued(Event):
    """The chain of identity was issued: 15 characters, one for each order, before the first collection."""

    chain: str


@stored("slot held")
class SlotHeld(Event):
    """A place was held until `expires`: kind is collection, manufacture, bed or infusion; resource is what is occupied."""

    slot: str
    kind_of: str
    resource: str
    start: datetime
    end: datetime
    expires: datetime


@stored("slot booked")
class SlotBooked(Event):
    """A held place was booked."""

    slot: str


@stored("slot released")
class SlotReleased(Event):
    """A place was given back."""

    slot: str
    reason: str = ""


# Collection and custody -------------------------------------------------------------------------------------------------


@stored("collected")
class CellsCollected(Event):
    """One day of leukapheresis: `collection` is its donation identification number (DIN), `chain` the one on the bag's label,
    `patient` the identifier read at the wristband. Volumes in mL, cells in counts; `at` is its end."""

    collection: str
    chain: str
    patient: Identifier
    device: str
    started: datetime
    volume: float
    processed: float | None = None
    nucleated: float | None = None
    cd3: float
    bags: tuple[str, ...]


@stored("collection accepted")
class CollectionAccepted(Event):
    """The manufacturer accepted what was collected as starting material. This is the day of enrollment."""

    collections: tuple[str, ...]


@stored("collection rejected")
class CollectionRejected(Event):
    """The manufacturer refused what was collected."""

    collections: tuple[str, ...]
    reason: str


@stored("handed over")
class HandedOver(Event):
    """Custody of an item went from `giver` to the person `by`, after two independent identifiers were read on it."""

    item: str
    chain: str
    second: Identifier
    giver: str
    device: str


@stored("shipped")
class Shipped(Event):
    """Items left on a lane, as starting material or as product: `status` is starting material, released or conditional."""

    shipment: str
    items: tuple[str, ...]
    chain: str
    lane: str
    shipper: str
    logger: str
    status: str


@stored("temperature logged", "observation")
class TemperatureLogged(Event):
    """What a logger read: hours from `at`, and °C. `item` is a shipment, or a product in storage."""

    item: str
    hours: tuple[float, ...]
    celsius: tuple[float, ...]


@stored("received")
class Received(Event):
    """A shipment arrived, was scanned, and was intact or not."""

    shipment: str
    items: tuple[str, ...]
    chain: str
    second: Identifier
    intact: bool
    device: str


@stored("stored")
class Stored(Event):
    """An item was put into storage at a position, at a temperature in °C."""

    item: str
    place: str
    celsius: float


@stored("mismatch found", "observation")
class MismatchFound(Event):
    """A scan did not agree: a full stop for these cells until quality resolves it as a deviation."""

    item: str
    expected: str
    scanned: str
    device: str = ""


@stored("deviation opened", "observation")
class DeviationOpened(Event):
    """Something went otherwise than planned; a deviation that `holds` stops the cells until it is closed."""

    deviation: str
    says: str
    holds: bool


@stored("deviation closed")
class DeviationClosed(Event):
    """Quality decided on a deviation; `position` names a mismatch, where it closes one, as its place in the journey."""

    deviation: str
    says: str
    position: int | None = None


# Manufacture and release ------------------------------------------------------------------------------------------------


@stored("manufacture started")
class ManufactureStarted(Event):
    """A run began from accepted collections, whose label was read as `chain`."""

    run: str
    collections: tuple[str, ...]
    chain: str
    site: str
    line: str
    process: str = ""


@stored("step finished")
class StepFinished(Event):
    """A step of the therapy's manufacture is done, with equipment and the lots that went into it."""

    run: str
    step: str
    equipment: str = ""
    lots: tuple[str, ...] = ()


@stored("in-process tested", "observation")
class InProcessTested(Event):
    """A result during manufacture."""

    run: str
    test: str
    value: float
    unit: str


@stored("manufacture failed")
class ManufactureFailed(Event):
    """A run ended without a product."""

    run: str
    reason: str


@stored("manufacture finished")
class ManufactureFinished(Event):
    """A run ended with a product: its label, bags, CAR-positive viable cells, and expiry."""

    run: str
    product: str
    chain: str
    bags: tuple[str, ...]
    cells: float
    expires: datetime


@stored("release tested", "observation")
class ReleaseTested(Event):
    """The result of a release test in the unit of the specification."""

    product: str
    test: str
    value: float
    unit: str
    retest: bool = False


@stored("result invalidated")
class ResultInvalidated(Event):
    """A laboratory error was found: the result at this position counts no more, and a retest may follow."""

    product: str
    test: str
    position: int
    reason: str


@stored("out of specification")
class OutOfSpecificationFound(Event):
    """Quality stated that a product misses its specification in these tests."""

    product: str
    tests: tuple[str, ...]


@stored("exceptional release requested")
class ExceptionalReleaseRequested(Event):
    """A physician asked for a product that is out of specification, because its benefit outweighs the risk."""

    product: str
    reason: str


@stored("exceptional release approved")
class ExceptionalReleaseApproved(Event):
    """The authority that the therapy names approved it: managed access, a single-patient protocol."""

    product: str
    authority: str
    reference: str


@stored("released")
class ProductReleased(Event):
    """Quality released a product: in specification, conditional (`pending` results follow), or exceptional."""

    product: str
    release: str
    pending: tuple[str, ...] = ()


@stored("rejected")
class ProductRejected(Event):
    """Quality rejected a product, or recalled one that had been released."""

    product: str
    reason: str


# Before infusion --------------------------------------------------------------------------------------------------------


@stored("bridging given")
class BridgingGiven(Event):
    """Therapy that holds the disease until the cells are there."""

    drugs: tuple[str, ...] = ()


@stored("contraindication found", "observation")
class ContraindicationFound(Event):
    """Something that forbids infusion for now, in the words of the therapy's exclusions or preconditions."""

    what: str


@stored("contraindication resolved", "observation")
class ContraindicationResolved(Event):
    """It no longer holds."""

    what: str


@stored("lymphodepletion started")
class LymphodepletionStarted(Event):
    """The first dose of lymphodepletion."""

    drugs: tuple[str, ...]


@stored("lymphodepletion finished")
class LymphodepletionFinished(Event):
    """The last dose; from this day the infusion window counts. Fludarabine exposure in mg·h/L, where it was measured; burden,
    as a share, from before the first dose."""

    fludarabine_auc: float | None = None
    burden: float | None = None


@stored("tocilizumab reserved")
class TocilizumabReserved(Event):
    """Doses of tocilizumab that lie at the center for this patient."""

    doses: int


@stored("thawed")
class ProductThawed(Event):
    """Bags of a product were thawed; `at` is when the thaw was complete."""

    product: str
    bags: tuple[str, ...]


@stored("gate passed")
class GatePassed(Event):
    """Every condition of infusion was looked at and held, for this product, patient, weight (kg) and dose (cells)."""

    product: str
    chain: str
    second: Identifier
    weight: float
    cells: float
    device: str


@stored("infused")
class ProductInfused(Event):
    """The cells were given: `at` is the start. Two people verified, `by` and `witness`."""

    product: str
    bags: tuple[str, ...]
    chain: str
    second: Identifier
    weight: float
    cells: float
    ended: datetime
    witness: str
    device: str


@stored("not infused")
class NotInfused(Event):
    """The journey ended without cells: not eligible, not collected, manufacturing failure, withdrawn, other."""

    reason: str
    says: str = ""


# The course -------------------------------------------------------------------------------------------------------------


@stored("admitted")
class PatientAdmitted(Event):
    """Taken into the hospital."""

    reason: str = ""


@stored("discharged")
class PatientDischarged(Event):
    """Sent home."""


@stored("vitals charted", "observation")
class VitalsCharted(Event):
    """A run of bedside measurements: hours from `at`; °C; vasoactive and oxygen needs as `criteria.crs` orders them.

    `systolic` (mmHg) and `saturation` (%) may be empty.
    """

    hours: tuple[float, ...]
    temperature: tuple[float, ...]
    vasoactive: tuple[int, ...]
    oxygen: tuple[int, ...]
    systolic: tuple[float, ...] = ()
    saturation: tuple[float, ...] = ()


@stored("neurology assessed", "observation")
class NeurologyAssessed(Event):
    """One neurological assessment: ICE (0 to 10) from 12 years on, CAPD (0 to 32) below; the findings as `criteria.icans`."""

    ice: int | None = None
    capd: int | None = None
    consciousness: int = 0
    seizure: int = 0
    motor: int = 0
    edema: int = 0


@stored("tocilizumab given")
class TocilizumabGiven(Event):
    """One dose, in mg."""

    mg: float


@stored("steroids given")
class SteroidsGiven(Event):
    """One dose, or the start of a course: drug and mg where known."""

    drug: str
    mg: float | None = None


@stored("dialysis started")
class DialysisStarted(Event):
    """The kidneys needed help."""


@stored("intensive care entered")
class IntensiveCareEntered(Event):
    """Taken into intensive care."""


@stored("intensive care left")
class IntensiveCareLeft(Event):
    """Back from intensive care."""


@stored("adverse event", "observation")
class AdverseEventReported(Event):
    """An adverse event with its CTCAE grade, 1 to 5."""

    term: str
    grade: int
    related: bool = True


@stored("laboratory reported", "observation")
class LaboratoryReported(Event):
    """A run of one analyte: days from infusion and values in `unit`."""

    analyte: str
    unit: str
    days: tuple[float, ...]
    values: tuple[float, ...]


@stored("exposure reported", "observation")
class ExposureReported(Event):
    """What the bioanalytical laboratory made of the transgene: copies/µg DNA, days from infusion."""

    cmax: float
    tmax: float
    auc28: float
    persistence_day: float | None = None


@stored("grade overridden", "observation")
class GradeOverridden(Event):
    """A clinician graded otherwise than the rule; both grades are kept. `day` counts from infusion."""

    scale: str
    day: int
    computed: int
    grade: int
    reason: str


# Response and after -----------------------------------------------------------------------------------------------------


@stored("response assessed", "observation")
class ResponseAssessed(Event):
    """One assessment, named by its day in the therapy (28, 90): burden as a share, MRD as a share of cells, counts per µL.

    Counts say what CR needs; `counts_recovered` stands in where only the verdict is known. `before` is the burden that a
    partial response is measured against; without it, the one before lymphodepletion.
    """

    assessment: int
    burden: float
    mrd: float | None = None
    neutrophils: float | None = None
    platelets: float | None = None
    counts_recovered: bool | None = None
    extramedullary: bool = False
    before: float | None = None


@stored("b cells recovered", "observation")
class BCellsRecovered(Event):
    """Healthy cells with the antigen are back."""


@stored("relapsed", "observation")
class Relapsed(Event):
    """The disease is back: antigen-positive, antigen-negative or lineage switch."""

    relapse: str


@stored("further therapy given")
class FurtherTherapyGiven(Event):
    """Another anticancer therapy: `therapy` is "transplant" or the name of something else."""

    therapy: str


@stored("seen", "observation")
class PatientSeen(Event):
    """The patient was seen alive: follow-up lasts at least to here."""


@stored("died")
class Died(Event):
    """The patient died: of disease, toxicity or something other."""

    cause: str


# Payment ----------------------------------------------------------------------------------------------------------------


@stored("milestone settled")
class MilestoneSettled(Event):
    """A milestone of the contract was settled on evidence: amounts in minor units, evidence as positions in the journey."""

    milestone: str
    billed: int
    waived: int
    currency: str
    evidence: tuple[int, ...]


@stored("milestone disputed")
class MilestoneDisputed(Event):
    """A payer contests a settlement."""

    milestone: str
    reason: str


# The record itself ------------------------------------------------------------------------------------------------------


@stored("corrected", "record")
class Corrected(Event):
    """The event at `position` was wrong and `replacement` stands in its place; None: it never happened. Both stay on record."""

    position: int
    replacement: Event | None
    reason: str


@stored("overridden", "record")
class Overridden(Event):
    """An authorized person allowed one act that a rule refuses; it is spent by the next such act."""

    rule: str
    act: str
    reason: str


@stored("signed", "record")
class Signed(Event):
    """An electronic signature on the event at `position`: what it means, and the digest of what was signed."""

    position: int
    meaning: str
    digest: str
