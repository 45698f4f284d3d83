"""What is typed and tapped at the bedside, read as one look: vitals, neurology, and complaints that stand beside their fields.

A temperature in Fahrenheit is refused and its Celsius offered: nobody's number is changed in silence. What is left out is not
filled in: only seizure, motor findings and edema are charted by exception.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from livingdrug.criteria.crs import Oxygen, Vasoactive
from livingdrug.criteria.icans import CAPD_MOST, ICE_FROM_AGE, Consciousness, Edema, Motor, Seizure, ice_score
from livingdrug.errors import Complaint
from livingdrug.journey.events import Event, NeurologyAssessed, VitalsCharted
from livingdrug.journey.state import Journey

__all__ = [
    "BY_EXCEPTION",
    "CAPD",
    "CAPD_ANSWERS",
    "ICE",
    "LEVELS",
    "NEEDS",
    "VITALS",
    "Look",
    "Option",
    "number",
    "read",
    "takes_ice",
]


@dataclass(frozen=True, slots=True)
class Option:
    """One level that can be tapped."""

    value: int
    label: str
    says: str = ""


LEVELS: dict[str, tuple[Option, ...]] = {
    "vasoactive": (
        Option(Vasoactive.NONE, "None"),
        Option(Vasoactive.FLUIDS, "Fluids", "hypotension, boluses of fluid"),
        Option(Vasoactive.LOW_DOSE, "One, low", "one vasopressor at a low dose"),
        Option(Vasoactive.HIGH_DOSE, "One, high", "one vasopressor at a high dose"),
        Option(Vasoactive.SEVERAL, "Several", "two or more vasopressors"),
    ),
    "oxygen": (
        Option(Oxygen.NONE, "Room air"),
        Option(Oxygen.LOW_FLOW, "Low flow", "cannula to 6 L/min, blow-by"),
        Option(Oxygen.HIGH_FLOW, "High flow", "cannula above 6 L/min, mask"),
        Option(Oxygen.POSITIVE_PRESSURE, "CPAP, BiPAP", "positive pressure"),
        Option(Oxygen.VENTILATOR, "Ventilator", "intubated"),
    ),
    "consciousness": (
        Option(Consciousness.AWAKE, "Awake"),
        Option(Consciousness.SPONTANEOUS, "By itself", "awakens spontaneously"),
        Option(Consciousness.VOICE, "To voice", "awakens to voice"),
        Option(Consciousness.TOUCH, "To touch", "awakens to touch only"),
        Option(Consciousness.UNAROUSABLE, "Not at all", "not arousable, or only by vigorous touch"),
    ),
    "seizure": (
        Option(Seizure.NONE, "None"),
        Option(Seizure.RESOLVING, "Resolving", "a seizure that resolved rapidly"),
        Option(Seizure.LASTING, "Lasting", "a seizure over 5 minutes, or repeated"),
    ),
    "motor": (Option(Motor.NONE, "None"), Option(Motor.FOCAL_WEAKNESS, "Weakness", "deep focal weakness")),
    "edema": (
        Option(Edema.NONE, "None"),
        Option(Edema.FOCAL, "Focal", "focal edema on imaging"),
        Option(Edema.DIFFUSE, "Diffuse", "diffuse edema, or its signs"),
    ),
}
"""What can be tapped, in rising order; `says` is how a grade names it."""

ICE = (
    ("orientation", "Year, month, city, hospital", 4),
    ("naming", "Names three objects", 3),
    ("commands", "Follows a command", 1),
    ("writing", "Writes a sentence", 1),
    ("attention", "Counts back from 100 by ten", 1),
)
"""The five items of ICE: field, words, and most points."""

CAPD = (
    ("capd1", "Makes eye contact with the caregiver", True),
    ("capd2", "Acts with a purpose", True),
    ("capd3", "Is aware of the surroundings", True),
    ("capd4", "Tells needs and wants", True),
    ("capd5", "Is restless", False),
    ("capd6", "Cannot be consoled", False),
    ("capd7", "Is underactive while awake", False),
    ("capd8", "Takes long to respond", False),
)
"""The eight questions of CAPD (Traube C et al., Crit Care Med 2014;42:656-663); the first four count the other way."""
CAPD_ANSWERS = ("Never", "Rarely", "Sometimes", "Often", "Always")

RANGES = {"temperature": (25.0, 45.0, "°C"), "systolic": (20.0, 300.0, "mmHg"), "saturation": (20.0, 100.0, "%")}
FAHRENHEIT = (95.0, 110.0)


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a patient: what can be recorded of it, what is wrong, and what was read even if it is incomplete."""

    events: tuple[Event, ...]
    complaints: tuple[Complaint, ...]
    celsius: str = ""
    """The temperature in Celsius, where it was typed in Fahrenheit."""
    numbers: Mapping[str, float] = field(default_factory=dict[str, float])
    levels: Mapping[str, int] = field(default_factory=dict[str, int])
    score: int | None = None
    """ICE or CAPD, as far as it can be told."""


