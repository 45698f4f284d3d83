"""What is computed while solving, per patient: extremes, integrals, values at times and crossings of levels.

A table says what is wanted: row s asks for `kinds[s]` of observable `of[s]` with the numbers `low[s]` and `high[s]`, and its
results go to `results[column[s]:]`. Everything is read from the interpolant, so no summary ever changes a step.
"""

import math

from livingdrug.biology.kernels.shape import (
    END,
    GUARD,
    LANES,
    OBS,
    OBS_NEW,
    OBS_OLD,
    OBSERVABLES,
    OK,
    SLOPE,
    SLOPE_NEW,
    SLOPE_OLD,
    STATES,
    THETA,
    TU,
    YN,
    H,
    T,
    U,
    Y,
    compiled,
    guards_one,
    interpolate,
    interpolate_one,
    observe,
    observe_one,
    slopes,
    slopes_one,
)

MAXIMUM, INTEGRAL, VALUE, FIRST_ABOVE, FIRST_BELOW, LAST_ABOVE, TIME_ABOVE = 0, 1, 2, 3, 4, 5, 6
OBSERVABLE_AT, SLOPE_AT, GUARD_AT = 0, 1, 2
GAUSS = (-0.7745966692414834, 0.0, 0.7745966692414834)
GAUSS_WEIGHTS = (0.5555555555555556, 0.8888888888888888, 0.5555555555555556)


@compiled
def probe(w, l, theta, what, i):
    """Observable, slope or guard number i of lane l at θ within the last step."""
    w[THETA + l] = theta
    interpolate_one(w, l)
    if what == OBSERVABLE_AT:
        observe_one(w, l)
        return w[OBS + i * LANES + l]
    if what == SLOPE_AT:
        slopes_one(w, l)
        return w[SLOPE + i * LANES + l]
    guards_one(w, l)
    return w[GUARD + i * LANES + l]


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
def look_at_ends(w):
    """OBS_NEW and SLOPE_NEW of all lanes at YN."""
    for i in range(STATES):
        for l in range(LANES):
            w[U + i * LANES + l] = w[YN + i * LANES + l]
    for l in range(LANES):
        w[TU + l] = w[END + l]
    observe(w)
    slopes(w)
    for j in range(OBSERVABLES * LANES):
        w[OBS_NEW + j] = w[OBS + j]
        w[SLOPE_NEW + j] = w[SLOPE + j]


@compiled
def start_summaries(w, l, kinds, of, low, results, column):
    """The summaries of a patient who has just entered lane l; OBS_OLD holds the observables at time 0."""
    for s in range(kinds.size):
        kind, c, now = kinds[s], column[s], w[OBS_OLD + of[s] * LANES + l]
        results[c, l] = math.nan
        if kind == MAXIMUM:
            results[c, l], results[c + 1, l] = now, 0.0
        elif kind == INTEGRAL or kind == TIME_ABOVE:
            results[c, l] = 0.0
        elif (
            (kind == FIRST_ABOVE and now >= low[s])
            or (kind == FIRST_BELOW and now < low[s])
            or (kind == LAST_ABOVE and now >= low[s])
        ):
            results[c, l] = 0.0


@compiled
def integrate(w, kinds, of, low, high, results, column):
    """Add the last step to every integral: three Gauss points, exact for a linear observable of the interpolant."""
    for s in range(kinds.size):
        if kinds[s] != INTEGRAL:
            continue
        some = False
        for l in range(LANES):
            some = some or (w[OK + l] > 0.5 and w[T + l] < high[s] and w[END + l] > low[s])
        if not some:
            continue
        for g in range(3):
            for l in range(LANES):
                start, stop = max(w[T + l], low[s]), min(w[END + l], high[s])
                w[THETA + l] = (0.5 * (start + stop) + 0.5 * (stop - start) * GAUSS[g] - w[T + l]) / w[H + l]
            interpolate(w)
            observe(w)
            for l in range(LANES):
                width = min(w[END + l], high[s]) - max(w[T + l], low[s])
                if w[OK + l] > 0.5 and width > 0.0:
                    results[column[s], l] += 0.5 * width * GAUSS_WEIGHTS[g] * w[OBS + of[s] * LANES + l]


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
def cross(w, l, kind, i, level, a, fa, b, fb, results, c):
    """Account for one monotone piece of a step, from θ = a to θ = b, of a summary about a level."""
    h, t = w[H + l], w[T + l]
    at = b
    if (fa < 0.0) != (fb < 0.0):
        at = root(w, l, OBSERVABLE_AT, i, level, a, fa, b, fb)
    if kind == TIME_ABOVE:
        results[c, l] += h * ((at - a if fa >= 0.0 else 0.0) + (b - at if fb >= 0.0 else 0.0))
    elif kind == LAST_ABOVE:
        if fb >= 0.0:
            results[c, l] = t + b * h
        elif fa >= 0.0:
            results[c, l] = t + at * h
    elif math.isnan(results[c, l]):
        if (kind == FIRST_ABOVE and fa < 0.0 <= fb) or (kind == FIRST_BELOW and fa >= 0.0 > fb):
            results[c, l] = t + at * h


