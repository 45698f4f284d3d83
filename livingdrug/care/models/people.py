"""Who patients are, apart from the log and under a key of each; and who looked at what."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from livingdrug.care.models.columns import Table, count, digest, sealed, text, time

__all__ = ["Access", "PatientKey", "Person"]


class Person(Table):
    """Name, birth date and contacts of a patient, encrypted with the patient's own key."""

    patient: str = text(100, "Pseudonym.", primary_key=True)
    content: bytes = sealed("Nonce and AES-GCM ciphertext of the person as JSON.")
    changed: str = time("When it was last written.")


class PatientKey(Table):
    """The key of one patient, wrapped by the master key of the service. Without it the person is unreadable for good."""

    patient: str = text(100, "Pseudonym.", primary_key=True)
    wrapped: bytes = sealed("Nonce and wrapped key.")
    made: str = time("When.")


class Access(Table):
    """The audit trail: every read and write of patient data. Append-only, with a hash chain of its own."""

    position: int = count("Place in the trail.", primary_key=True)
    at: str = time("When.")
    account: str = text(200, "Who.")
    action: str = text(1, "C create, R read, U update, E execute (export, shred).")
    journey: str = text(32, "Journey, if one.", blank=True)
    patient: str = text(100, "Pseudonym of the patient, if one.", blank=True)
    what: str = text(200, "What was looked at or done.")
    outcome: str = text(200, "done, or why not.")
    ip: str = text(45, "Address it came from.", blank=True)
    reason: str = text(400, "Reason that was given.", blank=True)
    hash: str = digest("Hash of this row and the one before.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient", "position"], name="care_access_patient"),
            models.Index(fields=["journey", "position"], name="care_access_journey"),
            models.Index(fields=["account", "position"], name="care_access_account"),
        ]
