"""Made-up cohorts for tests: every column of `livingdrug.cohort.COLUMNS`, plausible, consistent, and addressable by seed.

Nothing here is a model of anything. Rates are round numbers near the published ones, so that measures land in a sensible
range, and every row obeys the rules that a reader of a cohort may rely on (`test_the_made_up_cohort_is_consistent`).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from livingdrug.cohort import BANDS, CAUSES, FATES, RELAPSES, RELEASES, RESPONSES, frame
from livingdrug.streams import normal_quantile, stream

Floats = NDArray[np.float64]
NONE = np.nan
PRICE = 475_000_00
"""Cents."""


def synthetic_cohort(patients: int, seed: int = 0, *, start: str = "enrolled") -> pl.DataFrame:
    """A cohort of that many patients numbered from 0; with start="eligible" some are lost before enrollment.

    The same patient number is the same patient for every number of patients, as in a simulated cohort.
    """
    u = _Draws(seed, patients)
    columns = _who(u) | _collection(u)
    columns["fate"] = _fates(u, columns, start)
    columns |= _waiting(u, columns)
    columns |= _course(u, columns)
    columns |= _toxicity(u, columns)
    columns |= _response(u, columns)
    columns |= _after(u, columns)
    columns |= _settlement(columns)
    enrolled, infused = columns["fate"] >= 2, columns["fate"] == 5
    for name in AFTER_ENROLLMENT:
        columns[name] = _only(columns[name], enrolled)
    for name in AFTER_INFUSION:
        columns[name] = _only(columns[name], infused)
    return frame({name: columns[name] for name in columns if not name.startswith("_")})


class _Draws:
    """Uniform and normal numbers by name: one column of a stream per name."""

    def __init__(self, seed: int, patients: int) -> None:
        self.seed, self.patients = seed, range(patients)

    def uniform(self, name: str) -> Floats:
        return stream(self.seed, f"synthetic {name}").uniform(patients=self.patients)[:, 0]

    def normal(self, name: str) -> Floats:
        return normal_quantile(self.uniform(name))

    def chance(self, name: str, p: float | Floats) -> NDArray[np.bool_]:
        return self.uniform(name) < p

    def days(self, name: str, mean: float | Floats) -> Floats:
        return -mean * np.log(self.uniform(name))


AFTER_ENROLLMENT = (
    "manufactures",
    "vector_copies",
    "transduced",
    "viability",
    "product_cells",
    "release",
    "released_day",
    "bridging",
)
# fmt: off
AFTER_INFUSION = (
    "infused_day", "blasts_infused", "fludarabine_auc", "dose", "dose_per_kg", "cmax", "tmax", "auc28", "persistence_day",
    "b_cell_recovery_day", "il6_peak", "crp_peak", "ferritin_peak", "crs_onset", "crs_days", "temperature_peak", "vasoactive",
    "oxygen", "severe_onset", "icu_day", "icu_days", "dialysis", "tocilizumab_doses", "tocilizumab_day", "steroid_day",
    "crs_penn", "crs_lee", "crs_astct", "neurotoxicity", "neurotoxicity_onset", "neutropenia_d28", "thrombocytopenia_d28",
    "hypogammaglobulinemia", "response", "response_day28", "response_day", "mrd_negative", "blasts_day28", "relapse_day",
    "relapse", "transplant_day", "other_therapy_day", "death_day", "death_cause", "followed_days", "billed", "waived",
    "solver_status",
)
# fmt: on


def _only(values: NDArray, where: NDArray[np.bool_], none: float = NONE) -> NDArray:
    """The values where the condition holds, else null: -1 for words, NaN for the rest."""
    if values.dtype == np.int8:
        return np.where(where, values, np.int8(-1)).astype(np.int8)
    return np.where(where, values.astype(float), none)


def _logistic(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def _who(u: _Draws) -> dict[str, NDArray]:
    age = 3 + 22 * u.uniform("age") ** 1.3
    weight = np.clip((8 + 2.6 * age) * np.exp(0.2 * u.normal("weight")), 12, 130)
    blasts = np.clip(_logistic(1.0 + 1.5 * u.normal("blasts")), 0.05, 0.99)
    fitness = u.normal("fitness")
    return {
        "patient": np.arange(len(u.patients)),
        "age": age,
        "weight": weight,
        "female": u.chance("female", 0.43),
        "down_syndrome": u.chance("down", 0.08),
        "prior_transplant": u.chance("transplanted", 0.6),
        "prior_lines": 1 + np.floor(7 * u.uniform("lines") ** 2).astype(int),
        "blasts_enrolled": blasts,
        "burden_band": _band(blasts),
        "antigen_negative_cells": np.floor(10 ** (2 + 2 * u.normal("clone"))),
        "lymphocytes": np.exp(np.log(900) + 0.8 * u.normal("lymphocytes")),
        "fitness": fitness,
        "low_fitness": fitness < -1.2,
    }


def _band(blasts: Floats) -> NDArray[np.int8]:
    band = np.digitize(blasts, (1e-4, 0.05, 0.5))
    assert len(BANDS) == 4
    return band.astype(np.int8)


def _collection(u: _Draws) -> dict[str, NDArray]:
    cd3 = np.exp(np.log(2.6e9) + 0.7 * u.normal("cd3"))
    return {
        "collection_days": 1 + (u.uniform("collection days") > 0.8).astype(int),
        "collected_cd3": cd3,
        "collection_accepted": np.ones(len(u.patients), bool),
        "manufactures": 1 + (u.uniform("again") > 0.93).astype(int),
        "vector_copies": 0.9 * np.exp(0.4 * u.normal("copies")),
        "transduced": _logistic(-1 + 0.5 * u.normal("transduced")),
        "viability": _logistic(2.2 + 0.5 * u.normal("viability")),
        "product_cells": np.exp(np.log(2.5e8) + 0.5 * u.normal("product")),
    }


def _fates(u: _Draws, columns: dict[str, NDArray], start: str) -> NDArray[np.int8]:
    """Positions in FATES."""
    draw = u.uniform("fate")
    fate = np.full(len(draw), FATES.index("infused"))
    fate[draw < 0.185] = FATES.index("not infused")
    fate[draw < 0.155] = FATES.index("died waiting")
    fate[draw < 0.082] = FATES.index("manufacturing failure")
    if start == "eligible":
        before = u.uniform("before")
        fate[before < 0.12] = FATES.index("not collected")
        fate[before < 0.05] = FATES.index("not eligible")
    accepted = fate >= 2
    columns["collection_accepted"] = np.where(fate == 0, NONE, accepted.astype(float))
    columns["collected_cd3"] = _only(columns["collected_cd3"], fate > 0)
    columns["collection_days"] = _only(columns["collection_days"], fate > 0)
    return fate.astype(np.int8)


def _waiting(u: _Draws, columns: dict[str, NDArray]) -> dict[str, NDArray]:
    fate, weight, blasts = columns["fate"], columns["weight"], columns["blasts_enrolled"]
    infused_day = np.clip(43 * np.exp(0.33 * u.normal("wait")), 24, 133)
    failed = fate == FATES.index("manufacturing failure")
    release = np.where(u.chance("out of specification", 0.06), RELEASES.index("out of specification"), 0)
    release = np.where(failed, RELEASES.index("failed"), release).astype(np.int8)
    per_kg = np.clip(3.1e6 * np.exp(0.45 * u.normal("dose")), 0.2e6, 5.4e6)
    lost = (fate == FATES.index("died waiting")) | (fate == FATES.index("not infused"))
    return {
        "release": release,
        "released_day": _only(0.65 * infused_day, ~failed),
        "bridging": u.chance("bridging", 0.87),
        "left_day": np.where(lost | failed, 5 + 60 * u.uniform("left"), NONE),
        "infused_day": infused_day,
        "blasts_infused": np.clip(blasts * np.exp(0.4 * u.normal("bridged") - 0.3), 0, 0.99),
        "fludarabine_auc": 17 * np.exp(0.3 * u.normal("fludarabine")),
        "dose": np.minimum(per_kg * weight, 2.5e8),
        "dose_per_kg": np.minimum(per_kg * weight, 2.5e8) / weight,
    }


def _course(u: _Draws, columns: dict[str, NDArray]) -> dict[str, NDArray]:
    fitness, blasts = columns["fitness"], columns["blasts_infused"]
    score = 1.7 + 1.2 * fitness - 0.6 * (blasts - 0.5) + u.normal("remission")
    columns["_remission"] = score > 0
    cmax = 28_000 * np.exp(0.55 * fitness + 0.6 * (blasts - 0.5) + 0.7 * u.normal("cmax"))
    tmax = np.clip(9.5 * np.exp(0.25 * u.normal("tmax")), 3, 27)
    persistence = 168 * np.exp(0.5 * fitness + 0.9 * u.normal("persistence"))
    recovery = persistence * (1.2 + 1.5 * u.uniform("recovery"))
    return {
        "cmax": cmax,
        "tmax": tmax,
        "auc28": cmax * 9.0 * np.exp(0.35 * u.normal("auc") + 0.15 * fitness),
        "persistence_day": persistence,
        "b_cell_recovery_day": np.where(recovery < 1826, recovery, NONE),
        "il6_peak": cmax / 100 * np.exp(0.8 * u.normal("il6")),
        "crp_peak": 150 * np.exp(0.5 * u.normal("crp")),
        "ferritin_peak": 5_000 * np.exp(1.2 * u.normal("ferritin")),
    }


def _toxicity(u: _Draws, columns: dict[str, NDArray]) -> dict[str, NDArray]:
    """Severity first (one latent number), what it needed second, grades last and by the published rules' main lines."""
    drive = 0.8 * np.log(columns["cmax"] / 28_000) + 1.2 * (columns["blasts_infused"] - 0.4) + 0.9 * u.normal("severity")
    crs = drive > -1.0
    vasoactive = np.digitize(drive, (0.25, 0.7, 1.05, 1.7)).astype(np.int8)
    breath = drive + 0.4 * u.normal("breath")
    oxygen = np.digitize(breath, (0.3, 1.0, 1.4, 1.6)).astype(np.int8)
    oxygen[~crs] = 0
    onset = np.clip(3 * np.exp(0.6 * u.normal("onset")), 1, 22)
    days = np.clip(8 * np.exp(0.5 * u.normal("days")), 1, 36)
    worst = (vasoactive >= 3) | (oxygen >= 4)
    icu = (vasoactive >= 2) | (oxygen >= 2)
    penn = np.where(worst, 4, np.where((vasoactive >= 1) | (oxygen >= 1), 3, np.where(u.chance("penn", 0.6), 2, 1))) * crs
    lee = (
        np.where(
            oxygen >= 4, 4, np.where((vasoactive >= 3) | (oxygen >= 2), 3, np.where((vasoactive > 0) | (oxygen > 0), 2, 1))
        )
        * crs
    )
    by_pressure = np.array((1, 2, 3, 3, 4))[vasoactive]
    by_oxygen = np.array((1, 2, 3, 4, 4))[oxygen]
    doses = np.where(vasoactive >= 2, 1 + np.minimum(2, np.floor(2.2 * u.uniform("doses") ** 2)), 0)
    nerves = u.uniform("nerves")
    neuro = np.where(nerves < np.where(worst, 0.32, 0.07), 3, np.where(nerves < 0.25, 1, np.where(nerves < 0.4, 2, 0)))
    severe_onset = onset + 0.8 + 3 * u.uniform("worse")
    return {
        "crs_onset": np.where(crs, onset, NONE),
        "crs_days": np.where(crs, days, NONE),
        "temperature_peak": np.where(crs, 38.6 + 1.9 * u.uniform("fever"), 36.8 + u.uniform("fever")),
        "vasoactive": vasoactive,
        "oxygen": oxygen,
        "severe_onset": np.where(worst, severe_onset, NONE),
        "icu_day": np.where(icu, onset + 0.5 + 3 * u.uniform("icu day"), NONE),
        "icu_days": np.where(icu, 1 + 12 * u.uniform("icu days"), 0.0),
        "dialysis": worst & u.chance("dialysis", 0.4),
        "tocilizumab_doses": doses,
        "tocilizumab_day": np.where(doses > 0, severe_onset, NONE),
        "steroid_day": np.where((doses > 0) & (drive > 1.0), severe_onset + 0.7, NONE),
        "crs_penn": penn,
        "crs_lee": lee,
        "crs_astct": np.maximum(by_pressure, by_oxygen) * crs,
        "neurotoxicity": neuro,
        "neurotoxicity_onset": np.where(neuro > 0, onset + 3 * u.uniform("nerves day"), NONE),
        "neutropenia_d28": u.chance("neutropenia", 0.4),
        "thrombocytopenia_d28": u.chance("thrombocytopenia", 0.27),
        "hypogammaglobulinemia": u.chance("immunoglobulin", 0.4),
    }


