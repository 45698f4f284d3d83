"""`livingdrug models`: the library of models: list it, show one model whole, run one patient of one."""

from __future__ import annotations

import json
import math
import re
import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from livingdrug.commands.ending import ExitStatus
from livingdrug.errors import BadInput, Complaints, UnitError, UnknownName
from livingdrug.units import convert

if TYPE_CHECKING:
    import numpy as np

    from livingdrug.biology.model import Model
    from livingdrug.biology.solve import Solution

__all__ = ["app", "say_if_it_compiles"]

app = App(
    name="models",
    help="List the models of the library, show one, or run one patient of one.",
    help_format="plaintext",
)

AsJson = Annotated[bool, Parameter(name="--json", negative="", show_default=False)]

NARROW = 120
"""Columns of a terminal below which the list leaves out the source, which the name repeats."""
AT_EVERY = 0.25
"""Days between points, unless --at-every says otherwise."""
CURVES_PER_PANEL = 4
DECADES = 7  # of a logarithmic axis, where the unit itself gives no floor


@app.default
def overview(*words: Annotated[str, Parameter(show=False)], as_json: AsJson = False) -> None:
    """List the models: name, title, size and where each comes from.

    Parameters
    ----------
    as_json
        Print one JSON array instead of a table.
    """
    from livingdrug.biology.models import load, names

    if words:
        raise _no_such_command(words[0], names())
    rows = [_in_brief(load(name)) for name in names()]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    from livingdrug.commands.tables import print_table

    narrow = sys.stdout.isatty() and get_terminal_size().columns < NARROW
    columns = ("name", "title", "states", "parameters", *(() if narrow else ("source",)))
    cells = [tuple(str(row[column]) for column in columns) for row in rows]
    print_table(columns, cells, right=("states", "parameters"))
    print("\nlivingdrug models show NAME prints a model whole; livingdrug models run NAME runs one patient.")


@app.command
def show(name: str, /, *, as_json: AsJson = False) -> None:
    """Print one model whole: equations, parameters with sources, events, variants, assumptions.

    Parameters
    ----------
    name
        A model of the library, or the path of a model file (….py).
    as_json
        Print one JSON object instead of tables.
    """
    from livingdrug.biology.describe import describe
    from livingdrug.biology.models import load

    model = load(name)
    if as_json:
        print(json.dumps(_in_full(model), indent=2, ensure_ascii=False))
        return
    from livingdrug.commands.tables import print_table

    described = describe(model)
    print(f"{described.name}: {described.title}\n\n{described.citation}")
    print(f"https://doi.org/{described.doi}" if described.doi else "")
    print(f"Population: {described.population or 'not stated'}\nTime is in days, {model.days:g} unless you say otherwise.")
    for table in described.tables:
        print_table(table.columns, table.rows, right=("value", "spread"), title=table.title)
    if described.deviations:
        print("\nAssumptions and deviations\n")
    for each in described.deviations:
        print(f"  - {each}")


