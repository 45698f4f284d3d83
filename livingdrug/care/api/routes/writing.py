"""Journeys as they are written: a referral begins one, and events are recorded, all or none, at a version that was seen."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja.params.functions import Header

from livingdrug.care import clock, store
from livingdrug.care.accounts.permissions import may_open, may_record
from livingdrug.care.api import acts, bodies, signing, versions
from livingdrug.care.api.gatekeeper import caller, refuse, seen, source
from livingdrug.care.api.problems import ANSWERS, of_conflict, of_refusal
from livingdrug.care.api.routes.journeys import Id, router
from livingdrug.care.api.shapes import Appended
from livingdrug.care.api.tokens import Caller
from livingdrug.care.states import NEW, Standing
from livingdrug.care.tokens import private
from livingdrug.errors import BadInput, Complaints
from livingdrug.journey.events import Event, PatientReferred
from livingdrug.journey.record import Refused

__all__ = ["router"]

IfMatch = Annotated[
    str | None, Header(None, alias="If-Match", description="The ETag of the journey that you have seen; required.")
]
Key = Annotated[str | None, Header(None, alias="Idempotency-Key", description="A key of the request's own; required.")]


@router.post(
    "/journeys",
    response={201: Appended, **ANSWERS},
    summary="Refer a patient: a journey begins",
    openapi_extra=acts.described(acts.referral(), acts.REFERRAL),
)
def refer(request: HttpRequest, key: Key) -> HttpResponse:
    """The body is a `referred` event; `by` is the person of the token where it is left out, and no other.

    Identifiers that tell who somebody is (record number, name and birth date) are kept as tokens.
    """
    who, kept = caller(request, "act"), versions.key(request)
    event = bodies.decoded(bodies.body(request), "", who.visitor.person)
    if not isinstance(event, PatientReferred):
        raise BadInput.at("event", f"is {event.name!r}; a journey begins with 'referred'")
    _by_the_caller(request, who, [event])
    if event.center != who.visitor.place or not may_open(who.visitor, "refer"):
        refuse(request, who, f"{who.visitor.person or 'an office'} does not refer for {event.center[:60]}; its own staff does")
    made = store.start(_referral(event), who.account, key=kept, now=clock.now(), source=source(request))
    return _written(made, 201)


def _referral(event: PatientReferred) -> PatientReferred:
    made = private(event, NEW)
    assert isinstance(made, PatientReferred), "tokens change no kind"
    return made


@router.post(
    "/journeys/{id}/events",
    response={200: Appended, **ANSWERS},
    summary="Record what happened",
    openapi_extra=acts.described(acts.acts(), acts.ACTS),
)
def record_events(request: HttpRequest, id: Id, seen_version: IfMatch, key: Key) -> HttpResponse:
    """The body is `{"events": [...]}`: one or several, recorded all or none, in their order.

    An act that rules refuse is answered with 422 and their numbers; another's act meanwhile with 412; an identifier or a place
    that another journey has with 409. Acts that are signed take the scope sign and `"password"`, and are followed by their
    `signed` events, which the service makes: later events in the same request stand so many positions further.
    """
    who = caller(request, "act")
    standing = seen(request, who, id)
    kept, version = versions.key(request), versions.expected(request, standing)
    events, password = _wanted(bodies.body(request), who)
    _by_the_caller(request, who, events, standing)
    for event in events:
        if not may_record(who.visitor, standing.state, event.name):
            says = f"{event.name!r} is not recorded here by the roles of this token's account"
            refuse(request, who, says, journey=standing.id)
    signing.authorize(request, who, events, password, standing.id)
    now = signing.time_of(who.account, kept) if password is not None else clock.now()
    made = [private(event, standing.state) for event in events]
    whole = signing.with_signatures(made, version, who.visitor.person, now)
    answer = store.append(standing.id, whole, version, who.account, key=kept, now=now, source=source(request))
    return _written(answer, 200)


def _wanted(content: dict[str, Any], who: Caller) -> tuple[list[Event], str | None]:
    """The events of a body, and the password that signs them. Raises `BadInput` with every complaint."""
    listed, password, found = content.get("events"), content.get("password"), Complaints()
    if not {*content} <= {"events", "password"} or not isinstance(listed, list) or not 1 <= len(listed) <= acts.MANY:
        raise BadInput.at("events", f'is not a list of 1 to {acts.MANY} events; send {{"events": [...]}}')
    if not (password is None or (isinstance(password, str) and len(password) <= LONGEST)):
        raise BadInput.at("password", f"is not text of at most {LONGEST} characters; send the account's own")
    made: list[Event] = []
    for place, each in enumerate(listed):
        try:
            made.append(bodies.decoded(each, f"events.{place}", who.visitor.person))
        except BadInput as error:
            found.found += error.complaints
    found.raise_any()
    return made, password


LONGEST = 1000
"""Characters of a password."""


def _by_the_caller(request: HttpRequest, who: Caller, events: list[Event], standing: Standing | None = None) -> None:
    """A token acts as its own person and nobody else."""
    mine = who.visitor.person
    for event in events:
        if event.by != mine or not mine:
            says = f"{event.name} is by {event.by[:60]!r}, and the token speaks for {mine or 'nobody of a network'}"
            refuse(request, who, f"{says}; leave `by` out", journey=standing.id if standing else "")


def _written(made: Any, status: int) -> HttpResponse:
    if isinstance(made, Refused):
        return of_refusal(made)
    if isinstance(made, store.Conflict):
        return of_conflict(made)
    about = {"journey": made.journey, "version": made.version, "positions": list(made.positions), "head": made.head}
    answer = versions.tagged(JsonResponse(about, status=status), made.version, made.head)
    if made.repeated:
        answer["Idempotent-Replay"] = "true"
    return answer
