"""Recorded journeys as a cohort: the same columns that a simulation gives, so that the same analysis reads both."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
from django.db.models import Q

from livingdrug.care.models import CohortRow
from livingdrug.cohort import COLUMNS, frame

__all__ = ["cohort"]

CHUNK = 5000


ALL = Q()


def cohort(therapy: str, center: str | None = None, within: Q = ALL) -> pl.DataFrame:
    """The cohort of one therapy, of one center or all, in the order of the journeys' tokens; `within` restricts its rows."""
    found = CohortRow.objects.filter(within, therapy=therapy).order_by("journey_id")
    if center is not None:
        found = found.filter(journey__center=center)
    columns: dict[str, list[Any]] = {each.name: [] for each in COLUMNS}
    for text in found.values_list("row", flat=True).iterator(chunk_size=CHUNK):
        row = json.loads(text)
        for name, values in columns.items():
            values.append(row.get(name))
    if None in columns["patient"]:  # pseudonyms without a number: the place in the table stands in for all
        columns["patient"] = list(range(len(columns["patient"])))
    return frame(columns)