@app.command
def run(
    name: str,
    /,
    *,
    settings: Annotated[list[str] | None, Parameter(name="--set", negative="")] = None,
    variant: Annotated[str | None, Parameter(name="--as")] = None,
    days: float | None = None,
    at_every: float = AT_EVERY,
    rtol: float = 1e-6,
    method: Literal["auto", "rosenbrock", "tsitouras"] = "auto",
    plot: Path | None = None,
    csv: Path | None = None,
    as_json: AsJson = False,
) -> ExitStatus:
    """Run one patient: start, peak and end of every quantity, and a picture or a table of the whole course.

    Parameters
    ----------
    name
        A model of the library, or the path of a model file (….py).
    settings
        A parameter's value, as in --set t_toci=6 or --set "tau_r=3 week"; may be repeated. The others keep their typical
        values.
    variant
        Start from a published set of values; `models show` lists them.
    days
        How long; default: as long as the model says.
    at_every
        Days between the points of the picture and the rows of the CSV file.
    rtol
        Relative tolerance of the solver.
    method
        The solver; auto picks one for the model.
    plot
        Draw the course into this file: .svg, .png or .html.
    csv
        Write the course into this file: a row per point in time.
    as_json
        Print one JSON object instead of a table.
    """
    from livingdrug.biology.models import load

    model = load(name)
    length = model.days if days is None else days
    values = _checked(model, settings or [], variant, length, at_every, rtol, plot, csv)
    say_if_it_compiles(model, method)
    solution = _solved(model, values, variant, length, at_every, rtol, method)
    status = ExitStatus.FINE if solution.ok[0] else ExitStatus.UNSOLVED
    if status:
        print(f"livingdrug: {model.name} was not solved: it {solution.advice(0)}", file=sys.stderr)
    rows = _rows(model, solution)
    if as_json:
        facts = {"model": model.name, "variant": variant, "set": values, "days": length, "solved": not status}
        facts |= {"says": solution.advice(0), "method": solution.methods[0], "steps": int(solution.steps[0])}
        print(json.dumps(_without_nan({**facts, "quantities": rows}), indent=2, ensure_ascii=False))
    elif not status:
        _print_rows(model, variant, values, length, rows)
    if csv and not status:
        solution.trajectories_frame().drop("patient").write_csv(csv)
        print(f"wrote {csv}", file=sys.stderr)
    if plot and not status:
        _plot(model, variant, values, solution, plot)
        print(f"wrote {plot}", file=sys.stderr)
    return status


def say_if_it_compiles(model: Model, method: str = "auto") -> None:
    """Tell on standard error why the first run of a model takes longer."""
    from livingdrug.biology.compile import is_cached

    if not is_cached(model, "rosenbrock" if method == "auto" else method):
        print(f"compiling {model.name} once (about half a minute), kept for next time", file=sys.stderr, flush=True)


# Listing and showing --------------------------------------------------------------------------------------------------


def _no_such_command(word: str, models: tuple[str, ...]) -> BadInput:
    if word in models:
        return BadInput.at("", f"{word!r} is a model; look at it with: livingdrug models show {word}")
    return UnknownName.among("command of livingdrug models", word, ("show", "run"))


def _in_brief(model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "title": model.title,
        "states": len(model.states),
        "parameters": len(model.parameters),
        "variants": len(model.variants),
        "source": _short_citation(model.citation),
        "doi": model.doi,
    }


def _short_citation(citation: str) -> str:
    """Author and year: "Stein AM, Grupp SA, … 2019;8:285-295" is "Stein 2019"."""
    author = re.match(r"([^\s;,]+)", citation)
    year = re.search(r"\b((?:19|20)\d\d);", citation)
    return " ".join(filter(None, [author and author[1], year and year[1]]))


def _in_full(model: Model) -> dict[str, Any]:
    from livingdrug.biology.describe import formula

    def expressions(definitions: Any) -> list[dict[str, str]]:
        return [
            {"name": each.name, "expression": formula(each.expression), "unit": each.unit, "about": each.about}
            for each in definitions
        ]

    return {
        **_in_brief(model),
        "citation": model.citation,
        "population": model.population,
        "days": model.days,
        "states": [
            {"name": s.name, "unit": s.unit, "about": s.about, "initial": formula(s.initial), "rate": formula(s.rate)}
            for s in model.states
        ],
        "definitions": expressions(model.definitions),
        "observables": expressions(model.observables),
        "parameters": [_without_nan(_parameter(each)) for each in model.parameters],
        "doses": [{"state": d.state, "amount": formula(d.amount), "at": formula(d.at)} for d in model.doses],
        "events": [
            {
                "name": each.name,
                "when_rises_through_0": formula(each.guard),
                "after": formula(each.after),
                "times": each.times,
                "sets": {state: formula(value) for state, value in each.sets},
            }
            for each in model.triggers
        ],
        "extinctions": [{"state": each.state, "below": formula(each.below)} for each in model.extinctions],
        "requirements": [{"condition": formula(each.condition), "says": each.says} for each in model.requirements],
        "correlations": [{"between": [one, other], "correlation": r} for one, other, r in model.correlations],
        "variants": [{"name": v.name, "about": v.about, "values": dict(v.values)} for v in model.variants],
        "assumptions": list(model.deviations),
    }


