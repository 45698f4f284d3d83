"""Where compiled kernels are kept; a file of its own, so that a bug report need not import the engine."""

import os
from pathlib import Path

__all__ = ["cache_folder"]


def cache_folder() -> Path:
    """$LIVINGDRUG_CACHE, else livingdrug/kernels in the user's cache folder."""
    chosen = os.environ.get("LIVINGDRUG_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "livingdrug" / "kernels"
