"""The description of the API as OpenAPI 3.1, made from what answers."""

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from service.api.examples import EXAMPLES
from service.api.problems import Problem

SCHEMAS = "#/components/schemas/{model}"
DESCRIPTION = """\
Everything that Koe knows, for programs: themes, what to do about them, and what came of it.

Lists give their rows in the order of their last change. Read one to its end by `cursor`, keep its `as_of`,
and the next time ask for what changed by `updated_since`. Filters are named as the fields; the word `null`
asks for the rows that have none. Errors are `application/problem+json` (RFC 9457).
"""
SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of `koe token create NAME --scope read|write|admin`.",
    },
    "password": {
        "type": "http",
        "scheme": "basic",
        "description": "The same token as the password, with any user name: for feed readers.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "koe_session",
        "description": "A browser that signed in.",
    },
}


def describe(router: APIRouter) -> dict[str, Any]:
    """Return the description of everything that a router answers."""
    document = get_openapi(title="Koe", version=version("koe"), description=DESCRIPTION, routes=router.routes)
    components = document["components"]
    _, problems = models_json_schema([(Problem, "serialization")], ref_template=SCHEMAS)
    components["schemas"] |= problems["$defs"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    for name, example in EXAMPLES.items():
        components["schemas"][name]["examples"] = [example]
    components["securitySchemes"] = SECURITY
    for operation in (each for path in document["paths"].values() for each in path.values()):
        operation["responses"] = dict(sorted(operation["responses"].items()))
    document["security"] = [{"token": []}, {"session": []}]
    return document
