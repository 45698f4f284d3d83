"""Who patients are: names, birth dates and contacts, apart from their journeys, for staff of the treating center."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.errors import HttpError
from pydantic import ConfigDict, ValidationError

from livingdrug.care import store
from livingdrug.care.accounts.permissions import sees_names
from livingdrug.care.accounts.scope import within
from livingdrug.care.api import acts, bodies
from livingdrug.care.api.gatekeeper import caller, refuse, source
from livingdrug.care.api.problems import ANSWERS
from livingdrug.care.api.tokens import Caller
from livingdrug.errors import BadInput, Complaint

__all__ = ["router"]

router = Router(tags=["people"])


class Person(Schema):
    """A patient's name, birth date and contacts."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=200)]
    birth_date: date
    contacts: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=10)] = Field(default_factory=list)


@router.get("/journeys/{id}/person", response={200: Person, **ANSWERS}, summary="Who the patient is")
def person(request: HttpRequest, id: Annotated[str, Field(max_length=64)]) -> dict[str, Any]:
    """Read from the vault; the reading is in the trail."""
    who = caller(request, "names")
    found = store.person(_patient(request, who, id), who.account, source=source(request))
    if found is None:
        raise HttpError(404, "nothing is known of the person, or the key was destroyed")
    return found


@router.put(
    "/journeys/{id}/person",
    response={200: Person, **ANSWERS},
    summary="Say who the patient is",
    openapi_extra=acts.described(
        Person.model_json_schema(), {"name": "An Example", "birth_date": "2008-05-01", "contacts": []}
    ),
)
def keep(request: HttpRequest, id: Annotated[str, Field(max_length=64)]) -> dict[str, Any]:
    """Written into the vault under the patient's own key, over what was there. Sent twice, it is the same."""
    who = caller(request, "names")
    patient = _patient(request, who, id)
    made = _read(bodies.body(request))
    store.keep_person(patient, made, who.account, source=source(request))
    return made


def _read(content: dict[str, Any]) -> dict[str, Any]:
    try:
        return Person.model_validate(content).model_dump(mode="json")
    except ValidationError as error:
        found = [Complaint(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors(include_context=False)]
        raise BadInput(*found) from error


def _patient(request: HttpRequest, who: Caller, id: str) -> str:
    """The pseudonym of a journey's patient. Raises `HttpError` 404 where the caller is not staff of the treating center."""
    standing = store.latest(id) if within(who.visitor, id) else None
    if standing is None or not sees_names(who.visitor, standing.state):
        refuse(request, who, "there is no such journey, or its names are not yours to see", status=404, journey=id)
    return standing.state.patient
