"""What an exception handler of a typed endpoint reads of the body that the endpoint, or its validation, has read."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from signette.app import App
from signette.applications import Application
from signette.datastructures.upload import UploadFile
from signette.declarative.routing.router import Router
from signette.declarative.signature.depends import Depends
from signette.declarative.signature.markers import Body, File, Form, Header
from signette.exceptions import HTTPException, LimitExceeded, RequestValidationError
from signette.limits import Limits
from signette.middleware.base import BaseHTTPMiddleware
from signette.middleware.registry import Middleware
from signette.requests import Request
from signette.responses.plain import PlainTextResponse, Response
from signette.routing.mount import Mount
from signette.routing.route import Route
from tests.asgi import JSON, MULTIPART, URLENCODED, Headers, call
from tests.declarative.building import form, part


class Broken(Exception): ...


class Item(BaseModel):
    name: str


async def json_body(item: Item) -> None:
    raise Broken


async def json_with_request(item: Item, request: Request) -> None:
    raise Broken


async def keyed(item: Item, count: Annotated[int, Body()] = 1) -> None:
    raise Broken


async def raw(data: Annotated[bytes, Body()]) -> None:
    raise Broken


async def raw_with_request(data: Annotated[bytes, Body()], request: Request) -> None:
    raise Broken


async def fields(name: Annotated[str, Form()]) -> None:
    raise Broken


async def fields_with_request(name: Annotated[str, Form()], request: Request) -> None:
    raise Broken


async def upload(name: Annotated[str, Form()], file: UploadFile) -> None:
    raise Broken


async def read_by_hand(request: Request) -> None:
    await request.body()
    raise Broken


def depending(item: Item) -> None:
    raise Broken


async def in_a_dependency(item: Item, _: Annotated[None, Depends(depending)]) -> None: ...


SENT = b'{"name": "pen"}'
KEYED = b'{"item": {"name": "pen"}}'
FIELDS = b"name=pen"
PARTS = form(part("name", "pen"), part("file", "content", file_name="a.txt"))

AS_FORM = "Stream consumed: the body was read as a form; use `await request.form()`"

ENDPOINTS: dict[str, tuple[Any, bytes, Headers]] = {
    "json": (json_body, SENT, JSON),
    "json and request": (json_with_request, SENT, JSON),
    "keyed": (keyed, KEYED, JSON),
    "raw": (raw, SENT, {}),
    "raw and request": (raw_with_request, SENT, {}),
    "by hand": (read_by_hand, SENT, JSON),
    "dependency": (in_a_dependency, SENT, JSON),
}
FORMS: dict[str, tuple[Any, bytes, Headers]] = {
    "urlencoded": (fields, FIELDS, URLENCODED),
    "urlencoded and request": (fields_with_request, FIELDS, URLENCODED),
    "multipart": (upload, PARTS, MULTIPART),
}


async def handler(request: Any, exc: Exception) -> Response:
    """The body, or the form, and why there is no body."""
    try:
        return PlainTextResponse(repr(await request.body()))
    except RuntimeError as failed:
        found = await request.form()
        return PlainTextResponse(f"{failed}: {found.get('name')}")


def alone(endpoint: Any, key: Any, **options: Any) -> Any:
    app = App(exception_handlers={key: handler}, **options)
    app.post("/")(endpoint)
    return app


def with_middleware(endpoint: Any, key: Any, **options: Any) -> Any:
    async def passes(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    return alone(endpoint, key, middleware=[Middleware(BaseHTTPMiddleware, dispatch=passes)], **options)


def with_open_dependency(endpoint: Any, key: Any, **options: Any) -> Any:
    async def session() -> Any:
        yield

    return alone(endpoint, key, dependencies=[Depends(session)], **options)


def in_an_application(endpoint: Any, key: Any, **options: Any) -> Any:
    router = Router()
    router.post("/")(endpoint)
    return Application(routes=[Mount("/", router)], exception_handlers={key: handler})


MAKERS = {
    "alone": alone,
    "with middleware": with_middleware,
    "with an open dependency": with_open_dependency,
    "in an Application": in_an_application,
}


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("key", [Broken, Exception])
@pytest.mark.parametrize("name", ENDPOINTS)
async def test_a_handler_reads_the_body_of_a_typed_endpoint(maker: str, key: Any, name: str) -> None:
    endpoint, sent, headers = ENDPOINTS[name]
    half = len(sent) // 2
    response = await call(MAKERS[maker](endpoint, key), method="POST", body=[sent[:half], sent[half:]], headers=headers)
    assert response.text == repr(sent)


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("key", [Broken, Exception])
@pytest.mark.parametrize("name", FORMS)
async def test_a_handler_reads_the_form_of_a_typed_endpoint(maker: str, key: Any, name: str) -> None:
    endpoint, sent, headers = FORMS[name]
    response = await call(MAKERS[maker](endpoint, key), method="POST", body=sent, headers=headers)
    assert response.text == f"{AS_FORM}: pen"


@pytest.mark.parametrize("maker", MAKERS)
async def test_a_form_without_fields_is_a_form_too(maker: str) -> None:
    async def optional(name: Annotated[str | None, Form()] = None) -> None:
        raise Broken

    response = await call(MAKERS[maker](optional, Broken), method="POST", headers=URLENCODED)
    assert response.text == f"{AS_FORM}: None"


# Validation errors.


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("key", [RequestValidationError, 422])
async def test_the_handler_of_validation_errors_reads_what_is_not_valid(maker: str, key: Any) -> None:
    response = await call(MAKERS[maker](json_body, key), method="POST", body=b'{"name": 1}', headers=JSON)
    assert response.text == repr(b'{"name": 1}')
    response = await call(MAKERS[maker](upload, key), method="POST", body=form(part("name", "x")), headers=MULTIPART)
    assert response.text == f"{AS_FORM}: x"


@pytest.mark.parametrize("maker", MAKERS)
async def test_a_body_that_was_not_needed_any_more_can_be_read(maker: str) -> None:
    def guard(x_key: Annotated[str, Header()]) -> None: ...

    async def endpoint(item: Item, _: Annotated[None, Depends(guard)]) -> None: ...

    async def rejects() -> None:
        raise Broken

    app = App(exception_handlers={Broken: handler})
    app.post("/", dependencies=[Depends(rejects)])(endpoint)
    assert (await call(app, method="POST", body=SENT, headers=JSON)).text == repr(SENT)


# Bodies that are rejected.


LIMITS = Limits(json_bytes=20, body_bytes=20, json_values=3)
REJECTED: dict[str, tuple[Any, Any, Headers, Any, str]] = {
    "another media type": (json_body, SENT, {"content-type": "text/plain"}, 415, repr(SENT)),
    "no media type": (json_body, SENT, {}, 415, repr(SENT)),
    "no media type of a form": (fields, FIELDS, {}, 415, repr(FIELDS)),
    "another media type of a form": (fields, FIELDS, {"content-type": "text/plain"}, 415, repr(FIELDS)),
    "another media type of a form with request": (
        fields_with_request,
        FIELDS,
        {"content-type": "text/plain"},
        415,
        repr(FIELDS),
    ),
    "no JSON": (json_body, b"{", JSON, 400, repr(b"{")),
    "too many values": (json_body, b"[1,2,3,4,5]", JSON, LimitExceeded, repr(b"[1,2,3,4,5]")),
    "no form": (upload, b"no form", MULTIPART, 400, "Stream consumed: None"),
    "too long": (json_body, [b"[", b" " * 20, b"]"], JSON, LimitExceeded, "Stream consumed: None"),
    "too long at once": (json_body, [b" " * 21], JSON, LimitExceeded, "Stream consumed: None"),
    "too long with request": (json_with_request, [b" " * 21], JSON, LimitExceeded, "Stream consumed: None"),
    "too long and raw": (raw, [b" " * 21], {}, LimitExceeded, "Stream consumed: None"),
    "too long a form": (fields, [b"name=" + b"x" * 21], URLENCODED, LimitExceeded, "Stream consumed: None"),
}


@pytest.mark.parametrize("name", REJECTED)
@pytest.mark.parametrize("maker", ["alone", "with middleware", "with an open dependency"])
async def test_a_handler_never_waits_for_a_body_that_was_rejected(maker: str, name: str) -> None:
    endpoint, body, headers, key, text = REJECTED[name]

    async def reads(request: Any, exc: Exception) -> Response:
        try:
            return PlainTextResponse(repr(await request.body()))
        except RuntimeError as failed:
            return PlainTextResponse(f"{failed}: None")

    app = MAKERS[maker](endpoint, key, limits=LIMITS)
    app.add_exception_handler(key, reads)
    response = await call(app, method="POST", body=body, headers=headers)
    assert response.text == text
    if key is LimitExceeded:  # also if the length is known before the first message
        size = len(body if isinstance(body, bytes) else b"".join(body))
        announced = {**dict(headers), "content-length": str(size)}
        response = await call(app, method="POST", body=body, headers=announced)
        assert response.text == ("Stream consumed: None" if "too long" in name else text)
        assert response.receives == 0 or "too long" not in name


# Guards in front of plain routes.


@pytest.mark.parametrize("fails", ["guard", "endpoint"])
@pytest.mark.parametrize("key", [Broken, Exception])
@pytest.mark.parametrize("guard_reads", [True, False])
async def test_a_handler_reads_what_a_guard_or_its_plain_route_has_read(
    fails: str, key: Any, guard_reads: bool
) -> None:
    async def guard(request: Request) -> None:
        if guard_reads:
            await request.body()
        if fails == "guard":
            raise Broken

    async def plain(request: Request) -> Response:
        await request.body()
        raise Broken

    app = App(dependencies=[Depends(guard)], exception_handlers={key: handler})
    app.router.routes.append(Route("/", plain, methods=["POST"]))
    response = await call(app, method="POST", body=[SENT[:3], SENT[3:]], headers=JSON)
    assert response.text == repr(SENT)


async def test_the_variables_of_a_handled_request_are_not_kept() -> None:
    response = await call(alone(json_body, Broken), method="POST", body=SENT, headers=JSON)
    assert "signette.request" not in response.scope

    async def missing(item: Item) -> None:
        raise HTTPException(404)

    app = App()
    app.post("/")(missing)
    response = await call(app, method="POST", body=SENT, headers=JSON)
    assert response.status == 404
    assert "signette.request" not in response.scope


@pytest.mark.parametrize("file_is_read", [True, False])
async def test_the_files_of_a_form_are_closed_when_the_handler_runs(file_is_read: bool) -> None:
    async def endpoint(files: Annotated[list[UploadFile], File()]) -> None:
        if file_is_read:
            await files[0].read()
        raise Broken

    async def reads(request: Any, exc: Exception) -> Response:
        files = (await request.form()).getlist("files")
        return PlainTextResponse(f"{files[0].filename} {files[0].file.closed}")

    app = App(exception_handlers={Broken: reads})
    app.post("/")(endpoint)
    sent = form(part("files", "content", file_name="a.txt"))
    assert (await call(app, method="POST", body=sent, headers=MULTIPART)).text == "a.txt True"
