"""Measures of what is paid: waived and unbillable invoices, the mean payment."""

from __future__ import annotations

import numpy as np

from livingdrug.analysis.facts import Facts, known
from livingdrug.analysis.measures.registry import add, among_infused, shares

__all__: list[str] = []


def _mean_payment(f: Facts) -> float:
    there = f["infused"] & known(f["billed"])
    if not there.any():
        return np.nan
    paid = f["billed"][there] - np.nan_to_num(f["waived"][there])
    return float(np.mean(paid)) / 100


shares(
    "payment",
    waived=(
        "Invoice waived because the patient did not respond in the first month, of invoices.",
        lambda f: f["waived"] > 0,
        lambda f: f["infused"] & (f["billed"] > 0),
    ),
    not_billable=(
        "No invoice because the product was outside its specification, of infused.",
        lambda f: f["billed"] == 0,
        among_infused("billed"),
    ),
)
add(
    "payment",
    "mean",
    "money",
    "payment_mean",
    "Paid for the product per infused patient after waivers, in the therapy's currency.",
    _mean_payment,
)
