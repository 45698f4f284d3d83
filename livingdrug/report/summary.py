"""What a reader wants to know first: one sentence, and a few numbers with the published ones below them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from livingdrug.analysis.measures import evaluate
from livingdrug.report.flow import stages
from livingdrug.report.material import Material, Row
from livingdrug.report.words import amount, bare, count, days, percent

__all__ = ["Key", "headline", "keys"]

KEYS = (
    ("infused_of_enrolled", "infused, of enrolled"),
    ("remission", "in remission, of infused"),
    ("efs_12", "event-free at 12 months"),
    ("os_12", "alive at 12 months"),
    ("crs_penn_3", "CRS of grade 3 or 4 (Penn)"),
    ("payment_mean", "paid per infused patient"),
)


@dataclass(frozen=True)
class Key:
    """A number with what it is, and what is published of it ("" where nothing is)."""

    value: str
    label: str
    published: str
    outside: bool


def headline(material: Material) -> str:
    """One sentence of the whole run."""
    found = {stage.name: stage.patients for stage in stages(material)}
    values = evaluate(material.facts, ("days_to_infusion_median", "crs_penn_3", "os_12"))
    infused, remission = found["infused"], found["in remission"]
    first, number = next(iter(found.items()))
    if not infused:
        return f"None of {count(number)} {first} virtual patients was infused."
    if first == "infused":
        said = f"{count(infused)} virtual patients are infused"
    else:
        wait = values["days_to_infusion_median"]
        after = f" after a median of {days(wait)} days" if not math.isnan(wait) else ""
        said = f"Of {count(number)} {first} virtual patients, {count(infused)} ({percent(infused / number)}) are infused{after}"
    said += f"; {percent(remission / infused)} of them come into remission"
    severe, alive = values["crs_penn_3"], values["os_12"]
    if not math.isnan(severe):
        said += f", {percent(severe)} have cytokine release of grade 3 or 4 (Penn)"
    return said + (f", and {percent(alive)} are alive 12 months after infusion." if not math.isnan(alive) else ".")


def keys(material: Material) -> list[Key]:
    """The key numbers that this run has."""
    values = evaluate(material.facts, [name for name, _ in KEYS])
    return [_key(material, name, label, values[name]) for name, label in KEYS if not math.isnan(values[name])]


def _key(material: Material, name: str, label: str, value: float) -> Key:
    unit, currency = ("money", material.words.currency) if name == "payment_mean" else ("1", "")
    targets = material.targets_of(name)
    said = _published(targets[0]) if targets else ""
    outside = bool(targets) and targets[0].get("inside") is False
    return Key(amount(value, unit), f"{currency} {label}".strip(), said, outside)


def _published(row: Row) -> str:
    low, high = row.get("low"), row.get("high")
    shown = amount(row["published"], row["unit"])
    if low is None or high is None:
        return shown
    return f"{shown} ({bare(low, row['unit'])} to {bare(high, row['unit'])})"
