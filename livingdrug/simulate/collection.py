"""Step 2, collection: how many T cells leukapheresis yields, on how many days, and whether the manufacturer accepts them.

Modeled: yield per day = lymphocytes × their CD3 share × blood processed × efficiency; days are added until the minimum is
met or the allowed days are over. Not modeled: venous access, adverse events, contamination by blasts or monocytes.
"""

import numpy as np

from livingdrug.simulate.draws import Columns, Draws
from livingdrug.simulate.population import Numbers
from livingdrug.therapy.schema import Therapy

__all__ = ["collect"]

UL_PER_ML = 1000.0


def collect(numbers: Numbers, therapy: Therapy, draws: Draws, patient: Columns) -> Columns:
    """CD3-positive cells collected, days of collection, and whether they are accepted."""
    rules = therapy.collection
    efficiency = draws.lognormal(
        "collection: efficiency", numbers["collection.efficiency_median"], numbers["collection.efficiency_spread"]
    )
    processed = rules.volume_per_weight.value * patient["weight"] * UL_PER_ML
    per_day = patient["lymphocytes"] * numbers["collection.cd3_share"] * processed * np.minimum(efficiency, 1.0)
    days = np.clip(np.ceil(rules.cd3_minimum.value / per_day), 1, rules.days_maximum.value)
    collected = days * per_day
    return {
        "collection_days": days,
        "collected_cd3": collected,
        "collection_accepted": collected >= rules.cd3_minimum.value,
    }
