"""Measures of the way to infusion: who comes through, how long it takes, who the patients are, what they are given."""

from __future__ import annotations

from livingdrug.analysis.facts import Facts
from livingdrug.analysis.measures.registry import add, among_infused, if_recorded, medians, quantile, shares, where
from livingdrug.cohort import FATES, RELEASES

__all__: list[str] = []

LABEL_DOSE_PER_KG = (0.2e6, 5.4e6)
"""cells/kg, as infused in ELIANA and ENSIGN; Levine 2021, J Immunother Cancer 9:e002287, table 1."""


def _fate(word: str):
    return lambda f: f["fate"] == FATES.index(word)


def _lost_waiting(f: Facts):
    return _fate("died waiting")(f) | _fate("not infused")(f)


# From enrolled to infused ----------------------------------------------------------------------------------------------

shares(
    "flow",
    infused_of_enrolled=(
        "Infused, of enrolled. Enrolled means that the manufacturer accepted the collection, as in ELIANA.",
        lambda f: f["infused"],
        if_recorded("fate", lambda f: f["enrolled"]),
    ),
    infused_of_eligible=(
        "Infused, of everybody eligible, collected or not: the intention to treat.",
        lambda f: f["infused"],
        if_recorded("fate", lambda f: f["eligible"]),
    ),
    manufacturing_failure=(
        "Not infused because no product could be made, of enrolled.",
        _fate("manufacturing failure"),
        if_recorded("fate", lambda f: f["enrolled"]),
    ),
    lost_waiting=(
        "Died, or not infused for another reason than manufacture, of enrolled.",
        _lost_waiting,
        if_recorded("fate", lambda f: f["enrolled"]),
    ),
    died_waiting=(
        "Died before infusion, of enrolled.",
        _fate("died waiting"),
        if_recorded("fate", lambda f: f["enrolled"]),
    ),
    out_of_specification=(
        "Product outside its release specification, of infused patients with a known verdict.",
        lambda f: f["release"] == RELEASES.index("out of specification"),
        among_infused("release"),
    ),
)
medians("flow", "days", days_to_infusion_median=("Days from enrollment to infusion, median.", lambda f: f["infused_day"]))
for _q in (5, 95):
    add(
        "flow",
        "quantile",
        "days",
        f"days_to_infusion_p{_q:02d}",
        f"Days from enrollment to infusion, {_q} % quantile.",
        lambda f, q=_q: quantile(f["infused_day"], q / 100),
    )

# Patients and product --------------------------------------------------------------------------------------------------

medians("patients", "years", age_median=("Age of infused patients, median.", lambda f: where(f["age"], f["infused"])))
medians(
    "patients",
    "1",
    prior_lines_median=(
        "Earlier lines of therapy of infused patients, median.",
        lambda f: where(f["prior_lines"], f["infused"]),
    ),
    blasts_enrolled_median=(
        "Marrow blast fraction at enrollment of infused patients, median.",
        lambda f: where(f["blasts_enrolled"], f["infused"]),
    ),
)
shares(
    "patients",
    prior_transplant=(
        "Transplanted before enrollment, of infused.",
        lambda f: f["prior_transplant"] > 0,
        among_infused("prior_transplant"),
    ),
)
medians(
    "product", "cells/kg", dose_per_kg_median=("CAR-positive viable cells infused per kg, median.", lambda f: f["dose_per_kg"])
)
medians("product", "cells", dose_median=("CAR-positive viable cells infused, median.", lambda f: f["dose"]))
for _q in (0, 5, 95, 100):
    add(
        "product",
        "quantile",
        "cells/kg",
        {0: "dose_per_kg_lowest", 100: "dose_per_kg_highest"}.get(_q, f"dose_per_kg_p{_q:02d}"),
        f"CAR-positive viable cells infused per kg, {({0: 'lowest', 100: 'highest'}).get(_q, f'{_q} % quantile')}.",
        lambda f, q=_q: quantile(f["dose_per_kg"], q / 100),
    )
shares(
    "product",
    dose_in_published_range=(
        "Dose per kg within 0.2 to 5.4 million, the range infused in ELIANA and ENSIGN, of infused.",
        lambda f: (f["dose_per_kg"] >= LABEL_DOSE_PER_KG[0]) & (f["dose_per_kg"] <= LABEL_DOSE_PER_KG[1] * (1 + 1e-9)),
        among_infused("dose_per_kg"),
    ),
)
