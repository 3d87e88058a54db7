"""Read by type checkers only, never run: what an author of a plain application, typed strictly, sees of the toolkit."""

from typing import assert_type

from signette.applications import Application
from signette.exceptions import HTTPException
from signette.middleware import Middleware
from signette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from signette.requests import Request
from signette.responses import PlainTextResponse, Response


async def of_a_status(request: Request, exc: HTTPException) -> Response:
    return PlainTextResponse(exc.detail, status_code=exc.status_code)


def of_a_class(request: Request, exc: ValueError) -> Response:
    return PlainTextResponse(request.url.path, status_code=400)


class Named(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        assert_type(response, Response)
        return response


async def alone(request: Request, call_next: RequestResponseEndpoint) -> Response:
    return await call_next(request)


# A handler may say which exception it takes: the key has chosen it.
app = Application(
    exception_handlers={404: of_a_status, HTTPException: of_a_status, ValueError: of_a_class},
    middleware=[Middleware(Named), Middleware(BaseHTTPMiddleware, dispatch=alone)],
)
app.add_exception_handler(ValueError, of_a_class)
