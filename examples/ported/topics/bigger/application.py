"""The application, put together."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from examples.ported.topics.bigger.needs import query_token
from examples.ported.topics.bigger.routers import admin, beds, garden, jobs
from examples.ported.topics.bigger.trouble import Frost, frozen
from signette import App, Depends, Request, Response
from signette.middleware.cors import CORSMiddleware
from signette.middleware.gzip import GZipMiddleware
from signette.middleware.trustedhost import TrustedHostMiddleware


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[dict[str, object]]:
    app.state.opened = True
    yield {"season": "spring"}
    app.state.opened = False


app = App(title="Garden", lifespan=lifespan, exception_handlers={Frost: frozen})
app.add_middleware(
    CORSMiddleware, allow_origins=["https://garden.example"], allow_credentials=True, allow_methods=["*"]
)
app.add_middleware(GZipMiddleware, minimum_size=1000)
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["testserver", "*.example"])


@app.middleware("http")
async def mark(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers["X-Garden"] = request.headers.get("x-ask", "open")
    return response


app.include_router(garden.router, dependencies=[Depends(query_token)])
app.include_router(jobs.router)
app.include_router(
    admin.router,
    prefix="/admin",
    tags=["admin"],
    responses={418: {"description": "The gardener is having tea"}},
)

app.include_router(beds.router, prefix="/beds/{bed}")
app.include_router(beds.tools)
app.include_router(beds.tools, prefix="/beds/{bed}")

greenhouse = App(title="Greenhouse")


@greenhouse.get("/palms")
async def palms(request: Request) -> dict[str, object]:
    return {"palms": 3, "root": request.scope["root_path"]}


app.mount("/greenhouse", greenhouse)


@app.get("/")
async def home(request: Request) -> dict[str, object]:
    return {
        "season": request.state.season,
        "opened": request.app.state.opened,
        "plants": request.url_for("plant", plant="rose").path,
    }