@compiled
def summarize_level(w, l, kind, i, level, results, c):
    """Account for the last step of lane l in one summary about a level, one monotone piece after the other."""
    stop = (w[END + l] - w[T + l]) / w[H + l]
    fa, fb = w[OBS_OLD + i * LANES + l] - level, w[OBS_NEW + i * LANES + l] - level
    theta = turning_point(w, l, i)
    if theta < stop:
        middle = probe(w, l, theta, OBSERVABLE_AT, i) - level
        cross(w, l, kind, i, level, 0.0, fa, theta, middle, results, c)
        cross(w, l, kind, i, level, theta, middle, stop, fb, results, c)
    else:
        cross(w, l, kind, i, level, 0.0, fa, stop, fb, results, c)


@compiled
def summarize_maximum(w, i, results, c):
    """Account for the last steps in one maximum: a peak lies at an end, or where the slope turns from up to down."""
    for l in range(LANES):
        if w[OK + l] > 0.5:
            if w[SLOPE_OLD + i * LANES + l] > 0.0 > w[SLOPE_NEW + i * LANES + l]:
                theta = turning_point(w, l, i)
                if theta <= 1.0:
                    best = probe(w, l, theta, OBSERVABLE_AT, i)
                    if best > results[c, l]:
                        results[c, l], results[c + 1, l] = best, w[T + l] + theta * w[H + l]
            new = w[OBS_NEW + i * LANES + l]
            if new > results[c, l]:
                results[c, l], results[c + 1, l] = new, w[END + l]


@compiled
def summarize(w, kinds, of, low, results, column):
    """Account for the last steps in every summary but the integrals; then the ends become the next beginnings."""
    for s in range(kinds.size):
        kind, i, c = kinds[s], of[s], column[s]
        if kind == MAXIMUM:
            summarize_maximum(w, i, results, c)
        elif kind == VALUE:
            for l in range(LANES):
                if w[T + l] <= low[s] < w[END + l] and w[OK + l] > 0.5:
                    results[c, l] = probe(w, l, (low[s] - w[T + l]) / w[H + l], OBSERVABLE_AT, i)
        elif kind != INTEGRAL:
            for l in range(LANES):
                if w[OK + l] > 0.5:
                    summarize_level(w, l, kind, i, low[s], results, c)
    for i in range(OBSERVABLES):
        for l in range(LANES):
            ok = w[OK + l] > 0.5
            old, new = w[OBS_OLD + i * LANES + l], w[OBS_NEW + i * LANES + l]
            w[OBS_OLD + i * LANES + l] = new if ok else old
            old, new = w[SLOPE_OLD + i * LANES + l], w[SLOPE_NEW + i * LANES + l]
            w[SLOPE_OLD + i * LANES + l] = new if ok else old


@compiled
def jump(w, l, kinds, of, low, results, column):
    """Account for a sudden change of lane l's state at T: OBS_NEW holds the observables before it, OBS_OLD after it."""
    for s in range(kinds.size):
        kind, c = kinds[s], column[s]
        old, new = w[OBS_NEW + of[s] * LANES + l], w[OBS_OLD + of[s] * LANES + l]
        if kind == MAXIMUM:
            if new > results[c, l]:
                results[c, l], results[c + 1, l] = new, w[T + l]
        elif kind == FIRST_ABOVE or kind == FIRST_BELOW:
            rises, falls = old < low[s] <= new, old >= low[s] > new
            if math.isnan(results[c, l]) and ((kind == FIRST_ABOVE and rises) or (kind == FIRST_BELOW and falls)):
                results[c, l] = w[T + l]
        elif kind == LAST_ABOVE and new >= low[s]:
            results[c, l] = w[T + l]


@compiled
def finish_summaries(w, l, kinds, of, low, results, column):
    """Values asked for at the very end, which no step contains."""
    for s in range(kinds.size):
        if kinds[s] == VALUE and low[s] == w[T + l]:
            results[column[s], l] = w[OBS_OLD + of[s] * LANES + l]
