"""Print a lowered model as Python that Numba compiles: one function per job, each about a single lane `l` of the work array.

The work array `w` holds one row of LANES numbers per quantity, so that a loop over lanes is a loop over neighbors in memory
and becomes vector instructions. On a graphics card the same functions run with one thread per lane.
"""

# SymPy carries no type information, so pyright guesses its types from the code and guesses wrong.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportReturnType=false, reportOperatorIssue=false
# pyright: reportGeneralTypeIssues=false, reportAssignmentType=false

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import sympy as sp
from sympy.printing.pycode import PythonCodePrinter

from livingdrug.biology.lower import Lowered
from livingdrug.biology.model import TIME

__all__ = ["LANES", "Layout", "functions", "layout", "printed"]

_STAGE_TIME = "{}+time*{}"

LANES = 8
"""Patients that advance side by side: one AVX-512 register of float64, or two AVX2 registers."""


@dataclass(frozen=True)
class Layout:
    """Where each quantity lives in the work array: first element by name, and the size of the whole."""

    first: dict[str, int]
    size: int
    elimination: tuple[int, ...]
    factors: dict[tuple[int, int], int]

    def at(self, name: str, i: int = 0) -> str:
        """The source text of lane `l` of row `i` of a quantity."""
        return f"w[{self.first[name] + i * LANES}+l]"


def layout(model: Lowered) -> Layout:
    """Rows for everything the kernels of `model` keep per lane."""
    elimination, factors = _elimination(set(model.jacobian), len(model.states))
    n, o = len(model.states), len(model.observables)
    single = "T H TRY NEXT END TU RTOL INVERSE ERR OK THETA M1 M2 M3 M4 WIDTH STIFF MADE EVENT DUE TRIED TROUBLE".split()
    rows = dict.fromkeys(single, 1)
    rows |= dict.fromkeys(["Y", "YN", "U", "F", "R", "FLOOR", "LOWEST", "FT"], n) | {"K": 8 * n, "Q": 4 * n, "LU": len(factors)}
    rows |= {"P": len(model.parameters), "C": len(model.constants), "FLAG": len(model.flags), "BREAK": len(model.breaks) + 1}
    rows |= dict.fromkeys(["GUARD", "GUARD_OLD", "GUARD_NEW", "BEND", "BEND_OLD", "BEND_NEW", "LEFT"], len(model.guards))
    rows |= dict.fromkeys(["OBS", "OBS_OLD", "OBS_NEW", "SLOPE", "SLOPE_OLD", "SLOPE_NEW"], o)
    first, size = {}, 0
    for name, count in rows.items():
        first[name], size = size, size + count * LANES
    return Layout(first, size, elimination, factors)


def _elimination(pattern: set[tuple[int, int]], n: int) -> tuple[tuple[int, ...], dict[tuple[int, int], int]]:
    """Markowitz's order on the diagonal, and the places that fill: the sparse LU is then straight-line code."""
    filled, left, order = pattern | {(i, i) for i in range(n)}, set(range(n)), []
    while left:
        best = min(left, key=lambda q: (_fill(filled, left, q), q))
        order.append(best)
        left.discard(best)
        filled |= {(i, j) for i in left for j in left if (i, best) in filled and (best, j) in filled}
    return tuple(order), {place: k for k, place in enumerate(sorted(filled))}


def _fill(filled: set[tuple[int, int]], left: set[int], q: int) -> int:
    return (sum((i, q) in filled for i in left) - 1) * (sum((q, j) in filled for j in left) - 1)


