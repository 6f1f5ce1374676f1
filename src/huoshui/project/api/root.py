"""The one NinjaAPI, and its description."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.renderers import JSONRenderer

from huoshui.project.api import (
    about,
    alerts,
    attributes,
    bulk,
    campaigns,
    campaigns_past,
    cohorts,
    consents,
    customers,
    entries,
    experiments,
    experiments_total,
    figures,
    imports,
    life,
    mail,
    members,
    outbox,
    overview,
    plans,
    plans_goals,
    plans_work,
    problems,
    receipts,
    research,
    scripts,
    segments,
    tasks,
    templates,
    trainings,
    traits,
    value,
    webhooks,
    work,
)
from huoshui.project.api.bodies import Strict
from huoshui.project.api.door import FILES, LIMIT, Bearer, UnknownParameter
from huoshui.project.api.once import HEADER, LAKE, LONGEST, once
from huoshui.project.api.words import OPERATIONS

ABOUT = f"""\
What the pages do, for programs. A token (My account, API tokens) acts as its colleague, with those rights of the token
that the colleague has now, and sees the customers that the colleague sees.

Refusals are problems of RFC 9457 in the language of `Accept-Language`. Lists are read with `cursor` and `limit`. A POST
with an `{HEADER}` is done once, however often it is sent. A token has {LIMIT} requests a minute. Amounts are texts with
their currency, times are ISO 8601 in UTC.
"""


class HouseAPI(NinjaAPI):
    """Describes, besides what Ninja finds, the refusals and the header that every POST takes."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        """The description as OpenAPI 3.1."""
        found = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        found["components"]["schemas"]["Problem"] = problems.schema()
        found["components"]["responses"] = {
            "Problem": {
                "description": "Refused, or broken",
                "content": {problems.TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        }
        for methods in found["paths"].values():
            for method, operation in methods.items():
                operation["summary"] = OPERATIONS[operation["operationId"]].en
                refused = {"$ref": "#/components/responses/Problem"}
                operation["responses"] |= {"4XX": refused, "5XX": refused}
                if method == "post" and operation["operationId"] != FILES.removeprefix("api:"):
                    operation["parameters"] = [*operation["parameters"], KEY]
        return found


class Readable(JSONRenderer):
    """JSON in which 王梅 stands as it is written."""

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> str:
        """The text of an answer."""
        return json.dumps(data, cls=self.encoder_class, ensure_ascii=False)


def guarded(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """An operation that refuses parameters it does not know, and is done once by its key."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]  # Ninja gives the method of one
    asked_for = {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }
    do = once(run, outside=operation.url_name in LAKE)

    def answered(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        unknown = set(request.GET) - asked_for
        if unknown and operation.operation_id != OPEN:
            return problems.refusal(
                UnknownParameter(
                    "This address does not know such a parameter",
                    received=repr(min(unknown)[:40]),
                    valid=", ".join(sorted(asked_for)),
                )
            )
        return do(request, *arguments, **named)

    return answered


OPEN = "list_customers"
"""Takes traits and attributes by their names, which are those of the house, and refuses others itself."""
KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "The request is done once, however often it is sent with this key; kept for 24 hours",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
}

api = HouseAPI(
    title="Huoshui",
    version=version("huoshui"),
    description=ABOUT,
    urls_namespace="api",
    docs_url=None,
    parser=Strict(),
    renderer=Readable(),
    auth=Bearer(),
)
for module in (
    about,
    customers,
    attributes,
    bulk,
    consents,
    overview,
    figures,
    entries,
    alerts,
    traits,
    segments,
    templates,
    scripts,
    members,
    value,
    life,
    cohorts,
    trainings,
    experiments,
    experiments_total,
    campaigns,
    campaigns_past,
    research,
    plans,
    plans_goals,
    plans_work,
    receipts,
    outbox,
    mail,
    webhooks,
    imports,
    work,
    tasks,
):
    api.add_router("", module.router)
api.add_decorator(guarded, mode="view")
for kind in (Exception, Http404, HttpError, ValidationError):  # of the last three Ninja has its own words
    api.add_exception_handler(kind, problems.of_exception)
