"""Documents of styles, parts and unions are ones that OpenAPI allows: the fixture has them validated."""

from typing import Any

import pytest

from tests.declarative.building import app_of
from tests.declarative.openapi.conftest import Document
from tests.declarative.test_json_parts import scan
from tests.declarative.test_nested_names import order, styled
from tests.declarative.test_spread_models import contact

ENDPOINTS = {"/styled/{ids}": styled, "/order": order, "/scan": scan, "/contact": contact}


@pytest.mark.parametrize("path", ENDPOINTS)
def test_a_document_of_what_is_written_in_another_way_is_valid(path: str, document: Document) -> None:
    app = app_of(ENDPOINTS[path], path, method="POST", unknown_query_params="forbid")
    made: dict[str, Any] = document(*app.routes)["paths"][path]["post"]
    assert "422" in made["responses"]
