"""Network files: every complaint at once with its place, patterns written out, and the page that explains them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from synthetic_network import CENTER, HEAD, HOURS, LANE, SITE, SMALL, written

from livingdrug.errors import BadInput, UnknownName
from livingdrug.network.keys import renewed
from livingdrug.network.load import load
from livingdrug.network.schema import Network, people
from livingdrug.therapy.write import toml

PAGE = Path(__file__).parents[2] / "docs/networks.md"


def complaints(folder: Path, text: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        load(written(folder, text))
    return [str(each) for each in caught.value.complaints]


# Complaints -----------------------------------------------------------------------------------------------------------


def test_a_small_network_is_fine(tmp_path: Path) -> None:
    network = load(written(tmp_path, SMALL))
    assert [each.id for each in network.centers] == ["north"]
    assert [person.id for _, person in people(network)] == ["ada", "factory-operator-1"]
    assert network.lanes[0].hours.value == 5


def test_every_mistake_in_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = (
        SMALL.replace('"Europe/Berlin"', '"Europe/Berlyn"', 1)
        .replace('country = "DE"', 'country = "Germany"', 1)
        .replace('roles = ["physician"]', 'roles = ["phisician"]')
        .replace("until = 2020-09-30", 'until = "2020-09-30"')
        .replace("valid_until = 2020-12-31, source", "valid_until = 2019-12-31, source", 1)
        .replace("revoked = 2020-06-01", "revoked = 2019-06-01")
        .replace('unit = "hours"', 'unit = "kg"', 1)
        .replace('source = "made_up"\nstaff', 'source = "made_app"\nstaff')
        .replace('mode = "road"', 'mood = "road"')
    )
    found = "\n".join(complaints(tmp_path, text))
    for sentence in (
        "mine.toml: centers.north.timezone: no time zone 'Europe/Berlyn'; nearest: Europe/Berlin",
        "mine.toml: centers.north.country: 'Germany' is not two capital letters of ISO 3166-1; write for example \"US\"",
        "mine.toml: centers.north.staff.ada.roles.0: 'phisician' is not known here",
        "mine.toml: centers.north.staff.ada.until: '2020-09-30' is not a date; write it without quotes",
        "mine.toml: centers.north.certificates.0.valid_until: 2019-12-31 is before 2020-01-01, when it begins",
        "mine.toml: centers.north.certificates.1.revoked: 2019-06-01 is before 2020-01-01, when it begins",
        "mine.toml: lanes.out.hours: kg measures",
        "mine.toml: sites.factory.source: no source 'made_app'; nearest: made_up",
        "mine.toml: lanes.out.mood: no key 'mood'; nearest: mode",
    ):
        assert sentence in found
    assert len(found.splitlines()) == 9


def test_every_id_that_is_there_twice_is_told_at_once(tmp_path: Path) -> None:
    payer = '[[payers]]\nid = "north"\ntitle = "Fund"\ncountry = "DE"\nkind = "public"\n'
    courier = '[[couriers]]\nid = "ada"\nroles = ["courier"]\n'
    assert complaints(tmp_path, SMALL + LANE + payer + courier) == [
        "mine.toml: 'north' is there twice; give each its own name",
        "mine.toml: 'ada' is there twice; give each its own name",
        "mine.toml: lanes: 'out' is there twice; give each its own name",
    ]


def test_a_lane_leads_from_one_known_place_to_another(tmp_path: Path) -> None:
    nowhere = LANE.replace('"factory"', '"factori"').replace('"north"', '"northh"')
    loop = LANE.replace('"out"', '"loop"').replace('"factory"', '"north"')
    assert complaints(tmp_path, HEAD + CENTER + SITE + nowhere + loop) == [
        "mine.toml: lanes.out.origin: no center or site 'northh'; nearest: north",
        "mine.toml: lanes.out.destination: no center or site 'factori'; nearest: factory",
        "mine.toml: lanes.loop.destination: north is its origin too; name another place",
    ]


def test_the_longest_time_of_a_lane_is_not_below_the_typical_one(tmp_path: Path) -> None:
    text = SMALL.replace(f"hours = {HOURS}", f"hours = {HOURS.replace('5', '9')}")
    assert complaints(tmp_path, text) == ["mine.toml: lanes.out.hours_maximum: 5 hours are less than the typical 9; swap them"]


@pytest.mark.parametrize("zone", ["America", "", "/etc/passwd", "../zone", "Mars/Olympus"])
def test_what_is_no_time_zone_is_a_complaint(tmp_path: Path, zone: str) -> None:
    (found,) = complaints(tmp_path, SMALL.replace("Europe/Berlin", zone, 1))
    assert found.startswith(f"mine.toml: centers.north.timezone: no time zone {zone!r}; ")


def test_an_unknown_network_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"no network 'us-launch'; nearest: us-launch-2017"):
        load("us-launch")


def test_a_setting_reaches_a_center_by_its_id(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL)
    assert load(path, ["centers.north.timezone=Europe/Paris"]).centers[0].timezone == "Europe/Paris"
    with pytest.raises(BadInput, match=r"--set centers.north.timezone=Mars: no time zone 'Mars'"):
        load(path, ["centers.north.timezone=Mars"])


# Patterns -------------------------------------------------------------------------------------------------------------

PATTERNS = f"""
[patterns.centers]
certificates = [
    {{ kind = "JACIE", number = "j-{{id}}", valid_from = 2021-01-01, source = "made_up" }},
    {{ kind = "FACT", number = "f-{{id}}", valid_from = 2021-01-01, source = "made_up" }},
]
training = [{{ valid_from = 2021-01-01 }}]
staff = [
    {{ roles = ["bedside nurse"], count = 2 }},
    {{ roles = ["physician"], count = 1 }},
    {{ roles = ["physician", "coordinator"], count = 1 }},
]

