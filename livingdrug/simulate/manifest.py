"""What a run says about itself: everything needed to repeat it, and digests of what went in and came out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livingdrug.simulate.disk import write
from livingdrug.simulate.origin import PACKAGE, code_digest, digest, versions

if TYPE_CHECKING:
    from livingdrug.simulate.run import Outcome
    from livingdrug.simulate.scenario import Scenario

__all__ = ["NAME", "add", "facts", "identity", "read", "write_manifest"]

NAME = "manifest.json"


def identity(scenario: Scenario, patients: int, courses: int) -> dict[str, Any]:
    """What must be the same for a chunk of one run to belong to another: an interrupted run notes it."""
    return {
        "scenario": scenario.name,
        "seed": scenario.seed,
        "patients": patients,
        "trajectories": courses,
        "therapy, population and policy": scenario.fingerprint,
        "code": code_digest(),
        **versions(),
    }


def facts(scenario: Scenario, outcome: Outcome, files: Sequence[Path]) -> dict[str, Any]:
    """The content of the manifest of a run that left these files."""
    from livingdrug.simulate.body import RTOL

    sources = scenario.sources()
    return {
        **versions(),
        "code": code_digest(),
        "scenario": scenario.name,
        "title": scenario.title,
        "about": scenario.about,
        "therapy": scenario.therapy.name,
        "policy": scenario.policy,
        "published": scenario.published,
        "seed": scenario.seed,
        "patients": outcome.patients,
        "horizon_days": scenario.horizon,
        "start": scenario.start,
        "calibrated": scenario.calibrated,
        "rtol": RTOL,
        "settings": list(scenario.settings),
        "fingerprint": scenario.fingerprint,
        "inputs": {_name(file): digest(file) for file in scenario.files},
        "files": {file.name: digest(file) for file in files},
        "not_modeled": list(scenario.not_modeled),
        "sources": sources,
        "warnings": _warnings(outcome.unsolved, sources),
        "unsolved": sum(outcome.unsolved.values()),
        "seconds": {name: round(took, 3) for name, took in outcome.seconds.items()},
    }


def _name(file: Path) -> str:
    """The path within the package for a file of the library, else as it was given."""
    return file.relative_to(PACKAGE.parent).as_posix() if file.is_relative_to(PACKAGE) else str(file)


def _warnings(unsolved: Mapping[str, int], sources: Sequence[Mapping[str, Any]]) -> list[str]:
    found = [f"{count:,} patients were not solved: each {says}." for says, count in unsolved.items()]
    unconfirmed = sum(not each["confirmed"] for each in sources)
    if unconfirmed:
        found.append(f"{unconfirmed} of {len(sources)} numbers are not confirmed by their source; livingdrug cite lists them.")
    return found


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write it; a folder with a manifest is a finished run, so this comes last."""
    write(folder / NAME, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def read(folder: Path) -> dict[str, Any] | None:
    """The manifest of a folder, or None where there is none that can be read."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def add(folder: Path, *, files: Sequence[str], seconds: Mapping[str, float]) -> None:
    """Note what was added to a finished run, and how long it took."""
    content = read(folder) or {}
    content["files"] = content.get("files", {}) | {name: digest(folder / name) for name in files}
    content["seconds"] = content.get("seconds", {}) | {name: round(took, 3) for name, took in seconds.items()}
    write_manifest(folder, content)
