"""Columns of the tables, with the type that a reader of a row gets: Django's own fields do not say."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

__all__ = ["Table", "count", "digest", "flag", "long", "of_journey", "sealed", "text", "time"]

LENGTH_OF_TIME = len("2017-12-01T14:00:00.000000Z")


class Table(models.Model):
    """Base of every table."""

    objects: ClassVar[Any]

    class Meta:
        abstract = True


def text(length: int, says: str, **more: Any) -> Any:
    """Short text."""
    return models.CharField(max_length=length, help_text=says, **more)


def long(says: str, **more: Any) -> Any:
    """Text of any length."""
    return models.TextField(help_text=says, **more)


def digest(says: str, **more: Any) -> Any:
    """SHA-256 in hexadecimal."""
    return models.CharField(max_length=64, help_text=says, **more)


def time(says: str, **more: Any) -> Any:
    """A moment as text in UTC, always of the same length: it sorts as time, and is the same bytes in every database."""
    return models.CharField(max_length=LENGTH_OF_TIME, help_text=says, **more)


def count(says: str, **more: Any) -> Any:
    """A whole number."""
    return models.BigIntegerField(help_text=says, **more)


def flag(says: str, **more: Any) -> Any:
    """True or false."""
    return models.BooleanField(help_text=says, **more)


def sealed(says: str, **more: Any) -> Any:
    """Bytes that only a key makes readable."""
    return models.BinaryField(help_text=says, **more)


def of_journey(**more: Any) -> Any:
    """The journey that a row belongs to; tables index it themselves, with what they are read by."""
    return models.ForeignKey("care.Journey", models.PROTECT, related_name="+", db_index=False, help_text="Journey.", **more)
