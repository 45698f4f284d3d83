"""`livingdrug networks`, and `show`, `check` and `cite` of a network: what they print, and one sentence for each mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from synthetic_network import SMALL, written

from livingdrug.cli import ExitStatus, run
from livingdrug.network.load import load, names, path_of

Say = Callable[..., tuple[ExitStatus, str, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def said(*arguments: object) -> tuple[ExitStatus, str, str]:
        status = run([str(each) for each in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return said


def test_the_list_names_every_network(say: Say) -> None:
    status, printed, said = say("networks")
    assert (status, said) == (ExitStatus.FINE, "")
    assert re.search(r"^us-launch-2017 .* 32 +3 +3   2017-08-30$", printed, re.M)
    assert [row["name"] for row in json.loads(say("networks", "--json")[1])] == list(names())


def test_a_day_shows_who_holds_what_and_what_ends_soon(say: Say) -> None:
    _, printed, _ = say("networks", "us-launch-2017", "--on", "2019-03-01", "--therapy", "tisagenlecleucel")
    assert "\ntisagenlecleucel on 2019-03-01\n" in printed
    assert re.search(
        r"^chop +2025-06-26 +2030-12-31 +FACT 2030-12-31 +3/3 +10/10 +– +chop-physician-3 2019-03-31$", printed, re.M
    )
    _, printed, _ = say("networks", "us-launch-2017", "--on", "2025-06-27", "--therapy", "tisagenlecleucel")
    assert re.search(r"^stanford +no +2030-12-31 .* expired on 2025-06-26, its last day +–$", printed, re.M)


def test_without_a_therapy_every_one_that_is_made_is_shown(say: Say) -> None:
    _, printed, _ = say("networks", "us-launch-2017", "--on", "2023-01-01", "--json")
    rows = json.loads(printed)
    assert len(rows) == 3 * 32
    assert rows[0] == {
        "therapy": "tisagenlecleucel",
        "center": "chop",
        "certificates": {"REMS": "2025-06-26", "manufacturer": "2030-12-31", "FACT": "2030-12-31"},
        "trained": {
            "coordinator": {"trained": 1, "staff": 1},
            "collection nurse": {"trained": 2, "staff": 2},
            "physician": {"trained": 2, "staff": 3},
            "bedside nurse": {"trained": 3, "staff": 3},
            "pharmacist": {"trained": 1, "staff": 1},
        },
        "lacking": ["training for tisagenlecleucel of chop-physician-3 expired on 2019-03-31, its last day"],
        "ending": {},
    }


def test_a_mistake_is_one_sentence(say: Say) -> None:
    for arguments, sentence in (
        (("us-launch",), "no network 'us-launch'; nearest: us-launch-2017"),
        (("us-launch-2017", "--on", "tomorrow"), "--on: 'tomorrow' is not a day; write one as 2019-03-01"),
        (("--on", "2019-03-01"), "--on, --therapy: need a network; write livingdrug networks NAME --on 2019-03-01"),
        (
            ("us-launch-2017", "--therapy", "tisagen"),
            "--therapy: no therapy 'tisagen'; nearest: tisagenlecleucel",
        ),
    ):
        assert say("networks", *arguments) == (ExitStatus.BAD_INPUT, "", f"livingdrug: {sentence}\n")


def test_a_network_is_shown_whole_with_patterns_written_out(say: Say) -> None:
    status, printed, _ = say("show", "us-launch-2017")
    assert status == ExitStatus.FINE
    network = load("us-launch-2017")
    for words in (*network.deviations, *network.sources.values()):
        assert words in printed
    lines = printed.splitlines()
    for center in network.centers:
        assert any(center.title in line and center.timezone in line for line in lines)
        for each in (*center.staff, *network.lanes[:4]):
            assert each.id in printed
        for certificate in center.certificates:
            assert certificate.number in printed
    assert re.search(r"^memphis +REMS +tisagenlecleucel .* 2019-06-03 +invented, unconfirmed$", printed, re.M)


def test_a_network_as_toml_is_a_file_that_reads_as_the_same(say: Say, tmp_path: Path) -> None:
    path = written(tmp_path, say("show", "us-launch-2017", "--toml")[1])
    assert load(path) == load("us-launch-2017")
    assert say("show", path, "--set", "centers.chop.title=Here")[1].count("Here") == 1
    assert json.loads(say("show", path, "--json")[1])["kind"] == "network"


def test_a_network_file_is_checked(say: Say, tmp_path: Path) -> None:
    _, printed, _ = say("check", path_of("us-launch-2017"))
    assert printed.endswith("us-launch-2017.toml: fine, a network with 32 centers, 3 sites and 192 lanes\n")
    status, _, said = say("check", written(tmp_path, SMALL.replace("Europe/Berlin", "Europe/Berlyn", 1)))
    assert status == ExitStatus.BAD_INPUT
    assert said == "livingdrug: mine.toml: centers.north.timezone: no time zone 'Europe/Berlyn'; nearest: Europe/Berlin\n"


def test_the_sources_of_a_network_are_cited_by_place(say: Say) -> None:
    rows = json.loads(say("cite", "us-launch-2017", "--json")[1])
    assert {row["source"] for row in rows} == set(load("us-launch-2017").sources.values())
    assert [row["keys"] for row in rows if row["source"].startswith("Children's Hospital of Philadelphia")] == [
        ["centers.chop"]
    ]
