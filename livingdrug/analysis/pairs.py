"""Two cohorts of the same patients: whose outcome changed, and in which direction.

Runs that share a seed share their patients: patient 17 has the same body, leukemia and luck in both, and what differs is
what the scenarios differ in. A difference of shares hides how many changed both ways; this does not.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from livingdrug.analysis.facts import Array, Facts, facts, known
from livingdrug.analysis.survival import MONTH

__all__ = ["OUTCOMES", "changed_at_all", "paired", "shared_patients"]


def _yes(which: Callable[[Facts], Array], among: Callable[[Facts], Array]) -> Callable[[Facts], Array]:
    """1, 0, or NaN where the outcome is not known."""
    return lambda f: np.where(among(f), which(f), np.nan)


def _free_at(name: str, months: float) -> Callable[[Facts], Array]:
    """Known to be free of the event at that time: still observed; known not to be: had it before; else not known.

    Unbiased where all are followed equally long, as simulated patients of one scenario are.
    """
    day = months * MONTH

    def free(f: Facts) -> Array:
        time, event = f[f"{name} time"], f[f"{name} event"] > 0
        return np.where(time >= day, 1.0, np.where(event, 0.0, np.nan))

    return free


OUTCOMES: dict[str, tuple[str, Callable[[Facts], Array]]] = {
    "infused": ("infused, of enrolled", _yes(lambda f: f["infused"], lambda f: f["enrolled"])),
    "remission": ("CR or CRi, of infused", _yes(lambda f: f["remission"], lambda f: f["evaluable"])),
    "crs": ("CRS of any grade", _yes(lambda f: f["crs_penn"] >= 1, lambda f: f["crs_penn"] >= 0)),
    "crs_penn_3": ("CRS of Penn grade 3 or 4", _yes(lambda f: f["crs_penn"] >= 3, lambda f: f["crs_penn"] >= 0)),
    "crs_astct_3": ("CRS of ASTCT grade 3 or 4", _yes(lambda f: f["crs_astct"] >= 3, lambda f: f["crs_astct"] >= 0)),
    "tocilizumab": ("tocilizumab", _yes(lambda f: f["tocilizumab_doses"] >= 1, lambda f: f["tocilizumab_doses"] >= 0)),
    "intensive_care": ("intensive care", _yes(lambda f: known(f["icu_day"]), lambda f: f["crs_penn"] >= 0)),
    "neurotoxicity_3": (
        "neurological event of grade 3 or 4",
        _yes(lambda f: f["neurotoxicity"] >= 3, lambda f: f["neurotoxicity"] >= 0),
    ),
    "relapse": (
        "relapse while followed, of patients in remission",
        _yes(lambda f: known(f["relapse_day"]), lambda f: f["remission"]),
    ),
    "event_free_12": ("event-free at 12 months", _free_at("efs uncensored", 12)),
    "alive_12": ("alive at 12 months", _free_at("os", 12)),
    "alive_36": ("alive at 36 months", _free_at("os", 36)),
    "waived": ("invoice waived", _yes(lambda f: f["waived"] > 0, lambda f: f["billed"] > 0)),
}
"""Yes-or-no outcomes of one patient: what each means, and the function that says 1, 0 or NaN (not known)."""


def shared_patients(one: pl.DataFrame, other: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of the patients that both cohorts have, in the same order."""
    keep = one.select("patient").join(other.select("patient"), on="patient").sort("patient")
    return keep.join(one, on="patient", how="left", maintain_order="left"), keep.join(
        other, on="patient", how="left", maintain_order="left"
    )


def paired(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """For each of `OUTCOMES`: patients known in both, share in either, and shares that went from no to yes and yes to no.

    The cohorts are matched by patient number; that the same number is the same patient is for the caller to know.
    """
    a, b = (facts(each) for each in shared_patients(one, other))
    return pl.DataFrame(
        [_change(name, about, of(a), of(b)) for name, (about, of) in OUTCOMES.items()], infer_schema_length=None
    )


def _change(name: str, about: str, before: Array, after: Array) -> dict[str, str | int | float | None]:
    there = known(before) & known(after)
    was, became = before[there] > 0, after[there] > 0
    n = len(was)

    def share(which: Array) -> float | None:
        return float(np.count_nonzero(which)) / n if n else None

    return {
        "outcome": name,
        "about": about,
        "patients": n,
        "before": share(was),
        "after": share(became),
        "gained": share(~was & became),
        "lost": share(was & ~became),
    }


def changed_at_all(one: pl.DataFrame, other: pl.DataFrame) -> tuple[int, int]:
    """How many of the shared patients differ in any column, and how many are shared."""
    a, b = shared_patients(one, other)
    if not a.height:
        return 0, 0
    different = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name} after")) for name in a.columns if name != "patient")
    both = pl.concat(
        [a, b.drop("patient").rename({name: f"{name} after" for name in b.columns if name != "patient"})], how="horizontal"
    )
    return int(both.select(different.sum()).item()), a.height
