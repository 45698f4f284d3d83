"""Grades of the cytokine release syndrome from what a patient needs: ASTCT 2019, Penn 2018 and Lee 2014.

The three scales look at the same bedside and disagree by design: 2 L/min of oxygen with fluid boluses is Penn 3 and ASTCT
2. Grade 0 is no CRS, grade 5 is death of CRS. Fever is a temperature of 38.0 °C or more without another cause, and every
need is counted only where CRS causes it.
"""

from enum import IntEnum

from livingdrug.criteria.checks import level, score

__all__ = ["Oxygen", "Vasoactive", "astct", "lee", "penn"]

DEATH = 5
CTCAE_LIFE_THREATENING = 4  # the highest CTCAE grade of an organ toxicity in a living patient


class Vasoactive(IntEnum):
    """What hypotension needs, in rising order.

    FLUIDS: hypotension, with boluses of fluid at most. LOW_DOSE, HIGH_DOSE: one vasopressor. SEVERAL: two or more.
    Vasopressin beside another vasopressor is not counted. A high dose, for three hours or more, is norepinephrine from
    20 µg/min, dopamine from 10 µg/kg/min, phenylephrine from 200 µg/min or epinephrine from 10 µg/min (Lee DW et al., Blood
    2014;124:188-195; these doses are unconfirmed, check the paper).
    """

    NONE = 0
    FLUIDS = 1
    LOW_DOSE = 2
    HIGH_DOSE = 3
    SEVERAL = 4


class Oxygen(IntEnum):
    """What hypoxia needs, in rising order.

    LOW_FLOW: nasal cannula up to 6 L/min or blow-by; read as less than 40 % oxygen. HIGH_FLOW: cannula above 6 L/min, face
    mask, non-rebreather or Venturi mask; read as 40 % or more. POSITIVE_PRESSURE: CPAP or BiPAP. VENTILATOR: intubation and
    mechanical ventilation.
    """

    NONE = 0
    LOW_FLOW = 1
    HIGH_FLOW = 2
    POSITIVE_PRESSURE = 3
    VENTILATOR = 4


ASTCT_PRESSURE = (1, 2, 3, 3, 4)
ASTCT_OXYGEN = (1, 2, 3, 4, 4)
LEE_PRESSURE = (1, 2, 2, 3, 3)
LEE_OXYGEN = (1, 2, 3, 3, 4)
PENN_PRESSURE = (1, 3, 3, 4, 4)
PENN_OXYGEN = (1, 3, 3, 3, 4)
PENN_ORGAN = (1, 1, 2, 3, 3)
PENN_LIVER = (1, 1, 1, 2, 3)


def astct(*, fever: bool, vasoactive: int, oxygen: int, treated: bool = False, died: bool = False) -> int:
    """ASTCT consensus grade (Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-638, Table 2): the worse of the two needs.

    treated: an antipyretic, tocilizumab or a steroid was given, after which fever is no longer required. Organs do not count.
    """
    pressure, lungs = _needs(vasoactive, oxygen)
    if died:
        return DEATH
    if not fever and not (treated and (pressure or lungs)):
        return 0
    return max(ASTCT_PRESSURE[pressure], ASTCT_OXYGEN[lungs])


def penn(
    *,
    fever: bool,
    vasoactive: int,
    oxygen: int,
    organ: int = 0,
    liver: int = 0,
    coagulopathy: bool = False,
    hospitalized: bool = True,
    died: bool = False,
) -> int:
    """Penn grade (Porter D et al., J Hematol Oncol 2018;11:35, the Penn grading scale).

    organ: worst CTCAE grade of an organ toxicity other than `liver` (the table names creatinine): 2 makes grade 2, 3 and
    above make grade 3. liver: CTCAE grade of the liver tests: 3 makes grade 2, 4 makes grade 3. coagulopathy: needed fresh
    frozen plasma, cryoprecipitate or fibrinogen, which makes grade 3. hospitalized: for CRS, febrile neutropenia included,
    which makes grade 2. Boluses or low-dose vasopressors, and any oxygen, CPAP and BiPAP included, make grade 3; high-dose
    vasopressors and mechanical ventilation make grade 4. Several vasopressors count as high-dose.
    """
    pressure, lungs = _needs(vasoactive, oxygen)
    organ, liver = _ctcae(organ), _ctcae(liver)
    if died:
        return DEATH
    if not (fever or pressure or lungs or organ or liver or coagulopathy):
        return 0
    at_least = 3 if coagulopathy else 2 if hospitalized else 1
    return max(at_least, PENN_PRESSURE[pressure], PENN_OXYGEN[lungs], PENN_ORGAN[organ], PENN_LIVER[liver])


def lee(
    *,
    fever: bool,
    vasoactive: int,
    oxygen: int,
    organ: int = 0,
    liver: int = 0,
    died: bool = False,
) -> int:
    """Grade of Lee DW et al., Blood 2014;124:188-195 (reprinted beside Penn in doi:10.1186/s13045-018-0653-x, Table 1).

    Less than 40 % oxygen, fluids or one low-dose vasopressor, or grade 2 organ toxicity make grade 2; 40 % or more,
    high-dose or several vasopressors, or grade 3 organ toxicity make grade 3; a ventilator or grade 4 organ toxicity make
    grade 4. organ: worst CTCAE grade of an organ toxicity other than `liver`. liver: CTCAE grade of the transaminases, of
    which 4 makes grade 3 only.
    """
    pressure, lungs = _needs(vasoactive, oxygen)
    organ, liver = _ctcae(organ), _ctcae(liver)
    if died:
        return DEATH
    if not (fever or pressure or lungs or organ or liver):
        return 0
    return max(1, LEE_PRESSURE[pressure], LEE_OXYGEN[lungs], organ, min(liver, 3))


def _needs(vasoactive: int, oxygen: int) -> tuple[Vasoactive, Oxygen]:
    return level(Vasoactive, vasoactive, "vasoactive"), level(Oxygen, oxygen, "oxygen")


def _ctcae(grade: int) -> int:
    return score(grade, CTCAE_LIFE_THREATENING, "a CTCAE grade of an organ")
