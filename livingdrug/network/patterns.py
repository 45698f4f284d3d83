"""Patterns of a network written out: what every center, site and lane has, unless it states its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar

from livingdrug.network.parts import Center, Certificate, Lane, LanePattern, Person, PlacePattern, Site

__all__ = ["filled", "lanes_of"]

Place = TypeVar("Place", Center, Site)


def filled(place: Place, pattern: PlacePattern) -> Place:
    """A place with the certificates and the staff of the pattern beside its own, which go before."""
    stated = {(each.kind, each.therapy) for each in place.certificates}
    certificates = (_numbered(each, place.id) for each in pattern.certificates if (each.kind, each.therapy) not in stated)
    own = {each.id: each for each in place.staff}
    staff = [own.pop(each.id, each) for each in _staff(place.id, pattern)]
    return place.model_copy(
        update={"certificates": (*place.certificates, *certificates), "staff": (*staff, *own.values())},
    )


def _numbered(certificate: Certificate, place: str) -> Certificate:
    return certificate.model_copy(update={"number": certificate.number.replace("{id}", place)})


def _staff(place: str, pattern: PlacePattern) -> Iterator[Person]:
    """The people of a pattern, numbered for each first role: chop-physician-1, chop-physician-2."""
    seen: Counter[str] = Counter()
    for each in pattern.staff:
        role = each.roles[0]
        for _ in range(each.count):
            seen[role] += 1
            yield Person(id=f"{place}-{role.replace(' ', '-')}-{seen[role]}", roles=each.roles, training=pattern.training)


def lanes_of(patterns: Sequence[LanePattern], centers: Sequence[Center]) -> Iterator[Lane]:
    """A lane each way for every pair of center and site that a pattern covers."""
    drawn: set[tuple[str, str]] = set()
    for each in patterns:
        for center in centers:
            pair = (center.id, each.site)
            if pair not in drawn and (not each.centers or center.id in each.centers):
                drawn.add(pair)
                yield _lane(center.id, each.site, each, "collection")
                yield _lane(each.site, center.id, each, "product")


def _lane(origin: str, destination: str, pattern: LanePattern, cargo: str) -> Lane:
    # Built unchecked: the parts were checked in the pattern, whose own complaints name where to correct them.
    return Lane.model_construct(
        id=f"{origin}-to-{destination}",
        origin=origin,
        destination=destination,
        mode=pattern.mode,
        hours=pattern.hours,
        hours_maximum=pattern.hours_maximum,
        shipper=getattr(pattern, cargo),
    )
