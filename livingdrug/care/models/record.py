"""The record itself: events in one log, the definitions they were judged under, what is claimed, and answers given.

The database keeps what matters even from a program that errs: the log, definitions, answers and audit cannot be changed or
deleted (triggers in `care/sql`), positions and versions have no gaps, and no identifier or time slot is taken twice.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from livingdrug.care.models.columns import Table, count, digest, flag, long, of_journey, text, time

__all__ = ["Claim", "Definition", "Event", "Journey", "Outcome", "Slot"]


class Definition(Table):
    """A therapy, a network or a set of rules, word for word; the latest of a kind and name is the current one."""

    digest: str = digest("SHA-256 of the text.", db_index=True)
    kind: str = text(20, "therapy, network or rules.")
    name: str = text(100, "Its name.")
    text: str = long("The whole text: TOML, or the source of the rules.")
    defined: str = time("When it was added.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "name", "id"], name="care_definition_current")]


class Journey(Table):
    """The head of one journey, and its row on the board, which is made of its events alone."""

    id: str = text(32, "Token of the journey.", primary_key=True)
    patient: str = text(100, "Pseudonym of the patient.", db_index=True)
    therapy: str = text(100, "Name of the therapy.")
    definition: str = digest("The therapy as it was defined at referral; the journey is judged by it to its end.")
    network: str = text(100, "Name of the network.")
    version: int = count("How many events there are.")
    head: str = digest("Hash of the last event.")

    stage: str = text(30, "Where the journey stands.")
    center: str = text(100, "Treating center.")
    site: str = text(100, "Manufacturing site, once ordered.")
    payer: str = text(100, "Payer who was asked last; empty before.", default="")
    last_at: str = time("When the last event happened.")
    due_at: str = time("When the next thing is due; empty if nothing is.", blank=True)
    due: str = text(100, "What is due then.", blank=True)
    blocked: str = long("What stops the journey now, as a JSON list of sentences.")
    held: bool = flag("A deviation, mismatch, contraindication or withdrawn consent stops it.")
    severe: bool = flag("CRS of ASTCT grade 3 or more was charted.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-last_at", "-id"], name="care_board_latest"),
            models.Index(fields=["stage", "center"], name="care_board_counts"),
            models.Index(fields=["stage", "-last_at", "-id"], name="care_board_stage"),
            models.Index(fields=["center", "-last_at", "-id"], name="care_board_center"),
            models.Index(fields=["site", "-last_at", "-id"], name="care_board_site"),
            models.Index(fields=["payer", "-last_at", "-id"], name="care_board_payer"),
            models.Index(fields=["due_at", "id"], name="care_board_due", condition=~Q(due_at="")),
            models.Index(fields=["-last_at", "-id"], name="care_board_held", condition=Q(held=True)),
            models.Index(fields=["-last_at", "-id"], name="care_board_severe", condition=Q(severe=True)),
        ]


class Event(Table):
    """One event of one journey, at its place in the log. Nobody changes or deletes it, in any way."""

    position: int = count("Place in the log: 1, 2, 3 … in the order of commits.", primary_key=True)
    journey_id: str
    journey = of_journey()
    version: int = count("Place in the journey: 1, 2, 3 …")
    name: str = text(60, "Kind of event.")
    at: str = time("When it happened.")
    recorded: str = time("When the store learned of it.")
    by: str = text(200, "Who answers for it.")
    account: str = text(200, "Who sent it.")
    content: str = long("The event's canonical JSON.")
    therapy: str = digest("Definition of the therapy it was judged by.")
    network: str = digest("Definition of the network it was judged by.")
    rules: str = digest("Definition of the rules it was judged by.")
    key: str = text(200, "Idempotency key of the request; empty if it had none.", blank=True)
    previous: str = digest("Hash of the journey's event before.")
    hash: str = digest("Hash of this event and the one before.")
    log_hash: str = digest("Hash of the whole log to here.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["journey", "version"], name="care_event_version")]


class Claim(Table):
    """An identifier that belongs to one journey: nobody else can have it until a correction gives it back."""

    kind: str = text(20, "chain, order, collection, product or gate.")
    value: str = text(200, "The identifier; of a gate, its product.")
    journey_id: str
    journey = of_journey()
    position: int = count("Log position of the event that took it.")
    released: int | None = count("Log position of the event that gave it back.", null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "value"], condition=Q(released=None), name="care_claim_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["journey"], name="care_claim_journey")]


class Slot(Table):
    """Time on something that only one journey can have: a chair, a suite, a bed."""

    journey_id: str
    journey = of_journey()
    slot: str = text(200, "Its identifier within the journey.")
    resource: str = text(200, "What is occupied.")
    start: str = time("From.")
    end: str = time("To.")
    expires: str = time("A slot that is held and not booked is free again from here.")
    status: str = text(10, "held, booked, released or expired.")
    position: int = count("Log position of the event that last changed it.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["journey", "slot"], name="care_slot_once")]
        indexes: ClassVar = [models.Index(fields=["resource", "start"], name="care_slot_resource")]


class Outcome(Table):
    """The answer that a request with an idempotency key got: the same request gets it again."""

    account: str = text(200, "Who asked.")
    key: str = text(200, "The key.")
    request: str = digest("SHA-256 of what was asked.")
    answer: str = long("What was answered, as JSON.")
    recorded: str = time("When.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["account", "key"], name="care_outcome_once")]
