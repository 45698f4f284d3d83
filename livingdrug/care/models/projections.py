"""Tables that are made of events alone and can be made anew at any time; the board is columns of `Journey`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from livingdrug.care.models.columns import Table, count, long, of_journey, text, time

__all__ = ["CohortRow", "Milestone"]


class Milestone(Table):
    """The ledger: one milestone of one journey's contract. Amounts in minor units."""

    journey_id: str
    journey = of_journey()
    milestone: str = text(100, "Name of the milestone.")
    billed: int = count("Amount charged.")
    waived: int = count("Amount waived.")
    currency: str = text(3, "ISO 4217 code.")
    at: str = time("When it was settled.")
    version: int = count("Place of the settlement in the journey.")
    disputed: str = long("Why a payer contests it; empty if none does.", blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["journey", "milestone"], name="care_milestone_once")]
        indexes: ClassVar = [models.Index(fields=["at", "id"], name="care_milestone_at")]


class CohortRow(Table):
    """What analysis sees of one journey."""

    journey_id: str
    journey = models.OneToOneField("care.Journey", models.PROTECT, related_name="+", primary_key=True, help_text="Journey.")
    therapy: str = text(100, "Name of the therapy.", db_index=True)
    row: str = long("The columns of the cohort as JSON.")
