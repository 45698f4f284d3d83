"""Writing files: whole or not at all under their final name, and a full or closed disk as one sentence."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from livingdrug.errors import BadInput

__all__ = ["check_room", "in_words", "sentences", "whole", "write"]

FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def whole(path: Path, draft_in: Path | None = None) -> Iterator[Path]:
    """A draft to write to, which gets the name `path` when the block ends well and is removed when it does not.

    The draft lies in `draft_in` (on the same disk), else beside `path`.
    """
    draft = (draft_in or path.parent) / f".{path.name}.{os.getpid()}.draft"
    try:
        yield draft
        _settle(draft)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def write(path: Path, content: bytes) -> None:
    """Write a whole file or none."""
    with whole(path) as draft:
        draft.write_bytes(content)


def _settle(file: Path) -> None:
    """On the disk before it gets its name: after a power cut a file is whole or not there."""
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


@contextmanager
def sentences(folder: Path, needed: int) -> Iterator[None]:
    """What the disk refuses below, as one sentence with a way out; `needed` is about how many bytes all of it takes."""
    try:
        yield
    except OSError as error:
        raise BadInput.at(str(folder), _sentence(folder, error, needed)) from error


def check_room(folder: Path, needed: int) -> None:
    """Raise `BadInput` when the disk of `folder` has less than `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BadInput.at(str(folder), f"needs about {in_words(needed)}, but {in_words(free)} are free there; {WAY_OUT}")


WAY_OUT = "free some space, or choose another folder with --out"


def _sentence(folder: Path, error: OSError, needed: int) -> str:
    if error.errno in FULL:
        says = f"the disk is full; the run needs about {in_words(needed)} there"
        return f"{says}. Free some space and go on with --resume, or choose another folder with --out"
    says = error.strerror or str(error)
    return f"cannot be written: {says[:1].lower()}{says[1:]}; choose another folder with --out"


def in_words(size: int) -> str:
    """A number of bytes for people: 413 MB."""
    for unit, of in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= of:
            return f"{size / of:.3g} {unit}"
    return f"{size} bytes"