class _Printer(PythonCodePrinter):
    def _print_Pow(self, expr: sp.Pow, rational: bool = False, sqrt: str = "math.sqrt") -> str:
        base, exponent = expr.args
        if exponent.is_Integer and abs(int(exponent)) <= 16:
            text = _multiplied(self._print(base) if base.is_Symbol else f"({self._print(base)})", abs(int(exponent)))
            return f"({text})" if exponent > 0 else f"(1.0/({text}))"
        if exponent == sp.Rational(1, 2):
            return f"math.sqrt({self._print(base)})"
        return f"power({self._print(base)},{self._print(exponent)})"

    def _print_exp(self, expr: sp.exp) -> str:
        return f"exp({self._print(expr.args[0])})"

    def _print_log(self, expr: sp.log) -> str:
        return f"log({self._print(expr.args[0])})"

    def _print_power(self, expr: sp.Expr) -> str:
        base, exponent = expr.args
        return f"power({self._print(base)},{self._print(exponent)})"

    def _print_Rational(self, expr: sp.Rational) -> str:
        return repr(float(expr))

    def _print_Integer(self, expr: sp.Integer) -> str:
        return f"{int(expr)}.0"

    def _print_Infinity(self, expr: sp.Expr) -> str:
        return "math.inf"

    def _print_NegativeInfinity(self, expr: sp.Expr) -> str:
        return "(-math.inf)"


