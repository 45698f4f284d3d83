"""Ten thousand mix-ups and more, the same on every machine: `mixups(count, seed)` writes them, `play` plays them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import faults_cells
import faults_identity
import faults_patient
import faults_record
from faults_base import KINDS, Mixup, Outcome, play

__all__ = ["KINDS", "REACHED", "Mixup", "Outcome", "mixups", "play", "wrong_with"]

REACHED = "reached the patient"

assert all((faults_cells, faults_identity, faults_patient, faults_record))


def mixups(count: int, seed: int = 2017) -> Iterator[Mixup]:
    """So many mix-ups, each kind in its turn; the first ones are the same for every count."""
    kinds = list(KINDS.values())
    for n in range(count):
        kind = kinds[n % len(kinds)]
        plan = kind.write(Random(f"{seed}-{n}"))
        yield Mixup(kind.name, plan.expected or kind.expected, plan)


def wrong_with(mixup: Mixup, outcome: Outcome) -> str | None:
    """Why the rules failed, or nothing."""
    if outcome.reached:
        return REACHED
    if not outcome.first:
        return "was never refused"
    if not outcome.first & mixup.expected:
        return f"{outcome.at!r} was refused by {sorted(outcome.first)}, and it takes one of {sorted(mixup.expected)}"
    return None
