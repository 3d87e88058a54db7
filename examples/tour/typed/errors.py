"""Error pages in HTML, in an application mounted at `/trouble`."""

from signette import App, HTMLResponse, HTTPException, Request, Response

app = App(openapi_url=None)


@app.get("/forbidden")
async def forbidden() -> None:
    raise HTTPException(403)


@app.get("/unavailable")
async def unavailable() -> None:
    raise HTTPException(503, headers={"Retry-After": "60"})


@app.get("/broken")
async def broken() -> None:
    raise RuntimeError("unexpected")


@app.exception_handler(403)
async def page_403(_: Request, exc: HTTPException) -> Response:
    return HTMLResponse("<h1>My 403 page</h1>", status_code=exc.status_code)


@app.exception_handler(404)
async def page_404(_: Request, exc: HTTPException) -> Response:
    return HTMLResponse("<h1>My 404 page</h1>", status_code=exc.status_code)


@app.exception_handler(503)
async def page_503(_: Request, exc: HTTPException) -> Response:
    return HTMLResponse("<h1>Failed, please try it later</h1>", status_code=exc.status_code, headers=exc.headers)


@app.exception_handler(500)
async def page_500(_request: Request, _: Exception) -> Response:
    return HTMLResponse("<h1>My 500 page</h1>", status_code=500)
