"""Where every page is: each file of pages brings its own routes."""

from __future__ import annotations

from livingdrug.care.pages.views import act, board, centers, custody, gate, ledger, patient

__all__ = ["urlpatterns"]

urlpatterns = [
    *board.ROUTES,
    *patient.ROUTES,
    *act.ROUTES,
    *custody.ROUTES,
    *gate.ROUTES,
    *ledger.ROUTES,
    *centers.ROUTES,
]
