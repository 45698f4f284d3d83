"""The exit statuses: what a finished command tells the shell."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ExitStatus"]


class ExitStatus(IntEnum):
    """What the command tells the shell; docs/command-line.md says the same, and a test compares them."""

    FINE = 0
    BUG = 1
    BAD_INPUT = 2
    UNSOLVED = 3
    INTERRUPTED = 130
