"""What is valid at a center on a day, until when without a gap, and what ends soon: the view of those who renew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from livingdrug.network import ask
from livingdrug.network.schema import Center, Certificate, Network, Person

__all__ = ["Standing", "lasts", "standing"]

DAY = timedelta(days=1)
KINDS = ("REMS", "manufacturer", "FACT", "JACIE")
Span = tuple[date, date | None]
"""First and last day, both included; open where there is no last day."""


class Standing(NamedTuple):
    """How a center stands for a therapy on a day."""

    center: str
    certificates: dict[str, date | None]
    """Kinds that are valid that day, each with the last day without a gap."""
    trained: dict[str, tuple[int, int]]
    """For each role, how many are trained that day, and how many work there."""
    lacking: tuple[str, ...]
    """Why what the center states is not valid that day."""
    ending: tuple[tuple[str, date], ...]
    """What ends soon and is not renewed: certificate or person, and the last day."""


def standing(network: Network, center: Center, therapy_name: str, on: date, soon: int) -> Standing:
    """How a center stands for a therapy on a day; what ends within the `soon` days from then on is told."""
    stated = {kind: _spans_of(center.certificates, kind, therapy_name) for kind in KINDS}
    kinds = [kind for kind in KINDS if stated[kind]]
    here = [each for each in center.staff if each.until is None or on <= each.until]
    valid = {kind: lasts(stated[kind], on) for kind in kinds if ask.certificate(network, center.id, kind, therapy_name, on)}
    able = {
        each.id: lasts(_training(each, therapy_name), on) for each in here if ask.trained(network, each.id, therapy_name, on)
    }
    lacking = [ask.why_not_certified(network, center.id, kind, therapy_name, on) for kind in kinds]
    lacking += [ask.why_not_trained(network, each.id, therapy_name, on) for each in here]
    ends = {**{f"{kind} certificate": last for kind, last in valid.items()}, **able}
    return Standing(
        center=center.id,
        certificates=valid,
        trained={role: (len([each for each in those if each.id in able]), len(those)) for role, those in _by_role(here)},
        lacking=tuple(filter(None, lacking)),
        ending=tuple((what, last) for what, last in ends.items() if last and last <= on + soon * DAY),
    )


def lasts(spans: Sequence[Span], on: date) -> date | None:
    """The last day until which some span holds on every day from `on`, which one holds on; None where that is open."""
    last = on
    while True:
        ends = [end for begin, end in spans if begin <= last + DAY and (end is None or end > last)]
        if not ends:
            return last
        if None in ends:
            return None
        last = max(end for end in ends if end)


def _spans_of(certificates: Sequence[Certificate], kind: str, therapy_name: str) -> list[Span]:
    about = [each for each in certificates if each.kind == kind and each.therapy in (None, therapy_name)]
    return [(each.valid_from, _last(each)) for each in about]


def _last(certificate: Certificate) -> date | None:
    """The last day of a certificate, which the day of a revocation is not."""
    days = [each for each in (certificate.valid_until, certificate.revoked and certificate.revoked - DAY) if each]
    return min(days, default=None)


def _training(someone: Person, therapy_name: str) -> list[Span]:
    """The spans of training, none of which lasts longer than the person stays."""
    about = [each for each in someone.training if each.therapy in (None, therapy_name)]
    ends = [[day for day in (each.valid_until, someone.until) if day] for each in about]
    return [(each.valid_from, min(days, default=None)) for each, days in zip(about, ends, strict=True)]


def _by_role(staff: Sequence[Person]) -> Iterator[tuple[str, list[Person]]]:
    for role in dict.fromkeys(role for each in staff for role in each.roles):
        yield role, [each for each in staff if role in each.roles]
