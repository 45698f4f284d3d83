"""What a therapy file states, as frozen models; a file that fits them is complete, has no unknown key, and no number without source."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from livingdrug.errors import BadInput
from livingdrug.units import parse

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
    "Step",
    "Therapy",
    "Toxicity",
]

VasoactiveNeed = Literal["never", "fluids", "low-dose vasopressor", "high-dose vasopressor", "several vasopressors"]
OxygenNeed = Literal["never", "low flow", "high flow", "positive pressure", "ventilator"]


class Stated(BaseModel):
    """Base of everything a file states: frozen, and no key that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Measured(Stated):
    """A number with its unit, where it was published, and whether that was confirmed."""

    value: float = Field(allow_inf_nan=False)
    unit: str
    source: str = Field(min_length=1)
    confirmed: bool = True
    about: str = ""

    @field_validator("unit")
    @classmethod
    def _is_a_unit(cls, unit: str) -> str:
        try:
            parse(unit)
        except BadInput as error:
            raise ValueError(str(error)) from error
        return unit


class Eligibility(Stated):
    """Who may be treated."""

    age_minimum: Measured | None = None
    age_maximum: Measured | None = None
    disease_status: tuple[str, ...]
    exclusions: tuple[str, ...] = ()
    source: str


class Receptor(Stated):
    """The chimeric antigen receptor and how it gets into the cell."""

    binder: str
    hinge: str
    transmembrane: str
    costimulatory: str
    signaling: str
    vector: str
    promoter: str = ""
    source: str


class Collection(Stated):
    """What the manufacturer accepts, and how it is collected."""

    cd3_minimum: Measured
    nucleated_minimum: Measured | None = None
    cd3_share_minimum: Measured | None = None
    volume_per_weight: Measured
    days_maximum: Measured
    storage_maximum: Measured | None = None


class Step(Stated):
    """One step of manufacture."""

    name: str
    duration: Measured


class Manufacture(Stated):
    """The steps in order, and how often a run may be started."""

    steps: tuple[Step, ...] = Field(min_length=1)
    attempts_maximum: Measured
    sites: tuple[str, ...] = ()


class Specification(Stated):
    """A release test: within minimum and maximum the lot is in specification; from `out_of_specification` on it may still go out."""

    test: str
    unit: str
    minimum: float | None = None
    maximum: float | None = None
    out_of_specification: float | None = None
    source: str
    confirmed: bool = True


class OutOfSpecification(Stated):
    """What happens to a lot that misses a specification."""

    path: str
    billable: bool
    source: str


class Dose(Stated):
    """The label's range by weight, flat, or either side of a weight limit; and the range that is aimed at."""

    weight_limit: Measured | None = None
    per_weight_minimum: Measured | None = None
    per_weight_maximum: Measured | None = None
    flat_minimum: Measured | None = None
    flat_maximum: Measured | None = None
    target_per_weight_minimum: Measured | None = None
    target_per_weight_maximum: Measured | None = None
    target_flat_minimum: Measured | None = None
    target_flat_maximum: Measured | None = None


class Drug(Stated):
    """One drug of lymphodepletion, once a day."""

    name: str
    dose: Measured
    days: int = Field(ge=1, le=14)


class Lymphodepletion(Stated):
    """The drugs, how many days they take, and the window for infusion after the last day."""

    drugs: tuple[Drug, ...]
    days: int = Field(ge=1, le=14)
    window_minimum: Measured
    window_maximum: Measured


class Infusion(Stated):
    """What must hold before the cells are given."""

    preconditions: tuple[str, ...]
    premedication: tuple[str, ...] = ()
    source: str


class Monitoring(Stated):
    """When patients are seen after infusion and how long they stay near."""

    days: tuple[float, ...]
    stay_near_center: Measured
    no_driving: Measured | None = None


class Policy(Stated):
    """When and how cytokine release syndrome is treated: the least need that calls for a drug, and what follows."""

    title: str
    tocilizumab_vasoactive: VasoactiveNeed
    tocilizumab_oxygen: OxygenNeed
    delay: Measured
    dose_light: Measured
    dose_heavy: Measured
    weight_limit: Measured
    dose_maximum_mg: Measured
    doses_maximum: Measured
    repeat_after: Measured
    steroid_vasoactive: VasoactiveNeed
    steroid_oxygen: OxygenNeed
    steroid_after: Measured
    source: str


class Toxicity(Stated):
    """The scales that grade toxicity, and the policies that treat it."""

    scales: tuple[str, ...]
    policies: dict[str, Policy] = Field(min_length=1)


class Response(Stated):
    """When response is assessed and what counts as one."""

    assessments: tuple[Measured, ...] = Field(min_length=2)
    remission_burden: Measured
    mrd: Measured
    partial_reduction: Measured | None = None
    neutrophils: Measured | None = None
    platelets: Measured | None = None


class Price(Stated):
    """The list price in the therapy's currency."""

    list_price: Measured


class Contract(Stated):
    """What is charged: on infusion, or only with a response at an assessment."""

    kind: Literal["response", "on infusion"]
    assessment: Measured | None = None
    waived_share: Measured
    source: str


class Certification(Stated):
    """Who may give the therapy, from when until when that was required, and what had to be on site."""

    scope: str
    required_from: date | None = None
    required_until: date | None = None
    tocilizumab_doses_on_site: int = 0
    source: str


class Therapy(Stated):
    """A whole therapy; `sources` maps the keys used in it to full citations."""

    kind: Literal["therapy"] = "therapy"
    name: str
    title: str
    disease: str
    antigen: str
    currency: str
    healthy_cells: str
    tumor: str
    approved: date | None = None
    eligibility: Eligibility
    receptor: Receptor
    collection: Collection
    manufacture: Manufacture
    release: tuple[Specification, ...]
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
    sources: dict[str, str]
    deviations: tuple[str, ...] = ()
