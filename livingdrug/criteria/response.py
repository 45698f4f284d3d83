"""Response and residual disease at one assessment, and the best of several; the words are those of a cohort.

Leukemia: remission is less than 5 % blasts in the marrow and no leukemia elsewhere; with neutrophils above 1,000/µL and
platelets above 100,000/µL, without transfusion, it is CR, otherwise CRi (Maude SL et al., N Engl J Med 2018;378:439-448,
protocol). Residual disease is measured by flow cytometry at 1e-4. Lymphoma and myeloma know a partial response
instead, a reduction by half (Cheson BD et al., J Clin Oncol 2014;32:3059-3068; Kumar S et al., Lancet Oncol
2016;17:e328-e346).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from livingdrug.criteria.checks import amount

__all__ = ["LEUKEMIA", "LYMPHOMA", "RESPONSES", "Assessment", "Limits", "Response", "best", "best_of", "mrd_negative"]

Response = Literal["CR", "CRi", "partial", "no response"]
RESPONSES: tuple[Response, ...] = get_args(Response)
"""Best first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What separates the categories: blasts and mrd are shares ("1"), neutrophils and platelets in cells/µL.

    partial_reduction: the reduction ("1") that is a partial response; None where there is no such category.
    """

    blasts: float = 0.05
    mrd: float = 1e-4
    neutrophils: float = 1_000
    platelets: float = 100_000
    partial_reduction: float | None = None

    def __post_init__(self) -> None:
        amount(self.blasts, "the limit of blasts", most=1)
        amount(self.mrd, "the limit of residual disease", most=1)
        amount(self.neutrophils, "the limit of neutrophils", unit="cells/uL")
        amount(self.platelets, "the limit of platelets", unit="cells/uL")
        if self.partial_reduction is not None:
            amount(self.partial_reduction, "a partial reduction", most=1)


LEUKEMIA = Limits()
LYMPHOMA = Limits(partial_reduction=0.5)
"""Lymphoma and myeloma: half of the tumor gone. Counts do not matter."""


class Assessment(NamedTuple):
    """What one assessment found; `mrd_negative` is None where residual disease was not measured."""

    response: Response
    mrd_negative: bool | None


def best(
    *,
    blasts: float,
    mrd: float | None = None,
    neutrophils: float = 0,
    platelets: float = 0,
    before: float | None = None,
    elsewhere: bool = False,
    limits: Limits = LEUKEMIA,
) -> Assessment:
    """The best category that these findings allow.

    blasts: marrow blast fraction, or what is left of another tumor, 0 to 1; `before`: the same before treatment, needed for
    a partial response. mrd: share of residual cells by flow cytometry. neutrophils, platelets: cells/µL, without
    transfusion or growth factor; unknown ones (0) cannot make a CR. elsewhere: tumor outside the marrow (blood, central
    nervous system, extramedullary).
    """
    amount(blasts, "the burden", most=1)
    recovered = (
        amount(neutrophils, "neutrophils", unit="cells/uL") > limits.neutrophils
        and amount(platelets, "platelets", unit="cells/uL") > limits.platelets
    )
    remission = blasts < limits.blasts and not elsewhere
    # Where a partial response exists, counts do not decide: there is no CRi in lymphoma and myeloma.
    by_counts: Response = "CR" if recovered or limits.partial_reduction is not None else "CRi"
    rest: Response = "partial" if _shrunk(blasts, before, limits) else "no response"
    clear = None if mrd is None else mrd_negative(mrd, limits) and remission
    return Assessment(by_counts if remission else rest, clear)


def mrd_negative(mrd: float, limits: Limits = LEUKEMIA) -> bool:
    """Whether fewer cells than the limit (1 in 10,000) are leukemia; `mrd` is their share, 0 to 1."""
    return amount(mrd, "residual disease", most=1) < limits.mrd


def best_of(responses: Iterable[Response | None]) -> Response | None:
    """The best of several assessments; None where none could be made."""
    made = {each for each in responses if each is not None}
    if strange := made.difference(RESPONSES):
        raise ValueError(f"a response is one of {', '.join(RESPONSES)}, not {', '.join(map(repr, sorted(strange)))}")
    return next((each for each in RESPONSES if each in made), None)


def _shrunk(blasts: float, before: float | None, limits: Limits) -> bool:
    """Whether enough of the tumor is gone; nothing can shrink from nothing."""
    if limits.partial_reduction is None:
        return False
    if before is None:
        raise ValueError("a partial response needs the burden before treatment; give `before`")
    start = amount(before, "the burden before treatment", most=1)
    return start > 0 and blasts <= (1 - limits.partial_reduction) * start
