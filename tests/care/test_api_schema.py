"""The API is as it is described: whatever is sent, no bug, no undocumented answer, and every answer of the documented shape."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from livingdrug.care import store
from livingdrug.care.api.models import SCOPES
from livingdrug.care.wsgi import application
from livingdrug.journey.events import Identifier, PatientReferred

LONG = os.environ.get("LIVINGDRUG_LONG") == "1"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
PEOPLE = {"coordinator": "chop-coordinator-1", "physician": "chop-physician-1", "payer": "medicare-payer-1", "auditor": ""}
TURN = count()
"""Callers take turns, and most requests about a journey are about one that is there."""
TOKENS: dict[str, str] = {}
JOURNEYS: dict[str, str] = {}


@pytest.fixture
def service(sqlite: str) -> None:
    """A store with one journey, and a token of each kind of caller that has every scope."""
    from livingdrug.care.accounts.models import Account
    from livingdrug.care.api import tokens

    for name, person in PEOPLE.items():
        extra = [name] if not person else []
        Account.objects.create_user(f"{name}@example.org", name=name, person=person, extra_roles=extra)
        TOKENS[name] = tokens.create(f"{name}@example.org", SCOPES, days=1)
    names = (Identifier("record number", "MRN-1"), Identifier("name and birth date", "token-1"))
    referral = PatientReferred(
        at=datetime(2018, 3, 5, 14, tzinfo=UTC), by="chop-coordinator-1", patient="patient-1", therapy="tisagenlecleucel",
        center="chop", identifiers=names,
    )  # fmt: skip
    made = store.start(referral, "coordinator@example.org")
    assert isinstance(made, store.Appended)
    JOURNEYS["id"] = made.journey


@schema.parametrize()
@settings(
    max_examples=200 if LONG else 12,
    deadline=None,
    derandomize=not LONG,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_is_described(case: Any, service: None) -> None:
    turn = next(TURN)
    who = list(PEOPLE)[turn % len(PEOPLE)]
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {TOKENS[who]}", "Idempotency-Key": uuid.uuid4().hex}
    if "id" in (case.path_parameters or {}) and turn % 3:
        case.path_parameters["id"] = JOURNEYS["id"]
    case.call_and_validate(checks=CHECKS)
