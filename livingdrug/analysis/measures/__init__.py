"""The registry of measures: each a named, documented number of a cohort, fast enough to be asked a thousand times.

A measure is a function from a cohort (or its `Facts`) to a float, NaN where it is not defined. A share counts the patients
for whom the fact is known; who that is, each measure says. Times are days, months a twelfth of a Julian year.
"""

# Importing a file registers its measures, in this order.
from livingdrug.analysis.measures import flow, outcome, toxicity, kinetics, payment  # noqa: F401, I001
from livingdrug.analysis.measures.registry import MEASURES, Measure, evaluate, measure_named

__all__ = ["MEASURES", "Measure", "evaluate", "measure_named"]
