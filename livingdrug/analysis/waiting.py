"""The way from eligible to response: who comes how far, who is lost and why, and how long it takes."""

from __future__ import annotations

import numpy as np
import polars as pl

from livingdrug.analysis.facts import FIRST_ENROLLED, Facts, facts, known
from livingdrug.analysis.measures.registry import quantile
from livingdrug.analysis.survival import cumulative_incidence
from livingdrug.cohort import FATES, RELEASES

__all__ = ["delays", "flow", "losses", "while_waiting"]

STAGES = ("eligible", "enrolled", "released", "infused", "assessed", "in remission", "MRD-negative")
"""Enrolled: the manufacturer accepted the collection. Released: a product in or out of specification, or infused."""
REASONS = {
    "not eligible": "not eligible",
    "not collected": "collection failed or not accepted",
    "manufacturing failure": "no product could be made",
    "died waiting": "died before infusion",
    "not infused": "not infused for another reason",
}


def flow(cohort: pl.DataFrame | Facts) -> pl.DataFrame:
    """Stage, patients, lost since the stage before, share of the stage before and of enrolled; in the order of the way."""
    f = facts(cohort)
    released = (f["release"] == RELEASES.index("in specification")) | (f["release"] == RELEASES.index("out of specification"))
    stages = (
        f["eligible"],
        f["enrolled"],
        (f["enrolled"] & released) | f["infused"],
        f["infused"],
        f["infused"] & (f["response"] >= 0),
        f["remission"],
        f["remission"] & (f["mrd_negative"] > 0),
    )
    counts = [int(np.count_nonzero(each)) for each in stages]
    before = [counts[0], *counts[:-1]]
    enrolled = counts[1]
    return pl.DataFrame(
        {
            "stage": STAGES,
            "patients": counts,
            "lost": [b - c for b, c in zip(before, counts, strict=True)],
            "of_before": [c / b if b else None for b, c in zip(before, counts, strict=True)],
            "of_enrolled": [c / enrolled if enrolled and i else None for i, c in enumerate(counts)],
        },
        schema_overrides={"of_before": pl.Float64, "of_enrolled": pl.Float64},
    )


def losses(cohort: pl.DataFrame | Facts) -> pl.DataFrame:
    """Fate, reason, patients lost to it, share of enrolled (null for losses before enrollment), median day of leaving."""
    f = facts(cohort)
    enrolled = int(np.count_nonzero(f["enrolled"]))
    rows: list[dict[str, str | int | float | None]] = []
    for word, reason in REASONS.items():
        code = FATES.index(word)
        lost = f["fate"] == code
        count = int(np.count_nonzero(lost))
        day = quantile(f["left_day"][lost], 0.5)
        share = count / enrolled if enrolled and code >= FIRST_ENROLLED else None
        rows.append({"fate": word, "reason": reason, "patients": count, "of_enrolled": share, "median_day": day})
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("median_day").cast(pl.Float64).fill_nan(None))


def delays(cohort: pl.DataFrame | Facts) -> pl.DataFrame:
    """Each interval of the way: patients, median and 5 to 95 %, in days."""
    f = facts(cohort)
    intervals = {
        "enrollment to release": f["released_day"],
        "release to infusion": f["infused_day"] - f["released_day"],
        "enrollment to infusion": f["infused_day"],
        "infusion to remission": np.where(f["remission"], f["response_day"], np.nan),
    }
    rows = [
        {
            "interval": name,
            "patients": int(np.count_nonzero(known(days))),
            **{word: quantile(days, q) for word, q in (("median", 0.5), ("low", 0.05), ("high", 0.95))},
        }
        for name, days in intervals.items()
    ]
    return pl.DataFrame(rows).with_columns(pl.col("median", "low", "high").cast(pl.Float64).fill_nan(None))


def while_waiting(cohort: pl.DataFrame | Facts, at: np.ndarray) -> pl.DataFrame:
    """Day from enrollment; shares infused, lost, and still waiting by then (Aalen-Johansen; they add up to 1).

    Enrolled patients whose end of waiting was not recorded are left out: nobody knows how long they waited.
    """
    f = facts(cohort)
    time = np.where(f["infused"], f["infused_day"], f["left_day"])
    there = f["enrolled"] & known(time)
    kind = np.where(f["infused"], 1, 2)[there]
    came, lost = (cumulative_incidence(time[there], kind, at, of=each) for each in (1, 2))
    return pl.DataFrame({"day": np.asarray(at, float), "infused": came, "lost": lost, "waiting": 1 - came - lost})
