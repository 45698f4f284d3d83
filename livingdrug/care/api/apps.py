"""The API as a Django app: it has one table, of tokens."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Tokens of the API."""

    name = "livingdrug.care.api"
    label = "api"
