"""Patients through lanes: every lane has its own time and step size, and one that finishes takes the next patient.

Nothing a lane does depends on another lane, so a patient's answer is the same bits whoever the neighbors are.

The order of one turn: choose each lane's step (never past its next break); step all lanes; accept or refuse each; find
events inside accepted steps and cut those steps short; write outputs and summaries from the interpolant; commit; then, lane
by lane, act on breaks and events, and replace patients who are done.
"""

import math

import numpy as np

from livingdrug.biology.kernels.shape import (
    BEND,
    BEND_NEW,
    BEND_OLD,
    BLOCK,
    BREAK,
    BREAKS,
    DUE,
    END,
    ERR,
    EVENT,
    EXPLICIT,
    EXTINCTS,
    FLOOR,
    GUARD,
    GUARD_NEW,
    GUARD_OLD,
    GUARDS,
    LANES,
    LEFT,
    LOWEST,
    MADE,
    NEXT,
    OK,
    PARAMETERS,
    RTOL,
    SIZE,
    STATES,
    STIFF,
    THETA,
    TOGGLES,
    TRIED,
    TROUBLE,
    TRY,
    TU,
    YN,
    H,
    P,
    Q,
    T,
    U,
    Y,
    begin,
    commit,
    compiled,
    crossed,
    entry,
    exp,
    fired,
    guards,
    guards_one,
    interpolate_one,
    keep,
    keep_guards,
    log,
    step,
)
from livingdrug.biology.kernels.summaries import (
    BEND_AT,
    GUARD_AT,
    finish_summaries,
    follows,
    integrate,
    jump,
    look_at_ends,
    make_interpolant,
    probe,
    remember,
    root,
    start_summaries,
    summarize,
)

OKAY, STEP_LIMIT, NOT_FINITE, STALLED, TOO_STIFF = 0, 1, 2, 3, 4
FIRST_STEP = 1e-3  # days; error control adapts it within a few steps
SMALLEST = 1e-14  # a step this much smaller than the time it adds to goes nowhere
STIFF_LIMIT = 3.25**2  # edge of Tsit5's stability region, squared
STIFF_STEPS = 15


@compiled
def choose(w, lanes):
    """H: the step to try, so that the next break is met exactly and without a sliver of a step before it.

    `lanes` is LANES, told at run time: LLVM unrolls a short loop of known length before it thinks of vectors, and what is
    written lane by lane stalls the vector load that follows.
    """
    for l in range(lanes):
        t, stop, h = w[T + l], w[NEXT + l], w[TRY + l]
        left = stop - t
        meets = h * 1.0001 >= left
        half = 0.5 * left
        h = half if h > half else h
        h = left if meets else h
        end = t + h
        w[H + l] = h
        w[END + l] = stop if meets else end


@compiled
def control(w):
    """OK: whether the step stands; TRY: the next step size, h × 0.9 err^(-1/5), kept within a factor of 5 of h."""
    for l in range(LANES):
        error, h, wanted = w[ERR + l], w[H + l], w[TRY + l]
        factor = 0.9 * exp(-0.2 * log(error if error > 1e-7 else 1e-7))
        factor = factor if factor < 5.0 else 5.0
        factor = factor if factor > 0.2 else 0.2
        factor = factor if error == error else 0.1
        ok = error <= 1.0
        again = h * factor
        # a step cut short by a break says little about the next one
        cut = wanted if h < wanted else 0.0
        keep = cut if again < cut else again
        w[OK + l] = 1.0 if ok else 0.0
        w[TRY + l] = keep if ok else again


@compiled
def next_break(w, l):
    soonest = w[BREAK + BREAKS * LANES + l]
    for k in range(BREAKS):
        at = w[BREAK + k * LANES + l]
        soonest = at if at < soonest else soonest
    w[NEXT + l] = soonest


