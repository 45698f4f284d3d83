"""The journeys of a run as a file: JSON lines, gzipped, that `livingdrug replay` reads and anybody else can.

The first line says what it is: `{"livingdrug": "journeys", "format": 1, "scenario": …, "therapy": …, "network": …}`. Every
other line is one event with the journey it belongs to, as `livingdrug.journey.codec` spells it. Equal runs are equal files.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livingdrug.journey.codec import encode
from livingdrug.journey.events import Event, PatientReferred
from livingdrug.network.schema import Network
from livingdrug.simulate import manifest
from livingdrug.simulate.disk import sentences, whole
from livingdrug.simulate.journeys import AT_ONCE, first_day, journeys
from livingdrug.simulate.scenario import Scenario

__all__ = ["NAME", "Written", "write_log"]

NAME = "journeys.jsonl.gz"
COMPRESSION = 5
"""Of 1 to 9: above it, files shrink by a few percent and take twice as long."""
BYTES_PER_PATIENT = 4_000
"""On the disk, measured."""


@dataclass(frozen=True)
class Written:
    """What was written: the file and its size in bytes, patients, events, seconds."""

    file: Path
    patients: int
    events: int
    size: int
    seconds: float


def write_log(
    scenario: Scenario,
    folder: Path,
    patients: range,
    network: Network,
    *,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Written:
    """Write the journeys of these patients into the folder of a finished run, and note it in the manifest.

    progress: called with (patients done, patients). Raises `BadInput` when the disk or the network refuses.
    """
    began, events, file = time.perf_counter(), 0, folder / NAME
    with sentences(folder, len(patients) * BYTES_PER_PATIENT), whole(file) as draft:
        # No file name and no time inside: equal runs are equal files.
        with draft.open("wb") as raw, gzip.GzipFile("", "wb", COMPRESSION, raw, mtime=0) as packed:
            packed.write(_line(_header(scenario, patients, network)))
            found = journeys(scenario, patients, network, threads=threads)
            for done, (_, journey) in enumerate(found, 1):
                events += len(journey)
                packed.write(b"".join(_lines(journey)))
                if progress and (done % AT_ONCE == 0 or done == len(patients)):
                    progress(done, len(patients))
        took = time.perf_counter() - began
    manifest.add(folder, files=[NAME], seconds={"journeys": took})
    return Written(file, len(patients), events, file.stat().st_size, took)


def _header(scenario: Scenario, patients: range, network: Network) -> dict[str, Any]:
    return {
        "livingdrug": "journeys",
        "format": 1,
        "scenario": scenario.name,
        "therapy": scenario.therapy.name,
        "settings": [each.removeprefix("therapy.") for each in scenario.settings if each.startswith("therapy.")],
        "network": network.name,
        "start": first_day(scenario.therapy).isoformat(),
        "seed": scenario.seed,
        "patients": len(patients),
    }


def _lines(events: list[Event]) -> Iterator[bytes]:
    first = events[0]
    assert isinstance(first, PatientReferred), "a journey begins with its referral"
    for event in events:
        yield _line({"journey": first.patient, **encode(event)})


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"
