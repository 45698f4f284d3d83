"""Events survive JSON, have one spelling each, and every complaint about a wrong one comes at once."""

from __future__ import annotations

import json
import math
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from story import Story, events

from livingdrug.errors import BadInput
from livingdrug.journey import codec
from livingdrug.journey import events as e
from livingdrug.journey.kinds import BY_NAME

TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs",)), max_size=30)
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1901, 1, 2), datetime(2199, 1, 1), timezones=ZONES)
PLAIN = {
    str: TEXT, int: st.integers(-(2**52), 2**52), bool: st.booleans(), datetime: TIMES, date: st.dates(),
    float: st.floats(allow_nan=False, allow_infinity=False),
}  # fmt: skip


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Anything that a field of this type may hold."""
    if kind in PLAIN:
        return PLAIN[kind]
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=3).map(tuple)
    if type(None) in get_args(kind):
        return st.none() | values(next(each for each in get_args(kind) if each is not type(None)))
    return an_event() if kind is e.Event else made(kind)


def made(kind: Any) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{name: values(of) for name, of in codec.typed_fields(kind).items()})


def an_event() -> st.SearchStrategy[e.Event]:
    return st.deferred(lambda: st.sampled_from([each for each in BY_NAME.values() if each is not e.Corrected]).flatmap(made))


@given(an_event() | made(e.Corrected))
def test_every_event_survives_json(event: e.Event) -> None:
    text = codec.canonical(event)
    again = codec.read_json(text)
    assert again == event
    assert type(again) is type(event)
    assert codec.canonical(again) == text
    assert codec.digest(again) == codec.digest(event)


def test_equal_events_in_other_zones_are_equal_but_keep_their_clock() -> None:
    event = next(events(Story()))
    moved = codec.decode(codec.encode(event) | {"at": event.at.astimezone(UTC).isoformat()})
    assert moved == event
    assert codec.canonical(moved) != codec.canonical(event), "the clock on the wall is part of the record"


def test_the_stored_name_is_no_python_path() -> None:
    for name, kind in BY_NAME.items():
        assert name == name.lower()
        assert "." not in name
        assert kind.__name__ not in name


@pytest.mark.parametrize("kind", BY_NAME.values(), ids=lambda kind: kind.name)
def test_every_field_that_is_missing_is_named(kind: type[e.Event]) -> None:
    required = {each.name for each in fields(kind) if each.default is MISSING}
    with pytest.raises(BadInput) as caught:
        codec.decode({"event": kind.name})
    assert {each.where for each in caught.value.complaints} == required


@pytest.mark.parametrize(
    ("changed", "where", "says"),
    [
        ({"at": "2018-03-05T09:00:00"}, "at", "without a time zone"),
        ({"at": "noon"}, "at", "not a time"),
        ({"at": "0018-03-05T09:00:00+00:00"}, "at", "correct the year"),
        ({"mg": "240"}, "mg", "not a number"),
        ({"mg": True}, "mg", "not a number"),
        ({"mg": math.inf}, "mg", "not finite"),
        ({"mg": 10**400}, "mg", "not finite"),
        ({"by": 4}, "by", "not text"),
        ({"by": "x" * 5000}, "by", "the limit is 4000"),
        ({"by": "a\x00b"}, "by", "control character"),
        ({"by": "\ud800"}, "by", "control character"),
        ({"dose": 240.0}, "dose", "no field 'dose'"),
        ({"version": 2}, "version", "reads versions 1 to 1"),
        ({"version": True}, "version", "reads versions 1 to 1"),
        ({"event": "tocilizumab givn"}, "event", "nearest: tocilizumab given"),
        ({"event": 7}, "event", "is missing"),
    ],
)
def test_a_wrong_value_gets_a_sentence_at_its_place(changed: dict[str, Any], where: str, says: str) -> None:
    right = {"event": "tocilizumab given", "at": "2018-03-05T09:00:00-05:00", "by": "chop-physician-1", "mg": 240.0}
    assert codec.decode(right)
    with pytest.raises(BadInput) as caught:
        codec.decode(right | changed, "line 3")
    assert [each.where for each in caught.value.complaints] == [f"line 3.{where}"]
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "4", '"x"', "{", '{"mg": NaN}', "nul", "[" * 100_000])
def test_what_is_no_object_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(BadInput):
        codec.read_json(text, "line 1")


def test_a_series_has_a_limit() -> None:
    series = {"hours": [0.0] * 30_000, "celsius": [0.0]}
    with pytest.raises(BadInput, match="20000 at most"):
        codec.decode({"event": "temperature logged", "at": "2018-03-05T09:00:00Z", "by": "x", "item": "y"} | series)


def test_an_older_version_is_read_through_its_upcasters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e.TocilizumabGiven, "version", 3)
    monkeypatch.setitem(codec.UPCASTERS, ("tocilizumab given", 1), lambda old: {**old, "mg": old["mg_per_kg"] * 30.0})
    monkeypatch.setitem(
        codec.UPCASTERS, ("tocilizumab given", 2), lambda old: {k: v for k, v in old.items() if k != "mg_per_kg"}
    )
    old = {"event": "tocilizumab given", "version": 1, "at": "2018-03-05T09:00:00Z", "by": "x", "mg_per_kg": 8.0}
    assert codec.decode(old) == e.TocilizumabGiven(at=datetime(2018, 3, 5, 9, tzinfo=UTC), by="x", mg=240.0)


def test_a_gap_between_versions_is_found_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(e.TocilizumabGiven, "version", 3)
    with pytest.raises(ValueError, match="UPCASTERS must hold exactly"):
        codec._checked({("tocilizumab given", 1): dict})


def test_the_canonical_text_is_stable() -> None:
    event = e.SlotBooked(at=datetime(2017, 12, 1, 9, tzinfo=timezone(timedelta(hours=-5))), by="nurse-é", slot="S-1")
    text = '{"at":"2017-12-01T09:00:00-05:00","by":"nurse-é","event":"slot booked","slot":"S-1","version":1}'
    assert codec.canonical(event) == text
    assert json.loads(text) == codec.encode(event)
    assert codec.digest(event) == "0" * 64 or len(codec.digest(event)) == 64
