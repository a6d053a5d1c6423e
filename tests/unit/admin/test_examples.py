"""OpenAPI shows a body for every route that takes one, and the route would take it."""

import json

import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from admin.api.examples import EXAMPLES
from tests.integration.api.test_permissions import routes


def takes_json(route: APIRoute) -> bool:
    return route.body_field is not None and type(route.body_field.field_info).__name__ == "Body"


TAKING = {f"{min(route.methods or ())} {route.path}": route for route in routes() if takes_json(route)}


def test_every_route_that_takes_a_body_has_an_example_and_no_other() -> None:
    assert set(EXAMPLES) == set(TAKING)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_route_would_take_its_example(name: str) -> None:
    body = TAKING[name].body_field
    assert body is not None
    TypeAdapter(body.field_info.annotation).validate_json(json.dumps(EXAMPLES[name]))


def test_the_example_stands_in_openapi() -> None:
    extra = TAKING["POST /orders"].openapi_extra
    assert extra is not None
    assert extra["requestBody"]["content"]["application/json"]["example"] == EXAMPLES["POST /orders"]
