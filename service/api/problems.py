"""What went wrong, as programs read it: `application/problem+json` (RFC 9457)."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from service.access.gate import FOR_PROGRAMS, lies_under
from service.access.headers import dress
from service.access.refusals import PROBLEM, RETRY_AFTER, asked_for
from service.errors import KoeError

Explain = Callable[[Request, Exception], Response]
Responses = dict[int | str, dict[str, Any]]
DETAILS = {
    400: "This request cannot be read.",
    401: "Say who you are: “Authorization: Bearer koe_…”, with a token of `koe token create`.",
    403: "Your token may not do this.",
    404: "There is nothing at this address.",
    405: "This address does not answer this method.",
    406: "None of the forms that you accept can be had.",
    408: "The body did not arrive in time.",
    409: "That cannot be done as things stand.",
    413: "The body is too long.",
    415: "The body is not in a form that is read here; send application/json.",
    421: "This server has another name (Host).",
    422: "Parts of this request cannot be used; see errors.",
    500: "This is a fault of Koe's own. What was finished is kept.",
    503: "Koe cannot answer now; ask again later.",
}


class Mistake(BaseModel):
    """One part of a request that cannot be used."""

    pointer: str = Field(
        description="Where it stands, as a JSON pointer: `#/query/…`, `#/path/…`, `#/header/…`, `#/body/…`.",
        examples=["#/query/limit"],
    )
    detail: str = Field(description="What is wrong with it, in words.")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(default="about:blank", description="The title says it all where it is `about:blank`.")
    title: str = Field(description="The name of the status.")
    status: int
    detail: str = Field(description="What went wrong, in words for the person who reads the log.")
    instance: str = Field(description="The path that was asked for.")
    errors: list[Mistake] | None = Field(default=None, description="Every part that cannot be used.")


def or_else(explain_to_people: Explain) -> Explain:
    """Return a handler of errors that tells programs a problem, and people what the other one does."""

    def tell(request: Request, error: Exception) -> Response:
        for_programs = lies_under(request.scope["path"], FOR_PROGRAMS)
        return (explain if for_programs else explain_to_people)(request, error)

    return tell


def answer(
    request: Request,
    status: int,
    detail: str = "",
    *,
    errors: Sequence[Mistake] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return what went wrong; without a `detail`, in the words that go with the status."""
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail or DETAILS.get(status, HTTPStatus(status).description or HTTPStatus(status).phrase),
        instance=asked_for(request),
        errors=list(errors) or None,
    )
    added = {"Retry-After": RETRY_AFTER} if status == 503 else {}
    return Response(
        problem.model_dump_json(exclude_none=True),
        status,
        media_type=PROBLEM,
        headers={**added, **(headers or {})},
    )


def explain(request: Request, error: Exception) -> Response:
    """Tell an error that has a name, an address that does not exist, or what was not understood."""
    if isinstance(error, KoeError):
        return answer(request, error.status, str(error))
    if isinstance(error, RequestValidationError):
        if error.errors()[0]["type"] == "json_invalid":
            return answer(request, 400, f"The body is no JSON: {error.errors()[0]['ctx']['error']}.")
        mistakes = [mistake(each) for each in reversed(error.errors())]
        first = {each.pointer: each for each in mistakes}  # the others are of types that were tried in vain
        return answer(request, 422, errors=list(reversed(first.values())))
    if isinstance(error, HTTPException):
        # Starlette's own words for a status say less than ours.
        said = "" if error.detail == HTTPStatus(error.status_code).phrase else error.detail
        return answer(request, error.status_code, said, headers=error.headers)
    crash = answer(request, 500)
    dress(crash.headers, request.scope["path"])  # it is answered outside of the gate
    return crash


def mistake(error: Mapping[str, Any]) -> Mistake:
    """Return one of pydantic's errors in words, without what was sent."""
    where = [str(part) for part in error["loc"][:2]]  # what follows tells apart the types that were tried
    detail = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        detail = f"There is no {'parameter' if where[0] == 'query' else 'field'} of this name."
    elif error["type"] == "missing":
        detail = "This is needed."
    return Mistake(pointer="#/" + "/".join(map(_escaped, where)), detail=detail)


def _escaped(part: str) -> str:
    shown = part if len(part) <= 100 else f"{part[:100]}…"
    return shown.replace("~", "~0").replace("/", "~1").encode("utf-8", "replace").decode()


def documented(*statuses: int) -> Responses:
    """Return the responses of these statuses, as OpenAPI describes them."""
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    later = {"headers": {"Retry-After": header("Seconds after which to ask again.")}}
    return {
        status: {"description": DETAILS[status], "content": content, **(later if status == 503 else {})}
        for status in statuses
    }


def single() -> Responses:
    """Return what can be answered where one thing is asked for, beside what can be answered anywhere."""
    version = {"ETag": header("The version; send it as `If-None-Match`.")}
    return {
        200: {"headers": version},
        304: {"description": "It is still the version of `If-None-Match`.", "headers": version},
        **documented(404),
    }


def header(description: str) -> dict[str, Any]:
    """Return how OpenAPI describes a header of an answer."""
    return {"description": description, "schema": {"type": "string"}}


ALWAYS = documented(400, 401, 403, 421, 422, 500, 503)
"""What can be answered at any address."""
