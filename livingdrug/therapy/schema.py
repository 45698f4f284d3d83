"""What a therapy file states, as frozen models: a file that fits is complete, and every number has a unit and a source."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from livingdrug.errors import Complaint
from livingdrug.therapy.kinds import (
    Age,
    Cells,
    CellsPerVolume,
    CellsPerWeight,
    Celsius,
    Count,
    Days,
    Hours,
    Many,
    Money,
    Months,
    Name,
    PerArea,
    Share,
    Some,
    Text,
    VolumePerWeight,
    Weight,
    checked,
    span,
    twice,
    whole,
)
from livingdrug.therapy.measured import Measured, Stated
from livingdrug.therapy.policy import Policy
from livingdrug.therapy.release import OutOfSpecification, Specification

__all__ = [
    "Certification",
    "Collection",
    "Contract",
    "Dose",
    "Drug",
    "Eligibility",
    "Infusion",
    "Lymphodepletion",
    "Manufacture",
    "Measured",
    "Monitoring",
    "OutOfSpecification",
    "Policy",
    "Price",
    "Receptor",
    "Response",
    "Specification",
    "Stated",
    "Step",
    "Therapy",
    "Toxicity",
]


class Eligibility(Stated):
    """Who may be treated."""

    age_minimum: Age | None = None
    """Youngest age."""
    age_maximum: Age | None = None
    """Oldest age, that year included."""
    disease_status: Some[Text]
    """States of the disease, any of which is enough."""
    exclusions: Many[Text] = ()
    """Whoever has one of these is not treated for now."""
    source: Text
    """Source of the words."""

    @model_validator(mode="after")
    def _ages_are_in_order(self) -> Eligibility:
        return checked(self, span("age", self.age_minimum, self.age_maximum))


class Receptor(Stated):
    """The chimeric antigen receptor, from outside to inside, and how its gene gets into the cell."""

    binder: Text
    """What binds the antigen."""
    hinge: Text
    """What holds the binder off the membrane."""
    transmembrane: Text
    """What crosses the membrane."""
    costimulatory: Text
    """The costimulatory domain."""
    signaling: Text
    """The signaling domain."""
    vector: Text
    """What carries the gene."""
    promoter: str = ""
    """What drives the gene."""
    source: Text
    """Source of the words."""
    confirmed: bool = True
    """False where they were not checked against it."""


class Collection(Stated):
    """What the manufacturer accepts as starting material, and how it is collected."""

    cd3_minimum: Cells
    """CD3-positive cells that a collection needs."""
    nucleated_minimum: Cells | None = None
    """Nucleated cells that it needs."""
    cd3_share_minimum: Share | None = None
    """Share of CD3-positive cells that it needs."""
    volume_per_weight: VolumePerWeight
    """Blood processed in a day of leukapheresis."""
    days_maximum: Count
    """Days of leukapheresis before one gives up."""
    storage_maximum: Months | None = None
    """How long frozen cells may wait for manufacture."""


class Step(Stated):
    """One step of manufacture."""

    name: Name
    """What is done."""
    duration: Days
    """How long it takes."""


class Manufacture(Stated):
    """The steps in order, and how often a run may be started."""

    attempts_maximum: Count
    """Manufacturing runs from one collection."""
    sites: Many[Text] = ()
    """Where it is made."""
    steps: Some[Step]
    """The steps, one after the other; shipping to and from the site is none of them."""

    @model_validator(mode="after")
    def _steps_are_named_once(self) -> Manufacture:
        return checked(self, twice("steps", [each.name for each in self.steps]))


class Dose(Stated):
    """The label's range per body weight, flat, or either side of a weight limit; and the range that is aimed at."""

    weight_limit: Weight | None = None
    """Up to this weight the dose is per weight, above it flat."""
    per_weight_minimum: CellsPerWeight | None = None
    """Lowest dose per weight."""
    per_weight_maximum: CellsPerWeight | None = None
    """Highest dose per weight."""
    flat_minimum: Cells | None = None
    """Lowest flat dose."""
    flat_maximum: Cells | None = None
    """Highest flat dose."""
    target_per_weight_minimum: CellsPerWeight | None = None
    """Lowest intended dose per weight."""
    target_per_weight_maximum: CellsPerWeight | None = None
    """Highest intended dose per weight."""
    target_flat_minimum: Cells | None = None
    """Lowest intended flat dose."""
    target_flat_maximum: Cells | None = None
    """Highest intended flat dose."""

    @model_validator(mode="after")
    def _ranges_arewhole(self) -> Dose:
        found: list[Complaint] = []
        for name in ("per_weight", "flat"):
            found += self._range_of(name)
        if self.per_weight_minimum is None and self.flat_minimum is None:
            found.append(
                Complaint("", "has neither a range per weight nor a flat one; give minimum and maximum of one of them")
            )
        if self.per_weight_minimum and self.flat_minimum and not self.weight_limit:
            found.append(
                Complaint("weight_limit", "is missing; with two ranges, say up to which weight the dose is per weight")
            )
        return checked(self, found)

    def _range_of(self, name: str) -> list[Complaint]:
        low, high = getattr(self, f"{name}_minimum"), getattr(self, f"{name}_maximum")
        aim, aim_high = getattr(self, f"target_{name}_minimum"), getattr(self, f"target_{name}_maximum")
        found = [*whole(name, low, high), *whole(f"target_{name}", aim, aim_high)]
        if aim and aim_high and low and high and not (low.value <= aim.value and aim_high.value <= high.value):
            says = f"{aim.value:g} to {aim_high.value:g} leaves the label's {low.value:g} to {high.value:g}; aim inside it"
            found.append(Complaint(f"target_{name}_minimum", says))
        return found


