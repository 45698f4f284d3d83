"""The one shape of an error (RFC 9457, problem details), with complaints at their places and rules by their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from livingdrug.care.answers import Conflict
from livingdrug.errors import BadInput, Complaint, LivingdrugError, StoreError, UnknownName
from livingdrug.journey.record import Refused
from livingdrug.journey.rules.library import RULES

__all__ = ["ANSWERS", "Problem", "handle", "of_conflict", "of_refusal", "problem"]

TITLES = {
    400: "The request cannot be read",
    401: "No valid token",
    403: "Not allowed to this token",
    404: "Not there",
    405: "Not a method of this address",
    409: "Taken",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Not JSON",
    422: "Refused",
    428: "A condition is missing",
    500: "A bug",
    503: "The store is away",
}


class Said(Schema):
    """One complaint: where, and what is wrong with a way out."""

    where: str
    says: str


class Against(Schema):
    """One rule against an act: its number, what it says here, which roles could override it, and why there is such a rule."""

    rule: str
    title: str
    says: str
    waivers: list[str]
    why: str


class Problem(Schema):
    """Why there is no answer."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Said] = Field(default_factory=list)
    rules: list[Against] = Field(default_factory=list)


def problem(
    status: int, detail: str, *, errors: Sequence[Complaint] = (), rules: Sequence[Mapping[str, Any]] = (), **headers: str
) -> HttpResponse:
    """An error answer."""
    about = {"type": "about:blank", "title": TITLES[status], "status": status, "detail": detail}
    said = [{"where": each.where, "says": each.says} for each in errors]
    made = JsonResponse(about | {"errors": said, "rules": list(rules)}, status=status, content_type="application/problem+json")
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    return made


def of_refusal(refused: Refused) -> HttpResponse:
    """The answer to an act that rules refuse."""
    rules = [
        {"rule": each.rule, "title": of.title, "says": each.says, "waivers": list(each.waivers), "why": of.why}
        for each in refused.reasons
        for of in [RULES[each.rule]]
    ]
    numbers = ", ".join(each.rule for each in refused.reasons)
    return problem(422, f"{refused.event.name} is refused by {numbers}; nothing was recorded", rules=rules)


def of_conflict(conflict: Conflict) -> HttpResponse:
    """The answer where somebody was faster, or a key was used for something else."""
    return problem(412 if conflict.kind == "version" else 409, conflict.says)


ANSWERS: dict[int, type[Problem]] = dict.fromkeys((400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 503), Problem)
"""What any address may answer besides what it is for."""


def handle(api: NinjaAPI) -> None:
    """Give every exception its answer; only a bug is a 500, without its traceback."""

    @api.exception_handler(AuthenticationError)
    def _no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        says = "send a token that is valid: Authorization: Bearer ld_…"
        return problem(401, says, WWW_Authenticate='Bearer realm="livingdrug"')

    @api.exception_handler(ValidationError)
    def _bad_parameters(request: HttpRequest, error: ValidationError) -> HttpResponse:
        found = [Complaint(".".join(str(part) for part in each["loc"][1:]), str(each["msg"])) for each in error.errors]
        return problem(400, "a parameter cannot be read", errors=found)

    @api.exception_handler(UnknownName)
    def _unknown(request: HttpRequest, error: UnknownName) -> HttpResponse:
        return problem(404, str(error), errors=error.complaints)

    @api.exception_handler(BadInput)
    def _bad_input(request: HttpRequest, error: BadInput) -> HttpResponse:
        many = len(error.complaints)
        return problem(422, str(error) if many == 1 else f"{many} complaints; see errors", errors=error.complaints)

    @api.exception_handler(StoreError)
    def _away(request: HttpRequest, error: StoreError) -> HttpResponse:
        return problem(503, str(error), Retry_After="5")

    @api.exception_handler(LivingdrugError)
    def _other(request: HttpRequest, error: LivingdrugError) -> HttpResponse:
        return problem(422, str(error))

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code if error.status_code in TITLES else 400, str(error))
