"""The whole API against its own description: whatever is sent, no fault of ours and nothing undescribed.

`KOE_API_EXAMPLES` says how many requests are made up for each operation, with a token and without.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.api import router
from service.api.openapi import describe
from service.app import create_app
from service.config import Settings
from service.db import Database
from tests.api import API, NOUNS, make_token, program, rows
from tests.live import serving

EXAMPLES = int(os.environ.get("KOE_API_EXAMPLES", "5"))
OPERATIONS = [(method, path) for path, methods in describe(router)["paths"].items() for method in methods]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A live server with what it says of itself."""

    schema: BaseSchema
    tokens: dict[str, str]
    ids: dict[str, str]
    """One that exists, by the name that addresses have for it."""


@pytest.fixture(scope="module")
def examined(read_demo_db: Database) -> Iterator[Examined]:
    token = make_token(read_demo_db, "write")
    with serving(create_app(read_demo_db, Settings())) as address:
        with program(address, token) as client:
            first = {name: rows(client, noun)[:1] for noun, name in NOUNS.items()}
        headers = {"Authorization": f"Bearer {token}"}
        schema = schemathesis.openapi.from_url(f"{address}{API}/openapi.json", headers=headers)
        ids = {name: str(found[0][name]) for name, found in first.items() if found}
        yield Examined(schema=schema, tokens=headers, ids=ids)


@pytest.mark.parametrize("known", [True, False], ids=["with a token", "without"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_is_answered_by_a_fault_or_by_what_is_not_described(
    examined: Examined, seed: int, method: str, path: str, *, known: bool
) -> None:
    operation = examined.schema[path][method]
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @seeded(seed)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(modes), real=st.booleans())
    def examine(case: schemathesis.Case[Any], real: bool) -> None:  # noqa: FBT001  hypothesis gives it by name
        if real:
            given_ids = case.path_parameters.keys() & examined.ids.keys()
            case.path_parameters.update({name: examined.ids[name] for name in given_ids})
        response = case.call(headers=examined.tokens if known else None)
        case.validate_response(response, checks=CHECKS)

    examine()
