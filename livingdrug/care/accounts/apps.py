"""The Django application of the accounts."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["AccountsConfig"]


class AccountsConfig(AppConfig):
    """Its tables are named accounts_…; signing in and out is noted in the audit trail."""

    name = "livingdrug.care.accounts"
    label = "accounts"

    def ready(self) -> None:
        from livingdrug.care.accounts import traces

        traces.connect()
