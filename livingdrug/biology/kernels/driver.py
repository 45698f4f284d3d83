"""Patients through lanes: every lane has its own time and step size, and one that finishes takes the next patient.

Nothing a lane does depends on another lane, so a patient's answer is the same bits whoever the neighbors are.

The order of one turn: choose each lane's step (never past its next break); step all lanes; accept or refuse each; find
events inside accepted steps and cut those steps short; write outputs and summaries from the interpolant; commit; then, lane
by lane, act on breaks and events, and replace patients who are done.
"""

import math

import numpy as np

from livingdrug.biology.kernels.shape import (
    BREAK,
    BREAKS,
    END,
    ERR,
    EXPLICIT,
    EXTINCTS,
    FLOOR,
    GUARD,
    GUARD_NEW,
    GUARD_OLD,
    GUARDS,
    LANES,
    LEFT,
    NEXT,
    OBS_NEW,
    OBS_OLD,
    OBSERVABLES,
    OK,
    PARAMETERS,
    RTOL,
    SIZE,
    SLOPE_NEW,
    SLOPE_OLD,
    STATES,
    STIFF,
    THETA,
    TOGGLES,
    TRY,
    TU,
    YN,
    H,
    P,
    T,
    U,
    Y,
    begin,
    commit,
    crossed,
    dense,
    entry,
    fired,
    guards,
    interpolate,
    lane,
    once,
    power,
    step,
)
from livingdrug.biology.kernels.summaries import (
    GUARD_AT,
    finish_summaries,
    integrate,
    jump,
    look_at_ends,
    remember,
    root,
    start_summaries,
    summarize,
)

OKAY, STEP_LIMIT, NOT_FINITE, STALLED, TOO_STIFF = 0, 1, 2, 3, 4
FIRST_STEP = 1e-3  # days; error control adapts it within a few steps
STIFF_LIMIT = 3.25**2  # edge of Tsit5's stability region, squared
STIFF_STEPS = 15


@lane
def choose(w, l):
    """H: the step to try, so that the next break is met exactly and without a sliver of a step before it."""
    left, h = w[NEXT + l] - w[T + l], w[TRY + l]
    meets = h * 1.0001 >= left
    half = 0.5 * left
    h = left if meets else (half if h > half else h)
    w[H + l] = h
    w[END + l] = w[NEXT + l] if meets else w[T + l] + h


@lane
def control(w, l):
    """OK: whether the step stands; TRY: the next step size, h × 0.9 err^(-1/5), kept within a factor of 5 of h."""
    error, h = w[ERR + l], w[H + l]
    factor = 0.9 * power(error if error > 1e-7 else 1e-7, -0.2)
    factor = factor if factor < 5.0 else 5.0
    factor = factor if factor > 0.2 else 0.2
    factor = factor if error == error else 0.1
    ok = error <= 1.0
    again = h * factor
    # a step cut short by a break says little about the next one
    again = w[TRY + l] if ok and h < w[TRY + l] and again < w[TRY + l] else again
    w[OK + l] = 1.0 if ok else 0.0
    w[TRY + l] = again


@once
def next_break(w, l):
    soonest = w[BREAK + BREAKS * LANES + l]
    for k in range(BREAKS):
        at = w[BREAK + k * LANES + l]
        soonest = at if at < soonest else soonest
    w[NEXT + l] = soonest


@once
def evaluate_guards(w, l):
    """GUARD of lane l at Y, T."""
    for i in range(STATES):
        w[U + i * LANES + l] = w[Y + i * LANES + l]
    w[TU + l] = w[T + l]
    guards(w, l)


