"""Questions to a network: days at both ends, revocations, time zones, and the same answers as a slow reading of the file."""

from __future__ import annotations

import copy
import gc
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_network import SMALL, written

from livingdrug.errors import UnknownName
from livingdrug.network import ask
from livingdrug.network.kinds import CertificateKind
from livingdrug.network.load import load
from livingdrug.network.renewals import lasts, standing
from livingdrug.network.schema import Center, Certificate, Network, Person, Training

DAY = timedelta(days=1)


@pytest.fixture
def small(tmp_path: Path) -> Network:
    return load(written(tmp_path, SMALL))


# Who and where --------------------------------------------------------------------------------------------------------


def test_everything_is_found_by_its_id_and_nothing_by_another(small: Network) -> None:
    assert ask.center(small, "north") is small.centers[0] is ask.place(small, "north")
    assert ask.site(small, "factory") is small.sites[0] is ask.place(small, "factory")
    assert ask.center(small, "factory") is ask.site(small, "north") is ask.place(small, "ada") is None
    assert ask.person(small, "ada") is small.centers[0].staff[0]
    assert ask.lane(small, "out") is small.lanes[0]
    assert ask.person(small, "bob") is ask.lane(small, "back") is ask.payer(small, "fund") is None


def test_everybody_works_somewhere() -> None:
    network = load("us-launch-2017")
    assert ask.works_at(network, "chop-physician-1") == "chop"
    assert ask.works_at(network, "morris-plains-operator-4") == "morris-plains"
    assert ask.works_at(network, "courier-1") == "couriers"
    assert ask.works_at(network, "system-1") == "systems"
    assert ask.works_at(network, "medicaid-payer-1") == "medicaid"
    assert ask.works_at(network, "nobody") is None


def test_a_network_is_asked_by_what_it_is_and_not_by_where_it_lies(small: Network) -> None:
    """An index belongs to one object: neither a changed copy nor a later network at the same address gets it."""
    assert ask.center(small, "north")
    changed = small.model_copy(update={"centers": ()})
    assert ask.center(changed, "north") is None
    for i in range(50):
        other = small.model_copy(update={"centers": (small.centers[0].model_copy(update={"id": f"c{i}"}),)})
        assert ask.center(other, f"c{i}") is other.centers[0]
        del other
    assert copy.deepcopy(small) == small


def test_the_index_of_a_network_goes_with_it(small: Network) -> None:
    before = len(ask._INDEXES)  # pyright: ignore[reportPrivateUsage]
    other = small.model_copy()
    ask.center(other, "north")
    del other
    gc.collect()
    assert len(ask._INDEXES) <= before  # pyright: ignore[reportPrivateUsage]


# Days -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("2019-12-31", "JACIE certificate for a at north begins on 2020-01-01"),
        ("2020-01-01", None),
        ("2020-12-31", None),
        ("2021-01-01", "JACIE certificate for a at north expired on 2020-12-31, its last day"),
    ],
)
def test_a_certificate_is_valid_on_its_first_and_last_day(small: Network, on: str, says: str | None) -> None:
    found = ask.certificate(small, "north", "JACIE", "a", date.fromisoformat(on))
    assert (found is None) == (says is not None)
    assert ask.why_not_certified(small, "north", "JACIE", "a", date.fromisoformat(on)) == says


@pytest.mark.parametrize(("on", "valid"), [("2020-05-31", True), ("2020-06-01", False), ("2020-06-02", False)])
def test_a_certificate_is_not_valid_on_the_day_it_is_revoked(small: Network, on: str, valid: bool) -> None:
    says = ask.why_not_certified(small, "north", "manufacturer", "a", date.fromisoformat(on))
    assert says == (None if valid else "manufacturer certificate for a at north was revoked on 2020-06-01")


def test_a_certificate_that_had_expired_before_it_was_revoked_expired(small: Network) -> None:
    late = Certificate(
        kind="REMS", valid_from=date(2020, 1, 1), valid_until=date(2020, 3, 31), revoked=date(2020, 5, 1), source="made_up"
    )
    network = with_center(small, certificates=(late,))
    says = ask.why_not_certified(network, "north", "REMS", "a", date(2020, 6, 1))
    assert says == "REMS certificate for a at north expired on 2020-03-31, its last day"