@compiled
def evaluate_guards(w, l):
    """GUARD of lane l at Y, T."""
    for i in range(STATES):
        w[U + i * LANES + l] = w[Y + i * LANES + l]
    w[TU + l] = w[T + l]
    guards_one(w, l)


@compiled
def act_on_breaks(w, l):
    """Act on every break that is due in lane l; whether there was one."""
    some = False
    for k in range(BREAKS):
        if w[BREAK + k * LANES + l] <= w[T + l]:
            w[BREAK + k * LANES + l] = math.inf
            crossed(w, l, k)
            some = True
    return some


@compiled
def start_guards(w, l):
    """The past of the guards of a patient who has just begun.

    A condition that holds from the start sets its flag; a population that starts below its level, but not at nothing, is
    extinct; a trigger that starts above its level waits for a rise.
    """
    evaluate_guards(w, l)
    for k in range(GUARDS):
        present = EXTINCTS[k] >= 0 and w[Y + EXTINCTS[k] * LANES + l] > 0.0
        w[GUARD_OLD + k * LANES + l] = -1.0 if TOGGLES[k] or present else w[GUARD + k * LANES + l]
        w[BEND_OLD + k * LANES + l] = w[BEND + k * LANES + l]


@compiled
def settle(w, l, due):
    """Act on every break that is due in lane l and on every guard whose sign has changed, until nothing happens.

    `due` is the guard whose sign change ended the step (-1: none); rounding cannot take it back. Returns whether anything
    happened.
    """
    happened = False
    for _ in range(4 * (BREAKS + GUARDS) + 4):
        quiet = not act_on_breaks(w, l)
        if GUARDS > 0:
            evaluate_guards(w, l)
        for k in range(GUARDS):
            old, new = w[GUARD_OLD + k * LANES + l], w[GUARD + k * LANES + l]
            if k == due:
                new = abs(new) if old < 0.0 else -abs(new) - 1e-300
                due = -1
            w[GUARD_OLD + k * LANES + l] = new
            w[BEND_OLD + k * LANES + l] = w[BEND + k * LANES + l]
            if matters(w, l, k, old, new):
                fired(w, l, k, new >= 0.0)
                quiet = False
                break
        if quiet:
            break
        happened = True
    next_break(w, l)
    return happened


@compiled
def matters(w, l, k, old, new):
    """Whether a change of guard k from `old` to `new` is an event: a rise while any is left, or a toggle's fall."""
    return (old < 0.0 <= new and w[LEFT + k * LANES + l] > 0.0) or (old >= 0.0 > new and TOGGLES[k])


@compiled
def crossing(w, l, k):
    """θ at which guard k first changes sign in a way that matters within the last step of lane l, or 2."""
    old, new = w[GUARD_OLD + k * LANES + l], w[GUARD_NEW + k * LANES + l]
    if matters(w, l, k, old, new):
        return root(w, l, GUARD_AT, k, 0.0, 0.0, old, 1.0, new)
    before, after = probe(w, l, 0.0, BEND_AT, k), probe(w, l, 1.0, BEND_AT, k)
    if (before > 0.0) == (after > 0.0):
        return 2.0
    turn = root(w, l, BEND_AT, k, 0.0, 0.0, before, 1.0, after)
    there = probe(w, l, turn, GUARD_AT, k)
    return root(w, l, GUARD_AT, k, 0.0, 0.0, old, turn, there) if matters(w, l, k, old, there) else 2.0


@compiled
def find_event(w, l):
    """The first guard that changes sign inside the last step of lane l, which is cut short there; -1 when none does."""
    due, soonest = -1, 2.0
    for k in range(GUARDS):
        theta = crossing(w, l, k)
        if theta < soonest:
            due, soonest = k, theta
    if due >= 0 and soonest < 1.0:
        w[THETA + l] = soonest
        interpolate_one(w, l)
        for i in range(STATES):
            w[YN + i * LANES + l] = w[U + i * LANES + l]
        w[END + l] = w[TU + l]
        # what the step size was before the event is a fair first guess after it
        w[TRY + l] = w[H + l] if w[TRY + l] > w[H + l] else w[TRY + l]
    return due


