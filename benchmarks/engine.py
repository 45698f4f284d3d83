"""Work and precision of the engine against other programs, on this machine, in this run: `make bench`.

For each model: a random population, 365 daily values of every state, each program at several tolerances. Speed is patients
per second on one thread, the median of repeated runs; error is the largest relative error of any state above its negligible
amount, against the engine at rtol 1e-11 (which the tests hold against SciPy at 1e-12). Compile time is apart. Programs
without events leave extinction out, and so does the engine here; points after a population's fall below one cell are not
compared. Writes docs/performance.md and docs/images/performance.svg.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from peers import PEERS

from livingdrug.biology.model import Model
from livingdrug.biology.models import load
from livingdrug.biology.parameters import columns
from livingdrug.biology.population import draw
from livingdrug.biology.solve import integral, maximum, solve, value

Floats = NDArray[np.float64]
ROOT = Path(__file__).parent.parent
MODELS = ("reference", "kimmel-2021", "leon-triana-2021")
TOLERANCES = (1e-4, 1e-5, 3e-6, 1e-6, 1e-7, 1e-8, 1e-9)
OURS = (1e-4, 1e-5, 5e-6, 3e-6, 1e-6, 5e-7, 3e-7, 1e-7)
WANTED = 1e-5
FAILED = 1e300  # JSON knows no infinity
COUNTS = {"SciPy odeint": 24, "SciPy solve_ivp LSODA": 12, "libRoadRunner (CVODE)": 96, "diffrax Kvaerno5 vmap": 64}
PATIENTS = 4096
AT = np.arange(366.0)


@dataclass(frozen=True)
class Measured:
    """One program at one tolerance on one model."""

    model: str
    program: str
    keeps: str
    threads: int
    rtol: float
    patients: int
    per_second: float
    error: float
    first_call: float = 0.0


def population(model: Model, patients: int) -> Floats:
    """Patients drawn from the model's own spreads, or 30 % where it states none."""
    spread = None if any(parameter.spread for parameter in model.parameters) else 0.3
    drawn = draw(model, patients, seed=2026, spread=spread)
    if model.name == "reference":
        drawn["beta"] = np.minimum(drawn["beta"], 0.9 * drawn["alpha"])
    return columns(model, drawn).rows(np.arange(patients))


def compared(model: Model, exact: Floats) -> NDArray[np.bool_]:
    """Points that count: above the negligible amount, and not after a first fall below it."""
    floors = np.array([state.negligible for state in model.states])
    above = exact > floors
    fallen = np.logical_and(~above, np.maximum.accumulate(above, axis=1))
    return above & ~np.maximum.accumulate(fallen, axis=1)


def error(found: Floats, exact: Floats, mask: NDArray[np.bool_]) -> float:
    """The largest relative error; patients a program failed on count as infinitely wrong."""
    if not np.isfinite(found).all():
        return FAILED
    off = np.abs(found - exact) / np.where(mask, np.abs(exact), 1.0)
    return float(off[mask].max())


def seconds(work: Callable[[], object], repeats: int) -> float:
    """The median time of a call."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def first_answers(name: str) -> tuple[float, float]:
    """Seconds from nothing but imports to the first answer, in a new process: with an empty cache, and again."""
    code = (
        "import time; from livingdrug.biology.models import load; from livingdrug.biology.solve import solve\n"
        f"start = time.perf_counter(); solve(load({name!r})); print(time.perf_counter() - start)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "LIVINGDRUG_CACHE": folder}
        answers = [
            subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True).stdout
            for _ in range(2)
        ]
    return float(answers[0]), float(answers[1])


def measure_ours(model: Model, patients: Floats, exact: Floats, mask: NDArray[np.bool_], repeats: int) -> list[Measured]:
    method = {"method": "auto", "days": 365}
    observable = model.observable_names[0]
    summaries = [maximum(observable), integral(observable, 0, 28), value(observable, 28)]
    found: list[Measured] = []
    cold, warm = first_answers(model.name)
    for program, took in (("livingdrug, never compiled before", cold), ("livingdrug, compiled before", warm)):
        found.append(Measured(model.name, program, "first", 1, 1e-6, 1, 0.0, FAILED, took))
    for rtol in OURS:
        off = error(solve(model, patients[: len(exact)], at=AT, rtol=rtol, **method).states, exact, mask)
        for keeps, asked in (
            ("every day", {"at": AT}),
            ("summaries", {"summaries": summaries}),
            ("the end", {"at": [365]}),
        ):
            for threads in (1, 2):
                took = seconds(
                    lambda t=threads, a=asked, r=rtol: solve(model, patients, rtol=r, threads=t, **a, **method), repeats
                )
                speed = len(patients) / took
                found.append(Measured(model.name, "livingdrug", keeps, threads, rtol, len(patients), speed, off))
    return found


def measure_peer(
    name: str, model: Model, patients: Floats, exact: Floats, mask: NDArray[np.bool_], repeats: int
) -> list[Measured]:
    start = time.perf_counter()
    solver = PEERS[name](model)
    solver(patients[:1] if "vmap" not in name else patients[: COUNTS[name]], AT, 1e-4)
    first = time.perf_counter() - start
    found: list[Measured] = []
    some, real, seen = patients[: COUNTS[name]], exact[: COUNTS[name]], mask[: COUNTS[name]]
    for rtol in TOLERANCES:
        solved: list[Floats] = []
        took = seconds(lambda r=rtol, s=solved: s.append(solver(some, AT, r)), repeats)
        off = error(solved[0], real, seen)
        found.append(Measured(model.name, name, "every day", 1, rtol, len(some), len(some) / took, off, first))
        print(f"  {name:24s} rtol {rtol:.0e}  {len(some) / took:10,.0f}/s  error {off:.1e}", flush=True)
        if off <= WANTED / 10:
            break
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--peers", nargs="*", default=list(PEERS), help="names of other programs; none to skip them")
    arguments.add_argument("--models", nargs="*", default=list(MODELS))
    arguments.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "engine.json")
    chosen = arguments.parse_args()
    found: list[Measured] = []
    for name in chosen.models:
        model = replace(load(name), extinctions=())
        patients = population(model, PATIENTS)
        exact = solve(model, patients[:256], days=365, at=AT, rtol=1e-11, method="rosenbrock").states
        mask = compared(model, exact)
        print(name, flush=True)
        ours = measure_ours(model, patients, exact, mask, chosen.repeats)
        for each in (each for each in ours if each.per_second):
            print(
                f"  {each.keeps:10s} ×{each.threads} rtol {each.rtol:.0e}  {each.per_second:10,.0f}/s  error {each.error:.1e}"
            )
        found += ours
        for peer in chosen.peers:
            try:
                found += measure_peer(peer, model, patients, exact, mask, max(1, chosen.repeats // 2))
            except ImportError as missing:
                print(f"  {peer}: not installed ({missing.name})")
    machine = {
        "machine": _processor(),
        "cores": 2,
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
    }
    chosen.out.write_text(json.dumps({"about": machine, "measured": [asdict(each) for each in found]}, indent=1))
    print(f"written: {chosen.out.relative_to(ROOT) if chosen.out.is_relative_to(ROOT) else chosen.out}")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    main()
