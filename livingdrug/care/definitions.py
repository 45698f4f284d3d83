"""Therapies, networks and rules as they were when something was judged by them: kept word for word, found by digest.

A journey is judged by the therapy as it was defined at referral, whatever the file says later, and by the network as it is
defined on the day, because people and certificates come and go. Which of them judged an event stands in the event.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from livingdrug import __version__
from livingdrug.care import chain, clock
from livingdrug.care.models import Definition
from livingdrug.errors import BadInput, UnknownName
from livingdrug.network import load as networks
from livingdrug.network.schema import Network
from livingdrug.therapy import load as therapies
from livingdrug.therapy.schema import Therapy

__all__ = ["current", "define", "define_library", "forget", "network", "rules", "text_of", "therapy"]

READERS: dict[str, tuple[Callable[[Path], Any], Callable[[str | Path], Path]]] = {
    "therapy": (therapies.load, therapies.path_of),
    "network": (networks.load, networks.path_of),
}

FRESH = 1.0
"""Seconds for which what is current is believed without asking: another server may have defined it anew."""

_current: dict[tuple[str, str], tuple[float, str]] = {}


def define(kind: str, name: str | Path) -> str:
    """Make a therapy or network of the library, or a file, the current one of its name; the digest. Raises `BadInput`."""
    load, path_of = READERS[kind]
    path = path_of(name)
    named = load(path).name
    return _kept(kind, named, path.read_text(encoding="utf-8"))


def define_library() -> None:
    """Define every therapy and network of the library."""
    for name in therapies.names():
        define("therapy", name)
    for name in networks.names():
        define("network", name)


def current(kind: str, name: str) -> str:
    """The digest of what is current; raises `UnknownName`."""
    kept = _current.get((kind, name))
    if kept is not None and time.monotonic() - kept[0] < FRESH:
        return kept[1]
    found = _latest(kind, name)
    if found is None:
        known = Definition.objects.filter(kind=kind).values_list("name", flat=True).distinct()
        raise UnknownName.among(kind, name, known)
    _current[kind, name] = (time.monotonic(), found)
    return found


def text_of(digest: str) -> str:
    """The definition word for word; raises `BadInput`."""
    found = Definition.objects.filter(digest=digest).values_list("text", flat=True).first()
    if found is None:
        raise BadInput.at("store", f"the definition {digest} is missing; restore a backup that has it")
    return found


@lru_cache(maxsize=256)
def therapy(digest: str) -> Therapy:
    """The therapy of that digest."""
    return Therapy.model_validate(tomllib.loads(text_of(digest)))


@lru_cache(maxsize=64)
def network(digest: str) -> Network:
    """The network of that digest."""
    return Network.model_validate(tomllib.loads(text_of(digest)))


def rules() -> str:
    """The digest of the rules of this livingdrug; they are kept as a definition the first time they judge."""
    digest, text = _rules()
    _define_rules(digest, text)
    return digest


def forget() -> None:
    """Forget what was read of another store."""
    therapy.cache_clear()
    network.cache_clear()
    _define_rules.cache_clear()
    _current.clear()


@cache
def _rules() -> tuple[str, str]:
    """The rules as their source: what refuses is code, so only the code says which rules judged."""
    folder = Path(therapies.__file__).parent.parent / "journey"
    files = sorted([*folder.glob("rules/*.py"), folder / "state.py", folder / "record.py"])
    text = chain.spelled({str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in files})
    return chain.digest(text), text


@lru_cache(maxsize=1)
def _define_rules(digest: str, text: str) -> None:
    if not Definition.objects.filter(digest=digest).exists():
        _kept("rules", __version__, text)


def _latest(kind: str, name: str) -> str | None:
    rows = Definition.objects.filter(kind=kind, name=name).order_by("-id")
    return rows.values_list("digest", flat=True).first()


def _kept(kind: str, name: str, text: str) -> str:
    digest = chain.digest(text)
    _current.clear()
    if _latest(kind, name) != digest:
        Definition.objects.create(digest=digest, kind=kind, name=name, text=text, defined=clock.stamp(clock.now()))
    return digest
