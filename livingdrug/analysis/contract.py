"""What a payer pays for the product: per patient, per infused patient and per hundred; money is whole cents until shown.

A contract on response waives the invoice of a patient who does not respond in the first month; a product outside its
specification is given without an invoice. Who pays what was decided when the cohort was made; here it is added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import polars as pl

from livingdrug.analysis.facts import Facts, facts, known

__all__ = ["Settlement", "expected_payment", "payments", "per_group", "settle"]

KINDS = ("paid", "waived", "not billable")


@dataclass(frozen=True, slots=True)
class Settlement:
    """The sums of a cohort. Cents are integers; `per_infused` is the mean in cents, rounded once."""

    infused: int
    paid: int
    waived: int
    not_billable: int
    cents_billed: int
    cents_waived: int
    cents_paid: int
    per_infused: int | None


def expected_payment(responding: int, of: int, price: int) -> int:
    """What a contract on response pays per infused patient, in the cents of `price`, rounded half to even.

    >>> expected_payment(52, 63, 475_000_00) // 100  # the label's 52 responders of 63 at the list price
    392063
    """
    if not 0 <= responding <= of or of == 0:
        raise ValueError(f"{responding} of {of} is not a share")
    return round(Fraction(responding, of) * price)


def payments(cohort: pl.DataFrame | Facts) -> pl.DataFrame:
    """Patient, kind (paid, waived or not billable), billed, waived and paid cents of infused patients with a known invoice."""
    f = facts(cohort)
    there = f["infused"] & known(f["billed"])
    billed = f["billed"][there].astype(np.int64)
    waived = np.nan_to_num(f["waived"][there]).astype(np.int64)
    kind = np.where(billed == 0, KINDS[2], np.where(waived > 0, KINDS[1], KINDS[0]))
    columns = {"patient": f["patient"][there].astype(np.int64), "kind": pl.Series(kind, dtype=pl.Enum(KINDS))}
    return pl.DataFrame({**columns, "billed": billed, "waived": waived, "paid": billed - waived})


def settle(cohort: pl.DataFrame | Facts) -> Settlement:
    """The sums of a cohort's payments."""
    table = payments(cohort)
    counts = {kind: int((table["kind"] == kind).sum()) for kind in KINDS}
    billed, waived, paid = (int(table[name].sum()) for name in ("billed", "waived", "paid"))
    mean = round(Fraction(paid, table.height)) if table.height else None
    return Settlement(
        infused=table.height,
        paid=counts["paid"],
        waived=counts["waived"],
        not_billable=counts["not billable"],
        cents_billed=billed,
        cents_waived=waived,
        cents_paid=paid,
        per_infused=mean,
    )


def per_group(cohort: pl.DataFrame | Facts, size: int = 100) -> pl.DataFrame:
    """What groups of so many infused patients cost, one behind the other: group, paid, waived, not billable, cents paid.

    The rows show how much a payer's bill for a hundred patients varies by luck alone; a last group that is not full is
    left out.
    """
    if size < 1:
        raise ValueError("size must be above 0")
    table = payments(cohort)
    groups = table.height // size
    whole = table.head(groups * size).with_columns(group=pl.Series(np.repeat(np.arange(groups), size), dtype=pl.Int64))
    counts = [(pl.col("kind") == kind).sum().alias(kind.replace(" ", "_")) for kind in KINDS]
    return whole.group_by("group").agg(*counts, cents_paid=pl.col("paid").sum()).sort("group")
