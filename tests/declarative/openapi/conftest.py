"""What the tests of the document share: a document of some routes, checked by a validator that is not ours."""

from collections.abc import Callable
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from signette.declarative.error_format import ProblemFormat
from signette.declarative.openapi.document import Info, openapi_document

Document = Callable[..., dict[str, Any]]


@pytest.fixture
def document() -> Document:
    """Makes the document of routes. None leaves this function that OpenAPI 3.1 would not allow."""

    def make(*routes: Any, info: Info | None = None, errors: ProblemFormat | None = None) -> dict[str, Any]:
        made = openapi_document(routes, info or Info(), errors or ProblemFormat())
        OpenAPIV31SpecValidator(made).validate()
        return made

    return make


@pytest.fixture
def operation(document: Document) -> Document:
    """Makes the only operation of the document of one route."""

    def make(route: Any, **about: Any) -> dict[str, Any]:
        (path,) = document(route, **about)["paths"].values()
        (only,) = path.values()
        return only

    return make
