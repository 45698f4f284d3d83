"""Step 8, settlement: the product is invoiced when infused within specification, and the contract waives what it promises.

Modeled: one invoice at the list price; out-of-specification product is not billed where the therapy says so; under a
response contract the invoice is waived when there is no remission at the end of the first month. Not modeled: hospital
costs, discounts, rebates, delays of payment.
"""

import numpy as np
from numpy.typing import NDArray

from livingdrug.simulate.draws import Floats
from livingdrug.therapy.schema import Therapy

__all__ = ["settle"]

CENTS = 100
IN_SPECIFICATION, OUT_OF_SPECIFICATION = 0.0, 1.0
LAST_REMISSION = 1.0  # CR and CRi are the first two words of cohort.RESPONSES


def settle(therapy: Therapy, release: Floats, response: Floats) -> dict[str, NDArray[np.int64]]:
    """Invoice and waived part in cents, for infused patients with their release verdict and response at month 1 (-1: none)."""
    price = round(therapy.price.list_price.value * CENTS)
    billable = (release == IN_SPECIFICATION) | ((release == OUT_OF_SPECIFICATION) & therapy.out_of_specification.billable)
    billed = np.where(billable, price, 0)
    responding = (response >= 0) & (response <= LAST_REMISSION)
    by_response = therapy.contract.kind == "response"
    waived = np.where(by_response & ~responding, np.round(billed * therapy.contract.waived_share.value), 0)
    return {"billed": billed.astype(np.int64), "waived": waived.astype(np.int64)}
