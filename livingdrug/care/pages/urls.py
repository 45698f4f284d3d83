"""Where every page is: each file of pages brings its own routes."""

from __future__ import annotations

from livingdrug.care.pages.views import (
    act,
    audit,
    bedside,
    board,
    centers,
    cohort,
    correct,
    custody,
    gate,
    labels,
    ledger,
    manufacture,
    patient,
    refer,
    release,
    response,
    rules,
    slots,
)

__all__ = ["urlpatterns"]

urlpatterns = [
    *board.ROUTES,
    *patient.ROUTES,
    *act.ROUTES,
    *correct.ROUTES,
    *refer.ROUTES,
    *rules.ROUTES,
    *custody.ROUTES,
    *gate.ROUTES,
    *manufacture.ROUTES,
    *release.ROUTES,
    *labels.ROUTES,
    *bedside.ROUTES,
    *response.ROUTES,
    *ledger.ROUTES,
    *centers.ROUTES,
    *slots.ROUTES,
    *cohort.ROUTES,
    *audit.ROUTES,
]
