"""Many patients as columns: the only thing analysis, fitting and reports ever see, virtual or recorded alike.

`columns` lists the facts and makes tables of them; `journeys` makes them of recorded journeys, and is imported by those who
have some.
"""

from livingdrug.cohort.columns import (
    BANDS,
    BY_NAME,
    CAUSES,
    COLUMNS,
    FATES,
    FLAG,
    OXYGEN,
    REAL,
    RELAPSES,
    RELEASES,
    RESPONSES,
    VASOACTIVE,
    WHOLE,
    Column,
    column,
    frame,
    schema,
)

__all__ = [
    "BANDS",
    "BY_NAME",
    "CAUSES",
    "COLUMNS",
    "FATES",
    "FLAG",
    "OXYGEN",
    "REAL",
    "RELAPSES",
    "RELEASES",
    "RESPONSES",
    "VASOACTIVE",
    "WHOLE",
    "Column",
    "column",
    "frame",
    "schema",
]
