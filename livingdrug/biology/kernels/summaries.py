"""What is computed while solving, per patient: extremes, integrals, values at times and crossings of levels.

The table `plan` says what is wanted: column s asks for the kind `plan[0, s]` of observable `plan[1, s]` with the numbers
`plan[2, s]` and `plan[3, s]`, and its results go to the rows of the work array from SIZE on, beginning with row
`plan[4, s]`. Everything is read from the interpolant, so no summary ever changes a step.

The plan is one array and the results live in `w` because each array a function is given costs it two atomic operations.
"""

import math

from livingdrug.biology.kernels.shape import (
    BEND,
    BLOCK,
    END,
    GUARD,
    LANES,
    LINEAR,
    M1,
    M2,
    M3,
    M4,
    MADE,
    OBS,
    OBS_NEW,
    OBS_OLD,
    OBSERVABLES,
    OK,
    SIZE,
    SLOPE,
    SLOPE_NEW,
    SLOPE_OLD,
    STATES,
    THETA,
    TU,
    WIDTH,
    YN,
    H,
    T,
    U,
    Y,
    average,
    compiled,
    dense,
    guards_one,
    interpolate,
    interpolate_one,
    observe,
    observe_one,
    slopes,
    slopes_one,
)

MAXIMUM, INTEGRAL, VALUE, FIRST_ABOVE, FIRST_BELOW, LAST_ABOVE, TIME_ABOVE = 0, 1, 2, 3, 4, 5, 6
OBSERVABLE_AT, SLOPE_AT, GUARD_AT, BEND_AT = 0, 1, 2, 3
GAUSS = (-0.7745966692414834, 0.0, 0.7745966692414834)
GAUSS_WEIGHTS = (0.5555555555555556, 0.8888888888888888, 0.5555555555555556)


@compiled
def make_interpolant(w):
    """The interpolant of the last step, made once and only when something asks for it.

    Whoever cuts a step short asks first: the interpolant is that of the whole step.
    """
    if w[MADE] == 0.0:
        dense(w)
        w[MADE] = 1.0


@compiled
def probe(w, l, theta, what, i):
    """Observable, guard, or the slope of either, number i of lane l at θ within the last step."""
    make_interpolant(w)
    w[THETA + l] = theta
    interpolate_one(w, l)
    if what == OBSERVABLE_AT:
        observe_one(w, l)
        return w[OBS + i * LANES + l]
    if what == SLOPE_AT:
        slopes_one(w, l)
        return w[SLOPE + i * LANES + l]
    guards_one(w, l)
    return w[GUARD + i * LANES + l] if what == GUARD_AT else w[BEND + i * LANES + l]


@compiled
def root(w, l, what, i, level, a, fa, b, fb):
    """θ between a and b where the probed value passes `level`, on the far side of it (Illinois method).

    fa and fb are the values less the level; their signs differ.
    """
    side = 0
    for _ in range(100):
        if abs(b - a) < 1e-12:
            break
        theta = (a * fb - b * fa) / (fb - fa)
        if not (min(a, b) < theta < max(a, b)):
            theta = 0.5 * (a + b)
        f = probe(w, l, theta, what, i) - level
        if (f < 0.0) == (fb < 0.0):
            b, fb = theta, f
            if f == 0.0:
                break
            fa = 0.5 * fa if side == -1 else fa
            side = -1
        else:
            a, fa = theta, f
            fb = 0.5 * fb if side == 1 else fb
            side = 1
    return b


@compiled
def look(w, l):
    """OBS and SLOPE of lane l at U."""
    observe_one(w, l)
    slopes_one(w, l)


@compiled
def remember(w, l):
    """The state lane l starts its next step from, as the summaries see it."""
    for i in range(STATES):
        w[U + i * LANES + l] = w[Y + i * LANES + l]
    w[TU + l] = w[T + l]
    look(w, l)
    for i in range(OBSERVABLES):
        w[OBS_OLD + i * LANES + l] = w[OBS + i * LANES + l]
        w[SLOPE_OLD + i * LANES + l] = w[SLOPE + i * LANES + l]


@compiled
def follows(plan):
    """Whether any summary has to follow its observable from step to step; integrals and values do not."""
    some = False
    for s in range(plan.shape[1]):
        some = some or (plan[0, s] != INTEGRAL and plan[0, s] != VALUE)
    return some


@compiled
def look_at_ends(w, lanes):
    """OBS_NEW and SLOPE_NEW of all lanes at YN."""
    for j in range(BLOCK):
        w[U + j] = w[YN + j]
    for l in range(lanes):
        w[TU + l] = w[END + l]
    observe(w)
    slopes(w)
    for j in range(OBSERVABLES * LANES):
        w[OBS_NEW + j] = w[OBS + j]
        w[SLOPE_NEW + j] = w[SLOPE + j]


