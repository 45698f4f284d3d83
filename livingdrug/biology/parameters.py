"""The parameters of a population: one number for all patients or one per patient, checked before anything is solved."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from livingdrug.biology.model import Model, Variant
from livingdrug.biology.symbolic import of_constants
from livingdrug.errors import Complaints, UnitError, UnknownName
from livingdrug.units import Quantity

__all__ = ["Columns", "columns"]

Floats = NDArray[np.float64]
NAMED = 3  # patients named in a complaint before the rest are counted


@dataclass(frozen=True)
class Columns:
    """Each parameter's values, () or (patients,), in the model's order; a million patients need only what varies."""

    values: tuple[Floats, ...]
    patients: int

    def rows(self, patients: NDArray[np.int64]) -> Floats:
        """The full rows of some patients: (patients, parameters)."""
        table = np.empty((len(patients), len(self.values)))
        for i, column in enumerate(self.values):
            table[:, i] = column if column.ndim == 0 else column[patients]
        return table


def columns(model: Model, given: Mapping[str, ArrayLike | Quantity] | ArrayLike | None, variant: str | None = None) -> Columns:
    """The population that `given` describes on top of the model's typical values or a variant's, or `BadInput`."""
    found = Complaints()
    values = {parameter.name: np.asarray(parameter.value, dtype=np.float64) for parameter in model.parameters}
    for name, number in _variant(model, variant).values if variant else ():
        values[name] = np.asarray(number)
    values |= _named(model, given, found)
    found.raise_any()
    sizes = {column.shape[0] for column in values.values() if column.ndim}
    if len(sizes) > 1:
        found.add("parameters", f"the columns have different lengths: {', '.join(map(str, sorted(sizes)))}")
        found.raise_any()
    table = Columns(tuple(values.values()), sizes.pop() if sizes else 1)
    _check_values(model, table, found)
    found.raise_any()
    return table


def _variant(model: Model, name: str) -> Variant:
    for variant in model.variants:
        if variant.name == name:
            return variant
    raise UnknownName.among(f"variant of {model.name}", name, [variant.name for variant in model.variants])


def _named(model: Model, given: Mapping[str, ArrayLike | Quantity] | ArrayLike | None, found: Complaints) -> dict[str, Floats]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        table = np.asarray(given, dtype=np.float64)
        if table.ndim != 2 or table.shape[1] != len(model.parameters):
            expected = f"(patients, {len(model.parameters)}), one column per parameter of {model.name}"
            found.add("parameters", f"the array has shape {table.shape}; expected {expected}")
            return {}
        return dict(zip(model.parameter_names, np.ascontiguousarray(table.T), strict=True))
    named: dict[str, Floats] = {}
    for name, column in given.items():
        if name not in model.parameter_names:
            found.add_from("parameters", UnknownName.among("parameter", name, model.parameter_names))
            continue
        try:
            if isinstance(column, Quantity):
                column = column.to(model.parameters[model.parameter_names.index(name)].unit).value
            named[name] = np.asarray(column, dtype=np.float64)
        except UnitError as refusal:
            found.add_from(f"parameter {name}", refusal)
            continue
        except (TypeError, ValueError):
            found.add(f"parameter {name}", f"{column!r} is not a number or an array of numbers")
            continue
        if named[name].ndim > 1:
            found.add(f"parameter {name}", f"has shape {named[name].shape}; give one number, or one per patient")
    return named


def _check_values(model: Model, table: Columns, found: Complaints) -> None:
    for parameter, column in zip(model.parameters, table.values, strict=True):
        _complain(found, ~np.isfinite(column), table, f"parameter {parameter.name}", "is not a number: {}", column)
        limits = f"{{}} is outside its limits {parameter.lowest:g} to {parameter.highest:g} {parameter.unit}".rstrip(" 1")
        outside = (column < parameter.lowest) | (column > parameter.highest)
        _complain(found, outside, table, f"parameter {parameter.name}", limits, column)
    if found.found:
        return
    for requirement in model.requirements:
        broken = ~np.asarray(of_constants(model, requirement.condition, table.values), dtype=bool)
        _complain(found, broken, table, "parameters", requirement.says)
    for state in model.states:
        initial = np.asarray(of_constants(model, state.initial, table.values))
        if not state.signed:
            _complain(found, initial < 0, table, f"state {state.name}", "starts below zero, at {}", initial)


def _complain(
    found: Complaints, wrong: NDArray[np.bool_], table: Columns, where: str, says: str, values: Floats | None = None
) -> None:
    """One complaint for all the patients it concerns; the first few are named."""
    if not wrong.any():
        return
    if wrong.ndim == 0:
        found.add(where, says.format(f"{values:g}" if values is not None else ""))
        return
    patients = np.flatnonzero(wrong)
    named = ", ".join(str(patient) for patient in patients[:NAMED])
    more = f" and {patients.size - NAMED} more" if patients.size > NAMED else ""
    shown = f"{values[patients[0]]:g}" if values is not None else ""
    found.add(f"{where}, patient{'s' if patients.size > 1 else ''} {named}{more}", says.format(shown))
