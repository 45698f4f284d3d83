"""`livingdrug demo`: the reference model's typical patient with and without tocilizumab, as a table and a picture."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livingdrug.commands.ending import ExitStatus

if TYPE_CHECKING:
    from livingdrug.biology.solve import Solution

__all__ = ["demo"]

DAYS = 730
TOCILIZUMAB_DAY = 6
NEVER = 1e9
APLASIA = 20  # B cells per µL of blood; below stands for B-cell aplasia
RUNS = ("without", "tocilizumab")


def demo(*, folder: Path = Path("demo")) -> ExitStatus:
    """Show what livingdrug does: one virtual patient, with and without tocilizumab, as a table and a picture.

    Parameters
    ----------
    folder
        Where the picture is written; made when it is not there.
    """
    from livingdrug.biology.models import load
    from livingdrug.commands.models import say_if_it_compiles
    from livingdrug.commands.tables import print_table
    from livingdrug.errors import BadInput

    if folder.exists() and not folder.is_dir():
        raise BadInput.at(str(folder), "is a file, not a folder; choose another with --folder")
    model = load("reference")
    say_if_it_compiles(model)
    solution = _solved(model)
    if not solution.ok.all():
        print("livingdrug: the demo was not solved; please report it", file=sys.stderr)
        return ExitStatus.UNSOLVED
    print(f"The typical patient of the reference model, with and without tocilizumab on day {TOCILIZUMAB_DAY}\n")
    print_table(("", *RUNS), _rows(solution), right=RUNS)
    print(
        "\nTocilizumab blocks the IL-6 receptor: IL-6 in serum rises, because its receptors no longer clear it; the"
        "\nIL-6 that still signals, and CRP behind it, fall. In this model CAR-T cells and leukemia do not notice.\n"
    )
    folder.mkdir(parents=True, exist_ok=True)
    for path in _pictures(solution, folder):
        print(f"wrote {path}")
    return ExitStatus.FINE


def _solved(model: Any) -> Solution:
    import numpy as np

    from livingdrug.biology.solve import first_above, first_below, maximum, solve, value

    at = np.concatenate([np.arange(0, 40, 0.125), np.arange(40, DAYS + 1)])
    peaks = [maximum(name) for name in ("transgene", "IL6", "CRP")]
    others = [value("CRP", 9), value("il6_signal", 9), first_below("leukemia", 1), first_above("b_cells", APLASIA)]
    return solve(model, {"t_toci": [NEVER, TOCILIZUMAB_DAY]}, days=DAYS, at=at, summaries=[*peaks, *others])


def _rows(solution: Solution) -> list[tuple[str, ...]]:
    found = solution.summary

    def row(says: str, name: str, form: str = ",.0f") -> tuple[str, ...]:
        cells = [format(each, form) if each == each else f"not within {DAYS} days" for each in found[name]]
        return says, *cells

    return [
        row("CAR transgene, peak (copies/µg DNA)", "transgene.max"),
        row("  on day", "transgene.tmax", ".1f"),
        row("IL-6 in serum, peak (pg/mL)", "IL6.max"),
        row("  on day", "IL6.tmax", ".1f"),
        row("IL-6 that still signals, day 9 (pg/mL)", "il6_signal.at_9", ".1f"),
        row("CRP, peak (mg/L)", "CRP.max"),
        row("CRP, day 9 (mg/L)", "CRP.at_9"),
        row("leukemia below one cell from day", "leukemia.first_below_1"),
        row(f"B cells above {APLASIA} per µL from day", f"b_cells.first_above_{APLASIA}"),
    ]


def _pictures(solution: Solution, folder: Path) -> list[Path]:
    from livingdrug.report.figures import save

    paths = [folder / "reference-patient.html", folder / "reference-patient.svg"]
    return [save(picture(solution, hover=path.suffix == ".html"), path) for path in paths]


def picture(solution: Solution, *, hover: bool = False) -> Any:
    """Six panels: the cytokines of the first month above, the cells below over the time that matters for each."""
    from livingdrug.report.figures import Level, trajectories

    cleared = float(solution.summary["leukemia.first_below_1"][0])
    month = {"days": (0.0, 28.0), "moments": [(float(TOCILIZUMAB_DAY), "tocilizumab")]}
    panels = [
        _panel(solution, "IL6", "IL-6 in serum", log=True, floor=0.1, **month),
        _panel(solution, "il6_signal", "IL-6 that still signals", log=True, floor=0.1, **month),
        _panel(solution, "CRP", "C-reactive protein", **month),
        _panel(solution, "transgene", "CAR transgene in blood", log=True, floor=10),
        _panel(
            solution,
            "leukemia",
            "Leukemia",
            log=True,
            floor=1,
            days=(0.0, 60.0),
            moments=[(cleared, f"below one cell, day {cleared:.0f}")],
        ),
        _panel(solution, "b_cells", "B cells in blood", levels=[Level(APLASIA, f"B-cell aplasia below {APLASIA}")]),
    ]
    return trajectories(
        panels,
        title="Tocilizumab on day 6 calms IL-6 signaling and CRP; CAR-T cells and leukemia take the same course",
        subtitle="One virtual patient, with and without one dose of 8 mg/kg; day 0 is the CAR-T infusion",
        source="Source: livingdrug reference model, typical values; assembled from published terms, not a patient.",
        hover=hover,
    )


def _panel(solution: Solution, name: str, title: str, **facts: Any) -> Any:
    from livingdrug.report.figures import Curve, Panel

    unit = next(each.unit for each in (*solution.model.observables, *solution.model.states) if each.name == name)
    courses = solution.trajectory(name)
    curves = [Curve(run, solution.at.tolist(), course.tolist()) for run, course in zip(RUNS, courses, strict=True)]
    return Panel(title, unit, curves, **facts)
