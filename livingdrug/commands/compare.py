"""`livingdrug compare`: the measures of run folders side by side, beside the published ones and a center's own patients."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from livingdrug.errors import BadInput, Complaints

if TYPE_CHECKING:
    from livingdrug.analysis.measures import Measure
    from livingdrug.analysis.runs import Run
    from livingdrug.analysis.targets import Published, Target

__all__ = ["compare"]

# What a reader looks for first; --all has the rest.
HEADLINES = (
    "infused_of_enrolled",
    "manufacturing_failure",
    "lost_waiting",
    "days_to_infusion_median",
    "dose_per_kg_median",
    "remission",
    "complete_remission",
    "mrd_negative",
    "remission_day28",
    "efs_6",
    "efs_12",
    "efs_36",
    "rfs_12",
    "rfs_36",
    "os_12",
    "os_36",
    "relapse_incidence_24",
    "antigen_negative_24",
    "aplasia_6",
    "crs",
    "crs_penn_3",
    "crs_lee_3",
    "crs_astct_3",
    "intensive_care",
    "high_dose_vasopressors",
    "oxygen",
    "intubation",
    "tocilizumab",
    "steroids",
    "crs_onset_median",
    "neurotoxicity",
    "neurotoxicity_3",
    "early_death",
    "cmax_median",
    "cmax_response_ratio",
    "waived",
    "payment_mean",
)


def compare(
    *folders: Path,
    published: Annotated[bool, Parameter(negative="")] = False,
    observed: Path | None = None,
    every: Annotated[bool, Parameter(name="--all", negative="")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> None:
    """Compare runs: their measures side by side, and patient by patient where they share a seed.

    Parameters
    ----------
    folders
        Run folders, as `livingdrug simulate … --out FOLDER` writes them. The first is what the others are compared with.
    published
        Add the published results of the therapy with their 95 % intervals, and mark what lies inside.
    observed
        Add a center's own patients: a CSV or Parquet file with the columns of a cohort, any subset of them.
    every
        Print every measure, not only the main ones.
    as_json
        Print one JSON object instead of tables.
    """
    runs = _read(folders, observed)
    files = _published(runs) if published else ()
    own = _observed(observed) if observed else None
    from livingdrug.analysis.measures import MEASURES, evaluate

    names = _chosen(every or as_json, files)
    values = [evaluate(run.cohort, MEASURES) for run in runs]
    rows = [_row(MEASURES[name], [each[name] for each in values], files, own) for name in names]
    pairs = [_pair(runs[0], other) for other in runs[1:]]
    if as_json:
        print(json.dumps(_as_json(runs, rows, pairs, files), indent=2, ensure_ascii=False, allow_nan=False))
        return
    _print_runs(runs, own)
    _print_rows(runs, rows, bool(files), own)
    _print_targets(runs, files)
    for other, pair in zip(runs[1:], pairs, strict=True):
        _print_pair(runs[0], other, pair)


# Reading --------------------------------------------------------------------------------------------------------------


def _read(folders: tuple[Path, ...], observed: Path | None) -> list[Run]:
    """The runs of the folders, after everything that can be wrong with the request was looked at."""
    from livingdrug.analysis.runs import read_runs

    found = Complaints()
    if not folders and observed is None:
        found.add("livingdrug compare", "name at least one run folder, or a file of patients with --observed FILE")
    if observed is not None and not observed.is_file():
        found.add(f"--observed {observed}", "there is no such file")
    runs = read_runs(folders, found)
    found.raise_any()
    return runs


def _observed(file: Path) -> Run:
    from livingdrug.analysis.runs import Run
    from livingdrug.exchange.files import read_table
    from livingdrug.exchange.findings import Findings
    from livingdrug.exchange.tables import HEADING, read_cohort

    cohort = read_cohort(file)
    # Only the columns that the file has: in those, an empty cell says that something did not happen.
    headings = (HEADING.fullmatch(heading) for heading, _ in read_table(file, Findings(str(file))).columns)
    cohort = cohort.select([each["name"] for each in headings if each])
    if not cohort.height:
        raise BadInput.at(f"--observed {file}", "holds no patients")
    return Run(file.name, cohort, {})


def _published(runs: list[Run]) -> tuple[Published, ...]:
    """The files of published results of the therapies of these runs; without a run, all there are."""
    from livingdrug.analysis.targets import names, read

    known = [read(name) for name in names()]
    therapies = {str(run.manifest.get("therapy", "")) for run in runs}
    fitting = tuple(each for each in known if not runs or each.therapy in therapies)
    if not fitting:
        there = ", ".join(f"{each.therapy} ({each.name})" for each in known)
        raise BadInput.at("--published", f"nothing is published here for {', '.join(sorted(therapies))}; there is {there}")
    return fitting


# Comparing ------------------------------------------------------------------------------------------------------------


def _chosen(every: bool, files: tuple[Published, ...]) -> list[str]:
    """Names of the measures to print, in the order of the registry."""
    from livingdrug.analysis.measures import MEASURES

    wanted = set(MEASURES) if every else set(HEADLINES)
    wanted |= {target.measure for file in files for target in file.targets}
    return [name for name in MEASURES if name in wanted]


def _row(measure: Measure, values: list[float], files: tuple[Published, ...], own: Run | None) -> dict[str, Any]:
    target = _target(measure.name, files)
    row: dict[str, Any] = {
        "measure": measure.name,
        "group": measure.group,
        "kind": measure.kind,
        "unit": measure.unit,
        "about": measure.about,
        "values": [_plain(value) for value in values],
    }
    if files:
        row["published"] = _published_row(target) if target else None
        row["inside"] = [target.inside(value) if target else None for value in values]
    if own:
        from livingdrug.analysis.intervals import measure_interval

        low, high = measure_interval(measure, own.cohort)
        row["observed"] = {"value": _plain(measure(own.cohort)), "low": _plain(low), "high": _plain(high)}
    return row


def _target(name: str, files: tuple[Published, ...]) -> Target | None:
    """Of several published cuts of one number, the one with most patients; all of them are counted below the table."""
    fitting = [target for file in files for target in file.targets if target.measure == name]
    return max(fitting, key=lambda target: target.n) if fitting else None


def _published_row(target: Target) -> dict[str, Any]:
    return {
        "id": target.id,
        "group": target.group,
        "label": target.label,
        "value": _plain(target.value),
        "low": _plain(target.low),
        "high": _plain(target.high),
        "n": target.n,
        "basis": target.basis,
        "confirmed": target.confirmed,
        "source": target.source,
    }


def _pair(one: Run, other: Run) -> dict[str, Any] | None:
    """Patient by patient where the numbers mean the same patients; None where they do not."""
    from livingdrug.analysis.pairs import changed_at_all, paired

    seeds = one.manifest.get("seed"), other.manifest.get("seed")
    if seeds[0] is None or seeds[0] != seeds[1]:
        return None
    changed, shared = changed_at_all(one.cohort, other.cohort)
    if not shared:
        return None
    return {"shared": shared, "changed": changed, "outcomes": paired(one.cohort, other.cohort).to_dicts()}


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _as_json(
    runs: list[Run], rows: list[dict[str, Any]], pairs: list[dict[str, Any] | None], files: tuple[Published, ...]
) -> dict[str, Any]:
    facts = ("scenario", "title", "therapy", "seed", "calibrated", "policy")
    found: dict[str, Any] = {
        "runs": [
            {"name": run.name, "patients": run.cohort.height, **{fact: run.manifest.get(fact) for fact in facts}}
            for run in runs
        ],
        "measures": rows,
        "pairs": [
            {"of": runs[0].name, "with": other.name, "paired": pair} for other, pair in zip(runs[1:], pairs, strict=True)
        ],
    }
    if files:
        from livingdrug.analysis.targets import compare as beside

        found["targets"] = {run.name: [row for file in files for row in beside(run.cohort, file.targets)] for run in runs}
    return found


# Printing -------------------------------------------------------------------------------------------------------------


def _print_runs(runs: list[Run], own: Run | None) -> None:
    for run in runs:
        says = [f"{run.cohort.height:,} virtual patients", f"seed {run.manifest.get('seed', '?')}"]
        title = run.manifest.get("title") or run.manifest.get("scenario") or run.name
        if run.manifest.get("calibrated") is False:
            says.append("not calibrated")
        print(f"{run.name}: {title}; {', '.join(says)}")
    if own:
        print(f"{own.name}: {own.cohort.height:,} observed patients, with exact 95 % intervals")
    print()


def _print_rows(runs: list[Run], rows: list[dict[str, Any]], published: bool, own: Run | None) -> None:
    from livingdrug.commands.tables import print_table

    shown = [row for row in rows if _anything(row)]
    columns = ["measure", *(["published"] if published else []), *([own.name] if own else []), *(run.name for run in runs)]
    print_table(columns, [_cells(row, published, own) for row in shown], right=columns[1:])


def _anything(row: dict[str, Any]) -> bool:
    return any(value is not None for value in row["values"]) or row.get("observed", {}).get("value") is not None


def _cells(row: dict[str, Any], published: bool, own: Run | None) -> list[str]:
    cells = [row["measure"]]
    if published:
        cells.append(_with_interval(row["published"], row) if row["published"] else "")
    if own:
        cells.append(_with_interval(row["observed"], row))
    inside = row.get("inside") or [None] * len(row["values"])
    marks = {True: " ✓", False: " ✗", None: "  "}
    return cells + [
        f"{_number(value, row)}{marks[mark] if published else ''}" for value, mark in zip(row["values"], inside, strict=True)
    ]


def _with_interval(of: dict[str, Any], row: dict[str, Any]) -> str:
    value, low, high = of["value"], of["low"], of["high"]
    if low is None and high is None:
        return _number(value, row)
    if value is None:
        return f"≥ {_number(low, row)}" if high is None else f"≤ {_number(high, row)}"
    return f"{_number(value, row)} ({_bare(low, row)}–{_bare(high, row)})"


def _number(value: float | None, row: dict[str, Any]) -> str:
    """With its unit where the name of the measure does not tell: a share in per cent, days as days."""
    bare = _bare(value, row)
    if value is None:
        return bare
    return f"{bare} %" if row["kind"] == "share" else f"{bare} d" if row["unit"] == "days" else bare


def _bare(value: float | None, row: dict[str, Any]) -> str:
    from livingdrug.commands.tables import shown

    if value is None:
        return "–"
    if row["kind"] == "share":
        return f"{100 * value:.1f}"
    if row["unit"] == "money":
        return f"{value:,.0f}"
    return f"{value:.1f}" if row["unit"] == "days" else shown(value, 3)


def _print_targets(runs: list[Run], files: tuple[Published, ...]) -> None:
    """How many of all published intervals hold each run, and which do not."""
    from livingdrug.analysis.targets import compare as beside

    if not files or not runs:
        return
    print("\n✓ inside the published 95 % interval, ✗ outside; of several cuts of one trial the largest stands in the table")
    for run in runs:
        for role, words in (("calibration", "calibration targets"), ("shown", "other published results")):
            rows = [row for file in files for row in beside(run.cohort, file.targets) if row["role"] == role]
            judged = [row for row in rows if row["inside"] is not None]
            outside = [row["id"] for row in judged if not row["inside"]]
            print(f"{run.name}: {len(judged) - len(outside)} of {len(judged)} {words} inside", end="")
            print(f"; outside: {', '.join(outside)}" if outside else "")


def _print_pair(one: Run, other: Run, pair: dict[str, Any] | None) -> None:
    from livingdrug.commands.tables import print_table

    if pair is None:
        print(f"\n{other.name} and {one.name} do not share a seed and patients: only their sums can be compared.")
        return
    title = f"The same {pair['shared']:,} patients in {one.name} and {other.name}; {pair['changed']:,} differ in anything"
    columns = ("outcome", "patients", one.name, other.name, "no → yes", "yes → no")
    cells = [
        (row["about"], f"{row['patients']:,}", *(_percent(row[key]) for key in ("before", "after", "gained", "lost")))
        for row in pair["outcomes"]
        if row["patients"]
    ]
    print_table(columns, cells, right=columns[1:], title=title)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
