"""Questions to a network, each answered from an index that is built once: who and what is valid on a day, and why not.

A certificate or training is valid on its first and on its last day; one that was revoked is not valid on the day of the
revocation. Days are local days of the place: `day` turns a moment into one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from weakref import ref
from zoneinfo import ZoneInfo

from livingdrug.errors import UnknownName
from livingdrug.network.schema import Center, Certificate, Lane, Network, Payer, Person, Site, people

__all__ = [
    "center",
    "certificate",
    "day",
    "has_role",
    "lane",
    "payer",
    "person",
    "place",
    "site",
    "trained",
    "why_not_certified",
    "why_not_trained",
    "works_at",
    "zone",
]


@dataclass(frozen=True)
class Index:
    """A network by ids; `of` is the network itself, weakly."""

    of: Callable[[], Network | None]
    places: dict[str, Center | Site]
    people: dict[str, tuple[Person, str]]
    lanes: dict[str, Lane]
    payers: dict[str, Payer]
    zones: dict[str, ZoneInfo]
    certificates: dict[tuple[str, str], tuple[Certificate, ...]]


_INDEXES: dict[int, Index] = {}
"""By the identity of a network: hashing one would read all of it, and an index inside it would go along into its copies."""


def _index(network: Network) -> Index:
    found = _INDEXES.get(id(network))
    if found is not None and found.of() is network:
        return found
    key = id(network)
    made = _made(network, ref(network, lambda gone: _forget(key, gone)))
    _INDEXES[key] = made
    return made


def _forget(key: int, gone: object) -> None:
    """Drop the index of a network that is gone, unless another network lives at its address by now."""
    if (found := _INDEXES.get(key)) is not None and found.of is gone:
        del _INDEXES[key]


def _made(network: Network, of: Callable[[], Network | None]) -> Index:
    places = (*network.centers, *network.sites)
    return Index(
        of=of,
        places={each.id: each for each in places},
        people={each.id: (each, where) for where, each in people(network)},
        lanes={each.id: each for each in network.lanes},
        payers={each.id: each for each in network.payers},
        zones={each.id: ZoneInfo(each.timezone) for each in places},
        certificates={
            (each.id, kind): tuple(one for one in each.certificates if one.kind == kind)
            for each in places
            for kind in {one.kind for one in each.certificates}
        },
    )


# Who and where --------------------------------------------------------------------------------------------------------


def place(network: Network, id: str) -> Center | Site | None:
    """The center or site of that id."""
    return _index(network).places.get(id)


def center(network: Network, id: str) -> Center | None:
    """The center of that id."""
    found = _index(network).places.get(id)
    return found if isinstance(found, Center) else None


def site(network: Network, id: str) -> Site | None:
    """The manufacturing site of that id."""
    found = _index(network).places.get(id)
    return found if isinstance(found, Site) else None


def lane(network: Network, id: str) -> Lane | None:
    """The lane of that id."""
    return _index(network).lanes.get(id)


def payer(network: Network, id: str) -> Payer | None:
    """The payer of that id."""
    return _index(network).payers.get(id)


def person(network: Network, id: str) -> Person | None:
    """The person of that id."""
    found = _index(network).people.get(id)
    return found[0] if found else None


def works_at(network: Network, person_id: str) -> str | None:
    """The id of the center, site or payer where a person works, or "couriers" or "systems"; None for nobody."""
    found = _index(network).people.get(person_id)
    return found[1] if found else None


def zone(network: Network, place_id: str) -> ZoneInfo:
    """The time zone of a center or site; raises `UnknownName`."""
    zones = _index(network).zones
    if place_id not in zones:
        raise UnknownName.among("center or site", place_id, zones)
    return zones[place_id]


def day(network: Network, place_id: str, at: datetime) -> date:
    """The day that a moment is at a center or site; `at` has a time zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone, so it is no moment")
    return at.astimezone(zone(network, place_id)).date()


# Valid on a day -------------------------------------------------------------------------------------------------------


class Dated(Protocol):
    """What is valid on some days, for one therapy or for all."""

    @property
    def therapy(self) -> str | None: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...


def _is_valid(dated: Dated, on: date) -> bool:
    return dated.valid_from <= on and (dated.valid_until is None or on <= dated.valid_until)


def _is_for(dated: Dated, therapy_name: str) -> bool:
    return dated.therapy is None or dated.therapy == therapy_name


def certificate(network: Network, center_id: str, kind: str, therapy_name: str, on: date) -> Certificate | None:
    """The certificate of a kind that a center or site has for a therapy on a day."""
    for each in _index(network).certificates.get((center_id, kind), ()):
        if _is_for(each, therapy_name) and _is_valid(each, on) and (each.revoked is None or on < each.revoked):
            return each
    return None


def why_not_certified(network: Network, center_id: str, kind: str, therapy_name: str, on: date) -> str | None:
    """None where a certificate is valid that day; else why none is, as a clause without a final period."""
    if certificate(network, center_id, kind, therapy_name, on):
        return None
    if place(network, center_id) is None:
        return f"no center {center_id} in {network.name}"
    stated = _index(network).certificates.get((center_id, kind), ())
    about = [each for each in stated if _is_for(each, therapy_name)]
    called = f"{kind} certificate for {therapy_name} at {center_id}"
    if not about:
        return f"no {called}"
    return f"{called} {_when(about, {id(each): each.revoked for each in about}, on)}"


def _when(about: Iterable[Dated], revoked: dict[int, date | None], on: date) -> str:
    """How those that are not valid on a day missed it: the last that ended, and the first that is to begin."""
    ended: list[tuple[date, str]] = []
    to_begin: list[date] = []
    for each in about:
        withdrawn = revoked.get(id(each))
        if each.valid_from > on:
            to_begin.append(each.valid_from)
        elif withdrawn is not None and withdrawn <= on and (each.valid_until is None or withdrawn <= each.valid_until):
            ended.append((withdrawn, f"was revoked on {withdrawn}"))
        elif each.valid_until is not None:
            ended.append((each.valid_until, f"expired on {each.valid_until}, its last day"))
    if not ended:
        return f"begins on {min(to_begin)}"
    says = max(ended)[1]
    return f"{says}; the next begins on {min(to_begin)}" if to_begin else says


def has_role(network: Network, person_id: str, role: str, on: date) -> bool:
    """Whether a person has a role and still works there on a day."""
    found = _index(network).people.get(person_id)
    return found is not None and role in found[0].roles and _is_here(found[0], on)


def _is_here(someone: Person, on: date) -> bool:
    return someone.until is None or on <= someone.until


def trained(network: Network, person_id: str, therapy_name: str, on: date) -> bool:
    """Whether a person still works there and has training for a therapy that is valid on a day."""
    found = _index(network).people.get(person_id)
    if found is None or not _is_here(found[0], on):
        return False
    return any(_is_for(each, therapy_name) and _is_valid(each, on) for each in found[0].training)


def why_not_trained(network: Network, person_id: str, therapy_name: str, on: date) -> str | None:
    """None where a person is trained that day; else why not, as a clause without a final period."""
    if trained(network, person_id, therapy_name, on):
        return None
    someone = person(network, person_id)
    if someone is None:
        return f"nobody {person_id} in {network.name}"
    if someone.until is not None and on > someone.until:
        return f"{person_id} left after {someone.until}"
    about = [each for each in someone.training if _is_for(each, therapy_name)]
    if not about:
        return f"no training for {therapy_name} of {person_id}"
    return f"training for {therapy_name} of {person_id} {_when(about, {}, on)}"
