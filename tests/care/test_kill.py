"""A server that is killed at a random moment: everything it acknowledged is there, nothing is doubled, the chain is whole.

LIVINGDRUG_KILLS says how often on each database, 200 times in a long run; a few times are enough for every day.
"""

from __future__ import annotations

import os
import random
import signal
import time

from workers.noted import LONG, note
from workers.writing import Written, check, process

KILLS = int(os.environ.get("LIVINGDRUG_KILLS", "200" if LONG else "10"))
WRITERS = 4


def test_what_was_acknowledged_survives_kill(url: str) -> None:
    written, moments, unanswered = Written(), random.Random(1), 0
    for kill in range(1, KILLS + 1):
        with process(url, WRITERS, written) as child:
            time.sleep(moments.uniform(0, 0.05))
            os.kill(child, signal.SIGKILL)
        # The next process sends again what was not answered, with its key: what was done meanwhile is not done twice.
        events = check(url, written, unanswered=1) if kill % 10 == 0 or not LONG else 0
        unanswered += max(0, events - sum(map(written.last, written.acknowledged)))
    assert written.count() > KILLS
    note(
        "kill -9 of writers", url, kills=KILLS, acknowledged=written.count(), lost=0, doubled=0, unanswered_and_kept=unanswered
    )