class Drug(Stated):
    """One drug of lymphodepletion, given once a day."""

    name: Name
    """The drug."""
    dose: PerArea
    """Dose of a day, per body surface."""
    days: int = Field(ge=1, le=14)
    """On how many days."""


class Lymphodepletion(Stated):
    """The chemotherapy that makes room, how many days it takes, and when the cells may follow."""

    drugs: Some[Drug]
    """The drugs."""
    days: int = Field(ge=1, le=14)
    """Days from the first to the last dose, both counted."""
    window_minimum: Days
    """First day for infusion, counted from the last day of lymphodepletion."""
    window_maximum: Days
    """Last day for infusion."""

    @model_validator(mode="after")
    def _drugs_fit_in(self) -> Lymphodepletion:
        found = [
            *span("window", self.window_minimum, self.window_maximum),
            *twice("drugs", [each.name for each in self.drugs]),
        ]
        for each in self.drugs:
            if each.days > self.days:
                says = f"{self.days} is less than the {each.days} days of {each.name}; count all days of lymphodepletion"
                found.append(Complaint("days", says))
        return checked(self, found)


class Infusion(Stated):
    """What must hold before the cells are given, and what is given with them."""

    preconditions: Some[Text]
    """All of these must hold."""
    premedication: Many[Text] = ()
    """Given before."""
    storage_maximum: Celsius | None = None
    """Warmest storage and transport of the product."""
    thaw_maximum: Hours | None = None
    """From the end of the thaw to the end of the infusion."""
    source: Text
    """Source of the words."""


class Monitoring(Stated):
    """When patients are seen after infusion, and how long they stay near and do not drive."""

    days: Some[float]
    """Days of visits, from infusion."""
    stay_near_center: Days
    """How long a patient stays near the center."""
    no_driving: Days | None = None
    """How long a patient does not drive."""


class Toxicity(Stated):
    """The scales that grade toxicity, and the policies that treat it."""

    scales: Some[Text]
    """Published scales by which grades were reported."""
    policies: dict[str, Policy] = Field(min_length=1)
    """Treatment policies by name; a scenario picks one."""