@compiled
def start_summaries(w, l, plan):
    """The summaries of a patient who has just entered lane l; OBS_OLD holds the observables at time 0."""
    for s in range(plan.shape[1]):
        kind, of, low, c = int(plan[0, s]), int(plan[1, s]), plan[2, s], int(plan[4, s])
        now = w[OBS_OLD + of * LANES + l]
        w[SIZE + c * LANES + l] = math.nan
        if kind == MAXIMUM:
            w[SIZE + c * LANES + l], w[SIZE + c * LANES + LANES + l] = now, 0.0
        elif kind == INTEGRAL or kind == TIME_ABOVE:
            w[SIZE + c * LANES + l] = 0.0
        elif (kind == FIRST_ABOVE and now >= low) or (kind == FIRST_BELOW and now < low) or (kind == LAST_ABOVE and now >= low):
            w[SIZE + c * LANES + l] = 0.0


@compiled
def integrate(w, lanes, plan):
    """Add the last step to every integral; LINEAR observables need only the mean state, others three Gauss points."""
    for s in range(plan.shape[1]):
        kind, of, low, high, c = int(plan[0, s]), int(plan[1, s]), plan[2, s], plan[3, s], int(plan[4, s])
        if kind != INTEGRAL:
            continue
        some = False
        for l in range(LANES):
            some = some or (w[OK + l] > 0.5 and w[T + l] < high and w[END + l] > low)
        if some:
            make_interpolant(w)
        if some and LINEAR[of]:
            add_linear(w, lanes, of, low, high, c)
        elif some:
            add_gauss(w, lanes, of, low, high, c)


@compiled
def add_linear(w, lanes, i, low, high, c):
    """The mean of the interpolant over the part of the step inside low…high is the observable of the mean state."""
    for l in range(lanes):
        t, end, inverse = w[T + l], w[END + l], 1.0 / w[H + l]
        start = low if low > t else t
        stop = high if high < end else end
        a, b = (start - t) * inverse, (stop - t) * inverse
        w[M1 + l] = (a + b) / 2.0
        w[M2 + l] = (a * a + a * b + b * b) / 3.0
        w[M3 + l] = (a + b) * (a * a + b * b) / 4.0
        w[M4 + l] = (a * a * a * a + a * a * a * b + a * a * b * b + a * b * b * b + b * b * b * b) / 5.0
        width = stop - start
        width = width if width > 0.0 else 0.0
        w[WIDTH + l] = width * w[OK + l]
    average(w)
    observe(w)
    for l in range(LANES):
        if w[WIDTH + l] > 0.0:
            w[SIZE + c * LANES + l] += w[WIDTH + l] * w[OBS + i * LANES + l]


@compiled
def add_gauss(w, lanes, i, low, high, c):
    for g in range(3):
        for l in range(lanes):
            t, end = w[T + l], w[END + l]
            start = low if low > t else t
            stop = high if high < end else end
            w[THETA + l] = (0.5 * (start + stop) + 0.5 * (stop - start) * GAUSS[g] - t) / w[H + l]
            width = stop - start
            width = width if width > 0.0 else 0.0
            w[WIDTH + l] = width * w[OK + l]
        interpolate(w)
        observe(w)
        for l in range(LANES):
            if w[WIDTH + l] > 0.0:
                w[SIZE + c * LANES + l] += 0.5 * GAUSS_WEIGHTS[g] * w[WIDTH + l] * w[OBS + i * LANES + l]


@compiled
def turning_point(w, l, i):
    """θ of the extremum of observable i inside the last step of lane l, or 2 when there is none."""
    before, after = w[SLOPE_OLD + i * LANES + l], w[SLOPE_NEW + i * LANES + l]
    if (before > 0.0) == (after > 0.0) or before == 0.0 or after == 0.0:
        return 2.0
    stop = (w[END + l] - w[T + l]) / w[H + l]
    # the interpolant's own slopes at the ends can differ in sign from the rates there by its error
    a, b = probe(w, l, 0.0, SLOPE_AT, i), probe(w, l, stop, SLOPE_AT, i)
    if (a > 0.0) == (b > 0.0):
        return 2.0
    return root(w, l, SLOPE_AT, i, 0.0, 0.0, a, stop, b)


@compiled
def cross(w, l, kind, i, level, a, fa, b, fb, c):
    """Account for one monotone piece of a step, from θ = a to θ = b, of a summary about a level."""
    h, t = w[H + l], w[T + l]
    at = b
    if (fa < 0.0) != (fb < 0.0):
        at = root(w, l, OBSERVABLE_AT, i, level, a, fa, b, fb)
    if kind == TIME_ABOVE:
        w[SIZE + c * LANES + l] += h * ((at - a if fa >= 0.0 else 0.0) + (b - at if fb >= 0.0 else 0.0))
    elif kind == LAST_ABOVE:
        if fb >= 0.0:
            w[SIZE + c * LANES + l] = t + b * h
        elif fa >= 0.0:
            w[SIZE + c * LANES + l] = t + at * h
    elif math.isnan(w[SIZE + c * LANES + l]):
        if (kind == FIRST_ABOVE and fa < 0.0 <= fb) or (kind == FIRST_BELOW and fa >= 0.0 > fb):
            w[SIZE + c * LANES + l] = t + at * h


