"""Grades of the neurotoxicity syndrome of immune effector cells (ICANS): the worst of five domains sets the grade.

Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-638, tables of ICANS grading for adults and for children. Grade 0 is
no ICANS, grade 5 death of ICANS. Every finding is counted only where nothing else explains it (a sedative, for example).
Tremor, myoclonus and intracranial hemorrhage do not count.
"""

from enum import IntEnum

from livingdrug.criteria.checks import amount, level, score

__all__ = ["CAPD_MOST", "ICE_FROM_AGE", "ICE_MOST", "Consciousness", "Edema", "Motor", "Seizure", "icans", "ice_score"]

ICE_FROM_AGE = 12
"""Years; younger patients are assessed with CAPD, the Cornell Assessment of Pediatric Delirium."""
ICE_MOST = 10
CAPD_MOST = 32  # eight questions of 0 to 4
CAPD_DELIRIUM = 9
OLDEST = 130  # years; more is a typing error
DEATH = 5


class Consciousness(IntEnum):
    """The stimulus that wakes the patient; each depressed level is the grade it makes.

    UNAROUSABLE: stupor or coma, or awakens only to vigorous or repeated touch.
    """

    AWAKE = 0
    SPONTANEOUS = 1
    VOICE = 2
    TOUCH = 3
    UNAROUSABLE = 4


class Seizure(IntEnum):
    """RESOLVING: any clinical seizure that resolves rapidly, or one on EEG only that resolves with treatment.
    LASTING: longer than 5 minutes, or repeated without return to baseline in between."""

    NONE = 0
    RESOLVING = 3
    LASTING = 4


class Motor(IntEnum):
    """FOCAL_WEAKNESS: deep focal weakness such as hemiparesis or paraparesis."""

    NONE = 0
    FOCAL_WEAKNESS = 4


class Edema(IntEnum):
    """FOCAL: focal or local edema on imaging. DIFFUSE: diffuse edema on imaging, decerebrate or decorticate posturing, palsy
    of the sixth cranial nerve, papilledema or Cushing's triad."""

    NONE = 0
    FOCAL = 3
    DIFFUSE = 4


def icans(
    *,
    age: float,
    ice: int | None = None,
    capd: int | None = None,
    consciousness: int = Consciousness.AWAKE,
    seizure: int = Seizure.NONE,
    motor: int = Motor.NONE,
    edema: int = Edema.NONE,
    developmental_delay: bool = False,
    died: bool = False,
) -> int:
    """The grade, 0 to 5.

    age: years; from 12 on `ice` (0 to 10) is counted, below it, or with a developmental delay, `capd` (0 to 32). Either may
    be None only where the patient could not take the test: unarousable, which is grade 4. The other one is ignored.

    ICE 7 to 9, 3 to 6 and 0 to 2 make grades 1, 2 and 3; an ICE of 0 in a patient who is awake (global aphasia) is grade 3.
    CAPD 1 to 8 makes grade 1, and with awakening to voice grade 2; 9 or more makes grade 3.
    """
    awake = level(Consciousness, consciousness, "consciousness")
    others = (level(Seizure, seizure, "seizure"), level(Motor, motor, "motor"), level(Edema, edema, "edema"))
    by_ice = amount(age, "age", unit="years", most=OLDEST) >= ICE_FROM_AGE and not developmental_delay
    tested = _by_ice(ice, awake) if by_ice else _by_capd(capd, awake)
    return DEATH if died else max(awake, tested, *others)


def ice_score(*, orientation: int, naming: int, commands: bool, writing: bool, attention: bool) -> int:
    """ICE, 0 to 10 (Lee DW et al. 2019, table of encephalopathy assessment).

    orientation: how many of year, month, city and hospital are known, 0 to 4. naming: how many of three objects are named,
    0 to 3. commands: follows a simple one. writing: writes a standard sentence. attention: counts back from 100 by ten.
    """
    points = score(orientation, 4, "orientation") + score(naming, 3, "naming")
    return points + bool(commands) + bool(writing) + bool(attention)


def _by_ice(ice: int | None, awake: Consciousness) -> int:
    if ice is None:
        return _untested("ICE", awake)
    points = score(ice, ICE_MOST, "ICE")
    return 3 if points <= 2 else 2 if points <= 6 else 1 if points <= 9 else 0


def _by_capd(capd: int | None, awake: Consciousness) -> int:
    if capd is None:
        return _untested("CAPD", awake)
    points = score(capd, CAPD_MOST, "CAPD")
    return 3 if points >= CAPD_DELIRIUM else 1 if points else 0


def _untested(test: str, awake: Consciousness) -> int:
    if awake != Consciousness.UNAROUSABLE:
        raise ValueError(
            f"{test} is needed to grade a patient of this age who can be aroused; it may be absent only in one who cannot"
        )
    return 4
