"""Step 6, toxicity as physiology: temperature, circulation, oxygen and nervous system day by day, then grades by published
rule.

Modeled: fever follows inflammation at once, circulation and lungs follow the organ response, the nervous system its own
delayed drive; a patient needs more as the drive passes that patient's thresholds. Grades are read from the needs by
`criteria/`, never drawn. Intensive care is an admission practice (a threshold of need). A ventilator or several
vasopressors carry a daily risk of death. Not modeled: infections, hemorrhage, HLH-like toxicity, seizures and edema apart
from the grade, late neurological events, beds.
"""

from functools import cache
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingdrug.biology.solve import Solution
from livingdrug.cohort import OXYGEN, VASOACTIVE
from livingdrug.criteria.crs import Oxygen, Vasoactive, astct, lee, penn
from livingdrug.criteria.icans import ICE_FROM_AGE, Consciousness, icans
from livingdrug.simulate.draws import Columns, Draws, Floats
from livingdrug.simulate.population import Numbers
from livingdrug.therapy.schema import Policy

__all__ = ["Chart", "chart", "fatal_day", "need_levels", "toxicity", "until"]

Codes = NDArray[np.int8]
Levels = Columns

FEVER, NORMAL, HOTTEST = 38.0, 37.0, 4.0
"""°C: fever, normal, and how far above normal the strongest inflammation goes; fever is a quarter of that."""
VASOACTIVE_LEVELS = ("fluids", "low_dose", "high_dose", "several")
OXYGEN_LEVELS = ("oxygen", "high_flow", "positive_pressure", "ventilator")
NEUROLOGICAL_LEVELS = ("neurotoxicity", "neurotoxicity_2", "neurotoxicity_3", "neurotoxicity_4")
NEVER = 1e12
ICE = (10, 8, 5, 1, None)
CAPD = (0, 4, 6, 12, None)
"""Test scores of a patient awake, sleepy, woken by voice, by touch, and unarousable: the middles of the ICANS table."""
KIDNEY_FAILURE = 4
"""CTCAE grade of the organ toxicity that dialysis stands for."""


class Chart(NamedTuple):
    """What was charted, each (patients, days): organ response in pg/mL, °C, needs and depression of consciousness from 0."""

    days: Floats
    response: Floats
    temperature: Floats
    vasoactive: Codes
    oxygen: Codes
    neurological: Codes


def need_levels(numbers: Numbers, draws: Draws, policy: Policy) -> Levels:
    """The drive at which each patient needs what, and meets the policy's triggers; frailty moves all of a patient's levels.

    In pg/mL of IL-6 equivalent; the neurological ones in units of macrophage activation.
    """
    frail = numbers["toxicity.frailty_spread"] * draws.normal("toxicity: frailty")

    def first(name: str) -> Floats:
        own = numbers[f"toxicity.{name}_spread"] * draws.normal(f"toxicity: {name}")
        return numbers[f"toxicity.{name}"] * np.exp(-frail - own)

    levels = {name: first(name) for name in ("fever", "fluids", "oxygen", "kidney", "neurotoxicity")}
    for ladder in (VASOACTIVE_LEVELS, OXYGEN_LEVELS, NEUROLOGICAL_LEVELS):
        for below, above in pairwise(ladder):
            levels[above] = levels[below] * np.exp(numbers[f"toxicity.{above}_step"])
    levels["intensive_care"] = np.minimum(
        levels["fluids"] * np.exp(numbers["toxicity.intensive_care_step"]), levels["high_flow"]
    )
    levels["tocilizumab"] = _trigger(levels, policy.tocilizumab_vasoactive, policy.tocilizumab_oxygen)
    levels["steroids"] = _trigger(levels, policy.steroid_vasoactive, policy.steroid_oxygen)
    return levels


