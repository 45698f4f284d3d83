"""Errors that Django answers before the API does, in the API's shape: a wrong method, a wrong host, a store that is away."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote_plus

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from livingdrug.care.api.problems import TITLES, problem

__all__ = ["OneShape"]

SHAPED = ("application/json", "application/problem+json")


class OneShape:
    """Gives every error below /api/ the one shape; outside of whatever answers, so that nothing is answered around it."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            return self.answer(request)
        if _holds_control(request.path) or _holds_control(unquote_plus(request.META.get("QUERY_STRING", ""))):
            return problem(400, "the address holds a control character; remove it")
        made = self.answer(request)
        if made.status_code < 400 or made.headers.get("Content-Type", "").partition(";")[0] in SHAPED:
            return made
        status = made.status_code if made.status_code in TITLES else 400
        says = SAYS.get(status, "the request cannot be answered as it is; see /api/v1/openapi.json")
        kept = {name.replace("-", "_"): value for name, value in made.headers.items() if name in ("Allow", "Location")}
        return problem(status, says, **kept)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A database that does not answer is no bug of the request."""
        if request.path.startswith("/api/") and isinstance(error, DatabaseError):
            return problem(503, "the store does not answer; try again in a moment", Retry_After="5")
        return None


def _holds_control(text: str) -> bool:
    """No name and no cursor holds one, and a zero byte is more than PostgreSQL takes."""
    return any(ord(letter) < 32 or ord(letter) == 127 for letter in text)


SAYS = {
    405: "the address does not take this method; see Allow",
    500: "the program failed; report it with the time of the request",
}
