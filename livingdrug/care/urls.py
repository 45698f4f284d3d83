"""Where the pages and the API of the care service are."""

from __future__ import annotations

urlpatterns: list[object] = []
