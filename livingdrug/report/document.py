"""The report of a run: one HTML file that needs no network and no script, from the files of the run folder alone.

`write` reads a folder, draws every figure as inline SVG, and puts `report.html` beside what it read. A figure that has nothing
to show is replaced by a sentence that says why, never left out in silence.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from altair.utils.schemapi import debug_mode

from livingdrug import __version__
from livingdrug.analysis.survival import DEFINITIONS
from livingdrug.errors import BadInput
from livingdrug.report import courses, flow, payments, published, summary, survival, swimmer, tables, toxicity
from livingdrug.report.look import INK, PALETTE, Figure, drawn
from livingdrug.report.material import Material, read
from livingdrug.report.words import THIN_SPACE, count, days, money, percent

__all__ = ["NAME", "SECTIONS", "Section", "page", "write"]

NAME = "report.html"


@dataclass(frozen=True)
class Section:
    """A part of the report. `figures` draws it; `without` says why it is empty; `results` are marked when not calibrated."""

    name: str
    title: str
    figures: Callable[[Material], list[Figure]] = lambda material: []
    without: str = ""
    results: bool = True


NO_COURSES = (
    "This run kept no courses of single patients. livingdrug simulate … --trajectories 200 keeps those of 200 patients."
)

SECTIONS = (
    Section("flow", "From enrollment to remission", flow.figures),
    Section("published", "Published beside simulated", published.figures, "Nothing published was compared with this run."),
    Section("targets", "Every target"),
    Section("transgene", "Cells in the blood", courses.transgene, NO_COURSES),
    Section("cells", "Tumor and healthy cells", courses.cells, NO_COURSES),
    Section("toxicity", "Cytokine release", toxicity.figures, "No grade of cytokine release was recorded."),
    Section("survival", "Survival", survival.figures, "Nobody was infused and followed."),
    Section("swimmer", "Sixty patients", swimmer.figures, "Nobody was infused and followed."),
    Section("payments", "Payments", payments.figures, "No invoice was recorded."),
    Section("not-modeled", "What is not modeled", results=False),
    Section("sources", "Sources", results=False),
    Section("provenance", "Provenance", results=False),
)
"""In the order of the page."""


def write(folder: Path) -> Path:
    """Write the report of a run folder into it, whole or not at all; raises `BadInput` with everything that is wrong."""
    # Altair checks every mark against its schema, which takes longer than drawing; the tests of the figures have it on.
    with debug_mode(False):
        text = page(read(folder))
    path, half = folder / NAME, folder / f".{NAME}.{os.getpid()}"
    try:
        half.write_text(text, encoding="utf-8")
        half.replace(path)
    except OSError as error:
        raise BadInput.at(str(path), f"cannot be written: {error.strerror}") from error
    finally:
        half.unlink(missing_ok=True)
    return path


def page(material: Material) -> str:
    """The report as one HTML document."""
    manifest = material.manifest
    template = _environment().get_template("report.html")
    text = template.render(
        title=manifest.get("title") or manifest.get("scenario") or material.folder.name,
        material=material,
        manifest=manifest,
        style=_style(),
        facts=_facts(material),
        headline=summary.headline(material),
        keys=summary.keys(material),
        sections=_sections(material),
        tables=tables.all_tables(material),
        definitions=DEFINITIONS,
        version=__version__,
        ink=INK,
        predicted=any(row.get("predicted_low") is not None for row in material.targets),
    )
    return re.sub(r"(?<=\d) %", f"{THIN_SPACE}%", text)  # no line ends between a number and its sign


def _environment() -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("livingdrug.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(count=count, percent=percent, days=days, money=money)
    return made


def _style() -> str:
    """The stylesheet, with the twin of every color of the figures on dark paper."""
    sheet = _environment().get_template("report.css").render()
    twins = "\n".join(
        f'    svg [{part}="{light}"] {{ {part}: {dark} }}' for light, dark in PALETTE.items() for part in ("fill", "stroke")
    )
    return f"{sheet}\n@media screen and (prefers-color-scheme: dark) {{\n{twins}\n}}\n"


def _facts(material: Material) -> Sequence[str]:
    """What a run is, in a line: therapy, patients, policy, horizon, seed."""
    manifest = material.manifest
    horizon = manifest.get("horizon_days")
    known: Mapping[str, Any] = {
        f"{material.words.therapy}": True,
        f"{count(material.cohort.height)} virtual patients": True,
        f"policy {manifest.get('policy')}": manifest.get("policy"),
        f"followed {days(horizon)} days" if isinstance(horizon, int | float) else "": horizon,
        f"seed {manifest.get('seed')}": manifest.get("seed") is not None,
    }
    return [says for says, there in known.items() if there and says]


def _sections(material: Material) -> list[tuple[Section, list[tuple[Figure, list[str]]]]]:
    """Every section with its figures as SVG."""
    return [
        (section, [(figure, _drawn(figure)) for figure in section.figures(material) if figure.pictures]) for section in SECTIONS
    ]


def _drawn(figure: Figure) -> list[str]:
    return [drawn(picture, f"{figure.name}-{i}") for i, picture in enumerate(figure.pictures, start=1)]
