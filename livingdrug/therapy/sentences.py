"""Pydantic's errors as our sentences: what stands there, the limit, and the way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from livingdrug.errors import UnknownName
from livingdrug.therapy.measured import Several
from livingdrug.therapy.settings import Path, called
from livingdrug.therapy.shapes import Shape, at, example, is_list, keys

__all__ = ["sentences", "spelled"]

LIMITS = {"gt": "above", "ge": "from", "lt": "below", "le": "up to"}
PATTERNS = {
    r"^[A-Z]{3}$": 'three capital letters, as in "USD"',
    r"^[^.=]+$": "a name without a dot and an equals sign",
}
EXPECTED = {
    "float": "a number; write it without quotes",
    "finite_number": "a finite number",
    "int": "a whole number; write it without quotes and decimals",
    "string": "text; put it in quotes",
    "bool": "true or false; write one of them without quotes",
    "tuple": "a list; put it in [ ]",
    "dict": "a table",
    "model": "a table",
    "date": "a date; write it without quotes, as 2017-08-30",
}


def sentences(error: ValidationError, schema: type[BaseModel]) -> Iterator[tuple[Path, str]]:
    """Every path with what is wrong there, in the order of the schema; a misspelled key is one mistake, not missing too."""
    found = error.errors(include_url=False)
    misspelled = {_meant(each["loc"], schema) for each in found if each["type"] == "extra_forbidden"}
    for each in found:
        path, context = each["loc"], each.get("ctx", {})
        inner = context.get("error")
        if isinstance(inner, Several):
            yield from (((*path, *filter(None, [found.where])), found.says) for found in inner.found)
        elif each["type"] == "value_error":
            yield path, str(inner)
        elif not (each["type"] == "missing" and path in misspelled) and not _is_echo(each["type"], each["input"], context):
            yield path, _says(each["type"], path, each["input"], context, schema) or each["msg"]


def _meant(path: Path, schema: type[BaseModel]) -> Path:
    """The path that an unknown key was probably meant for."""
    nearest = get_close_matches(str(path[-1]), _known(schema, path), n=1)
    return (*path[:-1], *nearest)


def _is_echo(kind: str, value: Any, context: Mapping[str, Any]) -> bool:
    """Whether a list counts as too short only for entries that have complaints of their own."""
    return kind == "too_short" and is_list(value) and len(value) >= context["min_length"]


def spelled(path: Path, tree: Any) -> str:
    """A path as people write it, with the names of list entries instead of their positions: "release.viability.minimum"."""
    words: list[str] = []
    for key in path:
        entries, tree = tree, _inner(tree, key)
        words.append(_entry(entries, key) if isinstance(key, int) else key)
    return ".".join(words)


def _inner(tree: Any, key: str | int) -> Any:
    try:
        return tree[key]
    except (KeyError, IndexError, TypeError):
        return None


def _entry(entries: Any, at: int) -> str:
    """The name of an entry, or its position where it has none or shares it."""
    if not is_list(entries) or at >= len(entries):
        return str(at)
    names = [called(each)[:1] for each in entries]
    return names[at][0] if names[at] and names.count(names[at]) == 1 else str(at)


def _says(kind: str, path: Path, value: Any, context: Mapping[str, Any], schema: type[BaseModel]) -> str:
    here = at(schema, path)
    if kind == "missing":
        return f"is missing; write {example(str(path[-1]), here)}{_meaning(path, schema)}"
    if kind == "extra_forbidden":
        return UnknownName.among("key", str(path[-1]), _known(schema, path)).complaints[0].says
    if kind == "literal_error" and here is not None:
        return _no_word(value, here)
    if kind == "string_pattern_mismatch":
        return f"{value!r} is not {PATTERNS[context['pattern']]}"
    if kind in ("too_short", "string_too_short"):
        return "is empty; state at least one" if kind == "too_short" and not value else _too_short(value, context)
    if limits := [f"{word} {context[key]:g}" for key, word in LIMITS.items() if key in context]:
        return f"{value!r} is out of range; give a number {limits[0]}"
    if here is not None and here.is_number and kind.startswith("model"):
        return f'{_short(value)} has no unit and source; write {{ value = …, unit = "{here.unit or "…"}", source = "…" }}'
    expected = next((words for start, words in EXPECTED.items() if kind.startswith(start)), "")
    return f"{_short(value)} is not {expected}" if expected else ""


def _meaning(path: Path, schema: type[BaseModel]) -> str:
    """What the key means, in parentheses."""
    holder = at(schema, path[:-1])
    field = holder.kind.model_fields.get(str(path[-1])) if holder and keys(holder) else None
    says = (field.description or "").partition("\n")[0].rstrip(".") if field else ""
    return f" ({says[:1].lower()}{says[1:]})" if says else ""


def _known(schema: type[BaseModel], path: Path) -> tuple[str, ...]:
    holder = at(schema, path[:-1])
    return keys(holder) if holder else ()


def _no_word(value: Any, here: Shape) -> str:
    words = [str(each) for each in get_args(here.kind)] if get_origin(here.kind) is Literal else []
    near = get_close_matches(str(value), words, n=1, cutoff=0.6)
    nearest = f"; nearest: {near[0]}" if near else ""
    choice = " or ".join([", ".join(words[:-1]), *words[-1:]]) if len(words) > 1 else "".join(words)
    return f"{_short(value)} is not known here; write {choice}{nearest}"


def _too_short(value: Any, context: Mapping[str, Any]) -> str:
    if isinstance(value, str):
        return "is empty; write something"
    return f"has {len(value)} {'entry' if len(value) == 1 else 'entries'}; state at least {context['min_length']}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
