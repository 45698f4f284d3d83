"""`livingdrug models`: what they print, what they write, and one sentence for each mistake."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from livingdrug.biology.models import load, names
from livingdrug.cli import ExitStatus, run
from livingdrug.commands.tables import shown

ROOT = Path(__file__).parent.parent

# Its solution is 1 / (1 - t): there is nothing after day 1.
EXPLODES = """
from livingdrug.biology.model import Declaration
m = Declaration(name="explodes", title="A rate that runs away", citation="none")
start = m.parameter("start", 1, "1")
x = m.state("x", "1", "what runs away", initial=start)
m.rates({x: x**2})
MODEL = m.model()
"""


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]):
    """Run a command; returns its status, its output, and what it said on standard error."""

    def said(*arguments: object) -> tuple[ExitStatus, str, str]:
        status = run([str(each) for each in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return said


def test_the_list_names_every_model(say) -> None:
    status, printed, said = say("models")
    assert (status, said) == (ExitStatus.FINE, "")
    rows = printed.splitlines()
    assert [row.split()[0] for row in rows[2 : 2 + len(names())]] == list(names())
    assert any(re.search(r"stein-2019 .* 2 +10 +Stein 2019$", row) for row in rows)


def test_the_list_as_json(say) -> None:
    _, printed, _ = say("models", "--json")
    found = {row["name"]: row for row in json.loads(printed)}
    assert tuple(found) == names()
    assert found["stein-2019"]["doi"] == "10.1002/psp4.12388"
    assert found["reference"]["states"] == len(load("reference").states)


@pytest.mark.parametrize("name", names())
def test_a_model_is_shown_whole(say, name: str) -> None:
    model = load(name)
    status, printed, _ = say("models", "show", name)
    assert status == ExitStatus.FINE
    for each in (*model.states, *model.parameters, *model.observables):
        assert each.name in printed
        assert each.about in printed
    assert all(parameter.source in printed for parameter in model.parameters)
    assert all(deviation in printed for deviation in model.deviations)
    assert model.citation in printed


@pytest.mark.parametrize("name", names())
def test_a_model_as_json_keeps_its_numbers(say, name: str) -> None:
    model = load(name)
    facts = json.loads(say("models", "show", name, "--json")[1], parse_constant=pytest.fail)
    assert {each["name"]: each["value"] for each in facts["parameters"]} == {e.name: e.value for e in model.parameters}
    assert [each["name"] for each in facts["states"]] == list(model.state_names)
    assert [each["name"] for each in facts["variants"]] == [each.name for each in model.variants]


def test_a_run_prints_aligned_rows_with_units(say) -> None:
    """Stein 2019 Table 1: Cmax 24000 copies/µg DNA on day 9.3."""
    status, printed, _ = say("models", "run", "stein-2019")
    assert status == ExitStatus.FINE
    head, _, row = printed.splitlines()[2:5]
    assert row.split()[:5] == ["transgene", "copies/ug_DNA", shown(24000 / 3900), "24000", "9.3"]
    assert all(row[head.index(name) + len(name) - 1] != " " for name in ("start", "peak", "on day", "end"))


def test_a_run_as_json_tells_request_and_result(say) -> None:
    _, printed, _ = say("models", "run", "stein-2019", "--set", "Cmax=5e4", "--set", "Tmax=8", "--days", 100, "--json")
    facts = json.loads(printed, parse_constant=pytest.fail)
    assert (facts["set"], facts["days"], facts["solved"]) == ({"Cmax": 5e4, "Tmax": 8.0}, 100, True)
    transgene = facts["quantities"][0]
    assert (transgene["peak"], transgene["peak_day"]) == pytest.approx((5e4, 8.0), rel=1e-3)


def test_a_variant_is_where_the_values_start(say) -> None:
    model = load("kirouac-2023")
    _, printed, _ = say("models", "run", "kirouac-2023", "--as", "NR", "--days", 10)
    assert printed.startswith(f"{model.title}: patient NR, 10 days")


def test_the_course_is_written_as_csv_with_the_last_day(say, tmp_path: Path) -> None:
    file = tmp_path / "course.csv"
    _, _, said = say("models", "run", "stein-2019", "--days", 30, "--at-every", 0.7, "--csv", file)
    assert said.splitlines()[-1] == f"wrote {file}"
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert list(rows[0]) == ["day", "transgene", "E", "M"]
    assert [float(rows[i]["day"]) for i in (0, 1, -1)] == pytest.approx([0, 0.7, 30])


@pytest.mark.parametrize("ending", ["svg", "png", "html"])
def test_the_course_is_drawn(say, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"course.{ending}"
    assert say("models", "run", "stein-2019", "--plot", file)[0] == ExitStatus.FINE
    assert file.stat().st_size > 5_000
    if ending == "svg":
        text = file.read_text(encoding="utf-8")
        assert load("stein-2019").title in text
        assert "copies/µg DNA" in text


def test_everything_wrong_with_a_request_is_said_at_once(say, tmp_path: Path) -> None:
    wrong = [
        (("--set", "Cmx=3"), "--set Cmx=3: no parameter 'Cmx'; nearest: Cmax"),
        (
            ("--set", "Cmax=3 mg"),
            "--set Cmax=3 mg: mg measures mass, copies/ug_DNA measures transgene copies per DNA mass: "
            "no factor converts one into the other",
        ),
        (("--set", "foldx=many"), "--set foldx=many: 'many' is not a number"),
        (("--set", "Tmax"), "--set Tmax: write NAME=VALUE, as in --set dose=1e8"),
        (("--set", "alpha=nan"), "parameter alpha: is not a number: nan"),
        (("--set", "F_toci=-1"), "parameter F_toci: -1 is outside its limits 0 to inf"),
        (("--set", "beta=0.001"), ""),
        (("--set", "beta=0.002"), "--set beta=0.002: beta is set twice"),
        (("--as", "nobody"), "--as: no variant 'nobody'; none is known"),
        (("--days", "-3"), "--days: -3 is not a length of time; give a positive number of days"),
        (("--rtol", "1"), "--rtol: 1 is outside 1e-12 to 0.1"),
        (("--plot", "course.pdf"), "--plot course.pdf: the name must end in .svg or .png or .html"),
        (
            ("--csv", tmp_path / "no" / "x.csv"),
            f"--csv {tmp_path / 'no' / 'x.csv'}: there is no folder {tmp_path / 'no'}",
        ),
    ]
    status, printed, said = say("models", "run", "stein-2019", *(word for words, _ in wrong for word in words))
    assert (status, printed) == (ExitStatus.BAD_INPUT, "")
    lines = [line.strip() for line in said.splitlines()]
    assert lines[0] == f"livingdrug: {len(wrong) - 1} complaints:"
    assert sorted(lines[1:]) == sorted(sentence for _, sentence in wrong if sentence)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["models", "show", "stien-2019"], "no model 'stien-2019'; nearest: stein-2019"),
        (["models", "run", "nowhere.py"], "nowhere.py: there is no such model file"),
        (["models", "shwo"], "no command of livingdrug models 'shwo'; nearest: show"),
        (["models", "reference"], "'reference' is a model; look at it with: livingdrug models show reference"),
        (["models", "run", "stein-2019", "--at-every", "0"], "--at-every: 0 does not divide 730 days"),
        (["models", "run", "stein-2019", "--days", "soon"], 'Invalid value for --days: unable to convert "soon"'),
        (
            ["models", "run", "stein-2019", "--method", "euler"],
            'Invalid value "euler" for --method. Choose from: "auto"',
        ),
        (["models", "run"], 'Command "models run" parameter NAME requires an argument'),
    ],
)
def test_a_mistake_is_one_sentence(say, arguments: list[str], sentence: str) -> None:
    status, printed, said = say(*arguments)
    assert (status, printed) == (ExitStatus.BAD_INPUT, "")
    assert said.startswith(f"livingdrug: {sentence}")


def test_a_patient_the_solver_gives_up_on_is_status_3_with_advice(say, tmp_path: Path) -> None:
    file = tmp_path / "explodes.py"
    file.write_text(EXPLODES, encoding="utf-8")
    picture = tmp_path / "x.svg"
    status, printed, said = say("models", "run", file, "--days", 2, "--json", "--plot", picture)
    assert status == ExitStatus.UNSOLVED
    assert "livingdrug: explodes was not solved: it " in said
    assert not picture.exists()
    facts = json.loads(printed, parse_constant=pytest.fail)
    assert facts["solved"] is False
    assert facts["quantities"][0]["end"] is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (23910.04, "23910"), (1.2e8, "1.2e8"), (0.0079, "0.0079"), (4.034e-4, "4.034e-4"), (float("nan"), "–")],
)
def test_numbers_for_people(value: float, text: str) -> None:
    assert shown(value) == text