def _response(u: _Draws, columns: dict[str, NDArray]) -> dict[str, NDArray]:
    """Best response; who dies before day 28 has none, and who remits late (day 90) is not in remission on day 28."""
    early = np.where(u.chance("early death", 0.03), 5 + 22 * u.uniform("early day"), NONE)
    assessed = np.isnan(early)
    remission = columns["_remission"] & assessed
    late = remission & u.chance("late", 0.05)
    word = np.where(u.chance("incomplete", 0.24), RESPONSES.index("CRi"), RESPONSES.index("CR"))
    none = RESPONSES.index("no response")
    response = np.where(remission, word, np.where(assessed, none, -1)).astype(np.int8)
    columns["_early"], columns["_in_remission"] = early, remission
    return {
        "response": response,
        "response_day28": np.where(late, none, response).astype(np.int8),
        "response_day": np.where(remission, np.where(late, 90.0, 28.0), NONE),
        "mrd_negative": np.where(remission, u.chance("mrd", 0.985).astype(float), np.where(assessed, 0.0, NONE)),
        "blasts_day28": np.where(
            remission & ~late, 1e-5, np.where(assessed, np.maximum(columns["blasts_infused"], 0.06), NONE)
        ),
    }


def _after(u: _Draws, columns: dict[str, NDArray]) -> dict[str, NDArray]:
    """Relapse, transplant, other therapy and death as competing times; what comes after another's end is not there."""
    remission, early, response_day = columns["_in_remission"], columns["_early"], columns["response_day"]
    end = 900 + 900 * u.uniform("followed")
    start = np.nan_to_num(response_day)
    doomed = u.chance("relapses", 0.48)
    relapse = np.where(remission & doomed, start + u.days("relapse", 260.0), np.inf)
    transplant = np.where(remission & u.chance("to transplant", 0.13), start + u.days("transplant", 90.0), np.inf)
    other = np.where(remission & u.chance("to other", 0.12), start + u.days("other", 150.0), np.inf)
    transplant[transplant > np.minimum(relapse, other)] = np.inf
    other[other > np.minimum(relapse, transplant)] = np.inf
    relapse = np.where(np.isfinite(np.minimum(transplant, other)), np.where(u.chance("cured", 0.6), np.inf, relapse), relapse)
    failed = np.where(remission, relapse, 0.0)
    death = np.where(np.isfinite(failed), failed + 30 + u.days("death", 330.0), start + u.days("other death", 12_000.0))
    death = np.where(np.isnan(early), np.maximum(death, np.where(remission, start, 29.0) + 1), early)
    followed = np.minimum(end, death)
    recovery = columns["b_cell_recovery_day"]
    aplastic = ~(recovery < relapse)
    negative = u.uniform("antigen") < np.where(aplastic, 0.88, 0.4)
    word = np.where(negative, RELAPSES.index("antigen-negative"), RELAPSES.index("antigen-positive"))
    died, relapsed = death <= end, relapse < followed
    cause = np.where(np.isfinite(failed), CAUSES.index("disease"), CAUSES.index("other"))
    cause = np.where(~np.isnan(early), CAUSES.index("toxicity"), cause)
    columns["b_cell_recovery_day"] = np.where(recovery < followed, recovery, NONE)
    columns["persistence_day"] = np.minimum(columns["persistence_day"], followed)
    return {
        "relapse_day": np.where(relapsed, relapse, NONE),
        "relapse": np.where(relapsed, word, -1).astype(np.int8),
        "transplant_day": np.where(transplant < followed, transplant, NONE),
        "other_therapy_day": np.where(other < followed, other, NONE),
        "death_day": np.where(died, death, NONE),
        "death_cause": np.where(died, cause, -1).astype(np.int8),
        "followed_days": followed,
    }


def _settlement(columns: dict[str, NDArray]) -> dict[str, NDArray]:
    """Billed when within specification; waived when there is no remission in month 1."""
    billable = columns["release"] == 0
    waived = billable & (columns["response_day28"] != 0) & (columns["response_day28"] != 1)
    return {"billed": PRICE * billable, "waived": PRICE * waived, "solver_status": np.zeros(len(billable), int)}
