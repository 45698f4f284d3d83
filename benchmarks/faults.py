"""All mix-ups, and what becomes of them when each rule in turn is switched off; writes benchmarks/faults.json.

    python benchmarks/faults.py [--count 11000] [--sample 5500] [--no-mutations]

Reached: an infusion that should not have been. Right: the first refusal names a rule that is there for this fault. A rule is
missed by a sample when one of its mix-ups then reaches a patient, is never refused, or is refused without its rule.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "journey"))

from faults import REACHED, Mixup, mixups, play, wrong_with  # noqa: E402
from rule_examples import EXAMPLES, refusal, switched_off  # noqa: E402
from story import Story  # noqa: E402

from livingdrug.journey.rules.library import RULES  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=11_000)
    parser.add_argument("--sample", type=int, default=5_500)
    parser.add_argument("--no-mutations", action="store_true")
    asked = parser.parse_args()
    found: dict[str, Any] = {"rules": len(RULES)} | played(list(mixups(asked.count)))
    if not asked.no_mutations:
        found["mutations"] = mutated(list(mixups(asked.sample)))
    show(found)
    (HERE / "faults.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def played(these: list[Mixup]) -> dict[str, Any]:
    """Counts by kind."""
    began, rows, named = time.perf_counter(), defaultdict[str, Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
    for mixup in these:
        outcome = play(mixup)
        says = wrong_with(mixup, outcome)
        rows[mixup.kind].update({"count": 1, "reached": int(outcome.reached), "right": int(says is None)})
        named[mixup.kind].update(outcome.first & mixup.expected)
    kinds = {
        kind: {"count": row["count"], "reached": row["reached"], "right": row["right"], "rules": dict(named[kind])}
        for kind, row in rows.items()
    }
    return {
        "mixups": len(these),
        "kinds_of_mixups": len(kinds),
        "reached": sum(row["reached"] for row in rows.values()),
        "right": sum(row["right"] for row in rows.values()),
        "seconds": round(time.perf_counter() - began, 1),
        "kinds": kinds,
    }


def mutated(sample: list[Mixup]) -> dict[str, Any]:
    """For each rule switched off: how many mix-ups of the sample fail or reach a patient, and whether its example tells."""
    rows, s, spoken = dict[str, Any](), Story(), [(each, play(each).every) for each in sample]
    for number in RULES:
        concerned, example = [each for each, every in spoken if number in every], EXAMPLES[number](s)
        with switched_off(number):
            failed = [says for each in concerned if (says := failure(each))]
            rows[number] = {
                "mixups": len(concerned),
                "failed": len(failed),
                "reached": failed.count(REACHED),
                "example": number not in refusal(s, example),
                "example_accepted": not refusal(s, example),
            }
    return {
        "sample": len(sample),
        "missed_by_mixups": sum(row["failed"] > 0 for row in rows.values()),
        "reached_without": sum(row["reached"] > 0 for row in rows.values()),
        "missed_by_example": sum(row["example"] for row in rows.values()),
        "rules": rows,
    }


def failure(mixup: Mixup) -> str | None:
    """Why a mix-up fails with the rules as they are; without the rule on time zones, times cannot even be compared."""
    try:
        return wrong_with(mixup, play(mixup))
    except TypeError as error:
        return f"could not be judged: {error}"


def show(found: dict[str, Any]) -> None:
    print(f"{'kind':58} {'count':>6} {'reached':>8} {'right':>6}  rules")
    for kind, row in found["kinds"].items():
        rules = ", ".join(f"{number} {count}" for number, count in sorted(row["rules"].items()))
        print(f"{kind:58} {row['count']:6} {row['reached']:8} {row['right']:6}  {rules}")
    print(
        f"{found['mixups']} mix-ups of {found['kinds_of_mixups']} kinds: {found['reached']} reached a patient, "
        f"{found['right']} refused by the right rule, in {found['seconds']} s"
    )
    if mutations := found.get("mutations"):
        show_mutations(found["rules"], mutations)


def show_mutations(rules: int, mutations: dict[str, Any]) -> None:
    print(
        f"{rules} rules, each switched off once: {mutations['missed_by_mixups']} are missed by {mutations['sample']} mix-ups, "
        f"{mutations['reached_without']} of them let one reach a patient; {mutations['missed_by_example']} are missed by their "
        f"own example"
    )
    for number, row in mutations["rules"].items():
        if not row["failed"]:
            print(f"  {number}: none of {row['mixups']} mix-ups fails without it; its example does: {row['example']}")


if __name__ == "__main__":
    main()
