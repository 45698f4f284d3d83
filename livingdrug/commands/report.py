"""`livingdrug report`: the report of a finished run, rebuilt from its folder."""

from __future__ import annotations

from pathlib import Path

__all__ = ["report"]


def report(folder: Path) -> None:
    """Rebuild the report of a run: one HTML file that needs no network and no script.

    Parameters
    ----------
    folder
        A run folder, as `livingdrug simulate … --out FOLDER` writes it. The report is written into it.
    """
    from livingdrug.report.document import write

    print(f"wrote {write(folder)}")
