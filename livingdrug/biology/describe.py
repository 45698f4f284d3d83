"""A model as readable tables: what the command line prints and what the model's page shows.

Everything is text in plain tuples; nothing here prints. Numbers are written to ten digits.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Basic
from sympy.printing.str import StrPrinter

from livingdrug.biology.model import TIME, Model

__all__ = ["Description", "Table", "describe", "formula", "number", "page_parts"]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text below a title; never empty."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Description:
    """A model in words and tables, in the order in which a reader wants them."""

    name: str
    title: str
    citation: str
    doi: str
    population: str
    tables: tuple[Table, ...]
    deviations: tuple[str, ...]


def describe(model: Model) -> Description:
    """Everything the model's file declares, as text."""
    tables = (
        _table("Equations", ("rate", "unit", "meaning", "at the start"), _equations(model)),
        _table("Definitions", ("definition", "unit", "meaning"), _definitions(model)),
        _table("Doses and events", ("what", "when", "then"), _events(model)),
        _table("Observables", ("observable", "unit", "meaning"), _observables(model)),
        _table("Parameters", ("parameter", "value", "unit", "spread", "limits", "meaning", "source"), _parameters(model)),
        _table("Correlations", ("one", "other", "correlation of the logarithms"), _correlations(model)),
        _table("Requirements", ("condition", "why"), [(formula(e.condition), e.says) for e in model.requirements]),
        _table("Variants", ("variant", "meaning", "values"), _variants(model)),
    )
    return Description(
        name=model.name,
        title=model.title,
        citation=model.citation,
        doi=model.doi,
        population=model.population,
        tables=tuple(table for table in tables if table.rows),
        deviations=model.deviations,
    )


def page_parts(model: Model) -> tuple[str, str]:
    """The two generated parts of the model's page in Markdown: what stands before and what stands after Replication."""
    described = describe(model)
    before = ["## Population", "", f"{described.population}.", "", "## Source trace", "", _cited(described)]
    for table in described.tables:
        before += ["", f"### {table.title}", "", *_markdown(table)]
    after = ["## Assumptions and deviations", "", *(f"- {_cell(each)}" for each in described.deviations)]
    return "\n".join(before) + "\n", "\n".join(after) + "\n"


def formula(expression: Basic) -> str:
    """An expression as a formula in one line: `rho*E if t < Tmax, else -alpha*E`."""
    return _Formula().doprint(expression).replace("**", "^")


def number(value: float) -> str:
    """A number to at most ten digits, in powers of ten where that is shorter: 24000, 1.2e8, 0.0079."""
    plain = f"{value:.10g}"
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return plain
    mantissa, _, power = f"{value:.9e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"


class _Formula(StrPrinter):
    """SymPy's plain text, with conditions in words and numbers in few digits."""

    def _print_Piecewise(self, expr) -> str:
        *first, last = [(self.doprint(value), condition) for value, condition in expr.args]
        cases = [f"{value} if {self.doprint(condition)}" for value, condition in first]
        cases.append(f"else {last[0]}" if last[1] == True else f"{last[0]} if {self.doprint(last[1])}")  # noqa: E712
        return f"({', '.join(cases)})"

    def _print_Relational(self, expr) -> str:
        turned = expr.reversed if TIME in expr.rhs.free_symbols and TIME not in expr.lhs.free_symbols else expr
        return super()._print_Relational(turned)

    def _print_Max(self, expr) -> str:
        return f"max({', '.join(self.doprint(each) for each in expr.args)})"

    def _print_Min(self, expr) -> str:
        return f"min({', '.join(self.doprint(each) for each in expr.args)})"

    def _print_Float(self, expr) -> str:
        return number(float(expr))


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    return Table(title, columns, tuple(rows))


def _equations(model: Model) -> Iterable[tuple[str, ...]]:
    for each in model.states:
        yield f"d{each.name}/dt = {formula(each.rate)}", each.unit, each.about, formula(each.initial)


def _definitions(model: Model) -> Iterable[tuple[str, ...]]:
    for each in model.definitions:
        yield f"{each.name} = {formula(each.expression)}", each.unit, each.about


def _observables(model: Model) -> Iterable[tuple[str, ...]]:
    for each in model.observables:
        yield f"{each.name} = {formula(each.expression)}", each.unit, each.about


def _events(model: Model) -> Iterable[tuple[str, ...]]:
    for each in model.doses:
        yield "dose", f"t = {formula(each.at)}", f"{each.state} + {formula(each.amount)}"
    for each in model.triggers:
        then = "; ".join(f"{state} = {formula(value)}" for state, value in each.sets)
        often = "once" if each.times == 1 else f"at most {each.times} times"
        yield each.name, f"{formula(each.guard)} rises through 0, {often}; {formula(each.after)} days later", then
    for each in model.extinctions:
        yield "extinction", f"{each.state} falls below {formula(each.below)}", f"{each.state} = 0 from then on"


def _parameters(model: Model) -> Iterable[tuple[str, ...]]:
    for each in model.parameters:
        spread = number(each.spread) if each.spread else ""
        limits = _limits(each.lowest, each.highest)
        yield each.name, number(each.value), each.unit, spread, limits, each.about, each.source


def _limits(lowest: float, highest: float) -> str:
    if highest == float("inf"):
        return "" if lowest == -highest else f"≥ {number(lowest)}"
    return f"≤ {number(highest)}" if lowest == float("-inf") else f"{number(lowest)} to {number(highest)}"


def _correlations(model: Model) -> Iterable[tuple[str, ...]]:
    for one, other, correlation in model.correlations:
        yield one, other, number(correlation)


def _variants(model: Model) -> Iterable[tuple[str, ...]]:
    for each in model.variants:
        yield each.name, each.about, ", ".join(f"{name} {number(value)}" for name, value in each.values) or "as above"


def _cited(described: Description) -> str:
    link = f" [doi:{described.doi}](https://doi.org/{described.doi})" if described.doi else ""
    return (
        f"{described.citation}.{link}\n\nTime is in days. Spread is the standard deviation of the logarithm between "
        "patients; where it is empty, all patients share the value."
    )


def _markdown(table: Table) -> list[str]:
    formulas = [_is_formula(table, column) for column in table.columns]
    rows = [[_cell(text, is_formula=each) for text, each in zip(row, formulas, strict=True)] for row in table.rows]
    return [_line(table.columns), _line(["---"] * len(table.columns)), *map(_line, rows)]


def _is_formula(table: Table, column: str) -> bool:
    return column in ("rate", "at the start", "definition", "observable", "condition", "parameter") or (
        table.title == "Doses and events" and column != "what"
    )


def _cell(text: str, *, is_formula: bool = False) -> str:
    if is_formula and text:
        return f"`{text.replace('|', chr(92) + '|')}`"
    for special in "\\|*_^":
        text = text.replace(special, f"\\{special}")
    return text


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
