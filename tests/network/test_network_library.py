"""The networks of the library: complete for the three therapies, honest about what is invented, and able to treat all along."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from livingdrug.network import ask
from livingdrug.network.load import load, names
from livingdrug.network.schema import Network, people
from livingdrug.therapy import load as therapies
from livingdrug.therapy.files import numbers, sources

APPROVED = {name: therapies.load(name).approved for name in therapies.names()}
STAFF = {"coordinator": 1, "collection nurse": 2, "physician": 3, "bedside nurse": 3, "pharmacist": 1}
REMS_ENDS = date(2025, 6, 26)


@pytest.fixture(scope="module")
def launch() -> Network:
    return load("us-launch-2017")


def months(begin: date, end: date) -> list[date]:
    """The first and last day, and every month between."""
    return [begin, *(begin + timedelta(days=30 * i) for i in range(1, (end - begin).days // 30)), end]


@pytest.mark.parametrize("name", names())
def test_every_source_is_listed_and_every_listed_source_is_used(name: str) -> None:
    network = load(name)
    assert {source.partition(":")[0] for _, source, _ in sources(network)} == set(network.sources)
    assert network.name == name
    assert [key for key, each in numbers(network) if each.source == "practice" and each.confirmed] == []


def test_the_launch_has_32_centers_and_says_which_are_illustrative(launch: Network) -> None:
    assert len(launch.centers) == 32
    illustrative = [each for each in launch.centers if each.title.startswith("Illustrative center")]
    assert len(illustrative) == 14
    assert all(each.source == "invented" and not each.confirmed for each in illustrative)
    assert sum(each.confirmed for each in launch.centers) == 11
    assert {"11 centers", "7 by", "14 are"} <= {
        part for each in launch.deviations for part in ("11 centers", "7 by", "14 are") if part in each
    }


def test_nobody_has_a_name_and_every_number_says_that_it_is_invented(launch: Network) -> None:
    places = (*launch.centers, *launch.sites)
    assert all(each.number.startswith("invented-") and not each.confirmed for place in places for each in place.certificates)
    for where, each in people(launch):
        assert where in ("couriers", "systems") or each.id.startswith(f"{where}-")
        assert each.id[-1].isdigit()


def test_every_center_and_site_has_its_staff(launch: Network) -> None:
    for center in launch.centers:
        assert Counter(role for each in center.staff for role in each.roles) == STAFF
    for site in launch.sites:
        assert Counter(role for each in site.staff for role in each.roles) == {
            "operator": 4,
            "quality": 2,
            "qualified person": 1,
        }


def test_every_therapy_of_the_library_is_made_somewhere_and_carried_both_ways(launch: Network) -> None:
    made = {name: site.id for site in launch.sites for name in site.therapies}
    assert set(made) == set(therapies.names())
    for center in launch.centers:
        for site in made.values():
            out, back = ask.lane(launch, f"{center.id}-to-{site}"), ask.lane(launch, f"{site}-to-{center.id}")
            assert out
            assert (out.origin, out.destination) == (center.id, site)
            assert back
            assert (back.origin, back.destination, back.shipper) == (site, center.id, "vapor phase")


@pytest.mark.parametrize("therapy", therapies.names())
def test_at_least_28_centers_can_treat_from_the_approval_on(launch: Network, therapy: str) -> None:
    begin = max(APPROVED[therapy] or date.max, date(2017, 9, 1))
    able = [each.id for each in launch.centers if can_treat(launch, each.id, therapy, begin)]
    assert len(able) >= 28
    assert {"chop", "stanford", "cincinnati", "minnesota"} <= set(able)


def can_treat(network: Network, center: str, therapy: str, begin: date) -> bool:
    """Whether the certificates and two physicians hold all along: the risk program to its end, the others to 2030."""
    staff = [each.id for place in network.centers if place.id == center for each in place.staff if "physician" in each.roles]
    days = months(begin, date(2030, 12, 31))
    held = all(ask.certificate(network, center, kind, therapy, on) for kind in ("manufacturer", "FACT") for on in days)
    rems = all(ask.certificate(network, center, "REMS", therapy, on) for on in months(begin, REMS_ENDS))
    trained = [each for each in staff if all(ask.trained(network, each, therapy, on) for on in days)]
    return held and rems and len(trained) >= 2


def test_what_expires_is_there_to_be_found(launch: Network) -> None:
    says = ask.why_not_certified(launch, "memphis", "REMS", "tisagenlecleucel", date(2019, 6, 3))
    assert says == "REMS certificate for tisagenlecleucel at memphis was revoked on 2019-06-03"
    assert ask.why_not_trained(launch, "chop-physician-3", "tisagenlecleucel", date(2019, 4, 1))
    assert ask.why_not_certified(launch, "honolulu", "manufacturer", "tisagenlecleucel", date(2022, 1, 1))
    assert ask.certificate(launch, "chop", "REMS", "tisagenlecleucel", REMS_ENDS)
    assert not ask.certificate(launch, "chop", "REMS", "tisagenlecleucel", REMS_ENDS + timedelta(days=1))
