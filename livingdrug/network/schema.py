"""What a network file states: once read, its patterns are written out, its ids are unique and its lanes have two ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from livingdrug.errors import Complaint, UnknownName
from livingdrug.network.parts import (
    Center,
    Certificate,
    Lane,
    LanePattern,
    Patterns,
    Payer,
    Person,
    PlacePattern,
    Site,
    StaffPattern,
    Training,
)
from livingdrug.network.patterns import filled, lanes_of
from livingdrug.therapy.kinds import Many, Name, Some, Text, checked, twice
from livingdrug.therapy.measured import Stated

__all__ = [
    "Center",
    "Certificate",
    "Lane",
    "LanePattern",
    "Network",
    "Patterns",
    "Payer",
    "Person",
    "PlacePattern",
    "Site",
    "StaffPattern",
    "Training",
    "people",
]


class Network(Stated):
    """A whole network. `sources` maps the keys that it names to full citations."""

    kind: Literal["network"] = "network"
    """What the file describes."""
    name: Name
    """The name that commands know it by."""
    title: Text
    """The name that people know it by."""
    deviations: Many[Text] = ()
    """Where the file departs from what is published."""
    centers: Some[Center]
    """Hospitals that collect and infuse."""
    sites: Many[Site] = ()
    """Places that manufacture."""
    lanes: Many[Lane] = ()
    """Ways between them."""
    payers: Many[Payer] = ()
    """Who pays."""
    couriers: Many[Person] = ()
    """Who carries the cells."""
    systems: Many[Person] = ()
    """Programs that act by themselves."""
    patterns: Patterns | None = None
    """What is alike in many places; None once the file is read."""
    sources: dict[str, Text] = Field(min_length=1)
    """Full citation of each source key."""

    @model_validator(mode="after")
    def _is_whole(self) -> Network:
        whole = _written_out(self)
        return checked(
            whole,
            [
                *twice("", [each.id for each in (*whole.centers, *whole.sites, *whole.payers)]),
                *twice("", [each.id for _, each in people(whole)]),
                *twice("lanes", [each.id for each in whole.lanes]),
                *_loose_patterns(self),
                *_loose_lanes(self),
            ],
        )


def people(network: Network) -> Iterator[tuple[str, Person]]:
    """Everybody, with the id of the place they work at, or "couriers" or "systems"."""
    for place in (*network.centers, *network.sites, *network.payers):
        yield from ((place.id, each) for each in place.staff)
    yield from (("couriers", each) for each in network.couriers)
    yield from (("systems", each) for each in network.systems)


def _written_out(network: Network) -> Network:
    """The network with every pattern written out and none left."""
    patterns = network.patterns
    if patterns is None:
        return network
    own = {lane.id for lane in network.lanes}
    drawn = (lane for lane in lanes_of(patterns.lanes, network.centers) if lane.id not in own)
    return network.model_copy(
        update={
            "patterns": None,
            "centers": tuple(filled(each, patterns.centers) for each in network.centers),
            "sites": tuple(filled(each, patterns.sites) for each in network.sites),
            "lanes": (*network.lanes, *drawn),
        }
    )


def _loose_lanes(network: Network) -> Iterator[Complaint]:
    """A complaint for each end of a lane that is no center and no site, and for each lane that leads nowhere."""
    known = [each.id for each in (*network.centers, *network.sites)]
    for lane in network.lanes:
        for key, end in (("origin", lane.origin), ("destination", lane.destination)):
            if end not in known:
                yield _unknown("center or site", end, known, f"lanes.{lane.id}.{key}")
        if lane.origin == lane.destination:
            yield Complaint(f"lanes.{lane.id}.destination", f"{lane.destination} is its origin too; name another place")


def _loose_patterns(network: Network) -> Iterator[Complaint]:
    """A complaint for each id in a pattern of lanes that is no site or no center."""
    centers, sites = [each.id for each in network.centers], [each.id for each in network.sites]
    for i, pattern in enumerate(network.patterns.lanes if network.patterns else ()):
        if pattern.site not in sites:
            yield _unknown("site", pattern.site, sites, f"patterns.lanes.{i}.site")
        for each in pattern.centers:
            if each not in centers:
                yield _unknown("center", each, centers, f"patterns.lanes.{i}.centers")


def _unknown(kind: str, name: str, known: list[str], where: str) -> Complaint:
    return UnknownName.among(kind, name, known, where=where).complaints[0]
