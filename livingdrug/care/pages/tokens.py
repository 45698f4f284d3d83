"""Personal identifiers as tokens, which pages and API share: see `livingdrug.care.tokens`."""

from __future__ import annotations

from livingdrug.care.tokens import (
    NAME_AND_BIRTH_DATE,
    PERSONAL,
    RECORD_NUMBER,
    name_and_birth_date,
    read_as,
    token,
    with_tokens,
)

__all__ = ["NAME_AND_BIRTH_DATE", "PERSONAL", "RECORD_NUMBER", "name_and_birth_date", "read_as", "token", "with_tokens"]
