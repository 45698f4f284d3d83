"""Renew the pages of the simulated steps: `python docs/steps/generate.py`, after a step or a population has changed.

A page is the step's own docstring, which says what is and is not modeled, and the numbers of the pediatric population that
it reads.
"""

import re
from importlib import import_module
from pathlib import Path

from livingdrug.simulate.numbers import KNOWN
from livingdrug.simulate.population import load

STEPS = {
    "patient": ("patient", "tumor"),
    "collection": ("collection",),
    "manufacture": ("manufacture",),
    "waiting": ("waiting", "lymphodepletion", "dose"),
    "body": ("course",),
    "toxicity": ("toxicity",),
    "response": ("counts", "response", "after"),
    "settlement": (),
}
"""Module of each step, in order, and the sections of a population file that belong to it."""

POPULATION = "pediatric-b-all"


def page(step: str) -> str:
    """The page of one step."""
    text = (import_module(f"livingdrug.simulate.{step}").__doc__ or "").strip()
    first, _, rest = text.partition("\n\n")
    rest = " ".join(rest.split())
    number, title, said = re.match(r"Step (\d), (.+?): (.+)", " ".join(first.split())).groups()  # type: ignore[union-attr]
    says = rest.replace("Not modeled:", "\n\n**Not modeled:**").replace("Modeled:", "**Modeled:**")
    parts = [
        f"# {number}. {title[:1].upper()}{title[1:]}",
        said[:1].upper() + said[1:],
        re.sub(r"\n{3,}", "\n\n", says).strip(),
        _numbers(STEPS[step]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _numbers(sections: tuple[str, ...]) -> str:
    if not sections:
        return ""
    population = load(POPULATION)
    rows = [
        f"| `{key}` | {known.about} | {population.measured[key].value:.4g} | {known.unit} | {_origin(key)} |"
        for key, known in KNOWN.items()
        if key.partition(".")[0] in sections
    ]
    head = ["## Numbers", f"Of the population `{POPULATION}`; *fitted* marks what the calibration moved."]
    return "\n\n".join([*head, "\n".join(["| key | meaning | value | unit | source |", "|---|---|---:|---|---|", *rows])])


def _origin(key: str) -> str:
    population = load(POPULATION)
    each = population.measured[key]
    full = population.sources.get(each.source, each.source)
    fitted = "*fitted*; " if key in population.calibration else ""
    return f"{fitted}{full}{'' if each.confirmed else ' (unconfirmed)'}"


if __name__ == "__main__":
    for name in STEPS:
        Path(__file__).with_name(f"{name}.md").write_text(page(name), encoding="utf-8")
