"""Grades of the cytokine release syndrome from what a patient needs: ASTCT 2019, Penn 2018 and Lee 2014.

The three scales look at the same bedside and disagree by design: 2 L/min of oxygen with fluid boluses is Penn 3 and ASTCT
2. Grade 0 is no CRS; death (grade 5) is not graded here. Fever is a temperature of 38.0 °C or more without another cause.
"""

from enum import IntEnum

__all__ = ["Oxygen", "Vasoactive", "astct", "lee", "penn"]


class Vasoactive(IntEnum):
    """What hypotension needs, in rising order. Vasopressin is not counted as a vasopressor by ASTCT."""

    NONE = 0
    FLUIDS = 1
    LOW_DOSE = 2
    HIGH_DOSE = 3
    SEVERAL = 4


class Oxygen(IntEnum):
    """What hypoxia needs, in rising order.

    LOW_FLOW: nasal cannula up to 6 L/min or blow-by. HIGH_FLOW: cannula above 6 L/min, face mask, non-rebreather, Venturi
    mask; 40 % oxygen or more. POSITIVE_PRESSURE: CPAP or BiPAP. VENTILATOR: intubation and mechanical ventilation.
    """

    NONE = 0
    LOW_FLOW = 1
    HIGH_FLOW = 2
    POSITIVE_PRESSURE = 3
    VENTILATOR = 4


def astct(*, fever: bool, vasoactive: int, oxygen: int, treated: bool = False) -> int:
    """ASTCT consensus grade (Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-638, Table 2): the worse of the two needs.

    treated: an antipyretic, tocilizumab or a steroid was given, after which fever is no longer required. Organs do not count.
    """
    v, o = Vasoactive(vasoactive), Oxygen(oxygen)
    if not fever and not (treated and (v or o)):
        return 0
    by_pressure = {
        Vasoactive.NONE: 1,
        Vasoactive.FLUIDS: 2,
        Vasoactive.LOW_DOSE: 3,
        Vasoactive.HIGH_DOSE: 3,
        Vasoactive.SEVERAL: 4,
    }
    by_oxygen = {Oxygen.NONE: 1, Oxygen.LOW_FLOW: 2, Oxygen.HIGH_FLOW: 3, Oxygen.POSITIVE_PRESSURE: 4, Oxygen.VENTILATOR: 4}
    return max(by_pressure[v], by_oxygen[o])


def penn(*, fever: bool, vasoactive: int, oxygen: int, organ: int = 0, hospitalized: bool = True) -> int:
    """Penn grade (Porter D et al., J Hematol Oncol 2018;11:35, Table 1).

    organ: worst CTCAE grade of an organ toxicity due to CRS: 2 makes grade 2; 3 (creatinine) or 4 (liver) makes grade 3.
    hospitalized: for CRS, febrile neutropenia included, which makes grade 2. Hypotension that takes boluses or low-dose
    vasopressors, and any oxygen, CPAP and BiPAP included, make grade 3; high-dose or several vasopressors and mechanical
    ventilation make grade 4.
    """
    v, o = Vasoactive(vasoactive), Oxygen(oxygen)
    _check_organ(organ)
    if not (fever or v or o or organ):
        return 0
    if v >= Vasoactive.HIGH_DOSE or o == Oxygen.VENTILATOR:
        return 4
    if v or o or organ >= 3:
        return 3
    return 2 if organ == 2 or hospitalized else 1


def lee(*, fever: bool, vasoactive: int, oxygen: int, organ: int = 0) -> int:
    """Grade of Lee DW et al., Blood 2014;124:188-195, Table 4.

    Less than 40 % oxygen, fluids or one low-dose vasopressor, or grade 2 organ toxicity make grade 2; 40 % or more,
    high-dose or several vasopressors, or grade 3 organ toxicity make grade 3; a ventilator or grade 4 organ toxicity
    (transaminases apart) make grade 4.
    """
    v, o = Vasoactive(vasoactive), Oxygen(oxygen)
    _check_organ(organ)
    if not (fever or v or o or organ):
        return 0
    by_pressure = 1 if not v else 2 if v <= Vasoactive.LOW_DOSE else 3
    by_oxygen = {Oxygen.NONE: 1, Oxygen.LOW_FLOW: 2, Oxygen.VENTILATOR: 4}.get(o, 3)
    return max(by_pressure, by_oxygen, organ if organ >= 2 else 1)


def _check_organ(organ: int) -> None:
    if not 0 <= organ <= 4:
        raise ValueError(f"a CTCAE grade lies between 0 and 4, not {organ}")
