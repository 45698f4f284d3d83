"""`livingdrug replay`: pass every event of an exported log through the door again, and say which rule breaks where."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livingdrug.commands.ending import ExitStatus
from livingdrug.errors import BadInput, Complaints

if TYPE_CHECKING:
    from livingdrug.journey.events import Event
    from livingdrug.journey.state import Journey
    from livingdrug.network.schema import Network
    from livingdrug.therapy.schema import Therapy

__all__ = ["replay"]

NETWORK = "us-launch-2017"
SHOWN = 20
"""Refusals that are printed one by one; all are counted."""
MOST_COMPLAINTS = 200
"""Malformed lines that are named; of a file that is something else altogether, more say nothing more."""


def replay(file: Path, /, *, therapy: str | None = None, network: str | None = None) -> ExitStatus:
    """Check a log of journeys: every event passes the rules again; what is refused is shown with its rule.

    Parameters
    ----------
    file
        A log, ….jsonl or ….jsonl.gz: of livingdrug simulate --journeys, or an export of the care service.
    therapy
        The therapy, a name or a file; without it, the one that the log or the referral names.
    network
        The network, a name or a file; without it, the one that the log names, else us-launch-2017.
    """
    from livingdrug.commands.progress import waiting

    log = _Log(file, therapy, network)
    with waiting(f"replaying {file.name}"):
        for number, line in enumerate(_lines(file), 1):
            log.read(number, line)
    _print(log)
    log.complain()
    return ExitStatus.BAD_INPUT if log.refusals else ExitStatus.FINE


def _lines(file: Path) -> Iterator[str]:
    """The lines of a log, packed or not."""
    opener = gzip.open if file.suffix == ".gz" else open
    try:
        with opener(file, "rt", encoding="utf-8") as opened:
            yield from (line for line in opened)
    except UnicodeDecodeError as error:
        raise BadInput.at(str(file), "is not text in UTF-8; give a log of JSON lines (.jsonl, or .jsonl.gz)") from error
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BadInput.at(
            str(file), f"cannot be unpacked ({error}); it is damaged or not gzipped, so export it again"
        ) from error
    except OSError as error:
        raise BadInput.at(str(file), f"cannot be read: {error.strerror}; check the path") from error


# Reading ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refusal:
    """One rule against one event."""

    journey: str
    position: int
    event: str
    rule: str
    says: str


@dataclass
class _Log:
    """A log as far as it was read: its journeys, what was refused, and what could not be read."""

    file: Path
    therapy: str | None
    network: str | None
    journeys: dict[str, Journey] = field(default_factory=dict)
    events: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    by_rule: Counter[str] = field(default_factory=Counter)
    malformed: int = 0
    found: Complaints = field(default_factory=Complaints)
    header: dict[str, Any] = field(default_factory=dict)
    therapies: dict[str, Therapy] = field(default_factory=dict)
    place: Network | None = None

    def read(self, number: int, line: str) -> None:
        """One line: an event, or a line about the log itself; what is wrong with it is a complaint."""
        if not line.strip():
            return
        try:
            content = _content(line)
            if "livingdrug" in content or "definition" in content:
                self.header |= content if "livingdrug" in content else {}
                return
            name, event = _event(content)
            therapy = self._therapy_of(self.journeys.get(name), event)
        except BadInput as error:
            self.malformed += 1
            if self.malformed <= MOST_COMPLAINTS:
                self.found.add_from(f"{self.file.name}: line {number}", error)
            return
        self._pass(name, event, therapy)

    def _pass(self, name: str, event: Event, therapy: str) -> None:
        """An event through the door; a refused one is folded all the same, so that the rest can be read."""
        from livingdrug.journey.record import Refused, record
        from livingdrug.journey.state import Journey, evolve

        journey = self.journeys.get(name) or Journey()
        after = record(self._loaded(therapy), self._network(), journey, event)
        if isinstance(after, Refused):
            self._note(name, journey.version + 1, after)
            after = evolve(event, journey)
        self.journeys[name] = after
        self.events += 1

    def _note(self, name: str, position: int, refused: Any) -> None:
        self.refused += 1
        for reason in refused.reasons:
            self.by_rule[reason.rule] += 1
            if len(self.refusals) < SHOWN:
                self.refusals.append(Refusal(name, position, refused.event.name, reason.rule, reason.says))

    def _therapy_of(self, journey: Journey | None, event: Event) -> str:
        """The name of the therapy by whose file an event is judged."""
        from livingdrug.journey.events import PatientReferred

        named = journey.therapy if journey else event.therapy if isinstance(event, PatientReferred) else ""
        chosen = self.therapy or self.header.get("therapy") or named
        if not isinstance(chosen, str) or not chosen:
            raise BadInput.at("", "the journey does not begin with a referral; name the therapy with --therapy")
        return chosen

    def _loaded(self, name: str) -> Therapy:
        from livingdrug.therapy.load import load

        if name not in self.therapies:
            settings = [] if self.therapy else self.header.get("settings", [])
            self.therapies[name] = load(name, [each for each in settings if isinstance(each, str)])
        return self.therapies[name]

    def _network(self) -> Network:
        from livingdrug.network.load import load

        if self.place is None:
            self.place = load(self.network or str(self.header.get("network") or NETWORK))
        return self.place

    def complain(self) -> None:
        """Raise every complaint about lines that could not be read."""
        more = self.malformed - MOST_COMPLAINTS
        if more > 0:
            self.found.add(self.file.name, f"{more:,} more lines cannot be read; correct the first, and replay again")
        self.found.raise_any()


def _content(line: str) -> dict[str, Any]:
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput.at("", f"is not JSON ({error}); a log has one object on each line") from error
    if not isinstance(content, dict):
        raise BadInput.at("", "is no object; a log has one object on each line")
    return content


def _event(content: dict[str, Any]) -> tuple[str, Event]:
    """The journey and the event of a line; an export of the store has the event as text."""
    from livingdrug.journey.codec import decode, read_json

    name = content.get("journey")
    if not isinstance(name, str) or not name:
        raise BadInput.at("journey", "is missing; each line names the journey that its event belongs to")
    if isinstance(content.get("content"), str):
        return name, read_json(content["content"], "content")
    return name, decode({key: value for key, value in content.items() if key != "journey"})


# Printing ---------------------------------------------------------------------------------------------------------------


def _print(log: _Log) -> None:
    from livingdrug.commands.tables import print_table

    numbers = (f"{len(log.journeys):,}", f"{log.events:,}", f"{log.refused:,}")
    print_table(("journeys", "events", "refused"), [numbers], right=("journeys", "events", "refused"))
    if not log.refusals:
        return
    rows = [(each.journey, str(each.position), each.event, each.rule, each.says) for each in log.refusals]
    shown = f"The first {SHOWN} reasons" if sum(log.by_rule.values()) > SHOWN else "Refused"
    print_table(("journey", "position", "event", "rule", "why"), rows, right=("position",), title=shown)
    counts = [(rule, f"{count:,}") for rule, count in sorted(log.by_rule.items())]
    print_table(("rule", "events"), counts, right=("events",), title="How often each rule refused")
