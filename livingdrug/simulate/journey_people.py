"""Who treats, makes, carries and pays for a virtual patient, and where: people and lanes of a network, by patient number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from livingdrug.errors import BadInput
from livingdrug.network import ask
from livingdrug.network.schema import Center, Lane, Network, Payer, Person, Site
from livingdrug.therapy.schema import Therapy

__all__ = ["Cast", "Team"]

TRAINED_FOR = timedelta(days=365)
"""A team is chosen so that everybody in it is trained from the order to a year later."""
WARD = ("coordinator", "collection nurse", "physician", "bedside nurse", "pharmacist")
WORKSHOP = ("operator", "quality")


@dataclass(frozen=True)
class Team:
    """Everybody by role, at one center and its site; two by each name where two must differ."""

    center: Center
    site: Site
    out: Lane
    back: Lane
    payer: Payer
    coordinator: str
    nurse: str
    physician: str
    bedside: str
    pharmacist: str
    operator: str
    quality: str
    courier: str
    payers: str
    here: ZoneInfo
    there: ZoneInfo


@dataclass(frozen=True)
class Cast:
    """The people and places of a network that can treat with a therapy."""

    network: Network
    therapy: Therapy

    @cached_property
    def _teams(self) -> dict[tuple[str, date], dict[str, list[str]] | None]:
        return {}

    @cached_property
    def _lanes(self) -> dict[tuple[str, str], Lane]:
        return {(lane.origin, lane.destination): lane for lane in reversed(self.network.lanes)}

    @cached_property
    def _site(self) -> Site:
        found = [each for each in self.network.sites if self.therapy.name in each.therapies]
        if not found:
            says = f"has no site that makes {self.therapy.name}; name a network that has, or add the therapy to one"
            raise BadInput.at(self.network.name, says)
        return found[0]

    def team(self, number: int, ordered: date, until: date) -> Team:
        """The team of a patient whose therapy is ordered on one day and given by another; the center goes by the number.

        Raises `BadInput` when no center is qualified and staffed then.
        """
        centers = self.network.centers
        for shift in range(len(centers)):
            center = centers[(number + shift) % len(centers)]
            people = self._people(center, ordered)
            if people and self._joined(center) and self._may_treat(center, ordered) and self._may_treat(center, until):
                return self._chosen(number, center, people)
        says = (
            f"has no center that is qualified and staffed for {self.therapy.name} on {ordered}; choose another start or network"
        )
        raise BadInput.at(self.network.name, says)

    def _may_treat(self, center: Center, on: date) -> bool:
        terms = self.therapy.certification
        kinds = ["manufacturer"]
        if terms.required_from and terms.required_from <= on < (terms.required_until or date.max):
            kinds.append("REMS")
        return all(ask.certificate(self.network, center.id, kind, self.therapy.name, on) for kind in kinds)

    def _joined(self, center: Center) -> bool:
        return (center.id, self._site.id) in self._lanes and (self._site.id, center.id) in self._lanes

    def _people(self, center: Center, on: date) -> dict[str, list[str]] | None:
        """The ids by role of those who are there and trained; None where a role is empty."""
        key = (center.id, on)
        if key not in self._teams:
            found = {role: self._able(center, role, on) for role in WARD}
            found |= {role: self._able(self._site, role, on) for role in WORKSHOP}
            self._teams[key] = found if all(found.values()) else None
        return self._teams[key]

    def _able(self, place: Center | Site, role: str, on: date) -> list[str]:
        return [each.id for each in place.staff if role in each.roles and each.until is None and self._stays_trained(each, on)]

    def _stays_trained(self, person: Person, on: date) -> bool:
        """Whether one training for the therapy holds all the time for which a team is chosen."""
        own = (each for each in person.training if each.therapy in (None, self.therapy.name))
        return any(each.valid_from <= on and (each.valid_until or date.max) >= on + TRAINED_FOR for each in own)

    def _chosen(self, number: int, center: Center, people: dict[str, list[str]]) -> Team:
        def one(role: str) -> str:
            return people[role][number % len(people[role])]

        payers = [each for each in self.network.payers if each.staff]
        if not payers or not self.network.couriers:
            raise BadInput.at(self.network.name, "has no courier or no payer with staff; add them")
        payer = payers[number % len(payers)]
        site = self._site
        return Team(
            center,
            site,
            self._lanes[center.id, site.id],
            self._lanes[site.id, center.id],
            payer,
            one("coordinator"),
            one("collection nurse"),
            one("physician"),
            one("bedside nurse"),
            one("pharmacist"),
            one("operator"),
            one("quality"),
            self.network.couriers[number % len(self.network.couriers)].id,
            payer.staff[0].id,
            ask.zone(self.network, center.id),
            ask.zone(self.network, site.id),
        )
