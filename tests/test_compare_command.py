"""`livingdrug compare`: runs side by side, the published beside them, and one sentence for everything that is wrong."""

import json

import polars as pl
import pytest

from livingdrug.analysis.measures import MEASURES, evaluate
from livingdrug.cli import ExitStatus, run
from tests.synthetic import synthetic_cohort


def folder(path, cohort, **manifest):
    path.mkdir()
    cohort.write_parquet(path / "cohort.parquet")
    facts = {"scenario": path.name, "title": f"The {path.name}", "therapy": "tisagenlecleucel", "seed": 1, "calibrated": True}
    (path / "manifest.json").write_text(json.dumps(facts | manifest))
    return str(path)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    here = tmp_path_factory.mktemp("runs")
    first = synthetic_cohort(600, seed=1)
    early = pl.when(pl.col("crs_penn") >= 2).then(1).otherwise(pl.col("tocilizumab_doses")).cast(pl.Int32)
    return {
        "one": folder(here / "one", first),
        "early": folder(here / "early", first.with_columns(tocilizumab_doses=early)),
        "other": folder(here / "other", synthetic_cohort(600, seed=2), seed=2, calibrated=False),
        "lymphoma": folder(here / "lymphoma", first, therapy="axicabtagene-ciloleucel"),
    }


def said(capsys, *arguments):
    assert run(["compare", *arguments]) == ExitStatus.FINE
    return capsys.readouterr().out


def refused(capsys, *arguments):
    assert run(["compare", *arguments]) == ExitStatus.BAD_INPUT
    return capsys.readouterr().err


def test_two_runs_stand_side_by_side_and_their_patients_are_paired(runs, capsys):
    text = said(capsys, runs["one"], runs["early"])
    assert "one: The one; 600 virtual patients, seed 1" in text
    line = next(line for line in text.splitlines() if line.startswith("tocilizumab "))
    assert len(line.split()) == 5  # the name, and a value in per cent for each run
    assert "The same 600 patients in one and early" in text
    assert "yes → no" in text


def test_runs_of_other_seeds_are_not_paired_and_what_is_not_calibrated_says_so(runs, capsys):
    text = said(capsys, runs["one"], runs["other"])
    assert "other and one do not share a seed and patients" in text
    assert "not calibrated" in text


def test_the_published_column_has_intervals_and_marks(runs, capsys):
    text = said(capsys, runs["one"], "--published")
    line = next(line for line in text.splitlines() if line.startswith("remission "))
    assert "82.3 % (72.0–90.0)" in line  # the largest of three cuts, 65 of 79
    assert line.endswith("✓")
    assert "calibration targets inside" in text
    assert any(line.endswith("✗") for line in text.splitlines())


def test_json_has_every_measure_with_plain_numbers(runs, capsys):
    found = json.loads(said(capsys, runs["one"], runs["early"], "--published", "--json"))
    assert [row["measure"] for row in found["measures"]] == list(MEASURES)
    expected = evaluate(synthetic_cohort(600, seed=1), ["remission"])["remission"]
    row = next(row for row in found["measures"] if row["measure"] == "remission")
    assert row["values"] == [expected, expected]
    assert row["published"]["n"] == 79
    assert found["pairs"][0]["paired"]["shared"] == 600
    assert {"one", "early"} == set(found["targets"])


def test_all_prints_every_measure_that_has_a_value(runs, capsys):
    text = said(capsys, runs["one"], "--all")
    assert all(f"\n{name} " in text for name in ("efs_strict_36", "dose_per_kg_p95", "relapse_incidence_36"))
    assert "\nefs_strict_36 " not in said(capsys, runs["one"])


def test_everything_wrong_with_the_folders_is_said_at_once(runs, capsys, tmp_path):
    (tmp_path / "empty").mkdir()
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "cohort.parquet").write_text("not parquet")
    (broken / "manifest.json").write_text("[")
    says = refused(
        capsys, str(tmp_path / "nowhere"), str(tmp_path / "empty"), str(broken), "--observed", str(tmp_path / "no.csv")
    )
    for part in (
        "nowhere: there is no such folder; livingdrug simulate SCENARIO --out FOLDER makes one",
        "empty: holds no cohort.parquet, so it is not a finished run",
        "cohort.parquet: cannot be read as a cohort",
        "manifest.json: cannot be read",
        "no.csv: there is no such file",
    ):
        assert part in says
    assert "name at least one run folder" in refused(capsys)


def test_a_therapy_without_published_results_is_refused_with_those_there_are(runs, capsys):
    says = refused(capsys, runs["lymphoma"], "--published")
    assert "nothing is published here for axicabtagene-ciloleucel; there is tisagenlecleucel (eliana)" in says


def test_a_centers_own_patients_stand_beside_with_exact_intervals(runs, capsys, tmp_path):
    file = tmp_path / "center.csv"
    mine = ["CR"] * 9 + ["no response"] * 3
    pl.DataFrame({"patient": range(12), "response": mine, "followed_days": [400.0] * 12}).write_csv(file)
    text = said(capsys, runs["one"], "--observed", str(file))
    line = next(line for line in text.splitlines() if line.startswith("remission "))
    assert "75.0 % (42.8–94.5)" in line  # 9 of 12, exact
    assert "center.csv: 12 observed patients" in text
    deaths = next(line for line in text.splitlines() if line.startswith("os_12 "))
    assert deaths.split()[1] == "–"  # the file says nothing about deaths, so nobody is taken to live


def test_a_centers_patients_can_stand_beside_the_published_alone(capsys, tmp_path):
    file = tmp_path / "center.csv"
    pl.DataFrame({"patient": [1, 2], "response": ["CR", "CRi"], "followed_days": [400.0, 400.0]}).write_csv(file)
    found = json.loads(said(capsys, "--observed", str(file), "--published", "--json"))
    row = next(row for row in found["measures"] if row["measure"] == "remission")
    assert row["observed"]["value"] == 1
    assert row["values"] == []