@once
def settle(w, l, due, fresh):
    """Act on every break that is due in lane l and on every guard whose sign has changed, until nothing happens.

    `due` is the guard whose sign change ended the step (-1: none); rounding cannot take it back. `fresh` says that a patient
    has just begun, whose guards have no past: one that starts above zero counts as risen, except that of a population
    that starts at exactly nothing. Returns whether anything happened.
    """
    happened = False
    for k in range(GUARDS * fresh):
        w[GUARD_OLD + k * LANES + l] = -1.0
    for _ in range(4 * (BREAKS + GUARDS) + 4):
        quiet = True
        for k in range(BREAKS):
            if w[BREAK + k * LANES + l] <= w[T + l]:
                w[BREAK + k * LANES + l] = math.inf
                crossed(w, l, k)
                quiet = False
        if GUARDS > 0:
            evaluate_guards(w, l)
        for k in range(GUARDS):
            old, new = w[GUARD_OLD + k * LANES + l], w[GUARD + k * LANES + l]
            if k == due:
                new = abs(new) if old < 0.0 else -abs(new) - 1e-300
                due = -1
            w[GUARD_OLD + k * LANES + l] = new
            absent = fresh and EXTINCTS[k] >= 0 and w[Y + EXTINCTS[k] * LANES + l] == 0.0
            if matters(w, l, k, old, new) and not absent:
                fired(w, l, k, new >= 0.0)
                quiet = False
                break
        if quiet:
            break
        happened = True
    next_break(w, l)
    return happened


@once
def matters(w, l, k, old, new):
    """Whether a change of guard k from `old` to `new` is an event: a rise while any is left, or a toggle's fall."""
    return (old < 0.0 <= new and w[LEFT + k * LANES + l] > 0.0) or (old >= 0.0 > new and TOGGLES[k])


@once
def find_event(w, l):
    """The first guard that changes sign inside the last step of lane l, which is cut short there; -1 when none does."""
    due, soonest = -1, 2.0
    for k in range(GUARDS):
        w[THETA + l] = 1.0
        old, new = w[GUARD_OLD + k * LANES + l], w[GUARD_NEW + k * LANES + l]
        if matters(w, l, k, old, new):
            theta = root(w, l, GUARD_AT, k, 0.0, 0.0, old, 1.0, new)
            if theta < soonest:
                due, soonest = k, theta
    if due >= 0 and soonest < 1.0:
        w[THETA + l] = soonest
        interpolate(w, l)
        for i in range(STATES):
            w[YN + i * LANES + l] = w[U + i * LANES + l]
        w[END + l] = w[TU + l]
        # what the step size was before the event is a fair first guess after it
        w[TRY + l] = w[H + l] if w[TRY + l] > w[H + l] else w[TRY + l]
    return due


@once
def find_events(w, due):
    """Guards at YN; where one changed sign the step of its lane is cut short there. Needs the interpolant only then."""
    for j in range(STATES * LANES):
        w[U + j] = w[YN + j]
    for l in range(LANES):
        w[TU + l] = w[END + l]
    for l in range(LANES):
        guards(w, l)
    for j in range(GUARDS * LANES):
        w[GUARD_NEW + j] = w[GUARD + j]
    some = False
    for l in range(LANES):
        due[l] = -1
        for k in range(GUARDS):
            old, new = w[GUARD_OLD + k * LANES + l], w[GUARD_NEW + k * LANES + l]
            some = some or (w[OK + l] > 0.5 and matters(w, l, k, old, new))
    if some:
        dense(w)
        for l in range(LANES):
            if w[OK + l] > 0.5:
                due[l] = find_event(w, l)


@once
def write_outputs(w, patient, upcoming, at, states):
    """The states at every output time inside the last steps, all lanes together, one time per lane and turn."""
    waiting = True
    while waiting:
        waiting = False
        for l in range(LANES):
            n = upcoming[l]
            inside = patient[l] >= 0 and w[OK + l] > 0.5 and n < at.size and at[n] < w[END + l]
            w[THETA + l] = (at[n] - w[T + l]) / w[H + l] if inside else -1.0
            waiting = waiting or inside
        if not waiting:
            break
        for l in range(LANES):
            interpolate(w, l)
        for l in range(LANES):
            if w[THETA + l] >= 0.0:
                p, n = patient[l], upcoming[l]
                for i in range(STATES):
                    states[p, n, i] = w[U + i * LANES + l]
                upcoming[l] = n + 1


@once
def give_up(p, code, status, states, totals):
    status[p] = code
    states[p] = math.nan
    totals[p] = math.nan