@compiled
def find_events(w, lanes):
    """Guards at YN; a step in which one changed sign is cut short there."""
    for j in range(BLOCK):
        w[U + j] = w[YN + j]
    for l in range(lanes):
        w[TU + l] = w[END + l]
    guards(w)
    for j in range(GUARDS * LANES):
        w[GUARD_NEW + j] = w[GUARD + j]
        w[BEND_NEW + j] = w[BEND + j]
    events = 0.0
    for l in range(LANES):
        w[DUE + l] = -1.0
        events += w[EVENT + l] * w[OK + l]
    if events > 0.0:
        make_interpolant(w)
        for l in range(LANES):
            if w[EVENT + l] * w[OK + l] > 0.0:
                w[DUE + l] = find_event(w, l)


@compiled
def troubled(w, step_limit):
    """How many lanes need a closer look: TROUBLE is positive at a break, after an event, and when steps run out or shrink."""
    total = 0.0
    for l in range(LANES):
        t, stop, tried, wanted = w[T + l], w[NEXT + l], w[TRIED + l] + 1.0, w[TRY + l]
        trouble = w[DUE + l] + 1.0
        trouble = trouble + (1.0 if t >= stop else 0.0)
        trouble = trouble + (1.0 if tried >= step_limit else 0.0)
        trouble = trouble + (1.0 if wanted < SMALLEST * (1.0 + t) else 0.0)
        w[TRIED + l] = tried
        w[TROUBLE + l] = trouble
        total += trouble
    return total


@compiled
def write_outputs(w, patient, upcoming, at, thetas, states):
    """The states at every output time inside the last steps, from the interpolant."""
    for l in range(LANES):
        if patient[l] < 0 or w[OK + l] < 0.5:
            continue
        p, first, t, end, inverse = patient[l], upcoming[l], w[T + l], w[END + l], 1.0 / w[H + l]
        last = first
        while last < at.size and at[last] < end:
            thetas[last] = (at[last] - t) * inverse
            last += 1
        upcoming[l] = last
        for i in range(STATES * (last > first)):
            j = i * LANES + l
            y, lowest = w[Y + j], w[LOWEST + j]
            q1, q2, q3, q4 = w[Q + j], w[Q + BLOCK + j], w[Q + 2 * BLOCK + j], w[Q + 3 * BLOCK + j]
            for n in range(first, last):
                a = thetas[n]
                u = y + a * (q1 + a * (q2 + a * (q3 + a * q4)))
                states[p, n, i] = u if u > lowest else lowest


@compiled
def give_up(p, states, totals):
    states[p] = math.nan
    totals[p] = math.nan


@compiled
def enter(w, l, parameters, p, days):
    """Patient p begins in lane l."""
    for i in range(PARAMETERS):
        w[P + i * LANES + l] = parameters[p, i]
    w[T + l], w[TRY + l], w[TRIED + l], w[DUE + l] = 0.0, min(FIRST_STEP, days), 0.0, -1.0
    begin(w, l)
    w[BREAK + BREAKS * LANES + l] = days
    act_on_breaks(w, l)
    if GUARDS > 0:
        start_guards(w, l)
    settle(w, l, -1)


@compiled
def verdict(w, l, days, step_limit):
    """What a closer look at lane l finds: a status to leave with, or -1 to go on."""
    if w[OK + l] > 0.5:
        if w[T + l] >= days:
            return OKAY
    elif w[TRY + l] < SMALLEST * (1.0 + w[T + l]):
        return STALLED if w[ERR + l] == w[ERR + l] else NOT_FINITE
    return STEP_LIMIT if w[TRIED + l] >= step_limit else -1