def takes_ice(journey: Journey) -> bool:
    """Whether the patient takes ICE rather than CAPD, by the age at eligibility."""
    return journey.eligibility is None or journey.eligibility.age >= ICE_FROM_AGE


def number(text: str) -> float | None:
    """A number as people type it, with a point or a comma; None where it is none."""
    try:
        made = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return made if made == made and abs(made) != float("inf") else None


def read(posted: Mapping[str, str], *, at: datetime, by: str, by_ice: bool) -> Look:
    """What was posted as a look at that time; without complaints, `events` can be recorded."""
    numbers, odd = _numbers(posted)
    levels, strange = _levels(posted)
    score, scored = _ice(posted) if by_ice else _capd(posted)
    test = "ice" if by_ice else "capd"
    lacks = [*_lacks_vitals(posted, numbers, levels), *_lacks_neurology(levels, score, test, tried=bool(scored))]
    complaints = _once([*odd, *strange, *scored, *lacks])
    events = (
        () if complaints else tuple(_events(numbers, levels, (score if by_ice else None, None if by_ice else score), at, by))
    )
    converted = _converted(number(posted.get("temperature", "")))
    if not complaints and not events:
        complaints = (Complaint("temperature", "nothing is charted yet; type a temperature, or tap how awake the patient is"),)
    return Look(events, complaints, converted, numbers, levels, score)


def _once(complaints: list[Complaint]) -> tuple[Complaint, ...]:
    """The first complaint about each field: what cannot be read is not also missing."""
    found: dict[str, Complaint] = {}
    for each in complaints:
        found.setdefault(each.where, each)
    return tuple(found.values())


def _numbers(posted: Mapping[str, str]) -> tuple[dict[str, float], list[Complaint]]:
    """The numbers that can be true, and complaints about the others."""
    found, says = dict[str, float](), list[Complaint]()
    for name, (low, high, unit) in RANGES.items():
        text = posted.get(name, "").strip()
        value = number(text)
        if not text:
            continue
        if value is None:
            says.append(Complaint(name, f"{text!r} is no number; type one from {low:g} to {high:g} {unit}"))
        elif name == "temperature" and (warm := _converted(value)):
            says.append(Complaint(name, f"{value:g} is in °F, and the chart is in °C; that is {warm} °C"))
        elif not low <= value <= high:
            says.append(Complaint(name, f"{value:g} {unit} cannot be; type {low:g} to {high:g} {unit}"))
        else:
            found[name] = value
    return found, says


def _converted(value: float | None) -> str:
    """The temperature in °C, where it was typed in °F; empty where it was not."""
    if value is None or not FAHRENHEIT[0] <= value <= FAHRENHEIT[1]:
        return ""
    return f"{(value - 32) * 5 / 9:.1f}"


def _levels(posted: Mapping[str, str]) -> tuple[dict[str, int], list[Complaint]]:
    found, says = dict[str, int](), list[Complaint]()
    for name, options in LEVELS.items():
        text = posted.get(name, "").strip()
        known = {str(each.value): each.value for each in options}
        if text in known:
            found[name] = known[text]
        elif text:
            says.append(Complaint(name, f"{text!r} is none of {', '.join(each.label.lower() for each in options)}; tap one"))
    return found, says


