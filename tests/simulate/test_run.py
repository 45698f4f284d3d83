"""Running a scenario: one table bit for bit however it is run, stopped or resumed; nothing half-written under a final name."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from standin import dying_once, program, slow, unsolved

from livingdrug.cohort import frame, schema
from livingdrug.errors import BadInput, LivingdrugError, SolveInterrupted
from livingdrug.simulate import chunks, disk, run, workers
from livingdrug.simulate.origin import digest
from livingdrug.simulate.run import Engine, simulated
from livingdrug.simulate.scenario import Scenario, load

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def eliana() -> Scenario:
    return load("eliana")


def table(out: Path) -> bytes:
    return (out / "cohort.parquet").read_bytes()


def left(out: Path) -> set[str]:
    return {file.name for file in out.iterdir()}


def standing_in(scenario: Scenario, out: Path, **more: Any) -> run.Outcome:
    return run.run(scenario, out, **{"patients": 3000, "chunk": 500, "program": program, **more})


# The same table -----------------------------------------------------------------------------------------------------------


def test_the_program_gives_the_same_bytes_for_any_chunks_threads_and_processes(eliana: Scenario, tmp_path: Path) -> None:
    ways = {
        "one thread, one chunk": {"chunk": 8192, "engine": Engine(threads=1)},
        "two threads, chunks of 1000": {"chunk": 1000, "engine": Engine(threads=2)},
        "one process": {"chunk": 1000, "engine": Engine(workers=1)},
        "two processes, odd chunks": {"chunk": 777, "engine": Engine(workers=2, threads=2)},
    }
    for name, way in ways.items():
        run.run(eliana, tmp_path / name, patients=2500, **way)
    assert len({table(tmp_path / name) for name in ways}) == 1


def test_row_groups_of_the_table_do_not_follow_the_chunks(
    eliana: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many row groups, chunks smaller and larger than one, and none that divides the other."""
    monkeypatch.setattr(chunks, "ROW_GROUP", 1024)
    for size in (300, 1000, 8192):
        standing_in(eliana, tmp_path / str(size), patients=10_000, chunk=size)
    assert len({table(tmp_path / str(size)) for size in (300, 1000, 8192)}) == 1


def test_the_table_is_the_cohort_in_the_order_of_patients(eliana: Scenario, tmp_path: Path) -> None:
    standing_in(eliana, tmp_path)
    found = pl.read_parquet(tmp_path / "cohort.parquet")
    assert found.equals(frame(program(eliana, range(3000))))
    assert dict(found.schema) == {name: kind if isinstance(kind, pl.DataType) else kind() for name, kind in schema().items()}


def test_patients_in_memory_are_the_rows_of_a_run_wherever_they_start(eliana: Scenario) -> None:
    some = simulated(eliana, range(10**9, 10**9 + 700), engine=Engine(threads=2), program=program)
    assert some.equals(frame(program(eliana, range(10**9, 10**9 + 700))))


def test_another_seed_is_another_table(eliana: Scenario, tmp_path: Path) -> None:
    standing_in(eliana, tmp_path / "one")
    standing_in(replace(eliana, seed=eliana.seed + 1), tmp_path / "other")
    assert table(tmp_path / "one") != table(tmp_path / "other")


def test_chunks_keep_all_lanes_busy_and_never_grow_past_the_limit() -> None:
    assert chunks.chunk_size(10_000, 2) == 1250
    assert chunks.chunk_size(10**6, 2) == chunks.CHUNK
    assert chunks.chunk_size(1, 64) == 1
    covered = [patient for part in chunks.parts(range(5, 30), 7) for patient in part]
    assert covered == list(range(5, 30))


# What lies in the folder ----------------------------------------------------------------------------------------------------


