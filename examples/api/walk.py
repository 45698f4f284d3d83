"""A walk through the API in Python: refer a patient, meet a rule, look at the gate, record what is allowed, read it back.

    LIVINGDRUG_TOKEN=ld_… python examples/api/walk.py http://127.0.0.1:8000

The token is that of a physician of the center chop, with the scopes read and act; the person is given behind the address if
it is not chop-physician-1.
"""

from __future__ import annotations

import os
import secrets
import sys
from datetime import UTC, datetime

from livingdrug.client import Client, Conflict, Refused
from livingdrug.journey.events import ConsentGiven, Identifier, LymphodepletionStarted, PatientReferred


def main(url: str, by: str = "chop-physician-1") -> None:
    number, now = secrets.token_hex(8), datetime.now(UTC)
    names = (Identifier("record number", number), Identifier("name and birth date", f"Walk, An {number}"))
    referral = PatientReferred(
        at=now, by=by, patient=f"walk-{number}", therapy="tisagenlecleucel", center="chop", identifiers=names
    )
    with Client(url, os.environ["LIVINGDRUG_TOKEN"]) as client:
        begun = client.start(referral)
        print(f"referred: journey {begun.journey}")
        try:
            client.append(begun.journey, LymphodepletionStarted(at=now, by=by, drugs=("fludarabine",)), expected=begun)
        except Refused as refused:
            print(f"too early: {', '.join(refused.numbers)}\n{refused}")
        gate = client.gate(begun.journey)
        missing = sum(not each.met for each in gate.conditions)
        print(f"the gate is {'open' if gate.open else 'shut'}: {missing} conditions not met")
        client.append(begun.journey, ConsentGiven(at=now, by=by, scope="treatment"), expected=begun)
        try:
            client.append(begun.journey, ConsentGiven(at=now, by=by, scope="research"), expected=begun)
        except Conflict as conflict:
            print(f"changed meanwhile: {conflict}")
        for each in client.events(begun.journey):
            print(f"{each.version}. {each.content.name} at {each.content.at:%H:%M}, by {each.content.by}")


if __name__ == "__main__":
    main(*sys.argv[1:])
