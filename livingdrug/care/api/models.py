"""Tokens: who a client speaks for, what it may do, and until when. The secret itself is not kept."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from livingdrug.care import clock

__all__ = ["SCOPES", "Token"]

SCOPES = ("read", "act", "sign", "export", "names", "audit")
"""read journeys; act: record events as the account's person; sign those that take a signature, with the account's password;
export cohort and log; names: the vault; audit: the trail."""


class Token(models.Model):
    """A token of one account. Roles and centers are those of the account on the day of the request."""

    objects: ClassVar[Any]
    digest: Any = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret.")
    account: Any = models.ForeignKey("accounts.Account", models.CASCADE, related_name="+", help_text="Whom it speaks for.")
    scopes: Any = models.JSONField(help_text="What it may do; what is not named, it may not.")
    about: Any = models.CharField(max_length=200, blank=True, help_text="What it is for.")
    made: Any = models.DateTimeField(default=clock.now, help_text="When it was made.")
    expires: Any = models.DateTimeField(help_text="From this moment it opens nothing.")
    last_used: Any = models.DateTimeField(null=True, blank=True, help_text="When it last opened something, to the minute.")
    revoked: Any = models.DateTimeField(null=True, blank=True, help_text="When it was taken back.")

    class Meta:
        ordering: ClassVar = ["id"]
