"""What a network file states, part by part, as frozen models: places, people, lanes, payers and patterns of them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from livingdrug.errors import Complaint
from livingdrug.network.kinds import CertificateKind, Country, Jurisdiction, Mode, Role, Shipper, Timezone, in_order
from livingdrug.therapy.kinds import Hours, Many, Name, Some, Text, checked
from livingdrug.therapy.measured import Measured, Stated

__all__ = [
    "Center",
    "Certificate",
    "Lane",
    "LanePattern",
    "Patterns",
    "Payer",
    "Person",
    "PlacePattern",
    "Site",
    "StaffPattern",
    "Training",
]


def _longest(hours: Measured, hours_maximum: Measured) -> list[Complaint]:
    """Nothing, or that the longest time is less than the typical one."""
    if hours.value <= hours_maximum.value:
        return []
    says = f"{hours_maximum.value:g} hours are less than the typical {hours.value:g}; swap them"
    return [Complaint("hours_maximum", says)]


class Certificate(Stated):
    """What a center or site was certified for, by whom, and on which days that holds."""

    kind: CertificateKind
    """The program: a risk program of the regulator, the maker's qualification, or an accreditation."""
    therapy: str | None = None
    """The therapy it is for; every therapy where left out."""
    number: str = ""
    """Its number; in a pattern, {id} stands for the id of the place."""
    valid_from: date
    """First day on which it is valid."""
    valid_until: date | None = None
    """Last day on which it is valid; open where left out."""
    revoked: date | None = None
    """From this day on it is not valid, whatever its dates say."""
    source: Text
    """Source of all of it."""
    confirmed: bool = True
    """False where it was not checked against the source, or no source states it."""

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Certificate:
        found = in_order("valid_until", self.valid_from, self.valid_until)
        return checked(self, [*found, *in_order("revoked", self.valid_from, self.revoked)])


class Training(Stated):
    """What a person was trained for, and on which days that holds."""

    therapy: str | None = None
    """The therapy it is for; every therapy where left out."""
    valid_from: date
    """First day on which it is valid."""
    valid_until: date | None = None
    """Last day on which it is valid; open where left out."""
    source: Text | None = None
    """Source, where there is one."""
    confirmed: bool = True
    """False where no source states it."""

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Training:
        return checked(self, in_order("valid_until", self.valid_from, self.valid_until))


class Person(Stated):
    """Somebody, or a program, that acts; known by an id and never by a name."""

    id: Name
    """The id by which events name who acted; once in the whole network."""
    roles: Some[Role]
    """What the person may act as."""
    training: Many[Training] = ()
    """What the person was trained for."""
    until: date | None = None
    """Last day of work here."""


class Center(Stated):
    """A hospital that collects and infuses."""

    id: Name
    """The id by which journeys name it."""
    title: Text
    """The name that people know it by."""
    city: Text
    """Where it is."""
    country: Country
    """Country, two letters of ISO 3166-1."""
    jurisdiction: Jurisdiction
    """Whose rules hold there."""
    timezone: Timezone
    """Time zone, by which a moment is a day there."""
    pediatric: bool = False
    """Whether it treats children."""
    certificates: Many[Certificate] = ()
    """Its certificates; one of a pattern's kind and therapy replaces the pattern's."""
    staff: Many[Person] = ()
    """Who works there; one with an id of the pattern replaces the pattern's."""
    source: Text
    """Source of the center."""
    confirmed: bool = True
    """False for a center that no source names."""


class Site(Stated):
    """A place that manufactures and releases."""

    id: Name
    """The id by which journeys name it."""
    title: Text
    """The name that people know it by."""
    city: Text
    """Where it is."""
    country: Country
    """Country, two letters of ISO 3166-1."""
    jurisdiction: Jurisdiction
    """Whose rules hold there."""
    timezone: Timezone
    """Time zone, by which a moment is a day there."""
    therapies: Some[Text]
    """The therapies that are made there."""
    certificates: Many[Certificate] = ()
    """Its certificates."""
    staff: Many[Person] = ()
    """Who works there; one with an id of the pattern replaces the pattern's."""
    source: Text
    """Source of the site."""
    confirmed: bool = True
    """False where the source was not checked."""


class Lane(Stated):
    """A way from door to door, in one direction."""

    id: Name
    """The id by which shipments name it."""
    origin: Text
    """Id of the center or site where it begins."""
    destination: Text
    """Id of the center or site where it ends."""
    mode: Mode
    """How the longest part is traveled."""
    hours: Hours
    """Typical time from door to door."""
    hours_maximum: Hours
    """Longest time that is still as planned."""
    shipper: Shipper
    """The shipping container that keeps the cells cold."""

    @model_validator(mode="after")
    def _times_are_in_order(self) -> Lane:
        return checked(self, _longest(self.hours, self.hours_maximum))


class Payer(Stated):
    """Who pays for a therapy."""

    id: Name
    """The id by which journeys name it."""
    title: Text
    """The name that people know it by."""
    country: Country
    """Country, two letters of ISO 3166-1."""
    kind: Literal["public", "private"]
    """Whose money it is."""
    staff: Many[Person] = ()
    """Who decides there."""


class StaffPattern(Stated):
    """People with the same roles: as many as `count`, with ids like chop-physician-2."""

    roles: Some[Role]
    """Their roles; the first is part of their ids."""
    count: int = Field(ge=1, le=1000)
    """How many."""


class PlacePattern(Stated):
    """What every center, or every site, has unless it states its own."""

    certificates: Many[Certificate] = ()
    """Certificates of each place."""
    training: Many[Training] = ()
    """Training of everybody in `staff`."""
    staff: Many[StaffPattern] = ()
    """Staff of each place."""


class LanePattern(Stated):
    """Lanes from centers to a site and back; the first pattern of a site that covers a center counts."""

    site: Text
    """Id of the site."""
    centers: Many[Text] = ()
    """Ids of the centers that it covers; all of them where left out."""
    mode: Mode
    """How the longest part is traveled."""
    hours: Hours
    """Typical time from door to door, either way."""
    hours_maximum: Hours
    """Longest time that is still as planned."""
    collection: Shipper
    """The shipping container on the way to the site."""
    product: Shipper
    """The shipping container on the way back."""

    @model_validator(mode="after")
    def _times_are_in_order(self) -> LanePattern:
        return checked(self, _longest(self.hours, self.hours_maximum))


class Patterns(Stated):
    """What is alike in many places, stated once; reading the file writes it out."""

    centers: PlacePattern = PlacePattern()
    """For every center."""
    sites: PlacePattern = PlacePattern()
    """For every site."""
    lanes: Many[LanePattern] = ()
    """For lanes between centers and sites."""