def _trigger(levels: Levels, vasoactive: str, oxygen: str) -> Floats:
    """The organ response at which a patient first needs one of the two; "never" stands for no such need."""
    named = ((vasoactive, VASOACTIVE, VASOACTIVE_LEVELS), (oxygen, OXYGEN, OXYGEN_LEVELS))
    met = [levels[ladder[words.index(word) - 1]] for word, words, ladder in named if word != "never"]
    return np.minimum.reduce(met) if met else np.full(len(levels["fever"]), NEVER)


def chart(
    solution: Solution,
    drawn: dict[str, NDArray[np.float64] | float],
    levels: Levels,
    which: NDArray[np.bool_] | slice = slice(None),
) -> Chart:
    """The bedside chart of solved patients on those days that `solution` kept which are `which`."""
    state = {name: _kept(solution, name, which) for name in ("IL6", "T1", "Phi", "R", "NS")}
    column = {name: np.asarray(drawn[name], dtype=np.float64).reshape(-1, 1) for name in ("V1", "w_I")}
    fixed = {each.name: each.value for each in solution.model.parameters}
    free = fixed["KD_T"] / (state["T1"] / column["V1"] + fixed["KD_T"])
    inflammation = (1 - column["w_I"]) * state["IL6"] * free + column["w_I"] * fixed["u_Phi"] * state["Phi"]
    fever = levels["fever"][:, None]
    temperature = NORMAL + HOTTEST * inflammation / (inflammation + (HOTTEST / (FEVER - NORMAL) - 1) * fever)
    return Chart(
        solution.at[which],
        state["R"],
        temperature,
        _steps(state["R"], levels, VASOACTIVE_LEVELS),
        _steps(state["R"], levels, OXYGEN_LEVELS),
        _steps(state["NS"], levels, NEUROLOGICAL_LEVELS),
    )


def _kept(solution: Solution, name: str, which: NDArray[np.bool_] | slice) -> Floats:
    """One state on those days, in one piece of memory: it is read a dozen times."""
    return np.ascontiguousarray(solution.states[:, which, solution.model.state_names.index(name)])


def _steps(drive: Floats, levels: Levels, ladder: tuple[str, ...]) -> Codes:
    """How many levels of a ladder the drive has passed, per patient and day."""
    passed = np.zeros(drive.shape, dtype=np.int8)
    for name in ladder:
        passed += drive >= levels[name][:, None]
    return passed


def toxicity(numbers: Numbers, charted: Chart, levels: Levels, age: Floats) -> Columns:
    """The toxicity columns of a cohort; age, in years, decides between the two tests of encephalopathy."""
    feverish = charted.temperature >= FEVER
    onset = _first(feverish, charted.days)
    sick = np.isfinite(onset)
    needing = feverish | (charted.vasoactive > 0) | (charted.oxygen > 0)
    response = charted.response
    intensive = (response >= levels["intensive_care"][:, None]) & sick[:, None]
    dialysis = (response.max(axis=1) >= levels["kidney"]) & sick
    worst = {
        "vasoactive": np.where(sick, charted.vasoactive.max(axis=1), 0),
        "oxygen": np.where(sick, charted.oxygen.max(axis=1), 0),
    }
    severe = ((charted.vasoactive >= Vasoactive.HIGH_DOSE) | (charted.oxygen >= Oxygen.VENTILATOR)) & sick[:, None]
    return {
        "crs_onset": onset,
        "crs_days": np.where(sick, _last(needing, charted.days) - onset + _interval(charted.days), np.nan),
        "temperature_peak": charted.temperature.max(axis=1),
        **{name: values.astype(np.float64) for name, values in worst.items()},
        "severe_onset": _first(severe, charted.days),
        "icu_day": _first(intensive, charted.days),
        "icu_days": _last(intensive, charted.days) - _first(intensive, charted.days) + numbers["toxicity.intensive_care_after"],
        "dialysis": dialysis,
        **_grades(sick, worst["vasoactive"], worst["oxygen"], dialysis),
        "neurotoxicity": _neurological(charted.neurological.max(axis=1), age),
        "neurotoxicity_onset": _first(charted.neurological > 0, charted.days),
    }


