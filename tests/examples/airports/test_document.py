"""The application as a whole: its document, its plans, its round trip through cloudpickle."""

import cloudpickle
import pytest
from openapi_spec_validator import validate

from examples.airports import app
from signette.testclient import TestClient

OPERATIONS = {
    "search_airports", "nearest_airports", "get_airport", "summarize_airport", "create_airport", "replace_airport",
    "change_airport",
    "delete_airport", "list_reviews", "write_review", "get_review", "upload_corrections", "download_template",
    "stream_corrections", "preview_corrections",
    "list_countries", "export_airports", "download_airports", "choose_units",
}  # fmt: skip


def test_the_document_is_valid_and_every_operation_reads_well() -> None:
    document = app.openapi()
    validate(document)
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert {operation["operationId"] for operation in operations} == OPERATIONS
    tags = {tag["name"] for tag in document["tags"]}
    for operation in operations:
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["tags"]) <= tags


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/airports", "post", {"201", "400", "401", "409", "413", "415", "422"}),
        ("/airports/{code}", "get", {"200", "304", "400", "404", "412", "422"}),
        ("/airports/{code}", "put", {"200", "400", "401", "404", "409", "412", "413", "415", "422"}),
        ("/airports/{code}", "patch", {"200", "400", "401", "404", "409", "412", "413", "415", "422"}),
        ("/airports/{code}", "delete", {"204", "401", "404", "422"}),
        ("/airports/{code}/reviews", "get", {"200", "400", "404", "422"}),
        ("/airports/{code}/reviews", "post", {"201", "400", "404", "413", "415", "422"}),
        ("/corrections", "post", {"200", "400", "401", "413", "415", "422"}),
        ("/corrections/stream", "post", {"200", "400", "401", "413", "415"}),
        ("/corrections/preview", "post", {"200", "400", "413", "415"}),
        ("/export/airports.jsonl", "get", {"200", "422"}),
        ("/export/airports", "get", {"200", "406", "422"}),
    ],
)
def test_the_document_lists_each_status(path: str, method: str, statuses: set[str]) -> None:
    assert set(app.openapi()["paths"][path][method]["responses"]) == statuses


def test_the_writing_operations_name_their_key() -> None:
    document = app.openapi()
    secured = {
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
        if operation.get("security")
    }
    assert secured == {
        "create_airport",
        "replace_airport",
        "change_airport",
        "delete_airport",
        "upload_corrections",
        "stream_corrections",
    }
    (scheme,) = document["components"]["securitySchemes"].values()
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-API-Key")


def test_a_write_lasts_as_long_as_its_handler_and_the_key_comes_before_the_body() -> None:
    plan = app.explain("POST /airports")
    assert plan.index("known_key(") < plan.index("open     body")
    assert "closed with the function" in plan


def test_a_cloudpickle_copy_responds_the_same(client: TestClient) -> None:
    copy = cloudpickle.loads(cloudpickle.dumps(app))
    assert copy is not app
    with TestClient(copy) as other:
        for path in ("/airports?country=DE", "/airports/FRA", "/airports/XXX", "/airports?page=0", "/openapi.json"):
            one, same = client.get(path), other.get(path)
            assert (one.status_code, one.content) == (same.status_code, same.content)
