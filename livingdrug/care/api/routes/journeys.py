"""The router that reading and writing of journeys share: they have addresses in common, which one router has to answer."""

from __future__ import annotations

from typing import Annotated

from ninja import Field, Router

__all__ = ["Id", "router"]

router = Router(tags=["journeys"])
Id = Annotated[str, Field(max_length=64)]