@entry
def run(
    parameters, first, last, days, rtol, step_limit, floors, at, states, kinds, of, low, high, column, totals, status, steps
):
    """Solve patients first…last-1 of `parameters` for `days`, into the same rows of the arrays that follow.

    Shapes: parameters (patients, PARAMETERS); floors (STATES,); at (times,), sorted; states (patients, times, STATES);
    kinds, of, low, high, column (summaries,); totals (patients, columns); status, steps (patients,).
    """
    w = np.zeros(SIZE)
    results = np.zeros((totals.shape[1] + 1, LANES))
    patient, tried, taken = np.full(LANES, -1), np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    upcoming, stiff, due = np.zeros(LANES, np.int64), np.zeros(LANES, np.int64), np.full(LANES, -1)
    summarizing, waiting, busy = kinds.size > 0, first, 0
    for l in range(LANES):
        w[RTOL + l] = rtol
        w[NEXT + l] = 1.0
        for i in range(STATES):
            w[FLOOR + i * LANES + l] = floors[i]
    while True:
        for l in range(LANES):
            if patient[l] < 0 and waiting < last:
                patient[l], waiting, busy = waiting, waiting + 1, busy + 1
                tried[l] = taken[l] = upcoming[l] = stiff[l] = 0
                for i in range(PARAMETERS):
                    w[P + i * LANES + l] = parameters[patient[l], i]
                w[T + l], w[TRY + l] = 0.0, min(FIRST_STEP, days)
                begin(w, l)
                w[BREAK + BREAKS * LANES + l] = days
                settle(w, l, -1, True)
                if summarizing:
                    remember(w, l)
                    start_summaries(w, l, kinds, of, low, results, column)
        if busy == 0:
            break
        for l in range(LANES):
            choose(w, l)
        step(w)
        for l in range(LANES):
            control(w, l)
        if GUARDS > 0:
            find_events(w, due)
        if at.size > 0 or summarizing:
            dense(w)
        if at.size > 0:
            write_outputs(w, patient, upcoming, at, states)
        if summarizing:
            integrate(w, kinds, of, low, high, results, column)
            look_at_ends(w)
            for l in range(LANES):
                if patient[l] >= 0 and w[OK + l] > 0.5:
                    summarize(w, l, kinds, of, low, results, column)
                    for i in range(OBSERVABLES):
                        w[OBS_OLD + i * LANES + l] = w[OBS_NEW + i * LANES + l]
                        w[SLOPE_OLD + i * LANES + l] = w[SLOPE_NEW + i * LANES + l]
        for l in range(LANES):
            commit(w, l)
        for l in range(LANES):
            p = patient[l]
            if p < 0:
                w[T + l], w[TRY + l] = 0.0, FIRST_STEP
                continue
            tried[l] += 1
            code = OKAY
            done = False
            if w[OK + l] > 0.5:
                taken[l] += 1
                if EXPLICIT:
                    stiff[l] = stiff[l] + 1 if w[STIFF + l] > STIFF_LIMIT else 0
                    code = TOO_STIFF if stiff[l] >= STIFF_STEPS else OKAY
                if due[l] >= 0 or w[T + l] >= w[NEXT + l]:
                    done = w[T + l] >= days
                    if settle(w, l, due[l], False) and summarizing:
                        remember(w, l)
                        jump(w, l, kinds, of, low, results, column)
            elif w[TRY + l] < 1e-14 * (1.0 + w[T + l]):
                code = STALLED if w[ERR + l] == w[ERR + l] else NOT_FINITE
            if tried[l] >= step_limit and not done:
                code = STEP_LIMIT
            if code != OKAY:
                give_up(p, code, status, states, totals)
            elif done:
                status[p] = OKAY
                for n in range(upcoming[l], at.size):
                    for i in range(STATES):
                        states[p, n, i] = w[Y + i * LANES + l]
                if summarizing:
                    finish_summaries(w, l, kinds, of, low, results, column)
                for c in range(totals.shape[1]):
                    totals[p, c] = results[c, l]
            if code != OKAY or done:
                steps[p] = tried[l]
                patient[l], busy = -1, busy - 1
