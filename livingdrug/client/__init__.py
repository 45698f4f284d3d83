"""A client of the API: `Client(url, token)`, with what it asks and answers as plain data, and errors by what can be done."""

from __future__ import annotations

from livingdrug.client.answers import (
    Appended,
    Condition,
    Day,
    Defined,
    Due,
    Gate,
    Journey,
    Line,
    Logged,
    Person,
    Possible,
    Reason,
    Recorded,
    Release,
    Row,
    Rule,
    Test,
    Trail,
)
from livingdrug.client.calls import Client
from livingdrug.client.failures import ApiError, Away, Conflict, NotAllowed, NotThere, Refused, Unfit

__all__ = [
    "ApiError",
    "Appended",
    "Away",
    "Client",
    "Condition",
    "Conflict",
    "Day",
    "Defined",
    "Due",
    "Gate",
    "Journey",
    "Line",
    "Logged",
    "NotAllowed",
    "NotThere",
    "Person",
    "Possible",
    "Reason",
    "Recorded",
    "Refused",
    "Release",
    "Row",
    "Rule",
    "Test",
    "Trail",
    "Unfit",
]
