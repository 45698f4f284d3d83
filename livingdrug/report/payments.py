"""What is paid: of a hundred patients one by one, and how much the bill for a hundred varies by luck alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from livingdrug.analysis.contract import KINDS, Settlement, per_group, settle
from livingdrug.report.look import (
    GRADES,
    HEIGHT,
    OTHER,
    PAPER,
    QUIET,
    VIRTUAL,
    WIDTH,
    Figure,
    Picture,
    finished,
    interval,
    layer,
    pixels,
    points,
    texts,
)  # fmt: skip
from livingdrug.report.material import Material
from livingdrug.report.words import count, money, named, percent

__all__ = ["figures", "of_a_hundred"]

GROUP = 100
FEWEST_GROUPS = 8
"""Fewer groups of a hundred make no distribution."""
STYLES = {KINDS[0]: ("square", VIRTUAL, VIRTUAL), KINDS[1]: ("square", PAPER, OTHER), KINDS[2]: ("circle", GRADES[1], QUIET)}
WORDS = {KINDS[0]: "paid", KINDS[1]: "waived: no response in the first month", KINDS[2]: "not billable: out of specification"}


def figures(material: Material) -> list[Figure]:
    """One figure; none when no invoice was recorded."""
    found = settle(material.facts)
    if not found.infused:
        return []
    currency = material.words.currency
    waived = f"{percent(found.waived / found.infused)} of invoices are waived" if found.waived else "no invoice is waived"
    title = f"A payer pays {money(found.per_infused, currency)} per infused patient; {waived}"
    says = "The product only: hospital costs, discounts and delays of payment are not in it."
    spread = _spread(material, found)
    if spread and material.targets_of("payment_mean"):
        says += " Point: what the published responses would cost, with its 95 % interval."
    source = " · ".join(
        dict.fromkeys(str(row["source"]) for row in material.targets_of("payment_mean")[:1] if row.get("source"))
    )
    return [Figure("payments", title, says, [_hundred(found), *([spread] if spread else [])], source if spread else "")]


def of_a_hundred(found: Settlement) -> dict[str, int]:
    """How many of a hundred are paid, waived and not billable: whole numbers that add up to a hundred (largest remainders)."""
    counts = dict(zip(KINDS, (found.paid, found.waived, found.not_billable), strict=True))
    exact = {kind: GROUP * n / found.infused for kind, n in counts.items()}
    whole = {kind: math.floor(share) for kind, share in exact.items()}
    missing = GROUP - sum(whole.values())
    for kind in sorted(KINDS, key=lambda kind: whole[kind] - exact[kind])[:missing]:
        whole[kind] += 1
    return whole


def _hundred(found: Settlement) -> Picture:
    """A hundred patients as marks, twenty a row."""
    whole = of_a_hundred(found)
    kinds = [kind for kind in KINDS for _ in range(whole[kind])]
    step, top = (WIDTH + 30) / 20, 8
    height = top + 5 * step + 12 + 17 * sum(1 for kind in KINDS if whole[kind])
    y = alt.Y("y:Q", scale=pixels(height), axis=None)
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, WIDTH + 40], nice=False), axis=None)
    layers: list[Any] = []
    line = 0
    for kind, (shape, fill, outline) in STYLES.items():
        spots = [{"x": 6 + i % 20 * step, "y": top + i // 20 * step} for i, each in enumerate(kinds) if each == kind]
        if not spots:
            continue
        at = top + 5 * step + 8 + 17 * line
        line += 1
        mark = points([*spots, {"x": 6, "y": at}]).mark_point(
            shape=shape, filled=True, fill=fill, stroke=outline, strokeWidth=1.4, size=95, opacity=1
        )
        layers.append(mark.encode(x=x, y=y))
        layers.append(texts([{"text": f"{whole[kind]} {WORDS[kind]}", "x": 18, "y": at}], x=x, y=y))
    about = ", ".join(f"{whole[kind]} {WORDS[kind]}" for kind in KINDS) + "."
    chart = finished(
        layer(*layers, height=height, width=WIDTH + 40), "Of a hundred infused patients", "each mark is one patient", axis=0
    )
    return Picture("Of a hundred infused patients", about, chart)


def _spread(material: Material, found: Settlement) -> Picture | None:
    """How the bill for a hundred infused patients is spread over groups of a hundred, with the published expectation."""
    groups = per_group(material.facts, GROUP)
    bills = [cents / 1e8 for cents in groups["cents_paid"].to_list()]
    if len(bills) < FEWEST_GROUPS:
        return None
    published = [
        {"value": row["published"] * GROUP / 1e6, "low": _scaled(row.get("low")), "high": _scaled(row.get("high")), "y": -0.09}
        for row in material.targets_of("payment_mean")[:1]
    ]
    low, high = _ends(bills, published)
    width = (high - low) / 24
    counts = [sum(low + i * width <= bill < low + (i + 1) * width for bill in bills) for i in range(25)]
    most = max(counts)
    rows = [
        {"value": low + (i + 0.08) * width, "to": low + (i + 0.92) * width, "y": n / most} for i, n in enumerate(counts) if n
    ]
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        axis=alt.Axis(title=None, tickCount=5, format="~g"),
    )
    y = alt.Y("y:Q", scale=alt.Scale(domain=[-0.18, 1.12], nice=False), axis=None)
    mean = (found.per_infused or 0) * GROUP / 1e8
    layers = [
        points(rows).mark_rect(color=VIRTUAL, opacity=0.35).encode(x=x, x2=alt.X2("to:Q"), y=y, y2=alt.Y2Datum(0)),
        points([{"value": mean, "y": 0, "y2": 1.04}])
        .mark_rule(color=VIRTUAL, strokeWidth=2.4)
        .encode(x=x, y=y, y2=alt.Y2("y2:Q")),
        texts([{"text": f"mean {mean:.1f}", "value": mean, "y": 1.1}], color=VIRTUAL, align="center", x=x, y=y),
        *interval(published, x=x, y=y, along="x"),
    ]
    title = f"The bill for a hundred, {count(len(bills))} times"
    unit = f"million {material.words.currency} per hundred infused patients".replace("  ", " ")
    lowest, highest = min(bills), max(bills)
    about = (
        f"From {lowest:.1f} to {highest:.1f} million over {named(len(bills), 'group')} of a hundred; mean {mean:.1f} million."
    )
    return Picture(title, about, finished(layer(*layers, height=HEIGHT - 30, width=WIDTH + 40), title, unit, axis=0))


def _scaled(value: float | None) -> float | None:
    return None if value is None else value * GROUP / 1e6


def _ends(bills: Sequence[float], published: Sequence[dict[str, Any]]) -> tuple[float, float]:
    seen = [*bills, *(row[name] for row in published for name in ("value", "low", "high") if row[name] is not None)]
    margin = 0.04 * ((max(seen) - min(seen)) or 1.0)
    return min(seen) - margin, max(seen) + margin
