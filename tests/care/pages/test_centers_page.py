"""Centers: what is valid until when, and whom its end will block; each sees the places that are theirs to see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from stages import Told

from livingdrug.care.pages.expiry import Paper, Way, papers
from livingdrug.network import ask, load
from livingdrug.network.schema import Network

SignIn = Callable[..., Any]
THERAPY = "tisagenlecleucel"
NOW = datetime(2019, 3, 20, 15, tzinfo=UTC)
WAYS = [
    Way("j1", "patient-1", "ordered", ((date(2019, 4, 2), "chop-chair-1"),)),
    Way("j2", "patient-2", "released", ()),
    Way("j3", "patient-3", "infused", ((date(2019, 4, 5), "response"),)),
]


def ending(network: Network, *people: str, on: date) -> Network:
    """The network in which the training of these people ends on a day."""
    chop = ask.center(network, "chop")
    assert chop is not None

    def shortened(person: Any) -> Any:
        if person.id not in people:
            return person
        return person.model_copy(
            update={"training": tuple(each.model_copy(update={"valid_until": on}) for each in person.training)}
        )

    center = chop.model_copy(update={"staff": tuple(shortened(each) for each in chop.staff)})
    others = tuple(each for each in network.centers if each.id != "chop")
    return network.model_copy(update={"centers": (center, *others)})


def shown(network: Network, soon: int = 90) -> dict[str, Paper]:
    chop = ask.center(network, "chop")
    assert chop is not None
    return {each.what: each for each in papers(network, chop, THERAPY, NOW, soon, WAYS)}


@pytest.fixture(scope="module")
def network() -> Network:
    return load.load("us-launch-2017")


def test_an_end_that_leaves_others_with_the_role_blocks_nobody(network: Network) -> None:
    third = shown(network)["chop-physician-3"]
    assert (third.state, third.until, third.days) == ("ending", date(2019, 3, 31), 11)
    assert (third.stays, third.blocked) == (2, ())


def test_the_end_of_the_last_one_blocks_who_is_planned_after_it(network: Network) -> None:
    alone = ending(network, "chop-pharmacist-1", on=date(2019, 4, 1))
    last = shown(alone)["chop-pharmacist-1"]
    assert [(each.patient, each.on) for each in last.blocked] == [("patient-1", date(2019, 4, 2))]
    assert last.others == 1, "patient-2 has no date yet"
    assert shown(ending(network, "chop-pharmacist-1", on=date(2019, 4, 2)))["chop-pharmacist-1"].blocked == ()


def test_what_has_ended_blocks_everybody_who_still_needs_it(network: Network) -> None:
    gone = shown(ending(network, "chop-collection-nurse-1", "chop-collection-nurse-2", on=date(2019, 3, 1)))
    nurse = gone["chop-collection-nurse-1"]
    assert (nurse.state, [each.patient for each in nurse.blocked]) == ("ended", ["patient-1"])
    assert "expired on 2019-03-01" in nurse.says


def test_a_certificate_is_asked_for_as_long_as_its_rule_is_in_force(network: Network) -> None:
    assert shown(network)["REMS certificate"].state == "unasked", "the rule ends before the certificate does"
    assert shown(network)["manufacturer certificate"].state == "valid"
    assert shown(network)["FACT certificate"].says == "no rule asks for it"


def test_a_center_sees_itself_only_and_a_site_the_centers_it_makes_for(sign_in: SignIn, store_: Told) -> None:
    own = sign_in("coordinator").get("/centers.json").json()
    assert own["place"]["id"] == "chop"
    assert own["under_way"] > 10
    assert sign_in("coordinator").get("/centers.json?place=stanford").status_code == 404
    assert sign_in("physician", "stanford").get("/centers?place=chop").status_code == 404
    assert "rows" in sign_in("quality").get("/centers.json").json()
    assert sign_in("payer").get("/centers").status_code == 403


def test_filters_that_mean_nothing_are_the_usual_ones(sign_in: SignIn, store_: Told) -> None:
    content = sign_in("auditor").get("/centers.json?therapy=water&soon=-1&only=x").json()
    assert (content["therapy"], content["soon"], content["only"]) == (THERAPY, 90, False)


def test_centers_in_a_browser(browser: Any, enter: Callable[..., Any], picture: Any, violations: Any, store_: Told) -> None:
    page = enter(browser, "auditor")
    page.goto("/centers")
    assert violations(page) == []
    picture(page, "centers")
    page = enter(browser, "coordinator")
    page.goto("/centers?soon=365")
    assert violations(page) == []
    picture(page, "center")
