"""Error pages in HTML, in an application mounted at `/trouble`."""

from signette.applications import Application
from signette.exceptions import HTTPException
from signette.requests import Request
from signette.responses import HTMLResponse, Response
from signette.routing import Mount, Route


async def forbidden(request: Request) -> Response:
    raise HTTPException(403)


async def unavailable(request: Request) -> Response:
    raise HTTPException(503, headers={"Retry-After": "60"})


async def broken(request: Request) -> Response:
    raise RuntimeError("unexpected")


async def page_403(request: Request, exc: HTTPException) -> Response:
    return HTMLResponse("<h1>My 403 page</h1>", status_code=exc.status_code)


async def page_404(request: Request, exc: HTTPException) -> Response:
    return HTMLResponse("<h1>My 404 page</h1>", status_code=exc.status_code)


async def page_503(request: Request, exc: HTTPException) -> Response:
    return HTMLResponse("<h1>Failed, please try it later</h1>", status_code=exc.status_code, headers=exc.headers)


async def page_500(request: Request, exc: Exception) -> Response:
    # Not an HTTPException, but an unexpected error: the server logs it
    return HTMLResponse("<h1>My 500 page</h1>", status_code=500)


app = Application(
    routes=[Route("/forbidden", forbidden), Route("/unavailable", unavailable), Route("/broken", broken)],
    # By status, or by class
    exception_handlers={403: page_403, 404: page_404, 503: page_503, 500: page_500},
)

routes = [Mount("/trouble", app)]