class Response(Stated):
    """When response is assessed, and what counts as one."""

    assessments: Annotated[tuple[Days, ...], Field(strict=False, min_length=2)]
    """Days of assessment from infusion: the first is the end of month 1, the last closes the best response."""
    windows: Annotated[tuple[Days, ...], Field(strict=False)] = ()
    """How many days each assessment may be early or late, in their order; none: any day."""
    remission_burden: Share
    """Remission is a tumor below this: the blast fraction in leukemia, the share of capacity elsewhere."""
    mrd: Share
    """Residual disease below this is none."""
    partial_reduction: Share | None = None
    """Partial response is a tumor smaller by this share; none in leukemia."""
    neutrophils: CellsPerVolume | None = None
    """CR rather than CRi needs neutrophils above this."""
    platelets: CellsPerVolume | None = None
    """CR rather than CRi needs platelets above this."""

    @model_validator(mode="after")
    def _assessments_are_in_order(self) -> Response:
        days = [each.value for each in self.assessments]
        found: list[Complaint] = []
        if days != sorted(set(days)):
            listed = ", ".join(f"{day:g}" for day in days)
            found.append(Complaint("assessments", f"days {listed} do not ascend; sort them and name each once"))
        if self.windows and len(self.windows) != len(days):
            says = f"there are {len(self.windows)} for {len(days)} assessments; give one for each, or none"
            found.append(Complaint("windows", says))
        return checked(self, found)


class Price(Stated):
    """What a treatment is listed at."""

    list_price: Money
    """The list price in the therapy's currency."""


class Contract(Stated):
    """When the maker may charge: on infusion, or only with a response at an assessment."""

    kind: Literal["response", "on infusion"]
    """What the invoice hangs on."""
    assessment: Days | None = None
    """Day of the assessment that a response contract looks at."""
    waived_share: Share
    """Share of the invoice that is waived without a response."""
    source: Text
    """Source of the terms."""

    @model_validator(mode="after")
    def _a_response_has_a_day(self) -> Contract:
        if self.kind == "on infusion" or self.assessment:
            return self
        return checked(self, [Complaint("assessment", "is missing; a response contract names the day it looks at")])


class Certification(Stated):
    """What a center must be certified for, from when until when, and what must be on site."""

    scope: Text
    """Where, and for whom."""
    required_from: date | None = None
    """First day on which certification is required."""
    required_until: date | None = None
    """Day on which the requirement ended."""
    tocilizumab_doses_on_site: int = Field(default=0, ge=0)
    """Doses of tocilizumab on site for each patient."""
    source: Text
    """Source of all of it."""

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Certification:
        begins, ends = self.required_from, self.required_until
        if begins and ends and ends < begins:
            return checked(self, [Complaint("required_until", f"{ends} is before {begins}, when it began; swap them")])
        return self


class Therapy(Stated):
    """A whole therapy. `sources` maps the keys that its numbers name to full citations."""

    kind: Literal["therapy"] = "therapy"
    """What the file describes."""
    name: Name
    """The name that commands know it by."""
    title: Text
    """The name that people know it by."""
    disease: Text
    """What it treats."""
    antigen: Text
    """What the receptor binds."""
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    """Currency of the price, as "USD"."""
    healthy_cells: Literal["B cells", "plasma cells"]
    """Healthy cells that carry the antigen too, and are lost."""
    tumor: Literal["leukemia", "lymphoma", "myeloma"]
    """The kind of tumor."""
    approved: date | None = None
    """First approval in the United States."""
    deviations: Many[Text] = ()
    """Where the file departs from what is published."""
    eligibility: Eligibility
    receptor: Receptor
    collection: Collection
    manufacture: Manufacture
    release: Some[Specification]
    out_of_specification: OutOfSpecification
    dose: Dose
    lymphodepletion: Lymphodepletion
    infusion: Infusion
    monitoring: Monitoring
    toxicity: Toxicity
    response: Response
    price: Price
    contract: Contract
    certification: Certification
    sources: dict[str, Text] = Field(min_length=1)
    """Full citation of each source key."""

    @field_validator("release")
    @classmethod
    def _tests_are_named_once(cls, release: tuple[Specification, ...]) -> tuple[Specification, ...]:
        return checked(release, twice("", [each.test for each in release]))
