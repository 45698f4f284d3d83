"""Grades of low neutrophils and platelets (CTCAE), and the CAR-HEMATOTOX score of the risk that they stay low.

Grades: Common Terminology Criteria for Adverse Events v5.0, US National Cancer Institute 2017, "Neutrophil count decreased"
and "Platelet count decreased". Counts are in cells/µL (1,000/µL is 1 × 10⁹/L).
"""

from typing import Literal

from livingdrug.criteria.checks import amount

__all__ = ["HEMATOTOX_HIGH", "HEMATOTOX_STATUS", "hematotox", "hematotox_risk", "neutropenia", "thrombocytopenia"]

NEUTROPHILS = ((4, 500.0), (3, 1_000.0), (2, 1_500.0))
"""CTCAE grade and the count in cells/µL below which it begins."""
PLATELETS = ((4, 25_000.0), (3, 50_000.0), (2, 75_000.0))

HEMATOTOX_HIGH = 2
HEMATOTOX_MOST = 7
HEMATOTOX_STATUS = (
    "unconfirmed points: taken from a public implementation, not from the paper's table; derived and validated in adults "
    "with large B-cell lymphoma, before lymphodepletion; not validated in children or in leukemia by its authors"
)


def neutropenia(neutrophils: float, *, lower_limit: float | None = None) -> int:
    """CTCAE grade, 0 to 4: 4 below 500, 3 below 1,000, 2 below 1,500/µL, 1 below the laboratory's `lower_limit`.

    Without the limit, which differs by laboratory and age, grade 1 is not given.
    """
    return _grade(neutrophils, NEUTROPHILS, lower_limit, "neutrophils")


def thrombocytopenia(platelets: float, *, lower_limit: float | None = None) -> int:
    """CTCAE grade, 0 to 4: 4 below 25,000, 3 below 50,000, 2 below 75,000/µL, 1 below the laboratory's `lower_limit`.

    Without the limit grade 1 is not given.
    """
    return _grade(platelets, PLATELETS, lower_limit, "platelets")


def hematotox(*, platelets: float, neutrophils: float, hemoglobin: float, crp: float, ferritin: float) -> int:
    """CAR-HEMATOTOX, 0 to 7, before lymphodepletion (Rejeski K et al., Blood 2021;138:2499-2513); see `HEMATOTOX_STATUS`.

    platelets, neutrophils: cells/µL. hemoglobin: g/dL. crp: mg/dL (a tenth of mg/L). ferritin: ng/mL. Platelets above
    175,000, from 75,000 and below make 0, 1 and 2 points; neutrophils below 1,200, hemoglobin below 9 and CRP from 3 one
    each; ferritin below 650, up to 2,000 and above 0, 1 and 2.
    """
    few = amount(platelets, "platelets", unit="cells/uL")
    iron = amount(ferritin, "ferritin", unit="ng/mL")
    return (
        (2 if few < 75_000 else 1 if few <= 175_000 else 0)
        + (amount(neutrophils, "neutrophils", unit="cells/uL") < 1_200)
        + (amount(hemoglobin, "hemoglobin", unit="g/dL") < 9)
        + (amount(crp, "CRP", unit="mg/dL") >= 3)
        + (2 if iron > 2_000 else 1 if iron >= 650 else 0)
    )


def hematotox_risk(points: int) -> Literal["low", "high"]:
    """Low from 0 to 1 points, high from 2 (Rejeski K et al. 2021)."""
    if points not in range(HEMATOTOX_MOST + 1):
        raise ValueError(f"CAR-HEMATOTOX is a whole number from 0 to {HEMATOTOX_MOST}, not {points!r}")
    return "high" if points >= HEMATOTOX_HIGH else "low"


def _grade(count: float, limits: tuple[tuple[int, float], ...], lower_limit: float | None, what: str) -> int:
    amount(count, what, unit="cells/uL")
    grades = [grade for grade, below in limits if count < below]
    if grades:
        return max(grades)
    return int(lower_limit is not None and count < amount(lower_limit, f"the lower limit of {what}", unit="cells/uL"))
