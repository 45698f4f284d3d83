"""PostgreSQL restarted under load, and away for a while: what was acknowledged is there, and nothing is doubled."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker
from workers.noted import LONG, note
from workers.private import Private, private
from workers.writing import check, writers

from livingdrug.care import database, definitions

RESTARTS = 20 if LONG else 3


@pytest.fixture(scope="module")
def server() -> Iterator[Private]:
    """A PostgreSQL of our own."""
    with private() as made:
        yield made


@pytest.fixture
def store_url(server: Private, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """An initialized store on that server, in use."""
    with django_db_blocker.unblock(), server.database("store") as url:
        database.use(url)
        database.migrate()
        definitions.define("therapy", "tisagenlecleucel")
        definitions.define("network", "us-launch-2017")
        yield url
        connections.close_all()


def test_a_restart_of_postgresql_under_load_loses_nothing(server: Private, store_url: str) -> None:
    with writers(8) as written:
        for restart in range(RESTARTS):
            time.sleep(0.4)
            server.restart("immediate" if restart % 2 else "fast")
        time.sleep(0.4)
    assert written.count() > 15, "too little was written between the restarts to mean anything"
    check(store_url, written)
    note("restarts of PostgreSQL under load", store_url, restarts=RESTARTS, acknowledged=written.count(), lost=0, doubled=0)


def test_postgresql_that_stays_away_is_answered_with_a_sentence(server: Private, store_url: str) -> None:
    with writers(4) as written:
        time.sleep(0.3)
        server.control("-m", "immediate", "stop")
        time.sleep(2.5)
        server.control("start")
        time.sleep(0.3)
    assert written.away, "nobody was told that the store was away"
    assert all("nothing was written, try again" in says for says in written.away)
    check(store_url, written)
