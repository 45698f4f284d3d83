"""The API put together: one version, bearer tokens, one shape of errors, and its own description at `/api/v1/openapi.json`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from livingdrug import __version__
from livingdrug.care.api import acts, problems
from livingdrug.care.api.gatekeeper import Bearer
from livingdrug.care.api.routes import declared, office, people, reading, writing

__all__ = ["api", "not_there"]


class Api(NinjaAPI):
    """The API, which describes its errors under the media type that they are sent with."""

    def get_openapi_schema(self, *arguments: Any, **options: Any) -> Any:
        made: Any = super().get_openapi_schema(*arguments, **options)
        made["components"]["schemas"].update(acts.components())
        for methods in made["paths"].values():
            for operation in methods.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400 and "content" in answer:
                        answer["content"] = {"application/problem+json": answer["content"]["application/json"]}
        return made


api = Api(
    title="livingdrug",
    version=__version__,
    description="The record of a CAR-T program: journeys, the rules that judge them, and what is made of them.",
    auth=Bearer(),
    docs_url=None,
    urls_namespace="api-1",
)
for each in dict.fromkeys((declared.router, reading.router, writing.router, people.router, office.router, office.public)):
    api.add_router("", each)
problems.handle(api)


def not_there(request: HttpRequest, rest: str = "") -> HttpResponse:
    """What the API answers at an address that it does not have."""
    return problems.problem(404, f"the API has nothing at {request.path[:100]}; see /api/v1/openapi.json")