@compiled
def too_stiff(w, stiff):
    """Count, lane by lane, accepted steps in a row at the edge of the explicit method's stability; whether any has enough."""
    some = False
    for l in range(LANES):
        if w[OK + l] > 0.5:
            stiff[l] = stiff[l] + 1 if w[STIFF + l] > STIFF_LIMIT else 0
            if stiff[l] >= STIFF_STEPS:
                w[TROUBLE + l] = 1.0
                some = True
    return some


@entry
def run(
    lanes,
    parameters,
    first,
    last,
    days,
    rtol,
    step_limit,
    floors,
    at,
    states,
    plan,
    totals,
    status,
    steps,
):
    """Solve patients first…last-1 of `parameters` for `days`, into the same rows of the arrays that follow.

    `lanes` is LANES. Shapes: parameters (patients, PARAMETERS); floors (STATES,); at (times,), sorted; states (patients,
    times, STATES); plan (5, summaries), see summaries.py; totals (patients, columns); status, steps (patients,).
    """
    # a row of eight float64 is one cache line; rows that straddle two lines cost a fifth of the speed
    size = SIZE + totals.shape[1] * LANES
    room = np.zeros(size + LANES)
    shift = (-(room.ctypes.data // 8)) % LANES
    w = room[shift : shift + size]
    patient, upcoming, stiff = np.full(LANES, -1), np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    thetas = np.empty(at.size)
    following = follows(plan)
    summarizing, waiting, busy, vacancies = plan.size > 0, first, 0, True
    for l in range(LANES):
        w[RTOL + l], w[DUE + l], w[NEXT + l] = rtol, -1.0, 1.0
        for i in range(STATES):
            w[FLOOR + i * LANES + l] = floors[i]
    while True:
        for l in range(LANES * vacancies):
            if patient[l] < 0 and waiting < last:
                patient[l], upcoming[l], stiff[l] = waiting, 0, 0
                enter(w, l, parameters, waiting, days)
                if summarizing:
                    remember(w, l)
                    start_summaries(w, l, plan)
                waiting, busy = waiting + 1, busy + 1
        vacancies = False
        if busy == 0:
            break
        choose(w, lanes)
        step(w)
        control(w)
        w[MADE] = 0.0
        if GUARDS > 0:
            find_events(w, lanes)
        if at.size > 0:
            make_interpolant(w)
            write_outputs(w, patient, upcoming, at, thetas, states)
        if summarizing:
            integrate(w, lanes, plan)
            if following:
                look_at_ends(w, lanes)
            summarize(w, plan)
            if following:
                keep(w)
        commit(w)
        if GUARDS > 0:
            keep_guards(w)
        trouble = troubled(w, step_limit) > 0.0
        if EXPLICIT:
            trouble = too_stiff(w, stiff) or trouble
        for l in range(LANES * trouble):
            if w[TROUBLE + l] == 0.0:
                continue
            p = patient[l]
            if p < 0:
                w[T + l], w[TRY + l], w[TRIED + l] = 0.0, FIRST_STEP, 0.0
                continue
            code = verdict(w, l, days, step_limit)
            code = TOO_STIFF if stiff[l] >= STIFF_STEPS and code != OKAY else code
            if w[OK + l] > 0.5 and settle(w, l, int(w[DUE + l])) and summarizing:
                remember(w, l)
                jump(w, l, plan)
            if code == OKAY:
                for n in range(upcoming[l], at.size):
                    for i in range(STATES):
                        states[p, n, i] = w[Y + i * LANES + l]
                if summarizing:
                    finish_summaries(w, l, plan)
                for c in range(totals.shape[1]):
                    totals[p, c] = w[SIZE + c * LANES + l]
            elif code > 0:
                give_up(p, states, totals)
            if code >= 0:
                status[p], steps[p] = code, int(w[TRIED + l])
                patient[l], busy, vacancies = -1, busy - 1, True
