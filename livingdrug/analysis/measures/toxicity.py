"""Measures of harm: cytokine release under three scales and what it needed, neurotoxicity, what stays on day 28."""

from __future__ import annotations

from livingdrug.analysis.facts import Facts, known
from livingdrug.analysis.measures.registry import Array, among_infused, if_recorded, medians, share_of_infused, shares, where
from livingdrug.cohort import OXYGEN, VASOACTIVE

__all__: list[str] = []

# Cytokine release ------------------------------------------------------------------------------------------------------

shares(
    "cytokine release",
    crs=share_of_infused("CRS of any grade (Penn)", "crs_penn", 1),
    crs_penn_3=share_of_infused("CRS of grade 3 or 4 by the Penn scale", "crs_penn", 3),
    crs_penn_4=share_of_infused("CRS of grade 4 by the Penn scale", "crs_penn", 4),
    crs_lee_3=share_of_infused("CRS of grade 3 or more by Lee 2014", "crs_lee", 3),
    crs_astct_3=share_of_infused("CRS of grade 3 or more by ASTCT", "crs_astct", 3),
    hypotension=share_of_infused("Hypotension needing fluids or vasopressors", "vasoactive", 1),
    high_dose_vasopressors=share_of_infused(
        "High-dose or several vasopressors", "vasoactive", VASOACTIVE.index("high-dose vasopressor")
    ),
    oxygen=share_of_infused("Supplemental oxygen by any device", "oxygen", 1),
    intubation=share_of_infused("Mechanical ventilation", "oxygen", OXYGEN.index("ventilator")),
    dialysis=share_of_infused("Dialysis", "dialysis", 1),
    tocilizumab=share_of_infused("Tocilizumab", "tocilizumab_doses", 1),
    intensive_care=(
        "Intensive care, of infused with a known CRS grade.",
        lambda f: known(f["icu_day"]),
        if_recorded("icu_day", among_infused("crs_penn")),
    ),
    steroids=(
        "Steroids, of infused with a known CRS grade.",
        lambda f: known(f["steroid_day"]),
        if_recorded("steroid_day", among_infused("crs_penn")),
    ),
    **{
        f"tocilizumab_{word}": (
            f"{word.capitalize()} dose{'s' if doses > 1 else ''} of tocilizumab, of patients who got any.",
            lambda f, doses=doses: f["tocilizumab_doses"] == doses,
            lambda f: f["tocilizumab_doses"] >= 1,
        )
        for doses, word in ((1, "one"), (2, "two"), (3, "three"))
    },
)
medians(
    "cytokine release",
    "days",
    crs_onset_median=("First day of CRS, from infusion, median of patients with CRS.", lambda f: f["crs_onset"]),
    crs_days_median=("Days of CRS, median of patients with CRS.", lambda f: f["crs_days"]),
    crs_onset_to_grade4_median=(
        "Days from the onset of CRS to high-dose vasopressors or ventilator, median of patients with Penn grade 4.",
        lambda f: where(f["severe_onset"] - f["crs_onset"], f["crs_penn"] == 4),
    ),
    icu_day_median=("First day in intensive care, from infusion, median of patients who were.", lambda f: f["icu_day"]),
    icu_days_median=(
        "Days in intensive care, median of patients who were.",
        lambda f: where(f["icu_days"], known(f["icu_day"])),
    ),
    tocilizumab_day_median=("Day of the first tocilizumab, from infusion, median.", lambda f: f["tocilizumab_day"]),
    steroid_day_median=("Day of the first steroid, from infusion, median.", lambda f: f["steroid_day"]),
)

# Neurotoxicity ---------------------------------------------------------------------------------------------------------


def _neuro_3(f: Facts) -> Array:
    return f["neurotoxicity"] == 3


shares(
    "neurotoxicity",
    neurotoxicity=share_of_infused("Neurological event of any grade", "neurotoxicity", 1),
    neurotoxicity_3=("Neurological event of grade 3 at worst, of infused.", _neuro_3, among_infused("neurotoxicity")),
    neurotoxicity_4=share_of_infused("Neurological event of grade 4", "neurotoxicity", 4),
    neurotoxicity_3_with_penn_4=(
        "Neurological event of grade 3 at worst, of patients with CRS of Penn grade 4.",
        _neuro_3,
        lambda f: among_infused("neurotoxicity")(f) & (f["crs_penn"] == 4),
    ),
    neurotoxicity_3_without_penn_4=(
        "Neurological event of grade 3 at worst, of patients with CRS of Penn grade 0 to 3.",
        _neuro_3,
        lambda f: among_infused("neurotoxicity")(f) & (f["crs_penn"] < 4),
    ),
)

# Afterwards ------------------------------------------------------------------------------------------------------------

shares(
    "afterwards",
    neutropenia_d28=(
        "Neutrophils below 1,000/µL on day 28, of patients in remission.",
        lambda f: f["neutropenia_d28"] > 0,
        lambda f: f["remission"] & known(f["neutropenia_d28"]),
    ),
    thrombocytopenia_d28=(
        "Platelets below 50,000/µL on day 28, of patients in remission.",
        lambda f: f["thrombocytopenia_d28"] > 0,
        lambda f: f["remission"] & known(f["thrombocytopenia_d28"]),
    ),
    hypogammaglobulinemia=share_of_infused("Low immunoglobulin after infusion", "hypogammaglobulinemia", 1),
    early_death=(
        "Death within 30 days of infusion, of infused who were followed that long or died.",
        lambda f: f["death_day"] <= 30,
        if_recorded("death_day", lambda f: f["infused"] & ((f["death_day"] <= 30) | (f["end of follow up"] >= 30))),
    ),
    transplant_in_remission=(
        "Transplanted in remission, of patients in remission.",
        lambda f: known(f["transplant_day"]),
        if_recorded("transplant_day", lambda f: f["remission"]),
    ),
    other_therapy_in_remission=(
        "Other anticancer therapy in remission, of patients in remission.",
        lambda f: known(f["other_therapy_day"]),
        if_recorded("other_therapy_day", lambda f: f["remission"]),
    ),
)
