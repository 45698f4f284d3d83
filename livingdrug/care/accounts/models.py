"""The tables of the accounts: who may sign in, who is invited to, and who looked behind the glass."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from livingdrug.care import clock
from livingdrug.care.models.columns import count, flag

__all__ = ["OFFICES", "Account", "Glass", "Invitation"]

OFFICES = ("auditor", "administrator")
"""Roles that an account has by itself; all others come from the network, by the person whose account it is."""


class Accounts(BaseUserManager):
    """How accounts are made and found."""

    def create(self, **about: Any) -> Account:
        """As `create_user`: no way of making an account keeps a password as it was typed."""
        return self.create_user(**about)

    def create_user(self, email: str, password: str | None = None, **about: Any) -> Account:
        """A new account; without a password it can only sign in through the identity provider."""
        made = self.model(email=self.normalize_email(email).lower(), **about)
        made.set_password(password)
        made.save(using=self._db)
        return made

    def get_by_natural_key(self, username: str | None) -> Account:
        """The account of an address, whatever its capitals."""
        return self.get(email=(username or "").lower())


class Account(AbstractBaseUser):
    """Somebody who may sign in. What they may do there depends on `person` and the network of the day."""

    email: Any = models.EmailField(max_length=200, unique=True, help_text="Address, by which they sign in.")
    name: Any = models.CharField(max_length=200, help_text="Name that is shown and printed with signatures.")
    person: Any = models.CharField(
        max_length=100, blank=True, help_text="Id of the person in the network; empty for an office."
    )
    extra_roles: Any = models.JSONField(default=list, blank=True, help_text="auditor, administrator, or none.")
    is_active: Any = flag("Whether they may sign in.", default=True)
    failed: Any = count("Wrong passwords since the last right one.", default=0)
    locked_until: Any = models.DateTimeField(null=True, blank=True, help_text="No password is right before this moment.")
    last_seen: Any = models.DateTimeField(null=True, blank=True, help_text="Last request, to the minute.")
    made: Any = models.DateTimeField(default=clock.now, help_text="When it was made.")

    objects: ClassVar[Any] = Accounts()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering: ClassVar = ["email"]

    def get_full_name(self) -> str:
        """The name that is shown."""
        return self.name

    def get_short_name(self) -> str:
        """The name that is shown."""
        return self.name

    @property
    def offices(self) -> frozenset[str]:
        """Roles that the account has by itself; a word that is none of them gives nothing."""
        extra: Iterable[str] = self.extra_roles or ()
        return frozenset(extra) & frozenset(OFFICES)

    def is_locked(self, now: datetime) -> bool:
        """Whether too many wrong passwords were given shortly before."""
        return self.locked_until is not None and now < self.locked_until


class Invitation(models.Model):
    """A link by which somebody may choose a password, once and for some days. Only the digest of its token is kept."""

    digest: Any = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token in the link.")
    email: Any = models.EmailField(max_length=200, help_text="Address of the account.")
    name: Any = models.CharField(max_length=200, help_text="Name of the account.")
    person: Any = models.CharField(max_length=100, blank=True, help_text="Id of the person in the network.")
    extra_roles: Any = models.JSONField(default=list, blank=True, help_text="auditor, administrator, or none.")
    made: Any = models.DateTimeField(help_text="When.")
    made_by: Any = models.CharField(max_length=200, help_text="Account that invites.")
    expires: Any = models.DateTimeField(help_text="The link works until then.")
    used: Any = models.DateTimeField(null=True, blank=True, help_text="When it was used or withdrawn; it works only once.")

    objects: ClassVar[Any] = models.Manager()


class Glass(models.Model):
    """A journey of another center, opened by a clinician with a reason, for a while."""

    account: Any = models.ForeignKey(Account, models.PROTECT, related_name="+", help_text="Who.")
    journey: Any = models.CharField(max_length=32, help_text="Journey.")
    reason: Any = models.CharField(max_length=400, help_text="Why.")
    opened: Any = models.DateTimeField(help_text="When.")
    until: Any = models.DateTimeField(help_text="It is shut from then on.")

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "until"], name="accounts_glass_open")]