[[patterns.lanes]]
site = "factory"
centers = ["south"]
mode = "air"
hours = {HOURS}
hours_maximum = {HOURS}
collection = "2-8 °C"
product = "vapor phase"

[[patterns.lanes]]
site = "factory"
mode = "road"
hours = {HOURS}
hours_maximum = {HOURS}
collection = "vapor phase"
product = "vapor phase"
"""

SOUTH = """
[[centers]]
id = "south"
title = "South"
city = "Munich"
country = "DE"
jurisdiction = "EU"
timezone = "Europe/Berlin"
source = "made_up"
staff = [{ id = "south-physician-2", roles = ["physician"], until = 2022-01-31 }]
"""


@pytest.fixture
def patterned(tmp_path: Path) -> Network:
    return load(written(tmp_path, HEAD + PATTERNS + CENTER + SOUTH + SITE))


def test_a_pattern_gives_every_center_certificates_and_staff(patterned: Network) -> None:
    south = patterned.centers[1]
    assert [(each.kind, each.number) for each in south.certificates] == [("JACIE", "j-south"), ("FACT", "f-south")]
    ids = ["south-bedside-nurse-1", "south-bedside-nurse-2", "south-physician-1", "south-physician-2"]
    assert [each.id for each in south.staff] == ids
    assert [each.training[0].valid_from.year for each in south.staff[:3]] == [2021, 2021, 2021]
    assert patterned.patterns is None


def test_what_a_center_states_itself_replaces_the_pattern(patterned: Network) -> None:
    north, south = patterned.centers
    assert [(each.kind, each.number) for each in north.certificates] == [
        ("JACIE", ""),
        ("manufacturer", ""),
        ("FACT", "f-north"),
    ]
    assert north.staff[-1].id == "ada"
    assert (south.staff[3].roles, south.staff[3].training) == (("physician",), ())


def test_the_first_pattern_of_lanes_that_covers_a_center_counts(patterned: Network) -> None:
    assert {each.id: (each.origin, each.destination, each.mode, each.shipper) for each in patterned.lanes} == {
        "south-to-factory": ("south", "factory", "air", "2-8 °C"),
        "factory-to-south": ("factory", "south", "air", "vapor phase"),
        "north-to-factory": ("north", "factory", "road", "vapor phase"),
        "factory-to-north": ("factory", "north", "road", "vapor phase"),
    }


def test_a_lane_of_its_own_replaces_the_pattern(tmp_path: Path) -> None:
    own = LANE.replace('"out"', '"north-to-factory"')
    network = load(written(tmp_path, HEAD + PATTERNS + CENTER + SOUTH + SITE + own))
    assert [each.shipper for each in network.lanes if each.id == "north-to-factory"] == ["2-8 °C"]
    assert len(network.lanes) == 4


def test_a_pattern_that_names_nothing_known_is_a_complaint(tmp_path: Path) -> None:
    text = HEAD + PATTERNS.replace('["south"]', '["sooth"]') + CENTER + SOUTH + SITE.replace('"factory"', '"works"', 1)
    assert complaints(tmp_path, text) == [
        "mine.toml: patterns.lanes.0.site: no site 'factory'; known: works",
        "mine.toml: patterns.lanes.0.centers: no center 'sooth'; nearest: south, north",
        "mine.toml: patterns.lanes.1.site: no site 'factory'; known: works",
    ]


def test_a_network_written_out_reads_as_the_same_network(patterned: Network, tmp_path: Path) -> None:
    text = toml(patterned)
    assert "patterns" not in text
    assert load(written(tmp_path, text)) == patterned


# The page -------------------------------------------------------------------------------------------------------------


def test_the_page_has_the_keys_of_the_schema() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert renewed(text) == text, "run python -m livingdrug.network.keys docs/networks.md"


def test_the_example_of_the_page_is_a_complete_file(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    network = load(written(tmp_path, example))
    assert [each.id for each in network.lanes] == ["north-to-factory", "factory-to-north"]
    assert [each.id for each in network.centers[0].staff] == ["north-coordinator-1", "north-physician-1", "north-physician-2"]
