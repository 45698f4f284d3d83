"""The API is as it is described: whatever is sent, no bug, no undocumented answer, and every answer of the documented shape.

A long run sends what covers every keyword of the description, too.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from api_world import token, told
from hypothesis import HealthCheck, Phase, settings
from pytest_django.plugin import DjangoDbBlocker
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from livingdrug.care import database, store
from livingdrug.care.api import versions
from livingdrug.care.wsgi import application

LONG = os.environ.get("LIVINGDRUG_LONG") == "1"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
schema.config.phases.coverage.enabled = LONG  # ten thousand requests more, of which most are to the events
PEOPLE = ("chop-coordinator-1", "chop-physician-1", "medicare-payer-1", "auditor")
TURN = count()
"""Callers take turns, and most requests about a journey are about one that is there."""


@pytest.fixture(scope="module")
def service(sqlite_template: Path, tmp_path_factory: Any, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    """One store for all: a whole journey, charted and settled, one that has begun, and a token of each kind of caller."""
    path = tmp_path_factory.mktemp("service") / "store.sqlite3"
    shutil.copy(sqlite_template, path)
    with django_db_blocker.unblock():
        database.use(f"sqlite:///{path}")
        yield {"whole": told(1)[0], "begun": told(2, 6)[0]} | {each: token(each) for each in PEOPLE}
        database.use(f"sqlite:///{path}")


@schema.parametrize()
@settings(
    max_examples=200 if LONG else 20,
    deadline=None,
    derandomize=not LONG,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
def test_every_answer_is_one_that_is_described(case: Any, service: dict[str, str]) -> None:
    turn = next(TURN)
    secret = service[PEOPLE[turn % len(PEOPLE)]]
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {secret}", "Idempotency-Key": uuid.uuid4().hex}
    if "id" in (case.path_parameters or {}) and turn % 3:
        id = case.path_parameters["id"] = service["whole" if turn % 5 else "begun"]
        if case.method == "POST" and turn % 4:
            standing = store.latest(id)
            case.headers["If-Match"] = versions.tag(standing.version, standing.head)
    case.call_and_validate(checks=CHECKS)
