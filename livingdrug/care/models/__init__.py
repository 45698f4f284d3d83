"""The tables of the care service: the record, people and projections."""

from __future__ import annotations

from livingdrug.care.models.people import Access, PatientKey, Person
from livingdrug.care.models.projections import CohortRow, Milestone
from livingdrug.care.models.record import Claim, Definition, Event, Journey, Outcome, Slot

__all__ = [
    "Access",
    "Claim",
    "CohortRow",
    "Definition",
    "Event",
    "Journey",
    "Milestone",
    "Outcome",
    "PatientKey",
    "Person",
    "Slot",
]
