import functools
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from signette import schemas
from signette.applications import Application
from signette.endpoints import HTTPEndpoint
from signette.requests import Request
from signette.responses import Response
from signette.routing import Host, Mount, Route, Router, WebSocketRoute
from signette.schemas import BaseSchemaGenerator, EndpointInfo, OpenAPIResponse, SchemaGenerator
from signette.staticfiles import StaticFiles
from tests.asgi import call

BASE = {"openapi": "3.0.0", "info": {"title": "Example", "version": "1.0"}}


def results(description: str) -> dict[str, Any]:
    return {"responses": {200: {"description": description}}}


def list_users(request: Request) -> None:
    """
    responses:
      200:
        description: users
    """


async def one_user(request: Request) -> None:
    """One user, by the number: what is before the line is text.

    ---
    responses:
      200:
        description: user
    """


def undocumented(request: Request) -> None: ...


def prose(request: Request) -> None:
    """Responds with: text: that is not YAML."""


class Items(HTTPEndpoint):
    def get(self, request: Request) -> None:
        """responses: {200: {description: items}}"""

    async def query(self, request: Request) -> None:
        """responses: {200: {description: found}}"""

    def head(self, request: Request) -> None:
        """responses: {200: {description: never shown}}"""

    def trace(self, request: Request) -> None:
        """responses: {200: {description: never called}}"""

    def delete(self, request: Request) -> None: ...


async def socket(websocket: Any) -> None:
    """responses: {200: {description: a socket}}"""


def paths(*routes: Any, **base: Any) -> Any:
    return SchemaGenerator({**BASE, **base}).get_schema(routes)["paths"]


# -- what is in a document ---------------------------------------------------------------------------------------------


def test_a_function_has_an_operation_for_each_method_except_head() -> None:
    found = paths(Route("/users", list_users, methods=["POST", "GET"]))
    assert found == {"/users": {"get": results("users"), "post": results("users")}}
    assert list(found["/users"]) == ["get", "post"]


def test_paths_have_no_convertors() -> None:
    assert paths(Route("/users/{id:int}/{rest:path}", one_user)) == {"/users/{id}/{rest}": {"get": results("user")}}


def test_routes_of_one_path_share_an_entry() -> None:
    found = paths(Route("/users", list_users), Route("/users", one_user, methods=["PUT"]))
    assert found == {"/users": {"get": results("users"), "put": results("user")}}


def test_a_class_has_an_operation_for_each_method() -> None:
    assert paths(Route("/items", Items)) == {"/items": {"get": results("items")}}
    assert paths(Route("/items", Items), openapi="3.2.0")["/items"]["query"] == results("found")
    assert paths(Route("/items", Items, methods=["QUERY"]), openapi="3.2.0") == {"/items": {"query": results("found")}}


@pytest.mark.parametrize(
    ("version", "known"),
    [("3.2.0", True), ("3.10.1", True), ("4.0", True), ("3.1.1", False), ("2.0", False), ("", False), ("x.y", False)],
)
def test_query_is_supported_from_openapi_3_2_on(version: str, known: bool) -> None:
    found = paths(Route("/", list_users, methods=["QUERY", "POST"]), openapi=version)
    assert ("query" in found["/"]) is known
    assert "post" in found["/"]


def test_mounted_routes_have_the_full_path_and_hosts_none() -> None:
    routes = [
        Mount("/a/{k:int}", routes=[Route("/b", list_users), Mount("/c", routes=[Route("/", one_user)])]),
        Mount("/files", StaticFiles()),
        Mount("/app", Application(routes=[Route("/d", list_users)])),
        Mount("", routes=[Route("/e", list_users)]),
        Host("api.example.org", Router(routes=[Route("/f", list_users)])),
    ]
    assert list(paths(*routes)) == ["/a/{k}/b", "/a/{k}/c/", "/app/d", "/e", "/f"]


def test_routes_without_a_docstring_are_skipped() -> None:
    async def asgi(scope: Any, receive: Any, send: Any) -> None: ...

    class Plain:
        __call__ = staticmethod(asgi)

    routes = [
        WebSocketRoute("/socket", socket),
        Route("/hidden", list_users, include_in_schema=False),
        Route("/undocumented", undocumented),
        Route("/prose", prose),
        Route("/application", Plain()),
    ]
    assert paths(*routes) == {}


