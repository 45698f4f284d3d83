"""The one Django app of the care service."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["CareConfig"]


class CareConfig(AppConfig):
    """Tables, guards and the pages on top of them; every table is named `care_…`."""

    name = "livingdrug.care"
    label = "care"
    verbose_name = "care"