def _multiplied(text: str, times: int) -> str:
    if times == 1:
        return text
    half = _multiplied(text, times // 2)
    even = f"square({half})" if times > 3 else f"{half}*{half}"
    return even if times % 2 == 0 else f"{even}*{text}"


def printed(expression: sp.Expr) -> str:
    """The expression as Python source."""
    return _Printer({"fully_qualified_modules": False}).doprint(expression)


@dataclass
class _Body:
    """The lines of one lane function: values are loaded when first needed, shared subexpressions computed once."""

    model: Lowered
    at: Callable[..., str]
    state_row: str = "U"
    time: str = ""
    lines: list[str] = field(default_factory=list)

    def assign(self, targets: Sequence[str], expressions: Iterable[sp.Expr]) -> None:
        """Lines that give each target its expression."""
        expressions = list(expressions)
        if not expressions:
            return
        temporaries = sp.numbered_symbols("·x", real=True)
        shared, reduced = sp.cse(expressions, temporaries, order="none")
        used = set().union(*(e.free_symbols for _, e in shared), *(e.free_symbols for e in reduced))
        names = self._loaded(used) | {name: sp.Symbol(f"x{name.name[2:]}") for name, _ in shared}
        assigned = [
            *((names[name].name, expression) for name, expression in shared),
            *zip(targets, reduced, strict=True),
        ]
        self.lines += [f"{target} = {printed(expression.xreplace(names))}" for target, expression in assigned]

    def _loaded(self, used: set[sp.Symbol]) -> dict[sp.Symbol, sp.Symbol]:
        rows = [
            ("y", self.state_row, self.model.states),
            ("p", "P", self.model.parameters),
            ("c", "C", [name for name, _ in self.model.constants]),
            ("f", "FLAG", self.model.flags),
        ]
        names: dict[sp.Symbol, sp.Symbol] = {}
        for letter, row, symbols in rows:
            for i, name in enumerate(symbols):
                if name in used:
                    names[name] = sp.Symbol(f"{letter}{i}")
                    self.lines.append(f"{letter}{i} = {self.at(row, i)}")
        if TIME in used:
            names[TIME] = sp.Symbol("t")
            self.lines.append(f"t = {self.time or self.at('TU')}")
        return names


def functions(model: Lowered, rows: Layout) -> str:
    """The source of every generated function of a kernel."""
    parts = (
        _begin, _rates, _factor, _stage, _observe, _slopes, _guards, _crossed, _fired, _judge, _stiffness, _commit,
        _interpolate, _average, _keep, _keep_guards,
    )  # fmt: skip
    return "\n\n\n".join(part(model, rows) for part in parts)


def _function(name: str, about: str, lines: Sequence[str], arguments: str = "w, l") -> str:
    """A function of one lane."""
    body = "\n".join(f"    {line}" for line in lines or ["pass"])
    return f'@compiled\ndef {name}({arguments}):\n    """{about}"""\n{body}'


def _sweep(name: str, about: str, lines: Sequence[str], arguments: str = "w") -> str:
    """A function of all lanes; LLVM vectorizes the loop only when it stands in the function itself."""
    body = "\n".join(f"        {line}" for line in lines or ["pass"])
    return f'@compiled\ndef {name}({arguments}):\n    """{about}"""\n    for l in range(LANES):\n{body}'


def _both(name: str, about: str, lines: Sequence[str]) -> str:
    """The same for all lanes and, with the suffix _one, for a single lane."""
    return _sweep(name, about, lines) + "\n\n\n" + _function(f"{name}_one", about, lines)


def _begin(model: Lowered, rows: Layout) -> str:
    body = _Body(model, rows.at, time="0.0")
    body.assign([rows.at("C", i) for i in range(len(model.constants))], [e for _, e in model.constants])
    body.assign([rows.at("Y", i) for i in range(len(model.states))], model.initial)
    lines = body.lines + [f"{rows.at('FLAG', i)} = 0.0" for i in range(len(model.flags))]
    lines += [f"{rows.at('FLAG', model.flags.index(g.flag))} = 1.0" for g in model.guards if g.kind == "extinction"]
    lowest = ["-math.inf" if signed else "0.0" for signed in model.signed]
    lines += [f"{rows.at('LOWEST', i)} = {each}" for i, each in enumerate(lowest)]
    lines += [f"{rows.at('LEFT', i)} = {float(g.times if g.kind == 'trigger' else 1)!r}" for i, g in enumerate(model.guards)]
    breaks = _Body(model, rows.at, time="0.0")
    breaks.assign([rows.at("BREAK", i) for i in range(len(model.breaks))], [b.at for b in model.breaks])
    return _function("begin", "Constants, initial state, flags and breaks of the patient in lane l.", lines + breaks.lines)


def _rates(model: Lowered, rows: Layout) -> str:
    body = _Body(model, rows.at, time=_STAGE_TIME.format(rows.at("T"), rows.at("H")))
    body.assign([f"r{i}" for i in range(len(model.states))], model.rates)
    body.lines.append(f"h = {rows.at('H')}")
    body.lines += [f"{rows.at('F', i)} = h*r{i}" for i in range(len(model.states))]
    return _sweep("increment", "F = h × rates(U, T + time × H).", body.lines, "w, time")


def _factor(model: Lowered, rows: Layout) -> str:
    """Eliminate I/(hγ) - J in place, in an order fixed at compile time; no pivoting, the diagonal leads for small h."""
    body = _Body(model, rows.at, state_row="Y", time=rows.at("T"))
    body.assign(
        [f"j_{i}_{j}" for i, j in model.jacobian] + [f"d_{i}" for i in model.time_derivative],
        [*model.jacobian.values(), *model.time_derivative.values()],
    )
    lines = body.lines
    lines += [f"h = {rows.at('H')}", "diagonal = 1.0/(h*GAMMA)"]
    for i, j in rows.factors:
        entry = f"-j_{i}_{j}" if (i, j) in model.jacobian else ""
        lines.append(f"a_{i}_{j} = {('diagonal' if i == j else '') + entry or '0.0'}")
    for place, q in enumerate(rows.elimination):
        later = rows.elimination[place + 1 :]
        lines.append(f"a_{q}_{q} = 1.0/a_{q}_{q}")
        for i in (i for i in later if (i, q) in rows.factors):
            lines.append(f"a_{i}_{q} = a_{i}_{q}*a_{q}_{q}")
            lines += [f"a_{i}_{j} = a_{i}_{j}-a_{i}_{q}*a_{q}_{j}" for j in later if (q, j) in rows.factors]
    lines += [f"{rows.at('LU', k)} = a_{i}_{j}" for (i, j), k in rows.factors.items()]
    lines += [f"{rows.at('FT', i)} = h*d_{i}" for i in model.time_derivative]
    lines += [f"{rows.at('INVERSE')} = GAMMA*diagonal"]
    return _sweep("factor", "LU factors of I/(hγ) - J(Y), h ∂f/∂t, and 1/h.", lines)


def _stage(model: Lowered, rows: Layout) -> str:
    body = _Body(model, rows.at, time=_STAGE_TIME.format(rows.at("T"), rows.at("H")))
    body.lines += [f"inverse = {rows.at('INVERSE')}"]
    body.assign([f"b{i}" for i in range(len(model.states))], model.rates)
    lines = body.lines
    for i in range(len(model.states)):
        lines.append(
            f"b{i} = b{i}+inverse*{rows.at('R', i)}" + (f"+weight*{rows.at('FT', i)}" if i in model.time_derivative else "")
        )
    for place, q in enumerate(rows.elimination):
        for i in (i for i in rows.elimination[place + 1 :] if (i, q) in rows.factors):
            lines.append(f"b{i} = b{i}-{rows.at('LU', rows.factors[i, q])}*b{q}")
    for place, q in reversed(list(enumerate(rows.elimination))):
        for j in (j for j in rows.elimination[place + 1 :] if (q, j) in rows.factors):
            lines.append(f"b{q} = b{q}-{rows.at('LU', rows.factors[q, j])}*b{j}")
        lines.append(f"b{q} = b{q}*{rows.at('LU', rows.factors[q, q])}")
    lines += [f"{rows.at('F', i)} = b{i}" for i in range(len(model.states))]
    about = "F = (I/(hγ) - J)⁻¹ (rates(U, T + time × H) + R/h + weight h ∂f/∂t)."
    return _sweep("stage", about, lines, "w, time, weight")


def _observe(model: Lowered, rows: Layout) -> str:
    body = _Body(model, rows.at)
    body.assign([rows.at("OBS", i) for i in range(len(model.observables))], model.observables)
    return _both("observe", "Every observable at U.", body.lines)


def _slopes(model: Lowered, rows: Layout) -> str:
    body = _Body(model, rows.at)
    body.assign([rows.at("SLOPE", i) for i in range(len(model.slopes))], model.slopes)
    return _both("slopes", "The time derivative of every observable at U.", body.lines)


def _guards(model: Lowered, rows: Layout) -> str:
    """A guard that keeps its sign but turns around within the step may have crossed twice: that counts as suspect too."""
    body = _Body(model, rows.at)
    names = [name for i in range(len(model.guards)) for name in (f"g{i}", f"s{i}")]
    body.assign(names, [each for guard in model.guards for each in (guard.value, guard.slope)])
    lines = [*body.lines, "event = 0.0"]
    for i, guard in enumerate(model.guards):
        lines += [
            f"{rows.at('GUARD', i)} = g{i}",
            f"{rows.at('BEND', i)} = s{i}",
            f"old = {rows.at('GUARD_OLD', i)}",
            f"bend = {rows.at('BEND_OLD', i)}",
            f"left = {rows.at('LEFT', i)}",
            f"peaks = (1.0 if bend > 0.0 else 0.0)*(1.0 if s{i} < 0.0 else 0.0)",
            f"rises = 1.0 if g{i} >= 0.0 else peaks",
            "rises = rises if old < 0.0 else 0.0",
            "event = event+(rises if left > 0.0 else 0.0)",
        ]
        if guard.kind == "toggle":
            lines += [
                f"dips = (1.0 if bend < 0.0 else 0.0)*(1.0 if s{i} > 0.0 else 0.0)",
                f"falls = 1.0 if g{i} < 0.0 else dips",
                "event = event+(falls if old >= 0.0 else 0.0)",
            ]
    lines.append(f"{rows.at('EVENT')} = event")
    return _both(
        "guards", "Every guard and its slope at U, and in EVENT how many may have changed sign in a way that matters.", lines
    )


def _crossed(model: Lowered, rows: Layout) -> str:
    """What happens at break k; the new values are computed from the state before any of them is set."""
    lines = []
    for k, each in enumerate(model.breaks):
        inner = [f"{rows.at('FLAG', model.flags.index(each.flag))} = 1.0"] if each.flag is not None else []
        body = _Body(model, rows.at, state_row="Y", time=rows.at("T"))
        body.assign([f"n{i}" for i, _ in each.sets], [value for _, value in each.sets])
        inner += body.lines + [line for i, _ in each.sets for line in _set(model, rows, i)]
        lines += [f"if k == {k}:", *(f"    {line}" for line in inner)]
    return _function("crossed", "Act on break k in lane l.", lines, "w, l, k")


def _set(model: Lowered, rows: Layout, i: int) -> list[str]:
    """Lines that give state i the value n{i}; an extinct population lives again only when that is not below its level."""
    lines = [f"{rows.at('Y', i)} = n{i}"]
    for k, guard in enumerate(model.guards):
        if guard.kind == "extinction" and guard.state == i:
            flag, left = rows.at("FLAG", model.flags.index(guard.flag)), rows.at("LEFT", k)
            body = _Body(model, rows.at, state_row="Y", time=rows.at("T"))
            body.assign(["short"], [guard.value])
            lines += body.lines
            lines += [f"{flag} = {flag} if short > 0.0 else 1.0", f"{left} = {left} if short > 0.0 else 1.0"]
            lines += [f"{rows.at('Y', i)} = n{i} if {flag} > 0.5 else 0.0"]
    return lines


def _fired(model: Lowered, rows: Layout) -> str:
    lines = []
    for k, guard in enumerate(model.guards):
        if guard.kind == "toggle":
            inner = [f"{rows.at('FLAG', model.flags.index(guard.flag))} = 1.0 if rising else 0.0"]
        elif guard.kind == "extinction":
            flag = rows.at("FLAG", model.flags.index(guard.flag))
            inner = [f"{rows.at('Y', guard.state)} = 0.0", f"{flag} = 0.0", f"{rows.at('LEFT', k)} = 0.0"]
        else:
            body = _Body(model, rows.at, state_row="Y", time=rows.at("T"))
            body.assign(["wait"], [guard.after])
            inner = [
                *body.lines,
                f"{rows.at('BREAK', guard.breaks)} = {rows.at('T')}+wait",
                f"{rows.at('LEFT', k)} -= 1.0",
            ]
        lines += [f"if k == {k}:", *(f"    {line}" for line in inner)]
    return _function("fired", "Act on guard k in lane l, whose sign has just changed.", lines, "w, l, k, rising")


def _judge(model: Lowered, rows: Layout) -> str:
    """The largest error as a share of rtol × max(|y|, negligible); an amount below zero is an error of that size."""
    lines = ["worst = 0.0", "total = 0.0"]
    for i, signed in enumerate(model.signed):
        lines += [
            f"y = {rows.at('YN', i)}",
            f"e = abs({rows.at('R', i)})",
            *([] if signed else ["e = -y if -y > e else e"]),
            f"old = abs({rows.at('Y', i)})",
            "s = abs(y)",
            "s = s if s > old else old",
            f"floor = {rows.at('FLOOR', i)}",
            "s = s if s > floor else floor",
            "e = e/s",
            "worst = e if e > worst else worst",
            "total = total+e",
        ]
    # a comparison with NaN is false, so NaN passes `worst` by; 0 × total brings it, and infinity, back
    lines.append(f"{rows.at('ERR')} = worst/{rows.at('RTOL')}+0.0*total")
    return _sweep("judge", "ERR: 1 is the largest error allowed, NaN a step that went nowhere.", lines)


def _stiffness(model: Lowered, rows: Layout) -> str:
    lines = ["over = 0.0", "under = 1e-300"]
    for i in range(len(model.states)):
        lines += [
            f"s = 1.0/({rows.at('FLOOR', i)}+abs({rows.at('YN', i)}))",
            f"a = ({rows.at('F', i)}-{rows.at('K', 5 * len(model.states) + i)})*s",
            f"b = ({rows.at('YN', i)}-{rows.at('R', i)})*s",
            "over = over+a*a",
            "under = under+b*b",
        ]
    return _sweep(
        "stiffness",
        "STIFF = (h|λ|)², estimated from the last two stages.",
        [*lines, f"{rows.at('STIFF')} = over/under"],
    )


def _commit(model: Lowered, rows: Layout) -> str:
    # every value is loaded before it is chosen from: a load inside a choice is a branch, and no vector instruction
    lines = [
        f"ok = {rows.at('OK')} > 0.5",
        f"t = {rows.at('T')}",
        f"end = {rows.at('END')}",
        f"{rows.at('T')} = end if ok else t",
    ]
    for i, signed in enumerate(model.signed):
        lines += [f"y = {rows.at('YN', i)}", f"old = {rows.at('Y', i)}"]
        # below 1e-100 an amount is nothing; numbers near the smallest float64 would only slow the arithmetic down
        lines += [] if signed else ["y = y if y > 1e-100 else 0.0"]
        lines.append(f"{rows.at('Y', i)} = y if ok else old")
    return _sweep("commit", "Y = YN at T = END where the step was accepted.", lines)


def _interpolate(model: Lowered, rows: Layout) -> str:
    n = len(model.states)
    lines = [f"a = {rows.at('THETA')}", f"{rows.at('TU')} = {rows.at('T')}+a*{rows.at('H')}"]
    for i, signed in enumerate(model.signed):
        q1, q2, q3, q4 = (rows.at("Q", i + k * n) for k in range(4))
        lines.append(f"u = {rows.at('Y', i)}+a*({q1}+a*({q2}+a*({q3}+a*{q4})))")
        lines.append(f"{rows.at('U', i)} = u" if signed else f"{rows.at('U', i)} = u if u > 0.0 else 0.0")
    return _both("interpolate", "U, TU = the state and the time at θ = THETA within the step.", lines)


def _average(model: Lowered, rows: Layout) -> str:
    n = len(model.states)
    lines = [f"{rows.at('TU')} = {rows.at('T')}+{rows.at('M1')}*{rows.at('H')}"]
    lines += [f"m{k} = {rows.at(f'M{k}')}" for k in range(1, 5)]
    for i in range(n):
        terms = "+".join(f"m{k + 1}*{rows.at('Q', i + k * n)}" for k in range(4))
        lines.append(f"{rows.at('U', i)} = {rows.at('Y', i)}+{terms}")
    return _sweep("average", "U = the mean of the interpolant where θ, θ², θ³, θ⁴ have the means M1…M4.", lines)


def _keep(model: Lowered, rows: Layout) -> str:
    lines = [f"ok = {rows.at('OK')} > 0.5"]
    for i in range(len(model.observables)):
        for name in ("OBS", "SLOPE"):
            old, new = rows.at(f"{name}_OLD", i), rows.at(f"{name}_NEW", i)
            lines += [f"old = {old}", f"new = {new}", f"{old} = new if ok else old"]
    return _sweep("keep", "OBS_OLD, SLOPE_OLD = OBS_NEW, SLOPE_NEW where the step was accepted.", lines)


def _keep_guards(model: Lowered, rows: Layout) -> str:
    lines = [f"due = {rows.at('DUE')}", f"ok = {rows.at('OK')} if due < 0.0 else 0.0"]
    for i in range(len(model.guards)):
        for name in ("GUARD", "BEND"):
            old, new = rows.at(f"{name}_OLD", i), rows.at(f"{name}_NEW", i)
            lines += [f"old = {old}", f"new = {new}", f"{old} = new if ok > 0.5 else old"]
    return _sweep("keep_guards", "GUARD_OLD, BEND_OLD = GUARD_NEW, BEND_NEW where a step was accepted whole.", lines)