def test_partials_are_unwrapped() -> None:
    route = Route("/users", functools.partial(functools.partial(list_users)))
    assert paths(route) == {"/users": {"get": results("users")}}


def test_methods_of_objects_are_endpoints() -> None:
    class Users:
        def listing(self, request: Request) -> None:
            """responses: {200: {description: users}}"""

    assert paths(Route("/users", Users().listing)) == {"/users": {"get": results("users")}}


def test_the_base_document_is_included_and_not_changed() -> None:
    base = {**BASE, "paths": {"/extra": {"get": {"summary": "by hand"}}}}
    generator = SchemaGenerator(base)
    found = generator.get_schema([Route("/users", list_users)])
    assert list(found["paths"]) == ["/extra", "/users"]
    assert found["info"] == BASE["info"]
    assert base["paths"] == {"/extra": {"get": {"summary": "by hand"}}}
    assert generator.get_schema([]) == base


def test_operations_can_be_listed_for_other_generators() -> None:
    routes = [Route("/items", Items), Route("/n/{x:float}", undocumented)]
    assert BaseSchemaGenerator().get_endpoints(routes) == [
        EndpointInfo("/items", "get", Items.get),
        EndpointInfo("/items", "delete", Items.delete),
        EndpointInfo("/items", "query", Items.query),
        EndpointInfo("/n/{x}", "get", undocumented),
    ]
    with pytest.raises(NotImplementedError):
        BaseSchemaGenerator().get_schema(routes)


# -- docstrings --------------------------------------------------------------------------------------------------------


def with_docstring(text: str | None) -> Any:
    def endpoint(request: Request) -> None: ...

    endpoint.__doc__ = text
    return endpoint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, {}),
        ("", {}),
        ("Only text.", {}),
        ("Text: with: colons {", {}),
        ("- a\n- list", {}),
        ("a: 1", {"a": 1}),
        ("Text.\n\n    ---\n    a: 1\n    ", {"a": 1}),
        ("a: 1\n---\nb: 2\n  ---  \nc: 3", {"c": 3}),
        ("A table: | --- |\n\n    ---\n    a: ---", {"a": "---"}),
        ("Text.\n---\n", {}),
        ("Text.\n---\nonly words", {}),
    ],
)
def test_the_lines_after_the_last_dashes_are_the_operation(text: str | None, expected: dict[str, Any]) -> None:
    assert SchemaGenerator(BASE).parse_docstring(with_docstring(text)) == expected


def test_the_error_for_invalid_yaml_names_the_endpoint() -> None:
    with pytest.raises(ValueError, match=r"`with_docstring.<locals>.endpoint` has invalid YAML after its `---`"):
        SchemaGenerator(BASE).get_schema([Route("/", with_docstring("---\na: b: c"))])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(document=st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=4))
def test_a_document_is_parsed_back(document: dict[str, Any]) -> None:
    assert yaml.safe_load(bytes(OpenAPIResponse(document).body)) == document


@given(text=st.text())
def test_no_docstring_is_too_odd_without_dashes(text: str) -> None:
    if "---" not in text:
        assert isinstance(SchemaGenerator(BASE).parse_docstring(with_docstring(text)), dict)


# -- the response ------------------------------------------------------------------------------------------------------


async def test_the_document_can_be_served() -> None:
    generator = SchemaGenerator(BASE)

    def document(request: Request) -> Response:
        return generator.OpenAPIResponse(request=request)

    app = Application(routes=[Route("/users", list_users), Route("/schema", document, include_in_schema=False)])
    response = await call(app, "/schema")
    assert response.headers["content-type"] == "application/vnd.oai.openapi"
    assert yaml.safe_load(response.text) == {**BASE, "paths": {"/users": {"get": results("users")}}}


def test_keys_keep_their_order() -> None:
    assert OpenAPIResponse({"z": 1, "a": {"b": "x"}}).body == b"z: 1\na:\n  b: x\n"


@pytest.mark.parametrize("content", ["text", [1], None])
def test_a_document_is_a_dictionary(content: Any) -> None:
    with pytest.raises(AssertionError, match=r"The schema passed to OpenAPIResponse should be a dictionary\."):
        OpenAPIResponse(content)


def test_without_pyyaml_the_error_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "yaml", None)
    with pytest.raises(ImportError, match="PyYAML must be installed"):
        paths(Route("/users", list_users))
    with pytest.raises(ImportError, match="PyYAML must be installed"):
        OpenAPIResponse({})