def test_what_was_never_certified_is_told_apart(small: Network) -> None:
    on = date(2020, 3, 1)
    assert ask.why_not_certified(small, "north", "REMS", "a", on) == "no REMS certificate for a at north"
    assert ask.why_not_certified(small, "north", "manufacturer", "b", on) == "no manufacturer certificate for b at north"
    assert ask.why_not_certified(small, "north", "JACIE", "b", on) is None
    assert ask.why_not_certified(small, "east", "JACIE", "a", on) == "no center east in small"


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("2020-01-31", "training for a of ada begins on 2020-02-01"),
        ("2020-02-01", None),
        ("2020-08-31", None),
        ("2020-09-01", "training for a of ada expired on 2020-08-31, its last day"),
        ("2020-10-01", "ada left after 2020-09-30"),
    ],
)
def test_training_holds_from_its_first_to_its_last_day(small: Network, on: str, says: str | None) -> None:
    day = date.fromisoformat(on)
    assert ask.trained(small, "ada", "a", day) == (says is None)
    assert ask.why_not_trained(small, "ada", "a", day) == says


def test_training_is_for_a_therapy_and_a_person(small: Network) -> None:
    on = date(2020, 3, 1)
    assert ask.why_not_trained(small, "ada", "b", on) == "no training for b of ada"
    assert ask.why_not_trained(small, "bob", "a", on) == "nobody bob in small"
    assert not ask.trained(small, "bob", "a", on)


def test_a_role_holds_until_the_last_day_of_work(small: Network) -> None:
    assert ask.has_role(small, "ada", "physician", date(2020, 9, 30))
    assert not ask.has_role(small, "ada", "physician", date(2020, 10, 1))
    assert not ask.has_role(small, "ada", "operator", date(2020, 3, 1))
    assert not ask.has_role(small, "bob", "physician", date(2020, 3, 1))


def test_a_gap_names_the_end_before_and_the_beginning_after() -> None:
    says = ask.why_not_trained(load("us-launch-2017"), "lurie-bedside-nurse-3", "tisagenlecleucel", date(2019, 1, 15))
    assert says == (
        "training for tisagenlecleucel of lurie-bedside-nurse-3 expired on 2018-12-31, its last day; "
        "the next begins on 2019-02-01"
    )


# Zones ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "at", "day"),
    [
        ("chop", datetime(2025, 6, 27, 3, 59, tzinfo=UTC), date(2025, 6, 26)),
        ("chop", datetime(2025, 6, 27, 4, 0, tzinfo=UTC), date(2025, 6, 27)),
        ("honolulu", datetime(2025, 6, 27, 9, 59, tzinfo=UTC), date(2025, 6, 26)),
        ("chop", datetime(2019, 1, 2, 4, 59, tzinfo=UTC), date(2019, 1, 1)),  # winter: five hours
    ],
)
def test_a_day_is_the_day_at_the_place(place: str, at: datetime, day: date) -> None:
    assert ask.day(load("us-launch-2017"), place, at) == day


def test_a_certificate_holds_on_its_last_local_day_though_it_is_tomorrow_in_utc() -> None:
    network = load("us-launch-2017")
    for hour, holds in ((3, True), (5, False)):
        on = ask.day(network, "chop", datetime(2025, 6, 27, hour, tzinfo=UTC))
        assert (ask.certificate(network, "chop", "REMS", "tisagenlecleucel", on) is not None) == holds


def test_a_moment_has_a_zone_and_a_place_is_known(small: Network) -> None:
    with pytest.raises(ValueError, match="has no time zone, so it is no moment"):
        ask.day(small, "north", datetime(2020, 1, 1))
    with pytest.raises(UnknownName, match="no center or site 'nort'; nearest: north"):
        ask.zone(small, "nort")
    assert ask.zone(small, "factory").key == "Europe/Berlin"


# Against a slow reading ------------------------------------------------------------------------------------------------

FIRST = date(2020, 1, 1)
days = st.integers(0, 12).map(lambda days: FIRST + days * DAY)
therapies = st.sampled_from(["a", "b", None])
kinds: st.SearchStrategy[CertificateKind] = st.sampled_from(["REMS", "FACT"])


def spans(draw: st.DrawFn) -> tuple[date, date | None]:
    begin, end = draw(days), draw(st.none() | days)
    return (begin, end) if end is None or begin <= end else (end, begin)


@st.composite
def certificates(draw: st.DrawFn) -> Certificate:
    begin, end = spans(draw)
    revoked = draw(st.none() | days.filter(lambda day: day >= begin))
    kind: CertificateKind = draw(kinds)
    return Certificate(kind=kind, therapy=draw(therapies), valid_from=begin, valid_until=end, revoked=revoked, source="made_up")


