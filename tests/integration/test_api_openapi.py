"""The description of the API: whole, true, and with examples that work as they stand."""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest

from service.api import router
from service.api.examples import EXAMPLES
from service.api.openapi import SECURITY, describe
from service.db import Database
from tests.api import API, NOUNS, asking, rows

DOCUMENT = describe(router)
OPERATIONS = {
    (method, path): operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
PARAMETERS = [
    (path, parameter["name"], example)
    for (method, path), operation in OPERATIONS.items()
    for parameter in operation.get("parameters", ())
    for example in parameter["schema"].get("examples", ())
    if (method, parameter["in"]) == ("get", "query")
]
BODIES = ("accept", "dismiss", "reopen", "published")


@pytest.fixture(scope="module")
def api(read_demo_db: Database) -> Iterator[httpx.Client]:
    """A program with a write token."""
    with asking(read_demo_db, "write") as client:
        yield client


def against(schema: dict[str, Any], value: object) -> None:
    """Check a value against a schema of the document."""
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(value)


def answered(method: str, path: str, answer: httpx.Response) -> None:
    """Check an answer against what the document says of it."""
    said = OPERATIONS[method, path]["responses"][str(answer.status_code)]
    content = {kind.partition(";")[0]: each for kind, each in said.get("content", {}).items()}
    media_type = answer.headers["Content-Type"].partition(";")[0]
    assert media_type in content
    if media_type.endswith("json"):
        against(content[media_type]["schema"], answer.json())


class TestDescription:
    def test_is_openapi_3_1_and_says_how_to_prove_oneself(self, api: httpx.Client) -> None:
        document = api.get(f"{API}/openapi.json").json()
        assert document == DOCUMENT
        assert document["openapi"].startswith("3.1")
        assert document["components"]["securitySchemes"].keys() == SECURITY.keys()
        assert document["paths"]["/healthz"]["get"]["security"] == []

    @pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda each: each["operationId"])
    def test_every_operation_says_what_it_does_and_what_may_come(self, operation: dict[str, Any]) -> None:
        assert operation["summary"]
        assert operation["description"]
        assert {"421", "500"} <= operation["responses"].keys()
        refusals = [code for code in operation["responses"] if code >= "400"]
        contents = [set(operation["responses"][code]["content"]) for code in refusals]
        assert contents == [{"application/problem+json"}] * len(refusals)

    def test_every_schema_is_one_and_every_reference_leads_somewhere(self) -> None:
        for name, schema in DOCUMENT["components"]["schemas"].items():
            assert jsonschema_rs.meta.is_valid({**schema, "components": DOCUMENT["components"]}), name
        text = str(DOCUMENT)
        names = {part.partition("'")[0] for part in text.split("#/components/schemas/")[1:]}
        assert names <= DOCUMENT["components"]["schemas"].keys()

    @pytest.mark.parametrize("noun", NOUNS)
    def test_every_list_is_described(self, noun: str) -> None:
        parameters = {each["name"] for each in OPERATIONS["get", f"{API}/{noun}"]["parameters"]}
        assert {"limit", "cursor", "updated_since", NOUNS[noun]} <= parameters
        assert ("get", f"{API}/{noun}/{{{NOUNS[noun]}}}") in OPERATIONS


class TestExamples:
    @pytest.mark.parametrize("name", EXAMPLES)
    def test_an_example_fits_its_schema_and_says_all(self, name: str) -> None:
        schema = DOCUMENT["components"]["schemas"][name]
        assert schema["examples"] == [EXAMPLES[name]]
        against(schema, EXAMPLES[name])
        assert EXAMPLES[name].keys() == schema["properties"].keys()

    @pytest.mark.parametrize("noun", NOUNS)
    def test_an_example_says_what_the_demo_says(self, api: httpx.Client, noun: str) -> None:
        for row in rows(api, noun)[:1]:
            example = next(each for each in EXAMPLES.values() if next(iter(each)) == NOUNS[noun])
            assert list(row) == list(example)

    @pytest.mark.parametrize(("path", "name", "example"), PARAMETERS)
    def test_an_example_of_a_parameter_works_as_it_stands(
        self, api: httpx.Client, path: str, name: str, example: object
    ) -> None:
        address = path.replace("{theme_id}", rows(api, "themes")[0]["theme_id"])
        asked = str(example).lower() if isinstance(example, bool) else str(example)
        answer = api.get(address, params={name: asked})
        assert answer.status_code == 200, answer.text
        answered("get", path, answer)

    @pytest.mark.parametrize("noun", ["accounts", "effects"])
    def test_an_example_of_an_id_that_is_the_users_own_is_one_of_the_demo(
        self, api: httpx.Client, noun: str
    ) -> None:
        path = f"{API}/{noun}/{{{NOUNS[noun]}}}"
        [parameter] = OPERATIONS["get", path]["parameters"]
        answer = api.get(path.replace(f"{{{NOUNS[noun]}}}", parameter["schema"]["examples"][0]))
        assert answer.status_code == 200
        answered("get", path, answer)

    @pytest.mark.parametrize("decision", BODIES)
    def test_an_example_of_a_body_works_as_it_stands(self, api: httpx.Client, decision: str) -> None:
        path = f"{API}/suggestions/{{suggestion_id}}/{decision}"
        body = OPERATIONS["post", path].get("requestBody")
        said = None
        if body:
            shape = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            properties = DOCUMENT["components"]["schemas"][shape]["properties"]
            said = {name: each["examples"][0] for name, each in properties.items()}
        suggestion = rows(api, "suggestions", status="open", action="write_article")[0]
        key = next(p for p in OPERATIONS["post", path]["parameters"] if p["name"] == "Idempotency-Key")
        headers = {"Idempotency-Key": f"{key['schema']['examples'][0]}-{decision}"}
        answer = api.post(
            path.replace("{suggestion_id}", suggestion["suggestion_id"]), json=said, headers=headers
        )
        assert answer.status_code == 200, answer.text
        answered("post", path, answer)

    @pytest.mark.parametrize("accept", ["application/json", "text/markdown", "text/html", "image/png"])
    def test_every_form_of_a_suggestion_is_described(self, api: httpx.Client, accept: str) -> None:
        path = f"{API}/suggestions/{{suggestion_id}}"
        suggestion_id = rows(api, "suggestions", lang="ja")[0]["suggestion_id"]
        answer = api.get(path.replace("{suggestion_id}", suggestion_id), headers={"Accept": accept})
        assert answer.status_code == (406 if accept == "image/png" else 200)
        answered("get", path, answer)
        if answer.status_code == 200:
            assert answer.headers["Vary"] == "Accept"
