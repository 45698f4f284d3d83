"""Why there is no answer, sorted by what the caller can do about it.

ApiError
├── NotAllowed   401, 403: another token, another scope, another person
├── NotThere     404: another address or journey
├── Conflict     409, 412: read again, and decide again
├── Refused      422 by rules: `rules` and `numbers` say which, and why there are such
├── Unfit        any other 4xx: `complaints` say what does not fit, and where
└── Away         the service did not answer, or could not: try again later
"""

from __future__ import annotations

from typing import Any

from livingdrug.client.answers import Reason, made
from livingdrug.errors import Complaint, LivingdrugError

__all__ = ["ApiError", "Away", "Conflict", "NotAllowed", "NotThere", "Refused", "Unfit", "failure"]


class ApiError(LivingdrugError):
    """The service did not do what was asked. `status` is that of the answer, 0 where there was none."""

    def __init__(self, status: int, detail: str, *more: Any) -> None:
        super().__init__(status, detail, *more)  # the args, so that the error survives pickling
        self.status, self.detail = status, detail

    def __str__(self) -> str:
        return self.detail


class NotAllowed(ApiError):
    """The token is not valid, or may not do this."""


class NotThere(ApiError):
    """There is no such thing, or it is not the token's to see."""


class Conflict(ApiError):
    """Somebody was faster, an identifier or a place is another journey's, or a key was used for another request."""


class Unfit(ApiError):
    """The request cannot be read as it is."""

    def __init__(self, status: int, detail: str, complaints: tuple[Complaint, ...] = ()) -> None:
        super().__init__(status, detail, complaints)
        self.complaints = complaints


class Refused(ApiError):
    """Rules are against an act; nothing was recorded."""

    def __init__(self, status: int, detail: str, rules: tuple[Reason, ...]) -> None:
        super().__init__(status, detail, rules)
        self.rules = rules

    def __str__(self) -> str:
        return "\n".join([self.detail, *(f"{each.rule}: {each.says}" for each in self.rules)])

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of the rules."""
        return tuple(each.rule for each in self.rules)


class Away(ApiError):
    """There is no service at the address, it did not answer in time, or its store is away."""


PLAIN: dict[int, type[ApiError]] = {
    401: NotAllowed, 403: NotAllowed, 404: NotThere, 409: Conflict, 412: Conflict, 500: Away, 502: Away, 503: Away, 504: Away,
}  # fmt: skip


def failure(status: int, problem: dict[str, Any]) -> ApiError:
    """The error that a problem of the API tells of."""
    detail = str(problem.get("detail") or f"the service answered {status} without a reason")
    if kind := PLAIN.get(status):
        return kind(status, detail)
    if rules := problem.get("rules"):
        return Refused(status, detail, tuple(made(Reason, each) for each in rules))
    return Unfit(status, detail, tuple(Complaint(each["where"], each["says"]) for each in problem.get("errors", ())))