def test_a_finished_run_leaves_its_tables_and_a_manifest_with_their_digests(eliana: Scenario, tmp_path: Path) -> None:
    run.run(eliana, tmp_path, patients=300, trajectories=40)
    assert left(tmp_path) == {"cohort.parquet", "trajectories.parquet", "manifest.json"}
    content = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert content["files"] == {name: digest(tmp_path / name) for name in ("cohort.parquet", "trajectories.parquet")}
    assert (content["seed"], content["patients"], content["therapy"]) == (eliana.seed, 300, "tisagenlecleucel")
    assert set(content["inputs"]) >= {"livingdrug/simulate/scenarios/eliana.toml"}
    assert {"key", "value", "unit", "source", "confirmed"} <= set(content["sources"][0])
    courses = pl.read_parquet(tmp_path / "trajectories.parquet")
    assert set(courses["patient"]) <= set(range(40))
    assert courses["patient"].is_sorted()


def test_patients_the_solver_gave_up_on_are_counted_with_what_it_says(eliana: Scenario, tmp_path: Path) -> None:
    outcome = standing_in(eliana, tmp_path, program=unsolved)
    assert sum(outcome.unsolved.values()) == 30
    content = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert content["unsolved"] == 30
    assert any(each.startswith("30 patients were not solved: each a rate became") for each in content["warnings"])


def test_a_run_into_the_folder_of_another_takes_away_what_would_not_fit(eliana: Scenario, tmp_path: Path) -> None:
    for name in ("targets.json", "report.html", "trajectories.parquet", "notes.txt"):
        (tmp_path / name).write_text("of an earlier run", encoding="utf-8")
    standing_in(eliana, tmp_path)
    assert left(tmp_path) == {"cohort.parquet", "manifest.json", "notes.txt"}


# Stopped and resumed --------------------------------------------------------------------------------------------------------


def stop_after(patients: int):
    def tell(done: int, _: int) -> None:
        if done >= patients:
            raise KeyboardInterrupt

    return tell


@pytest.mark.parametrize("engine", [Engine(threads=2), Engine(workers=2)], ids=["threads", "processes"])
def test_a_stopped_run_says_how_far_it_came_and_goes_on_from_there(eliana: Scenario, tmp_path: Path, engine: Engine) -> None:
    with pytest.raises(SolveInterrupted, match=r"interrupted after 1,000 of 3,000 patients; .* --resume"):
        standing_in(eliana, tmp_path / "stopped", engine=engine, progress=stop_after(1000))
    assert left(tmp_path / "stopped") == {".partial"}
    outcome = standing_in(eliana, tmp_path / "stopped", resume=True, chunk=900)
    standing_in(eliana, tmp_path / "whole")
    assert outcome.resumed == 1000
    assert table(tmp_path / "stopped") == table(tmp_path / "whole")


