"""An assessment of response as physicians type it: shares in percent, counts per µL; and the criteria it meets, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from livingdrug.errors import Complaint
from livingdrug.journey.events import ResponseAssessed
from livingdrug.journey.grades import charted, responses
from livingdrug.journey.state import Journey, evolve
from livingdrug.therapy.schema import Therapy

__all__ = ["Criterion", "Reading", "Verdict", "percent", "read", "verdict"]

SHARES = {"burden": "the burden", "mrd": "residual disease", "before": "the burden before treatment"}
COUNTS = {"neutrophils": 20, "platelets": 2000}
"""Counts below this, per µL, are typed in 10⁹/L."""
THOUSAND = 1000
MOST = Decimal(5_000_000)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was typed as an event, or what is wrong with it; `instead` holds the values that are offered, as typed ones."""

    event: ResponseAssessed | None
    complaints: tuple[Complaint, ...]
    instead: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: `met` is None where it was not measured."""

    says: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the criteria make of an assessment."""

    response: str
    mrd: str
    criteria: tuple[Criterion, ...]

    @property
    def remission(self) -> bool:
        """Whether it is one."""
        return self.response in ("CR", "CRi")


def percent(share: float | None) -> str:
    """A share as percent, without noise in its last digits."""
    return "" if share is None else f"{Decimal(f'{share * 100:.10g}').normalize():f}"


def read(posted: Mapping[str, str], *, at: datetime, by: str, assessment: int) -> Reading:
    """The assessment of a day as it was typed."""
    values, says, instead = dict[str, float | None](), list[Complaint](), dict[str, str]()
    for name, what in SHARES.items():
        values[name] = _share(name, what, posted.get(name, ""), says)
    for name, least in COUNTS.items():
        values[name] = _count(name, least, posted.get(name, ""), says, instead)
    burden = values.pop("burden")
    if burden is None and not any(each.where == "burden" for each in says):
        says.append(Complaint("burden", "is missing; type it in percent"))
    if says or burden is None:
        return Reading(None, tuple(says), instead)
    elsewhere = posted.get("extramedullary", "") == "yes"
    event = ResponseAssessed(
        at=at, by=by, assessment=assessment, burden=burden, extramedullary=elsewhere, mrd=values["mrd"],
        neutrophils=values["neutrophils"], platelets=values["platelets"], before=values["before"],
    )  # fmt: skip
    return Reading(event, (), instead)


def _number(text: str) -> Decimal | None:
    try:
        made = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return made if made.is_finite() else None


def _share(name: str, what: str, text: str, says: list[Complaint]) -> float | None:
    if not text.strip():
        return None
    value = _number(text)
    if value is None:
        says.append(Complaint(name, f"{text.strip()!r} is no number; type percent, as 0.01"))
    elif not 0 <= value <= 100:
        says.append(Complaint(name, f"{value:f} % of {what} cannot be; type 0 to 100 %"))
    return None if value is None or not 0 <= value <= 100 else float(value / 100)


def _count(name: str, least: int, text: str, says: list[Complaint], instead: dict[str, str]) -> float | None:
    if not text.strip():
        return None
    value = _number(text)
    if value is None:
        says.append(Complaint(name, f"{text.strip()!r} is no number; type the number per µL, without thousands marks"))
    elif 0 < value < least:
        instead[name] = f"{value * THOUSAND:f}".rstrip("0").rstrip(".") if value % 1 else f"{value * THOUSAND:f}"
        says.append(Complaint(name, f"{value:f} per µL is hardly a count; {value:f} × 10⁹/L are {instead[name]} per µL"))
    elif not 0 <= value <= MOST:
        says.append(Complaint(name, f"{value:f} {name} per µL cannot be; type the number per µL"))
    return None if value is None or (says and says[-1].where == name) else float(value)


# Criteria ---------------------------------------------------------------------------------------------------------------


def verdict(therapy: Therapy, journey: Journey, event: ResponseAssessed) -> Verdict | None:
    """What an assessment comes to on a journey that it may not be recorded on yet; None where it cannot be graded."""
    found = responses(therapy, charted(evolve(event, journey)))
    made = next((category for each, category in found if each is event), None)
    if made is None:
        return None
    mrd = {None: "not measured", True: "negative", False: "positive"}[made.mrd_negative]
    return Verdict(made.response, mrd, tuple(_criteria(therapy, event)))


def _criteria(therapy: Therapy, event: ResponseAssessed) -> Iterator[Criterion]:
    rules = therapy.response
    marrow = "Marrow blasts" if therapy.tumor == "leukemia" else "Tumor left"
    most = rules.remission_burden.value
    yield Criterion(f"{marrow} {percent(event.burden)} %, below {percent(most)} %", event.burden < most)
    if rules.partial_reduction is not None and event.before is not None and event.burden >= most:
        least = percent(rules.partial_reduction.value)
        shrunk = event.burden <= event.before * (1 - rules.partial_reduction.value)
        yield Criterion(f"From {percent(event.before)} % to {percent(event.burden)} %, smaller by {least} % at least", shrunk)
    elsewhere = "Disease outside the marrow" if therapy.tumor == "leukemia" else "Disease elsewhere"
    yield Criterion(f"{elsewhere}: {'found' if event.extramedullary else 'none'}", not event.extramedullary)
    for name, limit in (("neutrophils", rules.neutrophils), ("platelets", rules.platelets)):
        value = getattr(event, name)
        if limit is not None and value is None:
            yield Criterion(f"{name.capitalize()} above {limit.value:,.0f} per µL: not counted", event.counts_recovered)
        elif limit is not None:
            yield Criterion(f"{name.capitalize()} {value:,.0f}, above {limit.value:,.0f} per µL", value > limit.value)
    least = rules.mrd.value
    measured = "not measured" if event.mrd is None else f"{percent(event.mrd)} %"
    yield Criterion(f"Residual disease {measured}, below {percent(least)} %", None if event.mrd is None else event.mrd < least)
