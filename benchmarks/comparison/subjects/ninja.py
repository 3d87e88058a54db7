"""django-ninja, with the defaults of Django's settings."""

# ruff: noqa: E402 - Django is imported after its settings were made

import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path as File
from types import ModuleType
from typing import Any

import anyio
import msgspec
from django.conf import settings

settings.configure(
    SECRET_KEY="for show",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="",
    INSTALLED_APPS=["ninja"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:numbers?mode=memory&cache=shared"}},
    NINJA_PAGINATION_PER_PAGE=10,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
)

import django

django.setup()

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, models
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import clear_url_caches, path
from django.views.decorators.http import condition
from ninja import SSE, Body, Field, Header, NinjaAPI, PatchDict, Path, Query, Router, Schema, Status
from ninja.decorators import decorate_view
from ninja.pagination import CursorPagination, paginate
from ninja.security import HttpBearer

DOCUMENT, DOCS = "/openapi.json", "/docs"
NOTES = {
    "statuses": "in the decorator, `response={...}`",
    "group": "`router.add_decorator(...)`",
    "patch": "`PatchDict[T]`",
    "negotiated": "in the endpoint, with `request.get_preferred_type(...)`",
    "conditional": "Django's `@condition(...)`",
    "cursor": "`@paginate(CursorPagination)`",
}
MISSING = {
    "socket": "Django Channels",
    "messages": "Django Channels",
    "socket_document": "no",
    "items_of_body": "by hand",
    "file_limit": "by hand",
    "resource": "`django-ninja-extra`",
    **dict.fromkeys(("shared", "cleanup", "override"), "no dependencies"),
}
MISSING |= {
    "client": "`openapi-python-client`",
    "generated_requests": "`schemathesis`",
    "breaking_changes": "`oasdiff`",
    "tools": "`fastmcp`",
}
FAILS = {"trio": "no", "structs": "no"}
INCLUDED = {
    "sessions": "django.contrib.sessions",
    "CSRF": "django.middleware.csrf",
    "rate limits": "ninja.throttling",
    "response cache": "django.middleware.cache",
    "ORM": "django.db.models",
    "admin site": "django.contrib.admin",
}


class Item(Schema):
    label: str = Field(min_length=1)
    price: float


class Public(Schema):
    name: str


class User(Public):
    password: str


class Count(Schema):
    n: int


class Struct(msgspec.Struct):
    label: str


def served(api: NinjaAPI) -> Any:
    """The ASGI application of the process, which has one table of URLs, with this API in it."""
    module: Any = ModuleType("urls")
    module.urlpatterns = [path("", api.urls)]
    settings.ROOT_URLCONF = module
    clear_url_caches()
    return ASGIHandler()


def items() -> Any:
    api = NinjaAPI()

    @api.post("/items/{item_id}", response=Item)
    async def create(
        request: HttpRequest,
        item_id: int,
        item: Item,
        x_token: Header[int],
        limit: int = Query(20, ge=1, le=100),
    ) -> Item:
        return item

    return served(api)


def values() -> Any:
    api = NinjaAPI()

    @api.post("/values")
    async def size(request: HttpRequest, value: Body[str]) -> int:
        return len(value)

    return served(api)


def upload() -> Any:
    api = NinjaAPI()

    @api.post("/upload")
    async def upload(request: HttpRequest) -> int:
        return len(request.read(1024))

    return served(api)


def structs() -> Any:
    api = NinjaAPI()

    @api.post("/structs")
    async def struct(request: HttpRequest, item: Struct) -> str:
        return item.label

    return served(api)


class Address(Schema):
    street: str
    zip: str | None = None


class Resident(Schema):
    name: str
    address: Address


def patch_user() -> Any:
    api = NinjaAPI()

    @api.patch("/user", response=Resident)
    async def change(request: HttpRequest, changes: PatchDict[Resident]) -> Any:
        return {"name": "Ann", "address": {"street": "Main St", "zip": "10115"}} | changes

    return served(api)


def negotiated() -> Any:
    api = NinjaAPI()

    @api.get("/chosen")
    async def chosen(request: HttpRequest) -> HttpResponse:
        media_type = request.get_preferred_type(["application/json", "text/csv"])
        if media_type is None:
            return HttpResponse(status=406)
        if media_type == "text/csv":
            return HttpResponse("n\r\n1\r\n", content_type="text/csv")
        return JsonResponse([{"n": 1}], safe=False)

    return served(api)


def conditional() -> Any:
    api = NinjaAPI()
    tagged = condition(etag_func=lambda request, *args, **kwargs: '"1"')

    @api.get("/thing")
    @decorate_view(tagged)
    def read(request: HttpRequest) -> str:
        return "thing"

    @api.put("/thing")
    @decorate_view(tagged)
    def replace(request: HttpRequest, value: Body[str]) -> str:
        return value

    return served(api)


class Number(models.Model):
    id = models.IntegerField(primary_key=True)

    class Meta:
        app_label = "ninja"


class NumberOut(Schema):
    id: int


with connection.schema_editor() as editor:
    editor.create_model(Number)
Number.objects.bulk_create([Number(id=number) for number in range(1, 100)])


def pages() -> Any:
    api = NinjaAPI()

    @api.get("/pages", response=list[NumberOut])
    @paginate(CursorPagination, ordering=["id"])
    def numbers(request: HttpRequest) -> Any:
        return Number.objects.all()

    return served(api)


def cursor_of(body: Any) -> str:
    return str(body["next"]).partition("cursor=")[2].partition("&")[0]


def plain() -> Any:
    api = NinjaAPI()

    @api.get("/plain")
    async def read(request: HttpRequest) -> dict[str, str]:
        return {"hello": "world"}

    @api.post("/plain")
    async def write(request: HttpRequest) -> dict[str, str]:
        return {"hello": "world"}

    return served(api)


def crash() -> Any:
    api = NinjaAPI()

    @api.get("/crash")
    async def crash(request: HttpRequest) -> int:
        raise ValueError("a secret")

    return served(api)


def filtered() -> Any:
    api = NinjaAPI()

    @api.get("/user", response=Public)
    async def user(request: HttpRequest) -> Public:
        return User(name="ann", password="s3cr3t")

    return served(api)


def unfit() -> Any:
    api = NinjaAPI()

    @api.get("/count", response=Count)
    async def count(request: HttpRequest) -> Any:
        return {"n": "many"}

    return served(api)


def events() -> Any:
    api = NinjaAPI()

    @api.get("/events", response=SSE[Public])
    async def events(request: HttpRequest) -> AsyncIterator[Public]:
        yield Public(name="first")

    return served(api)


def file() -> Any:
    api = NinjaAPI()

    @api.get("/file")
    async def file(request: HttpRequest) -> FileResponse:
        return FileResponse(File(__file__).open("rb"))  # noqa: ASYNC230 - as Django's documentation writes it

    return served(api)


def sync() -> Any:
    api = NinjaAPI()

    @api.get("/sync")
    def sync(request: HttpRequest) -> dict[str, bool]:
        return {"is_main_thread": threading.current_thread() is threading.main_thread()}

    return served(api)


def endless() -> tuple[Any, threading.Event]:
    api, closed = NinjaAPI(), threading.Event()

    async def chunks() -> AsyncIterator[bytes]:
        try:
            for _ in range(3):
                yield b"chunk"
            await anyio.sleep_forever()
        finally:
            closed.set()

    @api.get("/endless")
    async def endless(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(chunks())

    return served(api), closed


def group() -> Any:
    api = NinjaAPI()

    def mark(view: Any) -> Any:
        async def call(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            response = await view(request, *args, **kwargs)
            response["x-group"] = "1"
            return response

        return call

    async def item(request: HttpRequest) -> str:
        return "item"

    for name in ("group", "other"):
        router = Router()
        if name == "group":
            router.add_decorator(mark, mode="view")
        router.get("/item")(item)
        api.add_router(f"/{name}", router)
    return served(api)


def wrong() -> dict[str, Callable[[], Any]]:
    def of(endpoint: Callable[..., Any], method: str = "get", times: int = 1, **options: Any) -> Callable[[], Any]:
        def make() -> Any:
            api = NinjaAPI()
            for _ in range(times):
                getattr(api, method)("/x", **options)(endpoint)
            return served(api)

        return make

    async def unknown_path_parameter(request: HttpRequest, item_id: Path[int]) -> int:
        return item_id

    async def invalid_default(request: HttpRequest, limit: int = Query(50, le=10)) -> int:
        return limit

    async def wrong_default(request: HttpRequest, limit: int = "many") -> int:  # type: ignore[assignment]
        return limit

    async def same_twice(request: HttpRequest) -> int:
        return 1

    async def unknown_type(request: HttpRequest, item: "Missing") -> int:  # type: ignore[name-defined]  # noqa: F821
        return 1

    async def no_json(request: HttpRequest) -> Any:
        return threading.Event()

    return {
        "a path parameter that the template does not have": of(unknown_path_parameter),
        "a default that its own limits reject": of(invalid_default),
        "a default of another type": of(wrong_default),
        "the same method and path twice": of(same_twice, times=2),
        "a type that does not exist": of(unknown_type, "post"),
        "a return type that JSON does not have": of(no_json, response=threading.Event),
    }


class NoSuchShop(Schema):
    detail: str


def statuses() -> Any:
    api = NinjaAPI()

    @api.post("/statuses", response={201: Item, 404: NoSuchShop})
    async def create(request: HttpRequest, item: Item) -> Any:
        return Status(201, item)

    return served(api)


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> str:
        return token


def bearer() -> Any:
    api = NinjaAPI()

    @api.get("/me", auth=Bearer())
    async def me(request: HttpRequest) -> str:
        return "ann"

    return served(api)


def wsgi() -> Any:
    plain()
    return WSGIHandler()
