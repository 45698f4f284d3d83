"""A therapy as groups of words and numbers, in the order in which a patient meets it, each with meaning and source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from pydantic import BaseModel

from livingdrug.therapy.measured import Measured
from livingdrug.therapy.policy import Policy
from livingdrug.therapy.release import Specification
from livingdrug.therapy.schema import Therapy

__all__ = ["HEADS", "Fact", "Group", "Number", "groups"]

HEADS = {
    "eligibility": "Eligibility",
    "receptor": "Receptor",
    "collection": "Collection",
    "manufacture": "Manufacture",
    "release": "Release tests",
    "out_of_specification": "Out of specification",
    "dose": "Dose",
    "lymphodepletion": "Lymphodepletion",
    "infusion": "Infusion",
    "monitoring": "Monitoring",
    "toxicity": "Toxicity",
    "response": "Response",
    "price": "Price",
    "contract": "Contract",
    "certification": "Certification",
}
"""The tables of a therapy file and their headings."""

LIMITS = {"minimum": "at least", "maximum": "at most", "out_of_specification": "out of specification down to"}


class Fact(NamedTuple):
    """A key that holds words."""

    key: str
    says: str


class Number(NamedTuple):
    """A key that holds a number with unit and source."""

    key: str
    value: float
    unit: str
    meaning: str
    source: str
    confirmed: bool


class Group(NamedTuple):
    """One table of a therapy: heading, dotted key, words and their source, numbers."""

    head: str
    key: str
    facts: tuple[Fact, ...]
    source: str
    numbers: tuple[Number, ...]


def groups(therapy: Therapy) -> Iterator[Group]:
    """Every table of a therapy, and every treatment policy by itself."""
    for key, head in HEADS.items():
        part = getattr(therapy, key)
        if key == "release":
            yield Group(head, key, (), "", tuple(_tests(therapy.release)))
            continue
        yield _group(head, key, part)
        if key == "toxicity":
            for name, policy in therapy.toxicity.policies.items():
                yield _group(f"Policy {name}: {policy.title}", f"{key}.policies.{name}", policy)


def _group(head: str, key: str, part: BaseModel) -> Group:
    facts = tuple(each for each in _facts(part))
    source = getattr(part, "source", "")
    if source and not getattr(part, "confirmed", True):
        source += ", unconfirmed"
    return Group(head, key, facts, source, tuple(_numbers(part)))


def _facts(part: BaseModel) -> Iterator[Fact]:
    hidden = {"source", "confirmed", *({"title"} if isinstance(part, Policy) else ())}
    for key in type(part).model_fields:
        value = getattr(part, key)
        if key not in hidden and value not in (None, "", ()) and not _is_numbers(value):
            yield Fact(key, _words(value))


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        entries = cast("tuple[Any, ...]", value)
        return ("; " if any(isinstance(each, str) for each in entries) else ", ").join(_words(each) for each in entries)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _is_numbers(value: Any) -> bool:
    """Whether a value is numbers with units, or tables that hold them, and so is listed as numbers or a group of its own."""
    if isinstance(value, tuple):
        return any(isinstance(each, BaseModel) for each in cast("tuple[Any, ...]", value))
    return isinstance(value, BaseModel | dict)


def _numbers(part: BaseModel) -> Iterator[Number]:
    for key, field in type(part).model_fields.items():
        value, meaning = getattr(part, key), _sentence(field.description)
        if isinstance(value, Measured):
            yield _number(key, value, meaning)
        elif isinstance(value, tuple):
            for i, each in enumerate(cast("tuple[Any, ...]", value)):
                yield from _entry(f"{key}.{i}", each, meaning)


def _entry(key: str, each: Any, meaning: str) -> Iterator[Number]:
    """The numbers of an entry of a list: a number, or a step or drug by its name."""
    if isinstance(each, Measured):
        yield _number(key, each, meaning)
    elif isinstance(each, BaseModel):
        inner = [value for _, value in each if isinstance(value, Measured)]
        days = getattr(each, "days", None)
        for value in inner:
            yield _number(str(getattr(each, "name", key)), value, f"a day, on {days} days" if days else "")


def _number(key: str, each: Measured, meaning: str) -> Number:
    says = "; ".join(filter(None, [meaning, each.about]))
    return Number(key, each.value, each.unit, says, each.source, each.confirmed)


def _tests(release: Sequence[Specification]) -> Iterator[Number]:
    for each in release:
        limits = [(word, getattr(each, name)) for name, word in LIMITS.items() if getattr(each, name) is not None]
        for word, limit in limits or [("no limit", float("nan"))]:
            meaning = f"{word}; {each.about}" if each.about and word != LIMITS["out_of_specification"] else word
            yield Number(each.test, limit, each.unit, meaning, each.source, each.confirmed)
        for other in each.elsewhere:
            for limit, word in ((other.minimum, "at least"), (other.maximum, "at most")):
                if limit is not None:
                    meaning = f"{word} in {other.jurisdiction}; {other.about}".removesuffix("; ")
                    yield Number(each.test, limit, each.unit, meaning, other.source, other.confirmed)


def _sentence(description: str | None) -> str:
    """A docstring as a phrase within a table."""
    first = (description or "").partition("\n")[0].rstrip(".")
    return first if first[1:2].isupper() else f"{first[:1].lower()}{first[1:]}"
