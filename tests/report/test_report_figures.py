"""What the figures of the report are drawn from: counts, shares and points that agree with the cohort and with by-hand sums."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from livingdrug.analysis.contract import settle
from livingdrug.analysis.survival import MONTH
from livingdrug.analysis.waiting import flow
from livingdrug.cohort import frame
from livingdrug.report import courses, payments, published, survival, swimmer, toxicity
from livingdrug.report.flow import stages
from livingdrug.report.look import PALETTE
from livingdrug.report.material import Material, Words
from livingdrug.report.words import amount, bare, count, days, listed, money, number, percent, unit_of
from tests.report.made_up import manifest, targets, trajectories
from tests.synthetic import PRICE, synthetic_cohort


def material(cohort: pl.DataFrame, *, courses: pl.DataFrame | None = None, rows: list[dict] | None = None, **facts) -> Material:
    return Material(
        Path("run"),
        cohort,
        courses,
        rows or [],
        {},
        manifest(**facts),
        Words("a therapy", "leukemia", "B cells", "CD19", "USD"),
    )


@pytest.fixture(scope="module")
def cohort() -> pl.DataFrame:
    return synthetic_cohort(800, 5)


def target(**facts) -> dict:
    row = {"id": "a", "group": "C1", "label": "a target", "measure": "remission", "unit": "1", "role": "calibration"}
    return row | {"published": 0.8, "low": 0.7, "high": 0.9, "n": 79, "simulated": 0.75, "inside": True} | facts


# Words -----------------------------------------------------------------------------------------------------------------


def test_a_share_never_prints_as_all_or_nothing_unless_it_is() -> None:
    assert percent(0.826) == "83\u202f%"
    assert percent(0.9996) == "99.96\u202f%"
    assert percent(0.0004) == "0.04\u202f%"
    assert [percent(0.0), percent(1.0), percent(math.nan)] == ["0\u202f%", "100\u202f%", "–"]


def test_numbers_keep_their_digits_and_never_look_like_decimals() -> None:
    assert count(10_000) == "10\u202f000"
    assert [number(0.0713), number(1.74), number(31_346.2), number(-0.646)] == ["0.0713", "1.74", "31\u202f300", "−0.646"]
    assert number(1.4e-9, 2) == "1.4·10⁻⁹"
    assert [days(43.0), days(43.26), days(None)] == ["43", "43.3", "–"]
    assert money(PRICE, "USD") == "475\u202f000 USD"
    assert [amount(0.5, "1"), amount(3.0, "days"), amount(None, "money")] == ["50\u202f%", "3", "–"]
    assert [bare(0.825, "1", 1), unit_of("1"), unit_of("copies/ug_DNA"), unit_of("money", "USD")] == [
        "82.5",
        "%",
        "copies/µg DNA",
        "USD",
    ]
    assert [listed(["a"]), listed(["a", "b", "c"]), listed([])] == ["a", "a, b and c", ""]


# Flow ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["eligible", "enrolled", "infused"])
def test_the_flow_loses_nobody_between_its_stages(start: str) -> None:
    made = synthetic_cohort(800, 5, start="eligible")
    found = stages(material(made, start=start))
    counts = {row["stage"]: row["patients"] for row in flow(made).rows(named=True)}
    assert found[0].name == start
    for before, after in pairwise(found):
        assert after.before == before.patients
        assert before.patients - sum(lost for _, lost in after.lost) == after.patients == counts[after.name]
        assert all(lost > 0 for _, lost in after.lost)


def test_who_died_before_release_is_lost_before_the_product_was_made() -> None:
    fates = ["died waiting", "died waiting", "infused", "manufacturing failure"]
    made = frame({"patient": range(4), "fate": fates, "release": [None, "in specification", "in specification", "failed"]})
    found = {stage.name: dict(stage.lost) for stage in stages(material(made))}
    assert found["released"] == {"died before infusion": 1, "no product could be made": 1}
    assert found["infused"] == {"died before infusion": 1}


# Published -------------------------------------------------------------------------------------------------------------


def test_every_target_with_a_value_stands_in_exactly_one_panel(cohort: pl.DataFrame) -> None:
    rows = targets(cohort)["targets"]
    shown = [row["id"] for _, _, those in published.groups(rows) for row in those]
    assert sorted(shown) == sorted(row["id"] for row in rows)


def test_what_is_only_shown_never_shares_a_panel_of_shares_with_what_is_fitted(cohort: pl.DataFrame) -> None:
    for _, unit, those in published.groups(targets(cohort)["targets"]):
        if unit == "1":
            assert len({row["role"] for row in those}) == 1


def test_the_score_counts_only_what_can_be_judged() -> None:
    rows = [target(), target(inside=False), target(inside=None)]
    assert published.score(rows) == "1 of 2"
    assert [row["inside"] for row in published.misses(rows)] == [False]


def test_a_miss_carries_a_cross_and_a_value_inside_does_not(cohort: pl.DataFrame) -> None:
    rows = [target(id="in"), target(id="out", label="missed", simulated=0.5, inside=False)]
    (figure,) = published.figures(material(cohort, rows=rows))
    said = str(figure.pictures[0].chart)
    assert said.count(published.MISS) == 1
    assert "Outside: missed (C1)" in figure.says
    assert figure.title.startswith("1 of 2")


def test_ratios_and_open_intervals_are_drawn(cohort: pl.DataFrame) -> None:
    rows = [
        target(unit="ratio", published=None, low=1.0, high=None, simulated=3.0),
        target(unit="days", published=3.0, low=2, high=4),
    ]
    (figure,) = published.figures(material(cohort, rows=rows))
    assert [picture.title for picture in figure.pictures] == ["Days", "Ratios"]


# Courses ---------------------------------------------------------------------------------------------------------------


def test_the_published_course_has_the_peak_and_half_lives_of_stein_2019() -> None:
    known = courses.KINETICS["tisagenlecleucel"]
    assert known.at(9.3) == pytest.approx(24_000)
    assert known.at(9.3 - 0.78) == pytest.approx(12_000)
    # alpha = 0.16 and beta = 0.0032 per day in their Table 1, of which the abstract prints the half-lives.
    assert math.log(2) / known.early == pytest.approx(0.16, rel=0.01)
    assert math.log(2) / known.late == pytest.approx(0.0032, rel=0.02)
    assert known.at(365.0) == pytest.approx(62, rel=0.05)  # the typical patient of their model after a year


def test_courses_are_drawn_only_of_enough_patients_and_name_the_therapy_s_cells(cohort: pl.DataFrame) -> None:
    run = material(cohort, courses=trajectories(cohort, 60))
    (figure,) = courses.cells(run)
    assert figure.pictures[0].title == "Leukemia cells in the first two months"
    few = material(cohort, courses=trajectories(cohort, 3))
    assert "Too few patients" in courses.cells(few)[0].pictures[0].about


def test_only_a_therapy_with_a_published_course_shows_one(cohort: pl.DataFrame) -> None:
    table = trajectories(cohort, 60)
    known, unknown = (
        courses.transgene(material(cohort, courses=table, therapy=name))[0] for name in ("tisagenlecleucel", "other")
    )
    assert "24\u202f000 copies/µg DNA on day 9.3" in known.says
    assert "Stein" in known.source
    assert "Points" not in unknown.says
    assert unknown.source == ""


# Cytokine release ------------------------------------------------------------------------------------------------------


def test_a_day_counts_by_its_worst_need_and_fever_alone_is_a_level_of_its_own() -> None:
    table = pl.DataFrame(
        {
            "patient": [1, 1, 2, 2, 3, 4],
            "day": [3.0, 3.5, 3.0, 4.0, 3.0, 40.0],
            "temperature": [39.0, 37.0, 38.5, 36.9, 36.9, 39.0],
            "vasoactive": [1, 3, 0, 2, 0, 4],
            "oxygen": [0, 0, 1, 0, 0, 0],
        }
    )
    pressure = toxicity.daily_needs(table, "vasoactive")
    shares = {(row["day"], row["level"]): row["share"] for row in pressure.rows(named=True)}
    assert shares[3, 3] == 1 / 4  # the first patient, by the worse half of the day
    assert shares[3, 0] == 1 / 4  # the second: fever and nothing more
    assert shares[4, 2] == 1 / 4  # afebrile under a vasopressor still counts
    assert sum(shares.values()) == 3 / 4
    assert toxicity.daily_needs(table, "oxygen").filter(pl.col("level") == 1)["share"].sum() == 1 / 4


def test_the_title_of_the_grades_is_counted_from_the_cohort(cohort: pl.DataFrame) -> None:
    infused = cohort.filter(pl.col("fate").cast(pl.String) == "infused")
    (figure,) = toxicity.figures(material(cohort))
    for column, scale in (("crs_penn", "Penn"), ("crs_lee", "Lee 2014"), ("crs_astct", "ASTCT")):
        share = infused.filter(pl.col(column) >= 3).height / infused.height
        assert f"{percent(share)} by {scale}" in figure.title


# Survival --------------------------------------------------------------------------------------------------------------


def test_published_points_stand_at_their_months(cohort: pl.DataFrame) -> None:
    rows = [
        target(measure="os_12", published=0.76, low=0.63, high=0.86),
        target(measure="efs_12", published=0.5, low=None, high=None),
    ]
    found = survival.published_points(material(cohort, rows=rows), "os")
    assert found == [{"month": 12, "value": 0.76, "low": 0.63, "high": 0.86}]


def test_the_number_at_risk_at_the_start_is_everybody(cohort: pl.DataFrame) -> None:
    run = material(cohort)
    infused = cohort.filter(pl.col("fate").cast(pl.String) == "infused")
    assert survival.at_risk(run, "os", [0])[0] == infused.height
    month_12 = (infused["followed_days"] >= 12 * MONTH).sum()
    assert survival.at_risk(run, "os", [12])[0] == month_12


# Sixty patients --------------------------------------------------------------------------------------------------------


def test_the_swimmer_shows_the_first_sixty_and_does_not_choose(cohort: pl.DataFrame) -> None:
    shown = swimmer.chosen(cohort)
    infused = cohort.filter(pl.col("fate").cast(pl.String) == "infused")
    assert sorted(shown["patient"]) == infused["patient"].head(60).to_list()
    assert shown["remission"].to_list() == sorted(shown["remission"], reverse=True)


def test_a_lane_is_covered_once_from_infusion_to_the_end(cohort: pl.DataFrame) -> None:
    for row in swimmer.chosen(cohort).rows(named=True):
        spans = sorted(each for part in (True, False) for each in swimmer.spans(row, part) if each[1] > each[0])
        assert spans[0][0] == 0
        assert spans[-1][1] == row["followed_days"]
        assert all(before[1] == after[0] for before, after in pairwise(spans))


# Payments --------------------------------------------------------------------------------------------------------------


def test_a_hundred_is_a_hundred_and_rounds_to_the_nearest(cohort: pl.DataFrame) -> None:
    found = settle(cohort)
    whole = payments.of_a_hundred(found)
    assert sum(whole.values()) == 100
    for kind, exact in zip(whole, (found.paid, found.waived, found.not_billable), strict=True):
        assert abs(whole[kind] - 100 * exact / found.infused) < 1


def test_the_bill_needs_enough_hundreds_to_be_a_distribution(cohort: pl.DataFrame) -> None:
    assert len(payments.figures(material(cohort))[0].pictures) == 1
    assert len(payments.figures(material(synthetic_cohort(1_100, 5)))[0].pictures) == 2


# Look ------------------------------------------------------------------------------------------------------------------


def lightness(color: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((lightness(one), lightness(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["#1d2429", "#5f6b73", "#083f68", "#b3261e"])
def test_words_are_readable_on_both_papers(name: str) -> None:
    assert contrast(name, "#ffffff") >= 4.5
    assert contrast(PALETTE[name], PALETTE["#ffffff"]) >= 4.5


def test_the_steps_of_severity_are_apart_in_gray_on_both_papers_and_carry_readable_words() -> None:
    from livingdrug.report.look import GRADES, ON_DARK, ON_LIGHT

    for steps, on_low, on_high in (
        (GRADES, ON_LIGHT, ON_DARK),
        ([PALETTE[each] for each in GRADES], PALETTE[ON_LIGHT], PALETTE[ON_DARK]),
    ):
        for one, other in pairwise(steps):
            assert contrast(one, other) > 1.2
        assert all(contrast(each, on_low) >= 4.5 for each in steps[:3])
        assert all(contrast(each, on_high) >= 4.5 for each in steps[3:])
