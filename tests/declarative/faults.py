"""An application and a request for each error response that it can send; and another format of them."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

from signette.app import App
from signette.declarative.problems.format import ProblemFormat
from signette.declarative.signature.markers import Form
from signette.limits import Limits
from signette.problems import Problem
from tests.asgi import JSON, URLENCODED


class Item(BaseModel):
    name: str
    price: Annotated[float, Field(ge=0)] = 0.0


class Gone(Problem, status=410, headers={"x-gone": "yes"}):
    """It was here."""


FAULTS = [
    ("GET /nowhere", b"", {}, 404),
    ("DELETE /items", b"", {}, 405),
    ("POST /items", b"{", JSON, 400),
    ("POST /items", b"\xff", JSON, 400),
    ("POST /items", b'{"name": "n"}', {"content-type": "text/plain"}, 415),
    ("POST /items", b'{"name": "n"}', {}, 415),
    ("POST /items", b"name=n", URLENCODED, 415),
    ("POST /items", b'{"name": "' + b"n" * 300 + b'"}', JSON, 413),
    ("POST /items", b"{}", JSON, 422),
    ("POST /items", b"", {}, 422),
    ("POST /form", b"{}", JSON, 415),
    ("POST /form", b"--cut", {"content-type": "multipart/form-data; boundary=cut"}, 400),
    ("POST /form", b"a=1", {"content-type": "multipart/form-data"}, 400),
    ("POST /form", b"other=1", URLENCODED, 422),
    ("GET /items/x", b"", {}, 422),
    ("GET /gone", b"", {}, 410),
]


def app_with_faults(**options: Any) -> App:
    app = App(limits=Limits(json_bytes=200), **options)

    @app.post("/items")
    async def create(item: Item) -> Item:
        return item

    @app.get("/items/{item_id}")
    async def one(item_id: int) -> int:
        return item_id

    @app.post("/form")
    async def form(name: Annotated[str, Form()]) -> str:
        return name

    @app.get("/gone")
    async def gone() -> Gone:
        return Gone()

    return app


class Envelope(ProblemFormat):
    """Another shape, in the document too."""

    media_type = "application/vnd.errors+json"

    def body(self, exc: Exception) -> Mapping[str, Any]:
        return {"error": dict(super().body(exc))}

    def schema(self, status: int, problem: type[Problem] | None = None) -> Mapping[str, Any]:
        return {"type": "object", "properties": {"error": super().schema(status, problem)}}
