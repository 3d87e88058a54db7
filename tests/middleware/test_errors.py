"""The 500, and the debug page."""

import html
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.middleware.body_limit import RequestBodyLimitMiddleware
from signette.middleware.errors import ServerErrorMiddleware
from signette.middleware.exceptions import ExceptionMiddleware
from signette.responses.plain import PlainTextResponse, Response
from tests.asgi import call

HTML = [(b"accept", b"text/html,*/*")]


def fails(exc: BaseException) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise exc

    return app


async def test_the_debug_page_escapes_what_it_shows() -> None:
    app = ServerErrorMiddleware(fails(ValueError("<script>alert(1)</script>")), debug=True)
    response = await call(app, headers=HTML)
    assert response.status == 500
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in response.text
    assert "&lt;script&gt;alert(1)" in response.text
    assert "<mark>" in response.text
    assert isinstance(response.error, ValueError)


async def test_a_client_that_does_not_accept_html_gets_the_traceback_as_text() -> None:
    response = await call(ServerErrorMiddleware(fails(ValueError("why")), debug=True))
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("Traceback")
    assert "ValueError: why" in response.text


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


@pytest.mark.parametrize("exc", [Mute(), ValueError("\ud800\x00"), ValueError("x" * 10_000_000)])
@pytest.mark.parametrize("headers", [HTML, []])
async def test_the_debug_page_survives_what_cannot_be_printed(exc: Exception, headers: Any) -> None:
    response = await call(ServerErrorMiddleware(fails(exc), debug=True), headers=headers)
    assert response.status == 500
    assert type(exc).__name__ in response.text
    assert len(response.body) < 200_000
    assert response.error is exc


async def test_a_thousand_frames_do_not_make_a_huge_page() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    response = await call(ServerErrorMiddleware(app, debug=True), headers=HTML)
    assert "RecursionError" in response.text
    assert len(response.body) < 500_000


@given(st.text())
def test_nothing_in_an_exception_becomes_markup(text: str) -> None:
    page = ServerErrorMiddleware(fails(ValueError()), debug=True).generate_html(ValueError(text))
    title = page.split("<h1>")[1].split("</h1>")[0]
    assert "<" not in title
    assert html.unescape(title).startswith("ValueError")


async def test_without_debug_nothing_is_disclosed() -> None:
    response = await call(ServerErrorMiddleware(fails(ValueError("secret"))), headers=HTML)
    assert response.text == "Internal Server Error"


async def test_a_subclass_may_respond_in_its_own_way() -> None:
    class Own(ServerErrorMiddleware):
        def error_response(self, request: Any, exc: Exception) -> Any:
            return PlainTextResponse(f"own {exc}", status_code=503)

    assert (await call(Own(fails(ValueError("x"))))).text == "own x"


async def test_sockets_and_lifespans_pass() -> None:
    for kind in ("websocket", "lifespan"):
        response = await call(ServerErrorMiddleware(fails(ValueError("x")), debug=True), kind=kind)
        assert response.messages == []
        assert isinstance(response.error, ValueError)


async def test_the_exception_middleware_works_alone_too() -> None:
    async def by_status(request: Any, exc: Any) -> Any:
        return PlainTextResponse("by status", status_code=exc.status_code)

    from signette.exceptions import HTTPException

    app = ExceptionMiddleware(fails(HTTPException(404)), handlers={404: by_status})
    assert (await call(app)).text == "by status"
    app = ExceptionMiddleware(fails(HTTPException(404)))
    assert (await call(app)).text == "Not Found"
    app.add_exception_handler(HTTPException, lambda request, exc: PlainTextResponse("added", status_code=404))
    assert (await call(app)).text == "added"


async def read(scope: Any, receive: Any, send: Any) -> None:
    from signette.requests import Request

    await Response(await Request(scope, receive).body())(scope, receive, send)


async def test_the_innermost_body_limit_applies() -> None:
    for outer, inner, size, status in [(3, 5, 5, 200), (3, 5, 6, 413), (5, 3, 4, 413), (3, None, 9, 200)]:
        app = ExceptionMiddleware(RequestBodyLimitMiddleware(RequestBodyLimitMiddleware(read, inner), outer))
        response = await call(app, "/", "POST", body=[b"x" * (size - 1), b"x"])
        assert response.status == status