def _ice(posted: Mapping[str, str]) -> tuple[int | None, list[Complaint]]:
    given = {name: posted.get(name, "").strip() for name, _, _ in ICE}
    answered = {name: text for name, text in given.items() if text}
    wrong = [
        Complaint(name, f"{answered[name]!r} is not 0 to {most}; tap a number")
        for name, _, most in ICE
        if _off(answered.get(name), most)
    ]
    if wrong:
        return None, wrong
    if posted.get("all_right") and answered:
        points = sum(int(text) for text in answered.values())
        if points < sum(most for name, _, most in ICE if name in answered):
            return None, [Complaint("ice", "all is right, and an item is not; take one of them back")]
    if posted.get("all_right"):
        return sum(most for _, _, most in ICE), []
    if not answered:
        return None, []
    missing = [words for name, words, _ in ICE if name not in answered]
    if missing:
        return None, [Complaint("ice", f"not asked yet: {'; '.join(missing).lower()}")]
    points = {name: int(text) for name, text in answered.items()}
    return ice_score(
        orientation=points["orientation"], naming=points["naming"], commands=bool(points["commands"]),
        writing=bool(points["writing"]), attention=bool(points["attention"]),
    ), []  # fmt: skip


def _off(text: str | None, most: int) -> bool:
    return text is not None and text not in {str(point) for point in range(most + 1)}


def _capd(posted: Mapping[str, str]) -> tuple[int | None, list[Complaint]]:
    answered = {name: posted[name].strip() for name, _, _ in CAPD if posted.get(name, "").strip()}
    if wrong := [name for name, text in answered.items() if _off(text, 4)]:
        return None, [Complaint(wrong[0], f"{answered[wrong[0]]!r} is not 0 to 4; tap an answer")]
    text = posted.get("capd", "").strip()
    total = sum(4 - int(answered[name]) if turned else int(answered[name]) for name, _, turned in CAPD if name in answered)
    if answered and len(answered) < len(CAPD):
        return None, [
            Complaint("capd", f"{len(answered)} of {len(CAPD)} questions are answered; answer all, or type the score")
        ]
    if answered and text not in ("", str(total)):
        return None, [Complaint("capd", f"{text} is typed, and the answers make {total}; leave one of them out")]
    if answered:
        return total, []
    if text and _off(text, CAPD_MOST):
        return None, [Complaint("capd", f"{text!r} is no score; CAPD goes from 0 to {CAPD_MOST}")]
    return (int(text) if text else None), []


VITALS, NEEDS = ("temperature", "systolic", "saturation"), ("vasoactive", "oxygen")
BY_EXCEPTION = ("seizure", "motor", "edema")


def _lacks_vitals(posted: Mapping[str, str], numbers: Mapping[str, float], levels: Mapping[str, int]) -> Iterator[Complaint]:
    """Vitals are charted whole, or not at all: a temperature and both needs make a grade."""
    if not any(posted.get(name, "").strip() for name in (*VITALS, *NEEDS)):
        return
    if "temperature" not in numbers:
        yield Complaint("temperature", "is missing; type it in °C")
    for name, what in (("vasoactive", "fluids or pressors"), ("oxygen", "oxygen")):
        if name not in levels:
            yield Complaint(name, f"tap which {what} the patient needs, or none")


def _lacks_neurology(levels: Mapping[str, int], score: int | None, test: str, *, tried: bool) -> Iterator[Complaint]:
    """Neurology is charted whole, or not at all. `tried` says that the test has complaints of its own."""
    found = [name for name in BY_EXCEPTION if levels.get(name)]
    if score is None and not tried and "consciousness" not in levels and not found:
        return
    if "consciousness" not in levels:
        yield Complaint("consciousness", "tap how awake the patient is")
    elif score is None and not tried and levels["consciousness"] != Consciousness.UNAROUSABLE:
        yield Complaint(test, f"{test.upper()} is missing; only a patient who cannot be aroused goes without")


def _events(
    numbers: Mapping[str, float], levels: Mapping[str, int], tests: tuple[int | None, int | None], at: datetime, by: str
) -> Iterator[Event]:
    if "temperature" in numbers:
        series = {name: (numbers[name],) for name in ("systolic", "saturation") if name in numbers}
        yield VitalsCharted(
            at=at, by=by, hours=(0.0,), temperature=(numbers["temperature"],), vasoactive=(levels["vasoactive"],),
            oxygen=(levels["oxygen"],), **series,
        )  # fmt: skip
    if "consciousness" in levels:
        found = {name: levels[name] for name in BY_EXCEPTION if name in levels}
        ice, capd = tests
        yield NeurologyAssessed(at=at, by=by, ice=ice, capd=capd, consciousness=levels["consciousness"], **found)
