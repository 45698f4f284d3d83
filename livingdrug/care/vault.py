"""Who patients are: names, birth dates and contacts, apart from the log, each under the patient's own key.

The key is random, wrapped by the service's master key (`LIVINGDRUG_KEY`), and bound to the patient's pseudonym. `shred`
destroys it: the person is unreadable for good, the log and its hashes are as they were. A backup that was made before still
holds the wrapped key; let old backups expire, and do not restore one over a shredding without shredding again.
Every reading and writing is in the audit trail.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection

from livingdrug.care import clock
from livingdrug.care.access import HERE, Source, noted
from livingdrug.care.chain import spelled
from livingdrug.care.database import is_postgresql
from livingdrug.care.models import PatientKey, Person
from livingdrug.care.transactions import ACCESS, tried_again, writing
from livingdrug.errors import BadInput, StoreError

__all__ = ["keep_person", "person", "shred"]

NONCE = 12
"""Bytes, as NIST SP 800-38D recommends for GCM."""


def keep_person(patient: str, content: Mapping[str, Any], account: str, *, source: Source = HERE) -> None:
    """Write who a patient is, over what was there. Raises `BadInput` for a patient whose key was destroyed."""

    def work() -> None:
        with writing(ACCESS):
            key, known = _key(patient), Person.objects.filter(patient=patient).exists()
            if key is None and known:
                raise BadInput.at(patient, "the key of this patient was destroyed; take a new pseudonym")
            key = key or _new_key(patient)
            sealed = _sealed(key, patient, spelled(dict(content)).encode())
            row = {"content": sealed, "changed": clock.stamp(clock.now())}
            Person.objects.update_or_create(patient=patient, defaults=row)
            noted(account, "U" if known else "C", "person", patient=patient, source=source)

    tried_again(work)


def person(patient: str, account: str, *, source: Source = HERE) -> dict[str, Any] | None:
    """Who a patient is; None if nothing is known, or the key was destroyed. The reading is noted before it is answered."""

    def work() -> dict[str, Any] | None:
        with writing(ACCESS):
            key, row = _key(patient), Person.objects.filter(patient=patient).first()
            readable = key is not None and row is not None
            noted(account, "R", "person", patient=patient, outcome="done" if readable else "not readable", source=source)
            return json.loads(_opened(key, patient, bytes(row.content))) if key and row else None

    return tried_again(work)


def shred(patient: str, account: str, *, source: Source = HERE) -> bool:
    """Destroy the key of a patient; whether there was one."""

    def work() -> bool:
        with writing(ACCESS):
            # Overwritten before it is deleted, so that no page of the database file keeps it.
            there = PatientKey.objects.filter(patient=patient).update(wrapped=os.urandom(60)) > 0
            PatientKey.objects.filter(patient=patient).delete()
            noted(account, "E", "shred", patient=patient, outcome="done" if there else "no key", source=source)
            return there

    there = tried_again(work)
    _forget_old_rows()
    return there


def _forget_old_rows() -> None:
    """PostgreSQL keeps a deleted row until it is vacuumed (here, if the role may, else by autovacuum); SQLite keeps it in its
    write-ahead log until that is truncated."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM care_patientkey" if is_postgresql() else "PRAGMA wal_checkpoint(TRUNCATE)")


# Keys -------------------------------------------------------------------------------------------------------------------


def _key(patient: str) -> bytes | None:
    row = PatientKey.objects.filter(patient=patient).first()
    return None if row is None else _opened(_master(), f"key of {patient}", bytes(row.wrapped))


def _new_key(patient: str) -> bytes:
    key = AESGCM.generate_key(bit_length=256)
    wrapped = _sealed(_master(), f"key of {patient}", key)
    PatientKey.objects.create(patient=patient, wrapped=wrapped, made=clock.stamp(clock.now()))
    return key


def _master() -> bytes:
    return bytes.fromhex(settings.LIVINGDRUG_KEY)


def _sealed(key: bytes, about: str, content: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, about.encode())


def _opened(key: bytes, about: str, sealed: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], about.encode())
    except InvalidTag as error:
        raise StoreError(f"the {about} cannot be opened: LIVINGDRUG_KEY is not the one that sealed it") from error