def _parameter(parameter: Any) -> dict[str, Any]:
    facts = ("name", "value", "unit", "spread", "lowest", "highest", "about", "source")
    return {fact: getattr(parameter, fact) for fact in facts}


def _without_nan(value: Any) -> Any:
    """JSON knows neither NaN nor infinity: they become null."""
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


# Running --------------------------------------------------------------------------------------------------------------


def _checked(
    model: Model,
    settings: list[str],
    variant: str | None,
    days: float,
    at_every: float,
    rtol: float,
    plot: Path | None,
    csv: Path | None,
) -> dict[str, float]:
    """The values of --set, after everything that can be wrong with a request was looked at."""
    from livingdrug.biology.solve import RTOL_LIMITS

    found = Complaints()
    values = _values(model, settings, found)
    _values_fit(model, values, variant, found)
    if not 0 < days < math.inf:
        found.add("--days", f"{days:g} is not a length of time; give a positive number of days")
    elif not days / 100_000 <= at_every <= days:
        found.add("--at-every", f"{at_every:g} does not divide {days:g} days into 1 to 100000 parts")
    least, most = RTOL_LIMITS
    if not least <= rtol <= most:
        found.add("--rtol", f"{rtol:g} is outside {least:g} to {most:g}")
    if plot:
        _path_fits("--plot", plot, (".svg", ".png", ".html"), found)
    if csv:
        _path_fits("--csv", csv, (".csv",), found)
    found.raise_any()
    return values


def _values(model: Model, settings: list[str], found: Complaints) -> dict[str, float]:
    values: dict[str, float] = {}
    for setting in settings:
        name, sign, number = (part.strip() for part in setting.partition("="))
        if not sign:
            found.add(f"--set {setting}", "write NAME=VALUE, as in --set dose=1e8")
        elif name not in model.parameter_names:
            found.add_from(f"--set {setting}", UnknownName.among("parameter", name, model.parameter_names))
        elif name in values:
            found.add(f"--set {setting}", f"{name} is set twice")
        else:
            number, _, unit = number.partition(" ")
            expected = model.parameters[model.parameter_names.index(name)].unit
            try:
                values[name] = convert(float(number), unit.strip() or expected, expected)
            except UnitError as refusal:
                found.add_from(f"--set {setting}", refusal)
            except ValueError:
                found.add(f"--set {setting}", f"{number!r} is not a number")
    return values


def _values_fit(model: Model, values: dict[str, float], variant: str | None, found: Complaints) -> None:
    from livingdrug.biology.parameters import columns

    known = [each.name for each in model.variants]
    if variant is not None and variant not in known:
        found.add_from("--as", UnknownName.among("variant", variant, known))
        variant = None
    try:
        columns(model, values, variant)
    except BadInput as refusal:
        found.found.extend(refusal.complaints)


def _path_fits(option: str, path: Path, endings: tuple[str, ...], found: Complaints) -> None:
    if path.suffix.lower() not in endings:
        found.add(f"{option} {path}", f"the name must end in {' or '.join(endings)}")
    if not path.parent.is_dir():
        found.add(f"{option} {path}", f"there is no folder {path.parent}")


def _solved(
    model: Model, values: dict[str, float], variant: str | None, days: float, at_every: float, rtol: float, method: str
) -> Solution:
    from livingdrug.biology.solve import maximum, solve

    return solve(
        model,
        values,
        days=days,
        at=_times(days, at_every),
        summaries=[maximum(name) for name in model.observable_names],
        variant=variant,
        rtol=rtol,
        method=method,
    )


def _times(days: float, at_every: float) -> np.ndarray:
    import numpy as np

    times = np.arange(0, days, at_every)
    # The last day is always there; a point closer to it than rounding is the same point.
    return np.append(times[times < days - at_every * 1e-6], days)