def test_ctrl_c_in_a_process_of_its_own_ends_it_soon_and_keeps_what_is_done(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from standin import slow; from livingdrug.simulate import run; from livingdrug.simulate.scenario import load\n"
        "run.run(load('eliana'), Path(sys.argv[2]), patients=100_000, chunk=500, program=slow)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, HERE, tmp_path], stderr=subprocess.PIPE, text=True)
    wait_for(lambda: len(list((tmp_path / ".partial").glob("*.parquet"))) >= 3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert "SolveInterrupted: interrupted after" in said
    assert left(tmp_path) == {".partial"}


def test_a_killed_run_leaves_nothing_under_a_final_name_and_is_resumed(eliana: Scenario, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from standin import slow; from livingdrug.simulate import run; from livingdrug.simulate.scenario import load\n"
        "run.run(load('eliana'), Path(sys.argv[2]), patients=5000, chunk=500, program=slow)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, HERE, tmp_path / "killed"])
    wait_for(lambda: len(list((tmp_path / "killed" / ".partial").glob("*.parquet"))) >= 2)
    process.kill()
    process.wait()
    assert left(tmp_path / "killed") == {".partial"}
    outcome = standing_in(eliana, tmp_path / "killed", patients=5000, resume=True)
    standing_in(eliana, tmp_path / "whole", patients=5000)
    assert outcome.resumed >= 1000
    assert table(tmp_path / "killed") == table(tmp_path / "whole")


def wait_for(happened, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


def stopped(scenario: Scenario, out: Path, **more: Any) -> None:
    with pytest.raises(SolveInterrupted):
        standing_in(scenario, out, progress=stop_after(500), **more)


def test_a_damaged_chunk_is_simulated_again(eliana: Scenario, tmp_path: Path) -> None:
    stopped(eliana, tmp_path / "damaged", engine=Engine(threads=1))
    file = next((tmp_path / "damaged" / ".partial").glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:100])
    assert standing_in(eliana, tmp_path / "damaged", resume=True).resumed == 0
    standing_in(eliana, tmp_path / "whole")
    assert table(tmp_path / "damaged") == table(tmp_path / "whole")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": 5}, "seed 2017 there, 5 now"),
        ({"name": "other"}, "scenario eliana there, other now"),
        ({"policy": "current"}, "therapy, population and policy"),
    ],
    ids=["seed", "scenario", "policy"],
)
def test_a_run_of_something_else_is_not_resumed(eliana: Scenario, tmp_path: Path, change: dict[str, Any], says: str) -> None:
    stopped(eliana, tmp_path)
    with pytest.raises(BadInput, match="holds an interrupted run of something else") as refusal:
        standing_in(replace(eliana, **change), tmp_path, resume=True)
    assert says in str(refusal.value)
    assert "leave --resume out" in str(refusal.value)


def test_other_code_is_not_resumed(eliana: Scenario, tmp_path: Path) -> None:
    stopped(eliana, tmp_path)
    note = tmp_path / ".partial" / "run.json"
    content = json.loads(note.read_text(encoding="utf-8"))
    content["facts"] |= {"code": "0" * 64, "numpy": "1.0"}
    note.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(BadInput, match=r"numpy 1\.0 there, .* now") as refusal:
        standing_in(eliana, tmp_path, resume=True)
    assert "code;" in str(refusal.value)


def test_without_resume_an_interrupted_run_starts_over(eliana: Scenario, tmp_path: Path) -> None:
    stopped(eliana, tmp_path)
    assert standing_in(replace(eliana, seed=3), tmp_path).resumed == 0
    assert pl.read_parquet(tmp_path / "cohort.parquet").equals(frame(program(replace(eliana, seed=3), range(3000))))


def test_resuming_a_finished_run_simulates_nothing(eliana: Scenario, tmp_path: Path) -> None:
    standing_in(eliana, tmp_path)

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("simulated again")

    assert standing_in(eliana, tmp_path, resume=True, program=never).resumed == 3000


def test_two_runs_at_once_into_one_folder_are_refused(eliana: Scenario, tmp_path: Path) -> None:
    first = threading.Thread(target=standing_in, args=(eliana, tmp_path), kwargs={"program": slow, "engine": Engine(threads=1)})
    first.start()
    wait_for(lambda: (tmp_path / ".partial" / "run.json").exists())
    with pytest.raises(BadInput, match="another run is writing there"):
        standing_in(eliana, tmp_path)
    first.join()
    assert (tmp_path / "manifest.json").exists()


# What goes wrong ------------------------------------------------------------------------------------------------------------


def test_a_worker_process_that_is_killed_is_replaced(eliana: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVINGDRUG_TEST_MARK", str(tmp_path / "died"))
    standing_in(eliana, tmp_path / "killed", program=dying_once, engine=Engine(workers=2))
    standing_in(eliana, tmp_path / "whole")
    assert (tmp_path / "died").exists()
    assert table(tmp_path / "killed") == table(tmp_path / "whole")


def always_dying(*_: Any, **__: Any) -> Any:
    os._exit(9)


def test_workers_that_keep_dying_are_one_sentence(eliana: Scenario, tmp_path: Path) -> None:
    with pytest.raises(LivingdrugError, match=r"worker processes keep ending \(exit status 9\); .* fewer --workers"):
        standing_in(eliana, tmp_path, program=always_dying, engine=Engine(workers=1))


def failing(*_: Any, **__: Any) -> Any:
    raise ValueError("a slip in the program")


@pytest.mark.parametrize("engine", [Engine(threads=2), Engine(workers=1)], ids=["threads", "processes"])
def test_a_slip_in_the_program_comes_out_as_it_is(eliana: Scenario, tmp_path: Path, engine: Engine) -> None:
    with pytest.raises(ValueError, match="a slip in the program"):
        standing_in(eliana, tmp_path, program=failing, engine=engine)


class Full:
    """`os.fsync` of a disk that is full after some files, as the system says it."""

    def __init__(self, files: int) -> None:
        self.files = files

    def __call__(self, _: int) -> None:
        self.files -= 1
        if self.files < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("files", [0, 3, 7], ids=["at the start", "at a chunk", "at the table"])
def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_written(
    eliana: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(disk.os, "fsync", Full(files))
        with pytest.raises(BadInput, match=r"the disk is full; the run needs about 1\.5 MB there\. Free some space"):
            standing_in(eliana, tmp_path)
    assert left(tmp_path) == {".partial"}
    assert not list((tmp_path / ".partial").glob("*draft"))
    standing_in(eliana, tmp_path, resume=True)
    assert pl.read_parquet(tmp_path / "cohort.parquet").height == 3000


def test_what_the_disk_refuses_to_polars_is_the_same_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as refusal, chunks._errors_of_the_system():
        raise pl.exceptions.ComputeError("parquet: underlying IO error: No space left on device (os error 28)")
    assert refusal.value.errno == errno.ENOSPC


def test_too_little_room_is_said_before_anything_runs(eliana: Scenario, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"needs about 5e\+04 TB, but .* are free there; free some space, or choose"):
        standing_in(eliana, tmp_path, patients=10**14, chunk=10**13)


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_folder_that_cannot_be_is_one_sentence(eliana: Scenario, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="--out"):
        standing_in(eliana, tmp_path / place)


def test_a_draft_is_gone_when_writing_fails(tmp_path: Path) -> None:
    (tmp_path / "table").write_text("before", encoding="utf-8")

    def write_half() -> None:
        with disk.whole(tmp_path / "table") as draft:
            draft.write_text("half", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert left(tmp_path) == {"table"}
    assert (tmp_path / "table").read_text(encoding="utf-8") == "before"


def test_no_patients_is_a_slip(eliana: Scenario, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0 patients and 0 courses cannot be simulated"):
        standing_in(eliana, tmp_path, patients=0)


def test_nothing_works_on_after_a_failure(eliana: Scenario, tmp_path: Path) -> None:
    """The error is still held here, and with it the frames: threads must have ended all the same."""
    before = threading.active_count()
    with pytest.raises(SolveInterrupted) as held:
        standing_in(eliana, tmp_path, program=slow, patients=50_000, progress=stop_after(500))
    assert held.value
    assert threading.active_count() == before


def test_sizes_are_said_for_people() -> None:
    assert [disk.in_words(size) for size in (999, 413_000_000, 1_300_000_000_000)] == ["999 bytes", "413 MB", "1.3 TB"]


def test_cores_are_those_this_process_may_use() -> None:
    assert 1 <= workers.cores() <= (os.cpu_count() or 1)


def test_the_share_of_luck_is_the_stand_ins(eliana: Scenario) -> None:
    """The stand-in is what it says: eight in ten infused, of any twenty thousand patients."""
    infused = simulated(eliana, range(20_000), program=program)["fate"] == "infused"
    assert float(np.mean(infused.to_numpy())) == pytest.approx(0.8, abs=0.01)
