"""The demo: one command, patients at every stage, something to put right, an account for each role, gone when it stops."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from small import open_door, referral

from livingdrug.care import database, store, verify
from livingdrug.care.board import STAGES
from livingdrug.care.demo import store as demo
from livingdrug.care.demo.fill import CENTER, fill
from livingdrug.care.demo.people import invented
from livingdrug.care.models import Event, Journey, Slot
from livingdrug.cli import run
from livingdrug.errors import BadInput

READY = 120.0
"""Seconds for which the tests wait; the demo promises 20 on a machine that does nothing else."""


@dataclass(frozen=True)
class Served:
    """A demo that was served and stopped: what it printed, how it ended, and where its store is."""

    said: str
    logged: str
    status: int
    url: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    folder, port = tmp_path_factory.mktemp("demo") / "kept", free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LIVINGDRUG_", "DJANGO_"))}
    command = [sys.executable, "-m", "livingdrug.cli", "serve", "--demo", "--folder", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as running:
        try:
            page = _when_ready(f"http://127.0.0.1:{port}/accounts/login/", running)
            running.send_signal(signal.SIGINT)
            logged, _ = running.communicate(timeout=30)
        finally:
            running.kill()
    return Served(page, logged, running.returncode, f"sqlite:///{folder}/demo.sqlite3")


def _when_ready(url: str, running: subprocess.Popen[str]) -> str:
    end = time.monotonic() + READY
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            assert running.poll() is None, running.communicate()[0]
            time.sleep(0.2)
    raise AssertionError(f"not ready after {READY:g} s")


@pytest.fixture
def kept(served: Served, django_db_blocker: object) -> Iterator[str]:
    """The store of the demo that was served, in use."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        database.use(served.url)
        yield served.url
        database.use(served.url)


def test_one_command_serves_it_and_control_c_stops_it(served: Served) -> None:
    assert served.status == 0
    assert "200 patients" in served.logged
    assert re.search(r"open http://localhost:\d+/ and choose a role", served.logged)
    assert "Traceback" not in served.logged


def test_the_sign_in_page_lists_one_account_for_each_role(served: Served) -> None:
    for role in ("coordinator", "collection nurse", "courier", "operator", "quality", "physician", "payer", "auditor"):
        assert f"{role.replace(' ', '-')}@demo.example" in served.said


def test_there_are_patients_at_every_stage_and_at_most_centers(kept: str) -> None:
    assert set(Journey.objects.values_list("stage", flat=True)) == set(STAGES)
    assert Journey.objects.count() == 200
    assert Journey.objects.values("center").distinct().count() > 25
    assert Journey.objects.filter(center=CENTER).count() > 40


def test_some_are_stopped_late_or_severely_ill(kept: str) -> None:
    stopped = " ".join(Journey.objects.filter(held=True).values_list("blocked", flat=True))
    for reason in ("mismatch", "deviation", "contraindication", "consent"):
        assert reason in stopped
    assert Journey.objects.filter(severe=True).count() >= 5
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")
    assert Journey.objects.filter(due_at__gt="", due_at__lt=now).count() >= 5
    assert Event.objects.filter(name="out of specification").count() >= 5


def test_its_record_is_whole(kept: str) -> None:
    assert verify.verify(kept).fine


def test_names_are_in_the_vault_and_nowhere_else(kept: str) -> None:
    journey = Journey.objects.filter(center=CENTER).first()
    assert journey is not None
    person = store.person(journey.patient, "test")
    assert person is not None
    surname = person["name"].partition(",")[0]
    assert Event.objects.count() > 10_000
    assert not Event.objects.filter(content__contains=surname).exists()


def test_several_patients_use_one_chair_and_never_at_once(kept: str) -> None:
    assert Slot.objects.filter(resource=f"{CENTER}-chair-1").count() > 1


def test_no_act_of_the_demo_is_refused_in_summer_either(sqlite: str) -> None:
    told = fill(datetime(2027, 7, 4, 21, 30, tzinfo=UTC))
    assert told.refused == ()
    assert len(told.journeys) == 200


def test_half_a_demo_is_not_gone_on_with(sqlite: str) -> None:
    store.start(referral("1"), "account", door=open_door)
    with pytest.raises(BadInput, match="was stopped while it was made"):
        demo.patients()


def test_a_demo_of_another_version_is_not_gone_on_with(sqlite: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'care'")
    with pytest.raises(BadInput, match="another livingdrug"):
        demo.patients()


def test_an_empty_store_is_no_demo_yet(sqlite: str) -> None:
    assert demo.patients() is None


def test_invented_people_say_that_they_are() -> None:
    someone = invented(7, 9.5, datetime(2026, 3, 2, tzinfo=UTC).date())
    assert someone["record_number"].startswith("DEMO-")
    assert someone["born"] < "2017"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--demo", "--database", "sqlite:///x"], "makes its own"),
        (["--folder", "x"], "keeps a demo"),
        (["--port", "99999"], "is no port"),
        (["--host", "192.0.2.1"], "cannot be listened on"),
    ],
)
def test_what_does_not_fit_together_is_refused_in_words(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", *arguments]) == 2
    assert says in capsys.readouterr().err


def test_the_real_service_does_not_start_without_its_settings(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LIVINGDRUG_", "DJANGO_"))}
    command = [sys.executable, "-m", "livingdrug.cli", "serve", "--port", str(free_port())]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 2
    assert "LIVINGDRUG_SECRET_KEY: is not set" in ran.stderr