def _grades(sick: NDArray[np.bool_], vasoactive: Codes, oxygen: Codes, dialysis: NDArray[np.bool_]) -> Columns:
    """Highest grades. Both needs follow one response, so they are worst on the same day, and grades are monotone."""
    at = (vasoactive.astype(np.intp), oxygen.astype(np.intp), dialysis.astype(np.intp))
    return {f"crs_{scale}": np.where(sick, table[at], 0).astype(np.float64) for scale, table in _tables().items()}


def _neurological(depressed: Codes, age: Floats) -> Floats:
    """ICANS of the deepest depression of consciousness, with the test score that goes with it."""
    adult = np.array([icans(age=ICE_FROM_AGE, ice=score, consciousness=c) for c, score in zip(Consciousness, ICE, strict=True)])
    child = np.array([icans(age=5, capd=score, consciousness=c) for c, score in zip(Consciousness, CAPD, strict=True)])
    return np.where(age >= ICE_FROM_AGE, adult[depressed], child[depressed]).astype(np.float64)


@cache
def _tables() -> dict[str, NDArray[np.int8]]:
    """Every grade that `criteria` gives a febrile patient, by vasoactive need, oxygen need and dialysis."""
    shape = (len(Vasoactive), len(Oxygen), 2)
    tables = {scale: np.zeros(shape, dtype=np.int8) for scale in ("penn", "lee", "astct")}
    for v, o, dialysis in product(Vasoactive, Oxygen, (0, 1)):
        organ = KIDNEY_FAILURE if dialysis else 0
        tables["penn"][v, o, dialysis] = penn(fever=True, vasoactive=v, oxygen=o, organ=organ)
        tables["lee"][v, o, dialysis] = lee(fever=True, vasoactive=v, oxygen=o, organ=organ)
        tables["astct"][v, o, dialysis] = astct(fever=True, vasoactive=v, oxygen=o)
    return tables


def fatal_day(numbers: Numbers, draws: Draws, charted: Chart) -> Floats:
    """The day on which the risk gathered in critical days takes a patient (NaN: none); only the critical are looked at."""
    patience = -np.log(draws.uniform("toxicity: death"))
    found = np.full(len(patience), np.nan)
    feverish = np.logical_or.accumulate(charted.temperature >= FEVER, axis=1)
    critical = ((charted.vasoactive >= Vasoactive.SEVERAL) | (charted.oxygen >= Oxygen.VENTILATOR)) & feverish
    some = np.flatnonzero(critical.any(axis=1))
    risk = np.cumsum(critical[some] * np.gradient(charted.days), axis=1) * numbers["toxicity.death_hazard"]
    found[some] = _first(risk > patience[some, None], charted.days)
    return found


def until(charted: Chart, end: Floats) -> Chart:
    """The chart with nothing on it after the day `end` of each patient (NaN: to its last day)."""
    rows = np.flatnonzero(end < charted.days[-1])
    after = charted.days[None, :] > end[rows, None]
    blank = {"response": 0.0, "temperature": NORMAL, "vasoactive": 0, "oxygen": 0, "neurological": 0}
    for name, nothing in blank.items():
        kept = getattr(charted, name)
        kept[rows] = np.where(after, nothing, kept[rows])
    return charted


def _first(is_so: NDArray[np.bool_], days: Floats) -> Floats:
    return np.where(is_so.any(axis=1), days[is_so.argmax(axis=1)], np.nan)


def _last(is_so: NDArray[np.bool_], days: Floats) -> Floats:
    return np.where(is_so.any(axis=1), days[len(days) - 1 - is_so[:, ::-1].argmax(axis=1)], np.nan)


def _interval(days: Floats) -> float:
    return float(days[1] - days[0])
