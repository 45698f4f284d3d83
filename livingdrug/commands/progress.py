"""A bar on standard error: patients done, patients a second, time left; silent when that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["bar", "waiting"]


@contextmanager
def waiting(says: str, *, quiet: bool = False) -> Iterator[None]:
    """Say what is being done, while it is done, for a step whose end cannot be foreseen."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(says):
        yield


@contextmanager
def bar(says: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A function to call with (patients done, patients), while the bar is shown."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, patients: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[patients]} patients, {task.fields[rate]}/s"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(says, total=None, patients="0", rate="…")

        def tell(done: int, patients: int) -> None:
            speed = progress.tasks[task].speed
            progress.update(task, completed=done, total=patients, patients=f"{done:,}", rate=f"{speed:,.0f}" if speed else "…")

        yield tell
