"""RSP: response is assessed when it was promised to be, and relapse follows a remission."""

from __future__ import annotations

from livingdrug.journey import events as e
from livingdrug.journey.rules.base import Act, rule
from livingdrug.journey.rules.words import when
from livingdrug.network import ask

THERAPY = "The therapy file (response.assessments, response.windows)"


@rule(
    "RSP-001",
    on=(e.ResponseAssessed,),
    waivers=("physician",),
    why="A response three weeks late is another response; contracts and trials count by the day.",
    source=THERAPY,
    example="The assessment of day 28 takes place on day 41.",
)
def an_assessment_is_inside_its_window(act: Act[e.ResponseAssessed]) -> str | None:
    """An assessment is one of the therapy's, and inside its window."""
    rules, infusion, name = act.therapy.response, act.journey.infusion, act.event.assessment
    days = [each.value for each in rules.assessments]
    if name not in days:
        return f"there is no assessment of day {name}; the therapy has {', '.join(f'{each:g}' for each in days)}"
    if infusion is None or not rules.windows:
        return None
    passed = (act.day - ask.day(act.network, act.journey.center, infusion.at)).days
    window = rules.windows[days.index(name)].value
    if abs(passed - name) > window:
        return f"{when(act.event)} is day {passed}, and the assessment of day {name} may be {window:g} days early or late"
    return None


@rule(
    "RSP-002",
    on=(e.ResponseAssessed,),
    why="Two assessments of one day leave it open which one the payer pays for.",
    source=THERAPY,
    example="Day 28 is assessed again after a better biopsy.",
)
def an_assessment_is_made_once(act: Act[e.ResponseAssessed]) -> str | None:
    """Each assessment is recorded once; what was wrong in it is corrected."""
    places = [place for name, place in act.journey.assessments if name == act.event.assessment]
    return f"it is recorded already, at position {places[0]}; correct that event" if places else None


@rule(
    "RSP-003",
    on=(e.ResponseAssessed,),
    why="Five percent and 5 are a remission and an impossibility.",
    source="Definition: burden and residual disease are shares from 0 to 1",
    example="Marrow blasts of 5 are entered for 5 %.",
)
def assessed_numbers_can_be_true(act: Act[e.ResponseAssessed]) -> str | None:
    """Burden and residual disease are shares, counts are per µL, and what CR needs of counts is known one way or the other."""
    event = act.event
    for value, name in ((event.burden, "burden"), (event.mrd, "residual disease")):
        if value is not None and not 0 <= value <= 1:
            return f"a {name} of {value:g} cannot be; give it as a share from 0 to 1"
    for value, name in ((event.neutrophils, "neutrophils"), (event.platelets, "platelets")):
        if value is not None and not 0 <= value <= 5e6:
            return f"{value:g} {name} per µL cannot be; give the number per µL"
    counted = event.neutrophils is not None and event.platelets is not None
    if act.therapy.response.neutrophils is None or counted or event.counts_recovered is not None:
        return None
    return "it takes neutrophils and platelets, or whether the counts have recovered, to tell CR from CRi"


@rule(
    "RSP-004",
    on=(e.Relapsed,),
    early=True,
    why="Who never was in remission cannot relapse; that is no response, and counts in another column.",
    source="Definition of relapse: return of disease after a remission",
    example="A relapse is recorded before the first assessment.",
)
def a_relapse_follows_a_remission(act: Act[e.Relapsed]) -> str | None:
    """A relapse follows an assessment, and is recorded once."""
    if not act.journey.assessments:
        return "no response has been assessed; assess it, there is no relapse without a remission"
    return "a relapse is recorded already" if act.journey.relapsed else None