def _rows(model: Model, solution: Solution) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for each in (*model.observables, *model.states):
        course, summary = solution.trajectory(each.name)[0], solution.summary
        found.append(
            {
                "quantity": each.name,
                "unit": each.unit,
                "start": float(course[0]),
                "peak": float(summary[f"{each.name}.max"][0]),
                "peak_day": float(summary[f"{each.name}.tmax"][0]),
                "end": float(course[-1]),
                "about": each.about,
            }
        )
    return found


def _print_rows(model: Model, variant: str | None, values: dict[str, float], days: float, rows: list[dict[str, Any]]) -> None:
    from livingdrug.commands.tables import print_table, shown

    print(f"{model.title}: {_who(variant, values)}, {days:g} days\n")
    columns = ("quantity", "unit", "start", "peak", "on day", "end", "meaning")
    cells = [
        (
            row["quantity"],
            row["unit"],
            shown(row["start"]),
            shown(row["peak"]),
            f"{row['peak_day']:.1f}",
            shown(row["end"]),
            row["about"],
        )
        for row in rows
    ]
    print_table(columns, cells, right=("start", "peak", "on day", "end"))


def _who(variant: str | None, values: dict[str, float]) -> str:
    who = f"patient {variant}" if variant else "the typical patient"
    from livingdrug.commands.tables import shown

    changed = ", ".join(f"{name} = {shown(value, 6)}" for name, value in values.items())
    return f"{who} with {changed}" if changed else who


# Drawing --------------------------------------------------------------------------------------------------------------


def _plot(model: Model, variant: str | None, values: dict[str, float], solution: Solution, path: Path) -> None:
    from livingdrug.report.figures import save, trajectories

    chart = trajectories(
        _panels(model, solution),
        title=model.title,
        subtitle=_sentence(_who(variant, values)),
        source=_source(model),
        hover=path.suffix.lower() == ".html",
    )
    save(chart, path)


def _source(model: Model) -> str:
    after = _short_citation(model.citation)
    says = f"Source: livingdrug, model {model.name}" + (f", after {after}" if after != "livingdrug" else "")
    return f"{says}. Virtual patient. What lies below a logarithmic axis is not drawn."


def _sentence(text: str) -> str:
    """With a capital, unless the first word is a name such as qPCR."""
    return text if text[1:2].isupper() else f"{text[:1].upper()}{text[1:]}"


def _panels(model: Model, solution: Solution) -> list[Any]:
    """Observables, then states, by unit and at most four to a panel; what is there at one point only is left out."""
    panels: list[Any] = []
    for quantities in (model.observables, model.states):
        for unit in dict.fromkeys(each.unit for each in quantities):
            same = [each for each in quantities if each.unit == unit and _is_there(each.name, solution)]
            panels += [_panel_of(same[i : i + CURVES_PER_PANEL], solution) for i in range(0, len(same), CURVES_PER_PANEL)]
    return panels


def _is_there(name: str, solution: Solution) -> bool:
    return bool((solution.trajectory(name)[0] != 0).sum() > 1)


def _panel_of(quantities: list[Any], solution: Solution) -> Any:
    from livingdrug.report.figures import Curve, Panel
    from livingdrug.units import parse

    unit = quantities[0].unit
    counted = dict(parse(unit).powers)
    log = counted.get("cell") == 1 or counted.get("copy") == 1
    courses = {each.name: solution.trajectory(each.name)[0] for each in quantities}
    top = max(float(course.max()) for course in courses.values())
    floor = (1.0 if unit == "cells" else top / 10**DECADES) if log else 0.0
    names = [each.name for each in quantities]
    title = _sentence(quantities[0].about) if len(quantities) == 1 and quantities[0].about else ", ".join(names)
    curves = [Curve(name, solution.at.tolist(), course.tolist()) for name, course in courses.items()]
    return Panel(title, unit, curves, log=log and top > floor, floor=floor)
