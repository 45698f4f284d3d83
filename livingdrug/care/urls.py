"""Where the pages and the API of the care service are."""

from __future__ import annotations

from django.urls import include, path

from livingdrug.care.api.app import api, not_there

urlpatterns = [
    path("api/v1/", api.urls),
    path("api/<path:rest>", not_there),
    path("api/", not_there),
    path("", include("livingdrug.care.accounts.urls")),
    path("", include("livingdrug.care.pages.urls")),
]
