"""What the tests of the document share: a document of some routes, checked by a validator that is not ours."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, OpenAPIV32SpecValidator

from signette.declarative.openapi.dialect import OPENAPI_3_1, OPENAPI_3_2
from signette.declarative.openapi.document import Info, openapi_document
from signette.declarative.problems.format import ProblemFormat

Document = Callable[..., dict[str, Any]]
VALIDATORS = {OPENAPI_3_1: OpenAPIV31SpecValidator, OPENAPI_3_2: OpenAPIV32SpecValidator}


@pytest.fixture
def document() -> Document:
    """Makes the document of routes. None leaves this function that OpenAPI would not allow, in 3.1 as in 3.2."""

    def make(
        *routes: Any,
        info: Info | None = None,
        errors: ProblemFormat | None = None,
        dialect: Any = OPENAPI_3_1,
        **more: Any,
    ) -> dict[str, Any]:
        made = {
            each: openapi_document(routes, info or Info(), errors or ProblemFormat(), dialect=each, **more)
            for each in VALIDATORS
        }
        VALIDATORS[dialect](made[dialect]).validate()
        # Most documents differ by the number of the version alone, and need one validation.
        if len({json.dumps(each | {"openapi": ""}) for each in made.values()}) > 1:
            for other in VALIDATORS.keys() - {dialect}:
                VALIDATORS[other](made[other]).validate()
        return made[dialect]

    return make


@pytest.fixture
def operation(document: Document) -> Document:
    """Makes the only operation of the document of one route."""

    def make(route: Any, **about: Any) -> dict[str, Any]:
        (path,) = document(route, **about)["paths"].values()
        (only,) = path.values()
        return only

    return make
