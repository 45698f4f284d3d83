"""The columns of a cohort, and tables of them.

One row is one patient, one column one documented fact. `COLUMNS` is the list of them; a cohort file is a Parquet or CSV table
with these names. A fact that does not apply to a patient (the infusion day of one who was never infused) is null.

Two clocks: columns of the way to infusion count days from enrollment, which is the day the collection was accepted by the
manufacturer; columns of the course count days from infusion. Each says which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from livingdrug.errors import Complaints, UnknownName

__all__ = ["COLUMNS", "Column", "column", "frame", "schema"]


@dataclass(frozen=True, slots=True)
class Column:
    """One fact about a patient: `kind` is a Polars type or the words it may hold, `unit` one of `units.py`."""

    name: str
    kind: pl.DataType | type[pl.DataType] | tuple[str, ...]
    unit: str
    about: str

    @property
    def dtype(self) -> pl.DataType | type[pl.DataType]:
        return pl.Enum(self.kind) if isinstance(self.kind, tuple) else self.kind


FATES = ("not eligible", "not collected", "manufacturing failure", "died waiting", "not infused", "infused")
RELEASES = ("in specification", "out of specification", "failed")
VASOACTIVE = ("none", "fluids", "low-dose vasopressor", "high-dose vasopressor", "several vasopressors")
OXYGEN = ("none", "low flow", "high flow", "positive pressure", "ventilator")
RESPONSES = ("CR", "CRi", "partial", "no response")
RELAPSES = ("antigen-positive", "antigen-negative", "lineage switch")
CAUSES = ("disease", "toxicity", "other")
BANDS = ("undetectable", "below 5 %", "5 to 50 %", "50 % or more")

REAL, WHOLE, FLAG = pl.Float64, pl.Int32, pl.Boolean

# fmt: off - one line per column, as in a data dictionary
COLUMNS: tuple[Column, ...] = (
    # Who
    Column("patient", pl.Int64, "1", "number of the patient; the same number is the same patient in every scenario of a seed"),
    Column("fate", FATES, "1", "how far the patient came"),
    Column("age", REAL, "years", "age at enrollment"),
    Column("weight", REAL, "kg", "body weight at enrollment"),
    Column("female", FLAG, "1", "sex: true for female"),
    Column("down_syndrome", FLAG, "1", "Down syndrome"),
    Column("prior_transplant", FLAG, "1", "allogeneic stem-cell transplant before enrollment"),
    Column("prior_lines", WHOLE, "1", "lines of therapy before enrollment"),
    Column("blasts_enrolled", REAL, "1", "marrow blast fraction at enrollment (for other tumors: burden over its capacity)"),
    Column("burden_band", BANDS, "1", "the blast fraction at enrollment in bands"),
    Column("antigen_negative_cells", REAL, "cells", "tumor cells without the target antigen at enrollment"),
    Column("lymphocytes", REAL, "cells/uL", "absolute lymphocyte count before collection"),
    Column("fitness", REAL, "1", "T-cell fitness, standard deviations from the median: raises growth and killing together"),
    Column("low_fitness", FLAG, "1", "whether the cells belong to the class that expands and persists poorly"),
    # Collection and manufacture: days from enrollment
    Column("collection_days", WHOLE, "1", "days of leukapheresis"),
    Column("collected_cd3", REAL, "cells", "CD3-positive cells collected"),
    Column("collection_accepted", FLAG, "1", "whether the collection met the manufacturer's limits"),
    Column("manufactures", WHOLE, "1", "manufacturing runs started"),
    Column("vector_copies", REAL, "1", "mean vector copies per transduced cell of the last run"),
    Column("transduced", REAL, "1", "share of transduced cells of the last run"),
    Column("viability", REAL, "1", "viable share of the product of the last run"),
    Column("product_cells", REAL, "cells", "CAR-positive viable cells made in the last run"),
    Column("release", RELEASES, "1", "verdict of the release tests"),
    Column("released_day", REAL, "days", "release, from enrollment"),
    # Waiting
    Column("bridging", FLAG, "1", "chemotherapy between collection and lymphodepletion"),
    Column("left_day", REAL, "days", "death or withdrawal of one who was not infused, from enrollment"),
    Column("infused_day", REAL, "days", "infusion, from enrollment"),
    Column("blasts_infused", REAL, "1", "marrow blast fraction before lymphodepletion"),
    Column("fludarabine_auc", REAL, "mg*h/L", "cumulative fludarabine exposure"),
    Column("dose", REAL, "cells", "CAR-positive viable cells infused"),
    Column("dose_per_kg", REAL, "cells/kg", "the same per body weight"),
    # Course: days from infusion
    Column("cmax", REAL, "copies/ug_DNA", "highest transgene level in blood"),
    Column("tmax", REAL, "days", "day of the highest transgene level, from infusion"),
    Column("auc28", REAL, "copies/ug_DNA*days", "transgene exposure from day 0 to 28"),
    Column("persistence_day", REAL, "days", "last day the transgene is above the assay's limit, from infusion"),
    Column(
        "b_cell_recovery_day",
        REAL,
        "days",
        "end of aplasia of healthy antigen-bearing cells, from infusion; null: not within the horizon",
    ),
    Column("il6_peak", REAL, "pg/mL", "highest IL-6 in serum"),
    Column("crp_peak", REAL, "mg/L", "highest C-reactive protein"),
    Column("ferritin_peak", REAL, "ng/mL", "highest ferritin"),
    # Toxicity: days from infusion
    Column("crs_onset", REAL, "days", "first day of fever, from infusion; null: no CRS"),
    Column("crs_days", REAL, "days", "days from the first to the last day of CRS"),
    Column("temperature_peak", REAL, "1", "highest body temperature, °C"),
    Column("vasoactive", VASOACTIVE, "1", "the most that hypotension needed"),
    Column("oxygen", OXYGEN, "1", "the most that hypoxia needed"),
    Column("severe_onset", REAL, "days", "first day of high-dose vasopressors or ventilator, from infusion"),
    Column("icu_day", REAL, "days", "first day in intensive care, from infusion; null: never"),
    Column("icu_days", REAL, "days", "days in intensive care"),
    Column("dialysis", FLAG, "1", "dialysis"),
    Column("tocilizumab_doses", WHOLE, "1", "doses of tocilizumab"),
    Column("tocilizumab_day", REAL, "days", "first tocilizumab, from infusion"),
    Column("steroid_day", REAL, "days", "first steroid, from infusion; null: none"),
    Column("crs_penn", WHOLE, "1", "highest CRS grade by the Penn scale; 0: none"),
    Column("crs_lee", WHOLE, "1", "highest CRS grade by Lee 2014; 0: none"),
    Column("crs_astct", WHOLE, "1", "highest CRS grade by ASTCT; 0: none"),
    Column("neurotoxicity", WHOLE, "1", "highest neurological grade (ICANS); 0: none"),
    Column("neurotoxicity_onset", REAL, "days", "first neurological event, from infusion"),
    Column("neutropenia_d28", FLAG, "1", "neutrophils below 1,000/µL on day 28"),
    Column("thrombocytopenia_d28", FLAG, "1", "platelets below 50,000/µL on day 28"),
    Column("hypogammaglobulinemia", FLAG, "1", "low immunoglobulin after infusion"),
    # Response and after: days from infusion
    Column("response", RESPONSES, "1", "best response within three months; null: died before it could be assessed"),
    Column("response_day28", RESPONSES, "1", "response at the end of the first month, which the contract asks for"),
    Column("response_day", REAL, "days", "first assessment with a remission, from infusion"),
    Column("mrd_negative", FLAG, "1", "no residual disease at 1e-4 by flow, at the assessment of the best response"),
    Column("blasts_day28", REAL, "1", "marrow blast fraction on day 28"),
    Column("relapse_day", REAL, "days", "relapse, from infusion; null: none within the horizon"),
    Column("relapse", RELAPSES, "1", "what relapsed"),
    Column("transplant_day", REAL, "days", "transplant in remission, from infusion; null: none"),
    Column(
        "other_therapy_day",
        REAL,
        "days",
        "other anticancer therapy before a relapse or failure was recorded, from infusion; null: none",
    ),
    Column("death_day", REAL, "days", "death, from infusion; null: alive at the end of follow-up"),
    Column("death_cause", CAUSES, "1", "cause of death after infusion"),
    Column("followed_days", REAL, "days", "end of follow-up, from infusion"),
    # Settlement: cents of the therapy's currency
    Column("billed", pl.Int64, "1", "invoice for the product, in cents; 0: not billable"),
    Column("waived", pl.Int64, "1", "part of the invoice that the contract waives, in cents"),
    Column("solver_status", WHOLE, "1", "status of the solver: 0 solved; see `livingdrug.biology.solve.ADVICE`"),
)
# fmt: on

BY_NAME = {each.name: each for each in COLUMNS}


def column(name: str) -> Column:
    """The column of that name; raises `UnknownName` with the nearest."""
    if name not in BY_NAME:
        raise UnknownName.among("column", name, BY_NAME)
    return BY_NAME[name]


def schema() -> dict[str, pl.DataType | type[pl.DataType]]:
    """Name and Polars type of every column, in order."""
    return {each.name: each.dtype for each in COLUMNS}


def frame(columns: Mapping[str, Sequence[Any] | Any]) -> pl.DataFrame:
    """The cohort of these columns, each (patients,): NaN becomes null, words become categories, absent columns null.

    An array of whole numbers for a column of words is read as their positions; -1 is null. Raises `BadInput` when a
    column is not one of `COLUMNS` or lengths differ.
    """
    found = Complaints()
    for name in columns:
        if name not in BY_NAME:
            found.add_from(name, UnknownName.among("column", name, BY_NAME))
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        found.add("cohort", f"the columns have {sorted(lengths)} rows; they must be equally long")
    found.raise_any()
    rows = lengths.pop() if lengths else 0
    return pl.DataFrame(
        [_series(each, columns[each.name]) if each.name in columns else _absent(each, rows) for each in COLUMNS]
    )


def _absent(which: Column, rows: int) -> pl.Series:
    return (
        pl.Series(which.name, [None], dtype=which.dtype).new_from_index(0, rows)
        if rows
        else pl.Series(which.name, [], which.dtype)
    )


def _series(which: Column, values: Any) -> pl.Series:
    series = pl.Series(which.name, values)
    if series.dtype.is_float():
        series = series.fill_nan(None)
    if isinstance(which.kind, tuple) and series.dtype.is_integer():
        words = pl.Series(which.name, which.kind, dtype=which.dtype)
        return words.gather(series.cast(pl.Int64).set(series < 0, None)).alias(which.name)
    return series.cast(which.dtype)
