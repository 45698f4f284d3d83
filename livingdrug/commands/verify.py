"""`livingdrug verify`: whether a log is what was recorded, or which row is the first that is not."""

from __future__ import annotations

from pathlib import Path

from livingdrug.commands.ending import ExitStatus
from livingdrug.errors import BadInput

__all__ = ["verify"]


def verify(place: str, /, *, anchors: Path | None = None) -> ExitStatus:
    """Check the hash chains of a log; the first row that was changed, moved, added or taken away is named.

    The same reader runs without livingdrug: `python verify.py PLACE`, from livingdrug/care/verify.py.

    Parameters
    ----------
    place
        A log that `livingdrug store export` wrote, a store in SQLite (a file, or sqlite:///PATH), or postgresql://….
    anchors
        The file that `livingdrug store anchor` wrote: with it, an end that was cut off is found too.
    """
    from livingdrug.care.verify import verify as read

    try:
        report = read(place, str(anchors) if anchors else None)
    except OSError as error:
        raise BadInput.at(str(error.filename or place), f"cannot be read: {error.strerror or error}; check the path") from error
    except (ValueError, KeyError) as error:
        raise BadInput.at(place, f"is no log that can be read: {error}") from error
    except Exception as error:
        # What the driver of a database raises: no server, no such table.
        if type(error).__module__.partition(".")[0] not in ("psycopg", "sqlite3"):
            raise
        raise BadInput.at(place, f"is no store that can be read: {str(error).strip().partition(chr(10))[0]}") from error
    print(report)
    return ExitStatus.FINE if report.fine else ExitStatus.BAD_INPUT
