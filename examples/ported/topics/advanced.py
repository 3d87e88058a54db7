"""Advanced topics: dataclasses, generic models, response classes, exception handlers, settings."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, Json, RootModel, computed_field, field_validator, model_validator

from signette import App, BackgroundTasks, Body, Cookie, Depends, HTTPException, Path, Query, Request, Response, Router
from signette.exceptions import HTTPException as ToolkitHTTPException
from signette.exceptions import RequestValidationError
from signette.responses import HTMLResponse, JSONResponse, PlainTextResponse

T = TypeVar("T")
app = App(
    title="Advanced",
    description="What people reach for later.",
    contact={"name": "Ada", "url": "https://a.example/ada"},
    openapi_tags=[{"name": "shapes", "description": "Models of all kinds"}],
    responses={503: {"description": "Closed"}},
    servers=[{"url": "https://a.example"}],
)


@dataclass
class Author:
    name: str
    books: list[str] = field(default_factory=list)


@app.post("/authors", response_model=Author, tags=["shapes"])
async def author(author: Author) -> Any:
    return {"name": author.name.title(), "books": author.books, "secret": 1}


@app.get("/authors", response_model=list[Author])
def authors() -> Any:
    return [Author("ada", ["notes"]), {"name": "bo"}]


class Row:
    """As a mapper of tables makes them."""

    def __init__(self, number: int, name: str) -> None:
        self.number = number
        self.name = name
        self.password = "secret"


class RowOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: int
    name: str

    @computed_field
    def label(self) -> str:
        return f"{self.number}: {self.name}"


@app.get("/rows/{number}", response_model=RowOut)
async def row(number: int) -> Any:
    if number == 0:
        raise HTTPException(404, "No such row")
    return Row(number, "ada")


@app.get("/rows", response_model=list[RowOut], response_model_by_alias=False)
async def rows() -> Any:
    return (Row(number, "ada") for number in range(2))


class Envelope(BaseModel, Generic[T]):
    data: T
    total: int = 1


@app.get("/envelope")
async def envelope() -> Envelope[list[RowOut]]:
    return Envelope(data=[RowOut(number=1, name="a")])


class Names(RootModel[list[str]]):
    pass


@app.post("/names")
async def names(names: Names) -> Names:
    return Names(sorted(names.root))


class Span(BaseModel):
    first: int
    last: int = Field(alias="lastOne")
    kind: Literal["a", "b"] = "a"

    @field_validator("first")
    @classmethod
    def even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("it is odd")
        return value

    @model_validator(mode="after")
    def ordered(self) -> "Span":
        if self.last < self.first:
            raise ValueError("it ends before it begins")
        return self


@app.post("/spans", tags=["shapes"])
async def spans(span: Annotated[Span, Body(openapi_examples={"short": {"value": {"first": 2, "lastOne": 4}}})]) -> Span:
    return span


@app.get("/json")
async def from_json(q: Annotated[Json[list[int]], Query()]) -> list[int]:
    return q


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    barks: bool


@app.post("/pets")
async def pets(pet: Annotated[Cat | Dog, Body(discriminator="kind")]) -> Cat | Dog:
    return pet


@app.put("/optional")
async def optional(span: Span | None = None, note: Annotated[str | None, Body()] = None) -> dict[str, Any]:
    return {"span": span, "note": note}


class Teapot(Exception):
    def __init__(self, name: str) -> None:
        self.name = name


class Kettle(Teapot):
    pass


@app.exception_handler(Teapot)
async def teapot(request: Request, exc: Teapot) -> JSONResponse:
    return JSONResponse({"message": f"{exc.name} at {request.url.path}"}, status_code=418)


@app.exception_handler(RequestValidationError)
async def invalid(request: Request, exc: RequestValidationError) -> PlainTextResponse:
    return PlainTextResponse(f"{request.method}: {len(exc.errors())} wrong", status_code=400)


@app.exception_handler(ToolkitHTTPException)
async def http_error(request: Request, exc: ToolkitHTTPException) -> JSONResponse:
    return JSONResponse({"error": exc.detail}, exc.status_code, headers=exc.headers)


@app.get("/tea/{name}")
def tea(name: str) -> dict[str, str]:
    raise (Kettle if name == "kettle" else Teapot)(name)


class Settings:
    def __init__(self) -> None:
        self.title = "Settings"


@lru_cache
def settings() -> Settings:
    return Settings()


@app.get("/settings")
async def read_settings(settings: Annotated[Settings, Depends(settings)]) -> dict[str, str]:
    return {"title": settings.title}


def power(base: int, exponent: int) -> int:
    return int(base**exponent)


@app.get("/square")
async def square(result: Annotated[int, Depends(partial(power, exponent=2))]) -> int:
    return result


def needs_role(role: str) -> Callable[..., Any]:
    async def check(roles: Annotated[str, Cookie()] = "") -> str:
        if role not in roles.split("."):
            raise HTTPException(403, {"needed": role}, headers={"X-Role": role})
        return role

    return check


@app.get("/role/admin", dependencies=[Depends(needs_role("admin"))])
async def admin() -> dict[str, bool]:
    return {"admin": True}


current: ContextVar[str] = ContextVar("current", default="nobody")


async def enter(name: str = "ada") -> Any:
    token = current.set(name)
    yield
    current.reset(token)


@app.get("/context", dependencies=[Depends(enter)])
async def context() -> dict[str, str]:
    return {"current": current.get()}


class Page(HTMLResponse):
    def render(self, content: Any) -> bytes:
        return f"<p>{content}</p>".encode()


pages = Router(prefix="/pages", default_response_class=Page)


@pages.get("/{name}")
async def page(name: Annotated[str, Path(max_length=4)]) -> Any:
    return name


@pages.get("/{name}/json", response_class=JSONResponse)
async def page_json(name: str, request: Request) -> Any:
    return {"name": name, "url": request.url_for("page", name=name).path, "q": request.query_params.getlist("q")}


app.include_router(pages)
app.include_router(pages, prefix="/old", deprecated=True)


@app.post("/raw")
async def raw(request: Request) -> dict[str, Any]:
    return {"body": (await request.body()).decode(), "type": request.headers.get("content-type")}


DONE: list[str] = []


@app.get("/later")
async def later(tasks: BackgroundTasks, response: Response) -> Any:
    tasks.add_task(DONE.append, "done")
    response.headers["X-Count"] = str(len(DONE))
    return JSONResponse({"done": len(DONE)})


@app.get("/image", responses={200: {"content": {"image/png": {}}, "description": "An image"}}, response_class=Response)
async def image() -> Response:
    return Response(b"\x89PNG", media_type="image/png")


async def added(request: Request) -> PlainTextResponse:
    return PlainTextResponse("added " + request.method)


app.add_api_route("/added", added, methods=["GET", "POST"], include_in_schema=False)
app.add_route("/plain", added)


@app.get("/all/{rest:path}", name="all", operation_id="everything", summary="All the rest", description="Of *it*.")
async def rest(rest: str, request: Request) -> dict[str, str]:
    """Not shown.\f Nor this."""
    return {"rest": rest, "client": request.client.host if request.client else ""}