@compiled
def settled(w, l, kind, i, level, c):
    """Whether the last step of lane l cannot change a summary about a level, told from its ends alone; most steps cannot.

    A first crossing that is known stays; one that is not needs the far end beyond the level, or a turn on the way there. A last
    day above is the end of every step that ends above.
    """
    old, new = w[OBS_OLD + i * LANES + l], w[OBS_NEW + i * LANES + l]
    before, after = w[SLOPE_OLD + i * LANES + l], w[SLOPE_NEW + i * LANES + l]
    if kind == FIRST_ABOVE:
        return w[SIZE + c * LANES + l] == w[SIZE + c * LANES + l] or (new < level and not before > 0.0 > after)
    if kind == FIRST_BELOW:
        return w[SIZE + c * LANES + l] == w[SIZE + c * LANES + l] or (new >= level and not before < 0.0 < after)
    if kind == LAST_ABOVE and new >= level:
        w[SIZE + c * LANES + l] = w[END + l]
        return True
    return kind == LAST_ABOVE and old < level and not before > 0.0 > after


@compiled
def summarize_level(w, l, kind, i, level, c):
    """Account for the last step of lane l in one summary about a level, one monotone piece after the other."""
    stop = (w[END + l] - w[T + l]) / w[H + l]
    fa, fb = w[OBS_OLD + i * LANES + l] - level, w[OBS_NEW + i * LANES + l] - level
    theta = turning_point(w, l, i)
    if theta < stop:
        middle = probe(w, l, theta, OBSERVABLE_AT, i) - level
        cross(w, l, kind, i, level, 0.0, fa, theta, middle, c)
        cross(w, l, kind, i, level, theta, middle, stop, fb, c)
    else:
        cross(w, l, kind, i, level, 0.0, fa, stop, fb, c)


@compiled
def summarize_maximum(w, i, c):
    """Account for the last steps in one maximum: a peak lies at an end, or where the slope turns from up to down."""
    for l in range(LANES):
        if w[OK + l] > 0.5:
            if w[SLOPE_OLD + i * LANES + l] > 0.0 > w[SLOPE_NEW + i * LANES + l]:
                theta = turning_point(w, l, i)
                if theta <= 1.0:
                    best = probe(w, l, theta, OBSERVABLE_AT, i)
                    if best > w[SIZE + c * LANES + l]:
                        w[SIZE + c * LANES + l], w[SIZE + c * LANES + LANES + l] = best, w[T + l] + theta * w[H + l]
            new = w[OBS_NEW + i * LANES + l]
            if new > w[SIZE + c * LANES + l]:
                w[SIZE + c * LANES + l], w[SIZE + c * LANES + LANES + l] = new, w[END + l]


@compiled
def summarize(w, plan):
    """Account for the last steps in every summary but the integrals."""
    for s in range(plan.shape[1]):
        kind, of, low, c = int(plan[0, s]), int(plan[1, s]), plan[2, s], int(plan[4, s])
        if kind == MAXIMUM:
            summarize_maximum(w, of, c)
        elif kind == VALUE:
            for l in range(LANES):
                if w[T + l] <= low < w[END + l] and w[OK + l] > 0.5:
                    w[SIZE + c * LANES + l] = probe(w, l, (low - w[T + l]) / w[H + l], OBSERVABLE_AT, of)
        elif kind != INTEGRAL:
            for l in range(LANES):
                if w[OK + l] > 0.5 and not settled(w, l, kind, of, low, c):
                    summarize_level(w, l, kind, of, low, c)


@compiled
def jump(w, l, plan):
    """Account for a sudden change of lane l's state at T: OBS_NEW holds the observables before it, OBS_OLD after it."""
    for s in range(plan.shape[1]):
        kind, of, low, c = int(plan[0, s]), int(plan[1, s]), plan[2, s], int(plan[4, s])
        old, new = w[OBS_NEW + of * LANES + l], w[OBS_OLD + of * LANES + l]
        if kind == MAXIMUM:
            if new > w[SIZE + c * LANES + l]:
                w[SIZE + c * LANES + l], w[SIZE + c * LANES + LANES + l] = new, w[T + l]
        elif kind == FIRST_ABOVE or kind == FIRST_BELOW:
            rises, falls = old < low <= new, old >= low > new
            if math.isnan(w[SIZE + c * LANES + l]) and ((kind == FIRST_ABOVE and rises) or (kind == FIRST_BELOW and falls)):
                w[SIZE + c * LANES + l] = w[T + l]
        elif kind == LAST_ABOVE and new >= low:
            w[SIZE + c * LANES + l] = w[T + l]


@compiled
def finish_summaries(w, l, plan):
    """Values asked for at the very end, which no step contains."""
    remember(w, l)
    for s in range(plan.shape[1]):
        kind, of, low, c = int(plan[0, s]), int(plan[1, s]), plan[2, s], int(plan[4, s])
        if kind == VALUE and low == w[T + l]:
            w[SIZE + c * LANES + l] = w[OBS_OLD + of * LANES + l]
