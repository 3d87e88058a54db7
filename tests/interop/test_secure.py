"""Security headers by secure."""

from secure import Secure
from secure.middleware import SecureASGIMiddleware

from signette import App, Middleware, Request
from tests.interop.serving import served


def test_its_middleware_and_its_method_set_headers() -> None:
    headers = Secure.with_default_headers()
    inside = App(middleware=[Middleware(SecureASGIMiddleware, secure=headers)])
    by_method = App()

    @by_method.middleware("http")
    async def secured(request: Request, call_next):  # type: ignore[no-untyped-def]
        response = await call_next(request)
        await headers.set_headers_async(response)
        return response

    for app in (inside, by_method):

        @app.get("/")
        async def home() -> int:
            return 1

        with served(app) as client:
            for path in ("/", "/nowhere"):
                assert client.get(path).headers["x-content-type-options"] == "nosniff"