@st.composite
def persons(draw: st.DrawFn) -> Person:
    training = draw(st.lists(therapies, max_size=3))
    dated = [(therapy, *spans(draw)) for therapy in training]
    return Person(
        id=draw(st.uuids()).hex,
        roles=("physician",),
        until=draw(st.none() | days),
        training=tuple(Training(therapy=each, valid_from=begin, valid_until=end) for each, begin, end in dated),
    )


def with_center(network: Network, **changed: object) -> Network:
    return network.model_copy(update={"centers": (network.centers[0].model_copy(update=changed),)})


@settings(deadline=None)
@given(stated=st.lists(certificates(), max_size=4))
def test_certificates_are_valid_as_a_slow_reading_says(stated: list[Certificate]) -> None:
    network = with_center(BASE, certificates=tuple(stated))
    for kind, therapy, days in product(("REMS", "FACT", "JACIE"), ("a", "b"), range(-1, 15)):
        on = FIRST + days * DAY
        slow = {id(each) for each in stated if each.kind == kind and each.therapy in (None, therapy) and on in covered(each)}
        found = ask.certificate(network, "north", kind, therapy, on)
        assert (id(found) in slow) if slow else found is None
        assert (ask.why_not_certified(network, "north", kind, therapy, on) is None) == bool(slow)


def covered(each: Certificate) -> set[date]:
    """Every day of a month around on which a certificate is valid, listed one by one."""
    every = {FIRST + days * DAY for days in range(-5, 30)}
    return {
        day
        for day in every
        if not (
            day < each.valid_from or (each.valid_until and day > each.valid_until) or (each.revoked and day >= each.revoked)
        )
    }


@settings(deadline=None)
@given(someone=persons())
def test_training_is_valid_as_a_slow_reading_says(someone: Person) -> None:
    network = with_center(BASE, staff=(someone,))
    for therapy, days in product(("a", "b"), range(-1, 15)):
        on = FIRST + days * DAY
        here = someone.until is None or on in {someone.until - back * DAY for back in range(30)}
        held = any(
            each.therapy in (None, therapy) and each.valid_from <= on <= (each.valid_until or date.max)
            for each in someone.training
        )
        assert ask.trained(network, someone.id, therapy, on) == (here and held)
        assert (ask.why_not_trained(network, someone.id, therapy, on) is None) == (here and held)
        assert ask.has_role(network, someone.id, "physician", on) == here


@settings(deadline=None)
@given(st.lists(st.composite(spans)(), min_size=1, max_size=4))
def test_a_chain_of_spans_lasts_as_a_walk_from_day_to_day_says(stated: list[tuple[date, date | None]]) -> None:
    def holds(on: date) -> bool:
        return any(begin <= on and (end is None or on <= end) for begin, end in stated)

    for days in range(13):
        on = FIRST + days * DAY
        if holds(on):
            walk = next((FIRST + more * DAY for more in range(days, 40) if not holds(FIRST + (more + 1) * DAY)), None)
            assert lasts(stated, on) == walk


# Renewals -------------------------------------------------------------------------------------------------------------


def test_what_ends_soon_and_is_not_renewed_is_told() -> None:
    network = load("us-launch-2017")
    on = date(2019, 12, 1)
    stand = {each.id: standing(network, each, "tisagenlecleucel", on, 90) for each in network.centers}
    assert stand["honolulu"].ending == (), "the accreditation that ends in December is followed by another without a gap"
    assert stand["honolulu"].certificates["FACT"] == date(2030, 12, 31)
    assert stand["memphis"].lacking == ("REMS certificate for tisagenlecleucel at memphis was revoked on 2019-06-03",)
    assert stand["chop"].trained["physician"] == (2, 3)
    assert stand["durham"].trained["physician"] == (2, 2)


def test_the_last_day_of_work_and_a_revocation_end_what_they_end() -> None:
    network = load("us-launch-2017")
    on = date(2019, 5, 1)
    stand = {each.id: standing(network, each, "tisagenlecleucel", on, 90) for each in network.centers}
    assert stand["durham"].ending == (("durham-physician-3", date(2019, 6, 30)),)
    assert stand["memphis"].ending == (("REMS certificate", date(2019, 6, 2)),)
    assert stand["lurie"].ending == (("lurie-physician-3", date(2019, 5, 15)),)


BASE = Network(
    name="base",
    title="Base",
    centers=(
        Center(
            id="north",
            title="North",
            city="Hamburg",
            country="DE",
            jurisdiction="EU",
            timezone="Europe/Berlin",
            source="made_up",
        ),
    ),
    sources={"made_up": "Made up for a test"},
)
