"""Where the pages and the API of the care service are."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("livingdrug.care.accounts.urls")),
    path("", include("livingdrug.care.pages.urls")),
]
